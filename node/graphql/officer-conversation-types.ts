/**
 * What officers see of releases and conversations. Resolvers only show; what is allowed and what it means is
 * decided in the slices.
 */
import type { OutputRef } from '@pothos/core';
import { factsOf } from '#schema/conversation/facts.ts';
import type { BodyOf, MessageCode } from '#schema/conversation/message-types.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { allowedActs } from '../enquiries/allowed-acts.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { laneNow } from '../enquiries/draft.ts';
import type { ClearanceRow } from '../enquiries/grant-clearance.ts';
import { isAbout } from '../enquiries/list-clearances.ts';
import { describeReceiver, type Receiver } from '../enquiries/preview.ts';
import { isPending } from '../enquiries/review-proposal.ts';
import type { ActRow, ConversationRow } from '../enquiries/store.ts';
import { type defineTask, markBody } from './officer-act-types.ts';
import { type OfficerBuilder, showCode } from './officer-builder.ts';
import { type ClockRow, clocksOf } from './officer-clock-types.ts';
import { enquiryOf, type OfficerContext, type ProposalRow } from './officer-context.ts';
import { LANGUAGE, type Shared } from './officer-shared-types.ts';
import { questionsIn, renderBody } from './render-body.ts';
import { showProposed, showWarnings } from './show-body.ts';

type ProposalParts = Shared & {
  readonly Peer: OutputRef<ListedNode>;
  readonly ActBody: OutputRef<unknown>;
  readonly Safety: OutputRef<unknown>;
  readonly Clearance: OutputRef<ClearanceRow>;
};

/** A proposed release. */
export function defineProposal(builder: OfficerBuilder, parts: ProposalParts) {
  const { Line, File, Rule, Peer, ActBody, Safety, Clearance } = parts;
  return builder.objectRef<ProposalRow>('Proposal').implement({
    description: 'An act before a second person has approved it, with exactly what would leave.',
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeString('thread'),
      type: t.exposeString('type'),
      status: t.exposeString('status', { description: 'waiting, released, withdrawn, expired or stale' }),
      lane: t.string({
        description: 'The one it took, or would take as the conversation stands.',
        resolve: async (row, _args, ctx) => {
          if (!isPending(row)) return row.lane;
          const type = row.type as MessageCode;
          const { fold } = (await ctx.foldOf(row.thread))!;
          return laneNow(type, factsOf(type, JSON.parse(row.body)), fold);
        },
      }),
      digest: t.exposeString('digest', {
        description: 'SHA-256 of everything that would leave: approve this, nothing else.',
      }),
      proposer: t.exposeString('proposer'),
      proposerName: t.string({ resolve: (row) => row.proposer_name }),
      proposedAt: t.field({ type: 'Instant', resolve: (row) => row.proposed_at }),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expires_at }),
      outsideBy: t.string({
        nullable: true,
        description: 'Taken back since the family is traced outside State channels: iss or red-cross.',
        resolve: (row) => row.outside_by,
      }),
      withdrawReason: t.string({ nullable: true, resolve: (row) => row.withdraw_reason }),
      approver: t.exposeString('approver', { nullable: true }),
      approvedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.approved_at }),
      secondDueAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.second_due_at }),
      messageId: t.string({ nullable: true, resolve: (row) => row.message_id }),
      replaces: t.id({
        nullable: true,
        description: 'The proposal that this one took the place of.',
        resolve: (row) => row.replaces,
      }),
      peer: t.field({
        type: Peer,
        nullable: true,
        resolve: (row, _args, ctx) => peerOf(ctx.enquiries, row.peer),
      }),
      office: t.string({
        nullable: true,
        description: 'The office designated there for the legal basis of the enquiry.',
        resolve: async (row, _args, ctx) => {
          const receiver = await receiverOf(ctx, row);
          return receiver?.office ?? null;
        },
      }),
      stoppedBy: t.field({
        type: [Rule],
        description: 'Rules that stop it as things stand now.',
        resolve: async (row, _args, ctx) => [...(await ctx.reviewOf(row)).stoppedBy],
      }),
      explanations: t.field({
        type: [Rule],
        description:
          'What does not stop it but who approves should know, e.g. a legal basis that does not fit.',
        resolve: async (row, _args, ctx) => [...(await ctx.reviewOf(row)).explanations],
      }),
      safety: t.field({
        type: Safety as never,
        nullable: true,
        description: 'What its proposer stated of danger and protection. It never leaves.',
        resolve: (row) => JSON.parse(row.safety) as never,
      }),
      clearances: t.field({
        type: [Clearance],
        description: 'Asked for or given: for just this, or for its whole conversation.',
        resolve: async (row, _args, ctx) =>
          ((await ctx.clearancesOf(row.thread)) ?? []).filter((clearance) => isAbout(clearance, row)),
      }),
      body: t.field({
        type: ActBody as never,
        resolve: async (row, _args, ctx) => markBody(row.type, await showProposed(ctx, row)) as never,
      }),
      content: t.string({
        description:
          'The body byte for byte as it would be sealed (canonical JSON); for who neither wrote it nor is to approve it without what a warning shows to the persons it names alone.',
        resolve: async (row, _args, ctx) =>
          new TextDecoder().decode(encodeCanonical(await showProposed(ctx, row))),
      }),
      rendered: t.field({
        type: [Line],
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: async (row, { language }, ctx) =>
          renderBody(row.type as MessageCode, await showProposed(ctx, row), {
            language: language ?? 'en',
            questions: questionsIn(await enquiryOf(ctx, row.thread)),
          }),
      }),
      attachments: t.field({
        type: [File],
        resolve: async (row, _args, ctx) => {
          ctx.reading.noteContent(row.thread);
          const files = await Promise.all(row.attachment_ids.map((id) => ctx.fileOf(id)));
          return files.filter((file) => file !== undefined);
        },
      }),
    }),
  });
}

