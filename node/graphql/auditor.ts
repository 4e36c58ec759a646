/**
 * The endpoint of auditors and of the data-protection authority: who did what, how often, and proof that the log was not changed.
 * Content and names of people abroad or of children are neither in its schema nor readable by its role of the database. Changes
 * nothing; that an auditor read is recorded like any reading.
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { MaskErrors } from '#platform/http/http-error.ts';
import type { Route } from '#platform/http/route.ts';
import { type Permission, permissions, rolesThat } from '../access/permit.ts';
import { AuditError } from '../audit/audit-error.ts';
import { countReadings } from '../audit/count-readings.ts';
import { listOpenings } from '../audit/list-openings.ts';
import { listCheckpoints, proveEntry } from '../audit/prove.ts';
import { auditEventsRoute } from '../audit/routes.ts';
import { listTrail, type TrailFilter } from '../audit/trail.ts';
import type { Reads } from '../reading.ts';
import { defineOpening, defineProofs, defineReadingCount, defineTrail } from './auditor-types.ts';
import { each, type FieldTable, guardFields } from './guard-fields.ts';
import { makePeopleBuilder, type PeopleBuilder } from './people-builder.ts';
import { type Caller, type PeopleOptions, peopleRoute } from './people-endpoint.ts';
import { defineMe } from './people-shared-types.ts';

export interface AuditorContext extends Caller {
  /** Of this node's log. */
  readonly origin: string;
}
export type AuditorBuilder = PeopleBuilder<AuditorContext>;

const READ: Permission = 'trail.read';

const fields: FieldTable = {
  ...each('Query', READ, 'me trail readings openings checkpoints proof policy'),
  ...each('TrailPage', READ, 'entries hasNextPage endCursor'),
  ...each('TrailEntry', READ, 'id place type at actor role unit purpose fields threads counts'),
  ...each('RowCount', READ, 'what rows'),
  ...each('ReadingCount', READ, 'actor purpose hour readings conversations'),
  ...each(
    'OpeningInNeed',
    READ,
    'id person unit category openedAt expiresAt reviewDueAt reviewedBy reviewedAt finding',
  ),
  ...each('Checkpoint', READ, 'size at root witnesses note'),
  ...each('EntryProof', READ, 'entry opening proof'),
  ...each('CommitmentOpening', READ, 'detail salt'),
  ...each('PermitRow', READ, 'permission roles'),
  ...each('Me', READ, 'id name role office'),
};

function buildSchema(): GraphQLSchema {
  const builder: AuditorBuilder = makePeopleBuilder<AuditorContext>();
  defineTrailQueries(builder);
  defineProofQueries(builder);
  return guardFields(lexicographicSortSchema(builder.toSchema()), fields);
}

