/**
 * How long content is kept, on the officers' endpoint: clocks, holds by law, reading what is blocked, erasing, and what another State
 * asks to have erased. No logic: each field calls one operation of node/retention/.
 */
import { type ErasureMatter, erasedBy } from '#schema/conversation/erasures.ts';
import { erasureGround, holdAuthority, holdGround } from '#schema/vocabulary/erasure.ts';
import { retentionRuleOf } from '#schema/vocabulary/retention.ts';
import { answerErasure } from '../retention/answer-erasure.ts';
import {
  approveDecision,
  type DecisionRow,
  endDecision,
  listDecisions,
  proposeDecision,
} from '../retention/decide.ts';
import { listRetention, type RetentionRow } from '../retention/list-retention.ts';
import { codesOf } from './codes.ts';
import { type OfficerBuilder, showCode } from './officer-builder.ts';
import type { defineConversation, defineProposal } from './officer-conversation-types.ts';
import { readProposal } from './officer-mutations.ts';
import { LANGUAGE } from './officer-shared-types.ts';

type Types = {
  readonly Conversation: ReturnType<typeof defineConversation>;
  readonly Proposal: ReturnType<typeof defineProposal>;
};

export function defineRetention(builder: OfficerBuilder, { Conversation, Proposal }: Types): void {
  const Retention = defineClock(builder);
  const Erasure = defineErasure(builder);
  builder.objectField(Conversation, 'retention', (t) =>
    t.field({
      type: Retention,
      nullable: true,
      description: 'Its clock, once it is closed; what was blocked, and what was erased and when.',
      resolve: async (row, _args, ctx) => (await ctx.retentionOf(row.thread)) ?? null,
    }),
  );
  builder.objectField(Conversation, 'erasures', (t) =>
    t.field({
      type: [Erasure],
      description: 'What either State has asked the other to erase, and what was answered.',
      resolve: async (row, _args, ctx) => [...(await ctx.foldOf(row.thread))!.fold.erasures],
    }),
  );
  builder.queryFields((t) => ({
    retention: t.field({
      type: Retention,
      nullable: true,
      description: 'The clock of a conversation or a case file.',
      args: { of: t.arg.id({ required: true }) },
      resolve: async (_root, { of }, ctx) => (await ctx.retentionOf(String(of))) ?? null,
    }),
    retentions: t.field({
      type: [Retention],
      description:
        'What is blocked or erased next, of the conversations and files the caller sees; at most 200.',
      resolve: async (_root, _args, ctx) => {
        const rows = await listRetention(await ctx.reading.trx());
        ctx.reading.noteList('retention', rows.length);
        return rows;
      },
    }),
  }));
  defineDecisions(builder);
  builder.mutationField('answerErasure', (t) =>
    t.field({
      type: Proposal,
      description:
        'Proposes the answer to what the other State asks to have erased: that it is, or until when the law keeps it. Once a second person has approved, it is erased, and then the answer leaves.',
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) =>
        readProposal(ctx, (await answerErasure(ctx.enquiries, ctx.actor, String(thread))).id),
    }),
  );
}

function defineClock(builder: OfficerBuilder) {
  return builder.objectRef<RetentionRow>('Retention').implement({
    description: 'When content is blocked and erased, and why.',
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'conversation, case or message' }),
      id: t.exposeID('id'),
      rule: t.exposeString('rule', {
        nullable: true,
        description: 'The clock; null where people, or the other State, decided.',
      }),
      ruleLabel: t.string({
        nullable: true,
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: ({ rule }, { language }) => rule && showCode('retention-rule', rule, language ?? 'en'),
      }),
      source: t.string({
        nullable: true,
        description: 'Where the default of that clock comes from; the office may have set another period.',
        resolve: ({ rule }) => rule && retentionRuleOf(rule).source,
      }),
      ground: t.exposeString('ground', { nullable: true }),
      closedAt: t.field({ type: 'Instant', resolve: (row) => row.closed_at }),
      blockAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.block_at }),
      eraseAt: t.field({ type: 'Instant', resolve: (row) => row.erase_at }),
      blockedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.blocked_at }),
      erasedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.erased_at }),
      heldUntil: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.heldUntil }),
    }),
  });
}