const peerOf = (enquiries: EnquiryContext, state: string): ListedNode | null =>
  enquiries.peers().find((node) => node.node === state) ?? null;

async function receiverOf(ctx: OfficerContext, row: ProposalRow): Promise<Receiver | null> {
  const node = peerOf(ctx.enquiries, row.peer);
  const asked =
    row.type === 'ENQ' ? (JSON.parse(row.body) as BodyOf<'ENQ'>) : await enquiryOf(ctx, row.thread);
  return node && describeReceiver(node, asked?.legalBasis ?? []);
}

interface ConversationParts {
  readonly Act: OutputRef<ActRow>;
  readonly Task: ReturnType<typeof defineTask>;
  readonly Proposal: ReturnType<typeof defineProposal>;
  readonly Peer: OutputRef<ListedNode>;
  readonly Clock: OutputRef<ClockRow>;
  readonly Warning: OutputRef<unknown>;
}

/** A conversation. */
export function defineConversation(
  builder: OfficerBuilder,
  { Act, Task, Proposal, Peer, Clock, Warning }: ConversationParts,
) {
  const Conversation = builder.objectRef<ConversationRow>('Conversation').implement({
    description: 'Two States about one enquiry or one alert.',
    fields: (t) => ({
      thread: t.exposeID('thread'),
      peer: t.field({
        type: Peer,
        nullable: true,
        resolve: (row, _args, ctx) => peerOf(ctx.enquiries, row.peer),
      }),
      peerState: t.string({ resolve: (row) => row.peer }),
      side: t.exposeString('side', { description: 'Ours: requester or requested.' }),
      state: t.exposeString('state'),
      stateLabel: t.string({
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (row, { language }) => showCode('conversation-state', row.state, language ?? 'en'),
      }),
      purpose: t.exposeString('purpose', { nullable: true }),
      urgency: t.exposeString('urgency'),
      danger: t.exposeBoolean('danger'),
      awaitingUs: t.boolean({ resolve: (row) => row.awaiting_us }),
      unread: t.exposeInt('unread'),
      urgentUnread: t.boolean({ resolve: (row) => row.urgent_unread }),
      dueAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.due_at }),
      overdue: t.boolean({
        resolve: (row, _args, ctx) => row.due_at !== null && row.due_at < ctx.enquiries.surroundings.nowMs(),
      }),
      openedAt: t.field({ type: 'Instant', resolve: (row) => row.opened_at }),
      updatedAt: t.field({ type: 'Instant', resolve: (row) => row.updated_at }),
      acts: t.field({
        type: [Act],
        description: 'In the one order in which both States read them.',
        resolve: async (row, _args, ctx) => {
          const { rows, fold } = (await ctx.foldOf(row.thread))!;
          const place = new Map(fold.acts.map((act, index) => [act.id, index]));
          return [...rows].sort(
            (a, b) => (place.get(a.message_id) ?? 1e9) - (place.get(b.message_id) ?? 1e9),
          );
        },
      }),
      allowedActs: t.stringList({
        description: 'Types of act that this side may propose now, as far as the conversation goes.',
        resolve: async (row, _args, ctx) => {
          const { fold } = (await ctx.foldOf(row.thread))!;
          return allowedActs(fold, row.side);
        },
      }),
      warnings: t.field({
        type: [Warning],
        description:
          'Every safety warning either side has given: to be shown before anything else. One that has names in `eyesOnly` says its detail to them alone.',
        resolve: async (row, _args, ctx) => showWarnings(ctx, (await ctx.foldOf(row.thread))!.rows),
      }),
      clocks: t.field({
        type: [Clock],
        description:
          'Every time limit that has started: the legal clock, which never stops, and the working one.',
        resolve: async (row, _args, ctx) => clocksOf(row, (await ctx.foldOf(row.thread))!.fold, ctx),
      }),
      familyQuestionsPaused: t.boolean({
        resolve: async (row, _args, ctx) => (await ctx.foldOf(row.thread))!.fold.familyQuestionsPaused,
      }),
      tasks: t.field({
        type: [Task],
        resolve: async (row, _args, ctx) => (await ctx.tasksOf(row.thread)) ?? [],
      }),
      proposals: t.field({
        type: [Proposal],
        resolve: async (row, _args, ctx) => (await ctx.proposalsOf(row.thread)) ?? [],
      }),
    }),
  });
  builder.objectField(Proposal, 'conversation', (t) =>
    t.field({
      type: Conversation,
      nullable: true,
      description: 'None yet while the proposal is to open it.',
      resolve: async (proposal, _args, ctx) => (await ctx.conversationOf(proposal.thread)) ?? null,
    }),
  );
  builder.objectField(Task, 'conversation', (t) =>
    t.field({
      type: Conversation,
      nullable: true,
      resolve: async (task, _args, ctx) =>
        task.thread === null ? null : ((await ctx.conversationOf(task.thread)) ?? null),
    }),
  );
  return Conversation;
}
