/**
 * What officers may do: one mutation for each type of act, and the decisions of second persons. No logic: each calls one
 * operation.
 */
import type { InputRef } from '@pothos/core';
import * as z from 'zod';
import { type MessageCode, messageCodes, messageRow } from '#schema/conversation/message-types.ts';
import { messageType, recallReason } from '#schema/vocabulary/acts.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { approveRelease } from '../enquiries/approve-release.ts';
import { closeTask } from '../enquiries/close-task.ts';
import { confirmRelease } from '../enquiries/confirm-release.ts';
import { askClearance, grantClearance, revokeClearance } from '../enquiries/grant-clearance.ts';
import { markRead } from '../enquiries/mark-read.ts';
import { proposeAct } from '../enquiries/propose-act.ts';
import { type RecallOutcome, type RecallReason, recallAct, recallOutcomes } from '../enquiries/recall-act.ts';
import { resubmitProposal } from '../enquiries/resubmit-proposal.ts';
import { SafetyStatement } from '../enquiries/safety-statement.ts';
import { type TracingWay, tracingWays } from '../enquiries/tables.ts';
import { withdrawProposal } from '../enquiries/withdraw-proposal.ts';
import { freezeLink } from '../representation/freeze-link.ts';
import type { Derivation } from './derive.ts';
import { mutationNames } from './mutation-names.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import type { OfficerContext, ProposalRow } from './officer-context.ts';
import { type QueryTypes, showProposal } from './officer-queries.ts';

