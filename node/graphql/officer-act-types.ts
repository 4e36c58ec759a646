/**
 * What officers see of acts and tasks. Resolvers only show; what is allowed and what it means is
 * decided in the slices.
 */
import type { OutputRef } from '@pothos/core';
import { type MessageCode, messageCodes, messageRow } from '#schema/conversation/message-types.ts';
import type { State } from '#schema/protocol/ids.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { answerFaultsOf } from '../enquiries/check-answers.ts';
import type { Body } from '../enquiries/parse-body.ts';
import { type ActRow, counts } from '../enquiries/store.ts';
import type { Derivation } from './derive.ts';
import { type OfficerBuilder, showCode } from './officer-builder.ts';
import { enquiryOf, type TaskRow } from './officer-context.ts';
import { LANGUAGE, type Shared } from './officer-shared-types.ts';
import { questionsIn, renderBody } from './render-body.ts';
import { showAct } from './show-body.ts';

/** One output type for each body, and the union of them. */
export function defineBodies(builder: OfficerBuilder, derivation: Derivation) {
  const names = new Map<string, MessageCode>();
  const types = messageCodes.map((code) => {
    const ref = derivation.output(messageRow(code).body, `${code}Body`);
    names.set((ref as unknown as { name: string }).name, code);
    return ref;
  });
  const nameOf = new Map([...names].map(([name, code]) => [code, name]));
  return builder.unionType('ActBody', {
    types: types as never,
    resolveType: (value) => nameOf.get((value as { [TYPE]: MessageCode })[TYPE])!,
  });
}

/** Marks a parsed body with its type, invisibly to everything but the union. */
const TYPE = Symbol('type');

export function markBody(type: string, body: object): object {
  return Object.assign({ ...body }, { [TYPE]: type });
}

/** An act. */
export function defineAct(
  builder: OfficerBuilder,
  { Line, File, Rule, ActBody, Transfer }: Shared & { ActBody: OutputRef<unknown> },
) {
  return builder.objectRef<ActRow>('Act').implement({
    description: 'One act of a conversation, ours or theirs.',
    fields: (t) => ({
      id: t.id({ resolve: (row) => row.message_id }),
      type: t.string({ resolve: (row) => row.type }),
      typeLabel: t.string({
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (row, { language }) => showCode('message-type', row.type, language ?? 'en'),
      }),
      side: t.string({ resolve: (row) => row.side }),
      ours: t.boolean({ resolve: (row) => row.stage !== null }),
      n: t.int({ resolve: (row) => row.n }),
      seen: t.int({ resolve: (row) => row.seen }),
      at: t.field({ type: 'Instant', resolve: (row) => row.at }),
      deliveredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.delivered_at }),
      readAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.read_at }),
      lane: t.string({ resolve: (row) => row.lane }),
      authorName: t.string({ resolve: (row) => row.author_name }),
      authorOffice: t.string({ resolve: (row) => row.author_office }),
      stage: t.string({
        nullable: true,
        description: 'How far an act of ours has come.',
        resolve: (row) => row.stage,
      }),
      transfer: t.field({
        type: Transfer,
        nullable: true,
        description:
          'How far the files of an act of ours have come on their way; null where none is under way.',
        resolve: (row, _args, { enquiries }) =>
          (row.stage !== null && enquiries.transfers.of(row.message_id)) || null,
      }),
      stageCode: t.string({ nullable: true, resolve: (row) => row.stage_code }),
      mayHaveArrived: t.boolean({
        description:
          'An act of ours that was given up, and of which nothing signed says yet whether the peer has it.',
        resolve: (row) => row.in_doubt,
      }),
      recalledAt: t.field({
        type: 'Instant',
        nullable: true,
        description: 'When a person of ours asked that it be taken back.',
        resolve: (row) => row.recalled_at,
      }),
      withoutEffect: t.boolean({
        description: 'Overtaken by a crossing act, or never shared by both States.',
        resolve: (row) => row.crossed || !counts(row),
      }),
      body: t.field({
        type: ActBody as never,
        resolve: async (row, _args, ctx) => markBody(row.type, await showAct(ctx, row)) as never,
      }),
      remarks: t.field({
        type: [Rule],
        description: 'What an answer leaves open of the enquiry: ask for a supplement.',
        resolve: async (row, _args, ctx) => {
          const { rows } = (await ctx.foldOf(row.thread))!;
          const act = { ...row, body: JSON.parse(row.body) as Body };
          return answerFaultsOf(rows, act).map(({ rule, path, explanation }) => ({
            rule,
            explanation: `${path}: ${explanation}`,
          }));
        },
      }),
      rendered: t.field({
        type: [Line],
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: async (row, { language }, ctx) =>
          renderBody(row.type as MessageCode, await showAct(ctx, row), {
            language: language ?? 'en',
            questions: questionsIn(await enquiryOf(ctx, row.thread)),
          }),
      }),
      attachments: t.field({
        type: [File],
        resolve: async (row, _args, ctx) => {
          ctx.reading.noteContent(row.thread);
          return (await ctx.filesOf(row.message_id)) ?? [];
        },
      }),
    }),
  });
}

/** A task. */
export function defineTask(builder: OfficerBuilder, Peer: OutputRef<ListedNode>) {
  return builder.objectRef<TaskRow>('Task').implement({
    description: 'What a person must do. Tasks never close by time.',
    fields: (t) => ({
      id: t.exposeID('id'),
      kind: t.exposeString('kind'),
      thread: t.exposeString('thread', { nullable: true }),
      messageId: t.string({ nullable: true, resolve: (row) => row.message_id }),
      proposalId: t.string({ nullable: true, resolve: (row) => row.proposal_id }),
      detail: t.exposeString('detail', {
        nullable: true,
        description:
          'A code that says more. Of an escalation: whose limit it is (ours, theirs), which limit, who is to act (supervisor, then head), and call-peer where the duty telephone of the peer is to be rung.',
      }),
      peer: t.field({
        type: Peer,
        nullable: true,
        description:
          'The State it is about, with its duty telephones: the other way where a message did not arrive.',
        resolve: async (row, _args, ctx) => {
          const conversation = row.thread === null ? undefined : await ctx.conversationOf(row.thread);
          return (conversation && ctx.enquiries.peerProfile(conversation.peer as State)) ?? null;
        },
      }),
      assignedTo: t.string({ nullable: true, resolve: (row) => row.assigned_to }),
      unit: t.exposeString('unit', {
        nullable: true,
        description: 'For who decides in this unit, and nobody else.',
      }),
      about: t.exposeString('about', {
        nullable: true,
        description:
          'Id of what it is about where that is no message: a person, an opening in need, a review, a breach, a possible match.',
      }),
      openedAt: t.field({ type: 'Instant', resolve: (row) => row.opened_at }),
      dueAt: t.field({ type: 'Instant', resolve: (row) => row.due_at }),
      overdue: t.boolean({ resolve: (row, _args, ctx) => row.due_at < ctx.enquiries.surroundings.nowMs() }),
    }),
  });
}
