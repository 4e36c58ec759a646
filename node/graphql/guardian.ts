/**
 * The endpoint of guardians: their appointments, and the child's matters across borders as far as they are shown. There is no place, no
 * other person, no source and no date of an operation finer than a month in the schema, unless somebody of the office has shown it; the
 * role of the database cannot read what it was taken from (SECURITY.md, T2; docs/adr/0012).
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { Route } from '#platform/http/route.ts';
import { FreeText } from '#schema/conversation/bodies/common.ts';
import type { Permission } from '../access/permit.ts';
import type { Reads } from '../reading.ts';
import { listRepresentations, type Representation } from '../representation/list-representations.ts';
import {
  agreeToQuestions,
  askOffice,
  ChildView,
  objectToQuestion,
  submitView,
} from '../representation/words.ts';
import { makeDerivation } from './derive.ts';
import { each, type FieldTable, guardFields } from './guard-fields.ts';
import { defineFollowed, shownFields } from './guardian-types.ts';
import { makePeopleBuilder, type PeopleBuilder } from './people-builder.ts';
import { type Caller, type PeopleOptions, peopleRoute } from './people-endpoint.ts';
import { defineMe } from './people-shared-types.ts';
import { plain } from './plain-input.ts';

export interface GuardianContext extends Caller {
  readonly nowMs: () => number;
  readonly reads: Reads;
}

const READ: Permission = 'representation.read';
const SPEAK: Permission = 'representation.speak';

const fields: FieldTable = {
  ...each('Query', READ, 'me representations'),
  ...each('Mutation', SPEAK, 'agreeToQuestions objectToQuestion submitChildView askFocalPoint askForPause'),
  ...each('Me', READ, 'id name role office'),
  ...each('Representation', READ, 'id authority scope since until conversations'),
  ...shownFields,
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
  defineSpeaking(builder);
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

/** Each answers the id under which it is kept. */
function defineSpeaking(builder: PeopleBuilder<GuardianContext>): void {
  const derivation = makeDerivation(builder);
  const Words = derivation.input(FreeText, 'FreeText') as never;
  const View = derivation.input(ChildView, 'ChildView') as never;
  builder.mutationType({
    fields: (t) => ({
      agreeToQuestions: t.id({
        description: 'Nothing is said against the questions of this round: they need not wait for its end.',
        args: { round: t.arg.id({ required: true }) },
        resolve: (_root, { round }, { reads, actor }) => agreeToQuestions(reads, actor, String(round)),
      }),
      objectToQuestion: t.id({
        description: 'The child, or you, do not want this question. It is answered with a reason.',
        args: {
          round: t.arg.id({ required: true }),
          question: t.arg.int({ required: true, description: 'Its number in the round.' }),
          reason: t.arg({ type: Words, required: true }),
        },
        resolve: (_root, { round, question, reason }, { reads, actor }) =>
          objectToQuestion(reads, actor, { round: String(round), question, reason: plain(reason) }),
      }),
      submitChildView: t.id({
        description: 'What the child says, in its own words and language. A later view stands beside it.',
        args: { conversation: t.arg.id({ required: true }), view: t.arg({ type: View, required: true }) },
        resolve: (_root, { conversation, view }, { reads, actor }) =>
          submitView(reads, actor, String(conversation), plain(view)),
      }),
      askFocalPoint: t.id({
        args: { conversation: t.arg.id({ required: true }), text: t.arg({ type: Words, required: true }) },
        resolve: (_root, { conversation, text }, { reads, actor }) =>
          askOffice(reads, actor, String(conversation), { kind: 'request', text: plain(text) }),
      }),
      askForPause: t.id({
        description:
          'That what can wait waits, for example since the child is in crisis. The office decides.',
        args: { conversation: t.arg.id({ required: true }), text: t.arg({ type: Words, required: true }) },
        resolve: (_root, { conversation, text }, { reads, actor }) =>
          askOffice(reads, actor, String(conversation), { kind: 'pause', text: plain(text) }),
      }),
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
      makeContext: (caller) => ({ ...caller, reads, nowMs: reads.surroundings.nowMs }),
      limits: { cost: 100_000 },
    },
    reads,
    options,
  );
