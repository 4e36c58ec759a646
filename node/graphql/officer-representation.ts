/**
 * What officers see of guardians' words, show them and answer them, on the officers' endpoint. No logic: each field calls one operation
 * of node/representation/.
 */
import type { InputRef } from '@pothos/core';
import type { FreeText } from '#schema/conversation/bodies/common.ts';
import { FreeText as FreeTextSchema } from '#schema/conversation/bodies/common.ts';
import {
  answerWord,
  endPause,
  type RoundRow,
  readWords,
  type WordRow,
  wordResults,
} from '../representation/answer-word.ts';
import { tellChild } from '../representation/milestones.ts';
import { changeTelling, ShownItem, showGuardian } from '../representation/show-guardian.ts';
import { readShown, type Shown, type ShownOf } from '../representation/shown.ts';
import { codesOf } from './codes.ts';
import type { Derivation } from './derive.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { type OfficerContext, requireSeen } from './officer-context.ts';
import type { defineProposal } from './officer-conversation-types.ts';
import { plain } from './plain-input.ts';

export function defineRepresentation(
  builder: OfficerBuilder,
  derivation: Derivation,
  Proposal: ReturnType<typeof defineProposal>,
): void {
  const Word = defineWord(builder, derivation);
  defineRounds(builder, Proposal, Word);
  const Row = builder.objectRef<Shown>('ShownRow').implement({
    description: 'What guardians who follow this conversation are shown, byte for byte.',
    fields: (t) => ({
      id: t.exposeID('id'),
      kind: t.exposeString('kind'),
      at: t.field({ type: 'Instant', resolve: ({ at }) => at }),
      content: t.string({ description: 'JSON.', resolve: ({ content }) => JSON.stringify(content) }),
    }),
  });
  builder.queryFields((t) => ({
    guardianWords: t.field({
      type: [Word],
      description: 'What guardians said of a conversation: objections, views, requests, pauses.',
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) => readSeen(ctx, String(thread), readWords),
    }),
    shownToGuardian: t.field({
      type: [Row],
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) => readSeen(ctx, String(thread), readShown),
    }),
  }));
  defineMutations(builder, derivation);
}

type Read<T> = (
  reader: Awaited<ReturnType<OfficerContext['reading']['reader']>>,
  threads: readonly string[],
) => Promise<T>;

async function readSeen<T>(ctx: OfficerContext, thread: string, read: Read<T>): Promise<T> {
  await requireSeen(ctx, 'conversation.read', thread);
  ctx.reading.noteContent(thread);
  return read(await ctx.reading.reader(), [thread]);
}

function defineWord(builder: OfficerBuilder, derivation: Derivation) {
  const Words = derivation.output(FreeTextSchema, 'FreeText');
  return builder.objectRef<WordRow>('GuardianWord').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeID('thread'),
      person: t.exposeString('person'),
      kind: t.exposeString('kind', { description: 'objection, agreement, view, request or pause' }),
      round: t.id({ nullable: true, resolve: ({ about }) => about }),
      question: t.exposeInt('question', { nullable: true, description: 'Its number in the round.' }),
      at: t.field({ type: 'Instant', resolve: ({ at }) => at }),
      words: t.field({
        type: Words as never,
        nullable: true,
        resolve: ({ content }) => wordsIn(content) as never,
      }),
      answeredBy: t.string({ nullable: true, resolve: (row) => row.answered_by }),
      answeredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.answered_at }),
      result: t.exposeString('result', { nullable: true }),
      pauseEndedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.ended_at }),
    }),
  });
}

function wordsIn(content: string): FreeText | null {
  const said = JSON.parse(content) as { reason?: FreeText; text?: FreeText; words?: FreeText } | null;
  return said?.reason ?? said?.text ?? said?.words ?? null;
}

/** Before who approves: what the guardian was asked, and what they said. */
function defineRounds(
  builder: OfficerBuilder,
  Proposal: ReturnType<typeof defineProposal>,
  Word: ReturnType<typeof defineWord>,
): void {
  const Question = builder
    .objectRef<ShownOf<'round'>['content']['questions'][number]>('GuardianQuestion')
    .implement({
      fields: (t) => ({
        n: t.exposeInt('n'),
        ref: t.exposeString('ref', { description: 'Its reference in the enquiry.' }),
        code: t.exposeString('code'),
      }),
    });
  const Round = builder.objectRef<RoundRow>('GuardianRound').implement({
    description: 'Questions that were put before a guardian, and what they said.',
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      until: t.field({ type: 'Instant', resolve: ({ row }) => row.content.untilMs }),
      questions: t.field({ type: [Question], resolve: ({ row }) => [...row.content.questions] }),
      words: t.field({ type: [Word], resolve: ({ words }) => [...words] }),
    }),
  });
  builder.objectField(Proposal, 'guardianRounds', (t) =>
    t.field({
      type: [Round],
      description: 'It does not leave until each objection is answered, or the guardian’s time is over.',
      resolve: async (row, _args, ctx) => {
        const rounds = (await ctx.roundsOf(row.id)) ?? [];
        for (const round of rounds) ctx.reading.noteContent(round.row.thread);
        return rounds;
      },
    }),
  );
}

function defineMutations(builder: OfficerBuilder, derivation: Derivation): void {
  const Item = derivation.input(ShownItem, 'ShownItem') as InputRef<Record<string, unknown>>;
  const Words = derivation.input(FreeTextSchema, 'FreeText') as InputRef<Record<string, unknown>>;
  const Tell = codesOf(builder, 'TellChild', tellChild.codes);
  const Result = codesOf(builder, 'GuardianWordResult', wordResults.codes);
  builder.mutationFields((t) => ({
    showGuardian: t.id({
      description:
        'Shows the guardians of a conversation a note, a decision, a hearing, what is expected of them, a contact, the State, what the child said, or a document. Answers its id.',
      args: { thread: t.arg.id({ required: true }), item: t.arg({ type: Item, required: true }) },
      resolve: (_root, { thread, item }, ctx) =>
        showGuardian(ctx.enquiries, ctx.actor, String(thread), plain(item)),
    }),
    changeTelling: t.boolean({
      description: 'What may be told to the child of something that is shown, and how.',
      args: {
        shown: t.arg.id({ required: true }),
        tell: t.arg({ type: Tell, required: true }),
        how: t.arg({ type: Words }),
      },
      resolve: async (_root, { shown, tell, how }, ctx) => {
        const telling = { tell, how: how ? plain(how) : null };
        await changeTelling(ctx.enquiries, ctx.actor, String(shown), telling);
        return true;
      },
    }),
    answerGuardian: t.boolean({
      description:
        'Answers what a guardian said, with a reason they read. An objection: by who may approve the enquiry and has not proposed it.',
      args: {
        word: t.arg.id({ required: true }),
        result: t.arg({ type: Result, required: true }),
        reason: t.arg({ type: Words, required: true }),
      },
      resolve: async (_root, { word, result, reason }, ctx) => {
        await answerWord(ctx.enquiries, ctx.actor, String(word), { result, reason: plain(reason) });
        return true;
      },
    }),
    endPause: t.boolean({
      args: { word: t.arg.id({ required: true }), reason: t.arg({ type: Words, required: true }) },
      resolve: async (_root, { word, reason }, ctx) => {
        await endPause(ctx.enquiries, ctx.actor, String(word), plain(reason));
        return true;
      },
    }),
  }));
}
