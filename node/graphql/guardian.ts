/**
 * The endpoint of guardians: that they are appointed, and how far the questions about the child have come. No place, no contact,
 * no office, no State, no other person, no date finer than a month but of decisions: there is nothing of it in the schema, and the
 * role of the database cannot read it (SECURITY.md, T2). Starts small; what they may decide comes with the child's file.
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { Route } from '#platform/http/route.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import type { Permission } from '../access/permit.ts';
import type { Reads } from '../reading.ts';
import {
  type Followed,
  listRepresentations,
  type Reached,
  type Representation,
} from '../representation/list-representations.ts';
import { dateOf, milestones, otherSide } from '../representation/milestones.ts';
import { each, type FieldTable, guardFields } from './guard-fields.ts';
import { makePeopleBuilder, type PeopleBuilder } from './people-builder.ts';
import { type Caller, type PeopleOptions, peopleRoute } from './people-endpoint.ts';
import { defineMe, LANGUAGE } from './people-shared-types.ts';

export interface GuardianContext extends Caller {
  readonly nowMs: () => number;
}

const READ: Permission = 'representation.read';

const fields: FieldTable = {
  ...each('Query', READ, 'me representations'),
  ...each('Me', READ, 'id name role office'),
  ...each('Representation', READ, 'id authority scope since until conversations'),
  ...each('FollowedConversation', { content: READ }, 'with milestone label timeline'),
  ...each('Milestone', READ, 'milestone label date'),
};

function buildSchema(): GraphQLSchema {
  const builder = makePeopleBuilder<GuardianContext>();
  const Me = defineMe(builder);
  const Representation = defineRepresentation(builder);
  builder.queryType({
    fields: (t) => ({
      me: t.field({ type: Me, resolve: (_root, _args, ctx) => ctx.actor }),
      representations: t.field({
        type: [Representation],
        description: 'Your own appointments that are in force.',
        resolve: async (_root, _args, { reading, actor, nowMs }) => {
          const rows = await listRepresentations(await reading.reader(), actor, nowMs());
          reading.noteList('representation', rows.length);
          return rows;
        },
      }),
    }),
  });
  return guardFields(lexicographicSortSchema(builder.toSchema()), fields);
}

function defineRepresentation(builder: PeopleBuilder<GuardianContext>) {
  const Conversation = defineFollowed(builder);
  return builder.objectRef<Representation>('Representation').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      authority: t.exposeString('authority', { description: 'Who appointed you.' }),
      scope: t.exposeString('scope', { description: 'What for, in the words of the appointment.' }),
      since: t.string({ description: 'ISO 8601 day.', resolve: (row) => row.appointedOn }),
      until: t.string({
        nullable: true,
        description: 'Its last day, if the appointment names one.',
        resolve: (row) => row.endsOn ?? null,
      }),
      conversations: t.field({ type: [Conversation], resolve: (row) => [...row.followed] }),
    }),
  });
}

function defineFollowed(builder: PeopleBuilder<GuardianContext>) {
  const language = builder.args((t) => ({
    language: t.string({ defaultValue: 'en', description: LANGUAGE }),
  }));
  const Milestone = builder.objectRef<Reached>('Milestone').implement({
    fields: (t) => ({
      milestone: t.string({ resolve: (row) => row.stage }),
      label: t.string({
        args: language,
        resolve: (row, args) => labelOf(milestones, row.stage, args.language ?? 'en').text,
      }),
      date: t.string({
        description: 'The day of a decision, the month of everything else: 2027-01-15, 2027-01.',
        resolve: (row) => dateOf(row.stage, row.at),
      }),
    }),
  });
  const last = ({ timeline }: Followed) => timeline.at(-1)!;
  return builder.objectRef<Followed>('FollowedConversation').implement({
    description: 'Questions about the child between this State and another.',
    fields: (t) => ({
      with: t.string({
        args: language,
        resolve: (_row, args) => labelOf(otherSide, 'another-state', args.language ?? 'en').text,
      }),
      milestone: t.string({ description: 'The last one.', resolve: (row) => last(row).stage }),
      label: t.string({
        args: language,
        resolve: (row, args) => labelOf(milestones, last(row).stage, args.language ?? 'en').text,
      }),
      timeline: t.field({ type: [Milestone], resolve: (row) => [...row.timeline] }),
    }),
  });
}

/** The schema as text, for `schema/guardian.graphql`. */
export const printGuardianSdl = (): string => `${printSchema(buildSchema())}\n`;

/** The route of the guardians' endpoint. */
export const guardianRoute = (reads: Reads, options: PeopleOptions): Route =>
  peopleRoute<GuardianContext>(
    {
      audience: 'guardian',
      path: '/guardian/graphql',
      schema: buildSchema(),
      makeContext: (caller) => ({ ...caller, nowMs: reads.surroundings.nowMs }),
      limits: { depth: 5, cost: 20_000 },
    },
    reads,
    options,
  );