function defineErasure(builder: OfficerBuilder) {
  return builder.objectRef<ErasureMatter>('Erasure').implement({
    description: 'That one State asks the other to erase what it has sent it.',
    fields: (t) => ({
      by: t.exposeString('by'),
      n: t.exposeInt('n'),
      askedAt: t.field({ type: 'Instant', resolve: (row) => row.atMs }),
      ground: t.exposeString('ground'),
      act: t.int({
        nullable: true,
        description: 'The one act it is about; null: all of it.',
        resolve: (row) => row.act ?? null,
      }),
      whole: t.boolean({
        description: 'The whole conversation is erased there.',
        resolve: (row) => erasedBy([row]) !== undefined,
      }),
      result: t.string({ nullable: true, resolve: (row) => row.answer?.result ?? null }),
      answeredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.answer?.atMs ?? null }),
      keptUntil: t.string({ nullable: true, resolve: (row) => row.answer?.until ?? null }),
    }),
  });
}

function defineDecisions(builder: OfficerBuilder): void {
  const Decision = builder.objectRef<DecisionRow>('RetentionDecision').implement({
    description: 'What two people decide about content: a hold by law, reading what is blocked, erasing.',
    fields: (t) => ({
      id: t.exposeID('id'),
      kind: t.exposeString('kind', { description: 'hold, lift or erase' }),
      about: t.exposeID('about'),
      ground: t.exposeString('ground', { nullable: true }),
      authority: t.exposeString('authority', { nullable: true }),
      until: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.until }),
      reason: t.exposeString('reason'),
      proposer: t.exposeString('proposer'),
      proposedAt: t.field({ type: 'Instant', resolve: (row) => row.proposed_at }),
      approver: t.exposeString('approver', { nullable: true }),
      approvedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.approved_at }),
    }),
  });
  builder.queryField('retentionDecisions', (t) =>
    t.field({
      type: [Decision],
      description: 'What waits or is in force: of the caller, and of the units the caller decides in.',
      args: { about: t.arg.id() },
      resolve: async (_root, { about }, ctx) => {
        const abouts = about === null || about === undefined ? undefined : [String(about)];
        const rows = await listDecisions(await ctx.reading.reader(), ctx.actor, abouts);
        ctx.reading.noteList('retention-decision', rows.length);
        return rows;
      },
    }),
  );
  const Ground = codesOf(builder, 'EraseGround', erasureGround.codes);
  builder.mutationFields((t) => ({
    proposeHold: t.id({
      description:
        'Kept by law until a day, for an authority: stops erasing, never blocking. Answers its id.',
      args: {
        about: t.arg.id({ required: true, description: 'A conversation or a case file.' }),
        authority: t.arg({ type: codesOf(builder, 'HoldAuthority', holdAuthority.codes), required: true }),
        ground: t.arg({ type: codesOf(builder, 'HoldGround', holdGround.codes), required: true }),
        until: t.arg.string({ required: true, description: 'ISO 8601, within five years.' }),
        reason: t.arg.string({ required: true, description: 'File number of the authority, and why.' }),
      },
      resolve: (_root, { about, authority, ground, until, reason }, ctx) =>
        proposeDecision(ctx.enquiries, ctx.actor, String(about), {
          kind: 'hold',
          authority,
          ground,
          until,
          reason,
        }),
    }),
    proposeLift: t.id({
      description: 'Who proposes and who approves may read what is blocked, for a day. Answers its id.',
      args: { about: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
      resolve: (_root, { about, reason }, ctx) =>
        proposeDecision(ctx.enquiries, ctx.actor, String(about), { kind: 'lift', reason }),
    }),
    proposeErasing: t.id({
      description:
        'Erases what this office has of a closed conversation or file, before its time. Answers its id.',
      args: {
        about: t.arg.id({ required: true }),
        ground: t.arg({ type: Ground, required: true }),
        reason: t.arg.string({ required: true }),
      },
      resolve: (_root, { about, ground, reason }, ctx) =>
        proposeDecision(ctx.enquiries, ctx.actor, String(about), { kind: 'erase', ground, reason }),
    }),
    approveRetention: t.boolean({
      description: 'A second person approves a hold, a lift or an erasure.',
      args: { decision: t.arg.id({ required: true }) },
      resolve: async (_root, { decision }, ctx) => {
        await approveDecision(ctx.enquiries, ctx.actor, String(decision));
        return true;
      },
    }),
    endRetention: t.boolean({
      description: 'Ends a hold or a lift before its time, or refuses what waits.',
      args: { decision: t.arg.id({ required: true }) },
      resolve: async (_root, { decision }, ctx) => {
        await endDecision(ctx.enquiries, ctx.actor, String(decision));
        return true;
      },
    }),
  }));
}