function defineTrailQueries(builder: AuditorBuilder): void {
  const Me = defineMe(builder);
  const Page = defineTrail(builder);
  const Count = defineReadingCount(builder);
  const Opening = defineOpening(builder);
  const Filter = builder.inputType('TrailFilter', {
    fields: (t) => ({
      types: t.stringList(),
      actors: t.stringList({ description: 'Whoever acted, proposed or approved.' }),
      from: t.field({ type: 'Instant', description: 'Inclusive.' }),
      to: t.field({ type: 'Instant', description: 'Exclusive.' }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      me: t.field({ type: Me, resolve: (_root, _args, ctx) => ctx.actor }),
      trail: t.field({
        type: Page,
        description: 'The audit trail, newest first.',
        args: {
          filter: t.arg({ type: Filter }),
          first: t.arg.int({ defaultValue: 100, description: 'At most 500.' }),
          after: t.arg.string({ description: 'endCursor of the page before.' }),
        },
        resolve: async (_root, { filter, first, after }, { reading }) => {
          const page = { first: first ?? 100, after: after ?? undefined };
          const shown = await listTrail(await reading.trx(), cleanFilter(filter ?? {}), page);
          reading.noteList('audit-entry', shown.entries.length);
          return shown;
        },
      }),
      readings: t.field({
        type: [Count],
        description: 'How much each person was shown, by purpose and hour; at most 31 days.',
        args: {
          from: t.arg({ type: 'Instant', required: true }),
          to: t.arg({ type: 'Instant', required: true }),
        },
        resolve: async (_root, { from, to }, { reading }) => {
          const rows = await countReadings(await reading.trx(), { fromMs: from, toMs: to });
          reading.noteList('reading-count', rows.length);
          return rows;
        },
      }),
      openings: t.field({
        type: [Opening],
        description: 'Openings in need, the last ones first.',
        args: { unreviewed: t.arg.boolean({ defaultValue: false }) },
        resolve: async (_root, { unreviewed }, { reading }) => {
          const rows = await listOpenings(await reading.trx(), unreviewed ?? false);
          reading.noteList('opening', rows.length);
          return rows;
        },
      }),
    }),
  });
}

function defineProofQueries(builder: AuditorBuilder): void {
  const { Checkpoint, Proof } = defineProofs(builder);
  const PermitRow = builder.objectRef<Permission>('PermitRow').implement({
    fields: (t) => ({
      permission: t.string({ resolve: (one) => one }),
      roles: t.stringList({ resolve: (one) => [...rolesThat(one)] }),
    }),
  });
  builder.queryFields((t) => ({
    checkpoints: t.field({
      type: [Checkpoint],
      description: 'The last ones, newest first.',
      args: { first: t.arg.int({ defaultValue: 10, description: 'At most 100.' }) },
      resolve: async (_root, { first }, { reading, origin }) => {
        const rows = await listCheckpoints({ trx: await reading.trx(), origin }, first ?? 10);
        reading.noteList('checkpoint', rows.length);
        return rows;
      },
    }),
    proof: t.field({
      type: Proof,
      args: {
        place: t.arg.int({ required: true, description: 'Of the entry in the log.' }),
        size: t.arg.int({ description: 'Of a checkpoint; otherwise the newest that a witness has signed.' }),
      },
      resolve: async (_root, { place, size }, { reading, origin }) => {
        const proof = await proveEntry({ trx: await reading.trx(), origin }, place, size ?? undefined);
        reading.noteList('proof', 1);
        return proof;
      },
    }),
    policy: t.field({
      type: [PermitRow],
      description: 'Which role may do what. Nothing that is not here is permitted to anybody.',
      resolve: () => [...permissions],
    }),
  }));
}

type Nullable<T> = { [K in keyof T]?: T[K] | null | undefined };
type Asked = Nullable<{ types: string[]; actors: string[]; from: number; to: number }>;

/** GraphQL's null means what leaving out means. */
const cleanFilter = ({ types, actors, from, to }: Asked): TrailFilter => ({
  types: types ?? undefined,
  actors: actors ?? undefined,
  fromMs: from ?? undefined,
  toMs: to ?? undefined,
});

const showAuditErrors: MaskErrors = (error) =>
  error instanceof AuditError ? { status: error.status, code: error.code, message: error.message } : null;

/** The schema as text, for `schema/auditor.graphql`. */
export const printAuditorSdl = (): string => `${printSchema(buildSchema())}\n`;

/** The routes of the auditors' endpoint. @param origin of this node's log */
export function auditorRoutes(reads: Reads, origin: string, options: PeopleOptions): Route[] {
  const graphql = peopleRoute<AuditorContext>(
    {
      audience: 'auditor',
      path: '/auditor/graphql',
      schema: buildSchema(),
      makeContext: (caller) => ({ ...caller, origin }),
      maskErrors: showAuditErrors,
      limits: { depth: 5, cost: 20_000 },
    },
    reads,
    options,
  );
  return [graphql, auditEventsRoute(reads, origin, options.authenticate)];
}