export function defineMutations(
  builder: OfficerBuilder,
  derivation: Derivation,
  { Proposal, ClearanceKind }: QueryTypes,
): void {
  const Safety = derivation.input(SafetyStatement, 'SafetyStatement');
  const Reason = derivation.input(coded(recallReason), 'RecallReason') as InputRef<RecallReason>;
  const Way = derivation.input(z.enum(tracingWays), 'TracingWay') as InputRef<TracingWay>;
  const Recalled = defineRecalled(builder);
  builder.mutationType({
    fields: (t) => ({
      approveRelease: t.field({
        type: Proposal,
        description: 'A second person approves exactly what they were shown.',
        args: { proposal: t.arg.id({ required: true }), digest: t.arg.string({ required: true }) },
        resolve: async (_root, { proposal, digest }, ctx) => {
          await approveRelease(ctx.enquiries, ctx.actor, String(proposal), digest);
          return readProposal(ctx, String(proposal));
        },
      }),
      confirmRelease: t.field({
        type: Proposal,
        description:
          'Releases anew what grew old before it was taken, was taken back, or must be sealed for other keys; what the gateway holds may be handed over again.',
        args: { proposal: t.arg.id({ required: true }), digest: t.arg.string({ required: true }) },
        resolve: async (_root, { proposal, digest }, ctx) => {
          await confirmRelease(ctx.enquiries, ctx.actor, String(proposal), digest);
          return readProposal(ctx, String(proposal));
        },
      }),
      withdrawProposal: t.field({
        type: Proposal,
        description:
          'Takes back what has not left. `outsideBy` records that the family is traced outside State channels instead, with a reason.',
        args: {
          proposal: t.arg.id({ required: true }),
          outsideBy: t.arg({ type: Way }),
          reason: t.arg.string(),
        },
        resolve: async (_root, { proposal, outsideBy, reason }, ctx) => {
          await withdrawProposal(ctx.enquiries, ctx.actor, String(proposal), {
            outsideBy: outsideBy ?? undefined,
            reason: reason ?? undefined,
          });
          return readProposal(ctx, String(proposal));
        },
      }),
      recallAct: t.field({
        type: Recalled,
        description:
          'Takes back an act of ours that has not reached its recipient. Says plainly where it is too late.',
        args: { act: t.arg.id({ required: true }), reason: t.arg({ type: Reason, required: true }) },
        resolve: (_root, { act, reason }, ctx) => recallAct(ctx.enquiries, ctx.actor, String(act), reason),
      }),
      resubmitProposal: t.field({
        type: Proposal,
        description: 'Puts what a gate stopped before the gates again, once a clearance has been granted.',
        args: { proposal: t.arg.id({ required: true }) },
        resolve: async (_root, { proposal }, ctx) => {
          await resubmitProposal(ctx.enquiries, ctx.actor, String(proposal));
          return readProposal(ctx, String(proposal));
        },
      }),
      markRead: t.int({
        description:
          'A person has opened this conversation. Answers how many acts were unread. Ends no alarm: `confirmAlert` does.',
        args: { thread: t.arg.id({ required: true }) },
        resolve: (_root, { thread }, ctx) => markRead(ctx.enquiries, ctx.actor, String(thread)),
      }),
      closeTask: t.boolean({
        args: { task: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
        resolve: async (_root, { task, reason }, ctx) => {
          await closeTask(ctx.enquiries, ctx.actor, String(task), reason);
          return true;
        },
      }),
      askClearance: t.id({
        description:
          'Asks for a decision that opens a gate: for one State, exactly what would leave, and a time.',
        args: {
          kind: t.arg({ type: ClearanceKind, required: true }),
          proposal: t.arg.id({ required: true, description: 'The proposal that a gate stopped.' }),
          grounds: t.arg.string({ required: true }),
          days: t.arg.int({ required: true, description: 'How long it shall hold: 1 to 30 days.' }),
        },
        resolve: (_root, { kind, proposal, grounds, days }, ctx) =>
          askClearance(ctx.enquiries, ctx.actor, {
            kind,
            proposal: String(proposal),
            grounds,
            expiresAtMs: ctx.enquiries.surroundings.nowMs() + days * 86_400_000,
          }),
      }),
      freezeRepresentation: t.boolean({
        description: 'Holds back what is new from a guardian, or lets it through again. They are not told.',
        args: { link: t.arg.id({ required: true }), frozen: t.arg.boolean({ required: true }) },
        resolve: async (_root, { link, frozen }, ctx) => {
          await freezeLink(ctx.enquiries, ctx.actor, String(link), frozen);
          return frozen;
        },
      }),
      grantClearance: t.boolean({
        args: { clearance: t.arg.id({ required: true }) },
        resolve: async (_root, { clearance }, ctx) => {
          await grantClearance(ctx.enquiries, ctx.actor, String(clearance));
          return true;
        },
      }),
      revokeClearance: t.boolean({
        description: 'Refuses what was asked for; takes back what was granted.',
        args: { clearance: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
        resolve: async (_root, { clearance, reason }, ctx) => {
          await revokeClearance(ctx.enquiries, ctx.actor, String(clearance), reason);
          return true;
        },
      }),
    }),
  });
  for (const type of messageCodes) defineProposing(builder, derivation, type, { Proposal, Safety });
}

function defineRecalled(builder: OfficerBuilder) {
  const values = {
    taken_back: { value: 'taken-back' },
    asked: { value: 'asked' },
    too_late: { value: 'too-late' },
  } as const satisfies Record<string, { value: RecallOutcome }>;
  const Outcome = builder.enumType('RecallOutcome', { values });
  return builder.objectRef<RecallOutcome>('Recalled').implement({
    description: 'What became of a recall, as far as it is known now.',
    fields: (t) => ({
      outcome: t.field({ type: Outcome, resolve: (outcome) => outcome }),
      advice: t.string({ resolve: (outcome) => recallOutcomes[outcome] }),
    }),
  });
}

const BY_BODY: Partial<Record<MessageCode, string>> = {
  URG: 'It leaves at once, and a second person follows; what ends an alert waits for a second person.',
  STP: 'Leaves at once; lifting it waits for a second person.',
  MIS: 'Leaves at once; that it has ended waits for a second person.',
  REP: 'Waits for a second person; that somebody’s task has ended leaves at once.',
  PRG: 'Leaves at once; with a note it waits for a second person.',
  FLK: 'Waits for a second person; what tells nothing leaves at once.',
};

/** How many people it takes, as personsFor has it. */
const howItLeaves = (type: MessageCode): string =>
  BY_BODY[type] ?? (messageRow(type).persons === 1 ? 'Leaves at once.' : 'It waits for a second person.');

type Parts = { readonly Proposal: QueryTypes['Proposal']; readonly Safety: InputRef<unknown> };

function defineProposing(
  builder: OfficerBuilder,
  derivation: Derivation,
  type: MessageCode,
  parts: Parts,
): void {
  const { body } = messageRow(type);
  builder.mutationField(mutationNames[type], (t) =>
    t.field({
      type: parts.Proposal,
      description: `${type}: ${labelOf(messageType, type, 'en').text}. ${howItLeaves(type)}`,
      args: {
        thread: t.arg.id({ description: 'The conversation; without it this act opens one.' }),
        peer: t.arg.string({ description: 'The State, where the act opens a conversation.' }),
        body: t.arg({
          type: derivation.input(body, `${type}Body`) as InputRef<Record<string, unknown>>,
          required: true,
        }),
        attachments: t.arg.idList({ description: 'Ids of stored files, in the order the body names them.' }),
        supersedes: t.arg.id(),
        replaces: t.arg.id({
          description:
            'A proposal that has not left and that this one takes the place of: who approves is shown what has changed.',
        }),
        safety: t.arg({ type: parts.Safety as InputRef<SafetyStatement> }),
      },
      resolve: async (_root, args, ctx) => {
        const { id } = await proposeAct(ctx.enquiries, ctx.actor, {
          type,
          thread: idOf(args.thread),
          peer: args.peer ?? undefined,
          body: plain(args.body),
          attachmentIds: args.attachments?.map(String),
          supersedes: idOf(args.supersedes),
          replaces: idOf(args.replaces),
          safety: args.safety ? (plain(args.safety) as SafetyStatement) : undefined,
        });
        return readProposal(ctx, id);
      },
    }),
  );
}

const idOf = (id: string | number | null | undefined): string | undefined =>
  id === null || id === undefined ? undefined : String(id);

/** Inputs come without prototypes and with null for what was left out; the schema knows neither. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, plain(part)]),
  );
}

/** As it stands after the act. @throws EnquiryError PROPOSAL_UNKNOWN where the act itself took it out of the person's sight */
async function readProposal(ctx: OfficerContext, id: string): Promise<ProposalRow> {
  return showProposal(ctx, id);
}
