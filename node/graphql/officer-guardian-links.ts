/**
 * Guardian links and what changed between two versions, on the officers' endpoint. No logic: each field calls one operation of
 * node/access/.
 */

import type { InputRef } from '@pothos/core';
import { RepresentativeBody, StatusBody } from '#schema/conversation/bodies/alarms.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { conflictGround } from '#schema/vocabulary/representation.ts';
import { AccessError } from '../access/access-error.ts';
import { isInForce } from '../access/decide.ts';
import { type Difference, differences } from '../access/differences.ts';
import {
  approveGuardianLink,
  changeGuardianLink,
  fileOfLink,
  type ListedLink,
  listGuardianLinks,
  proposeGuardianLink,
  revokeGuardianLink,
  settleConflict,
} from '../access/guardian-link.ts';
import type { ConflictRow } from '../access/link-conflicts.ts';
import { GuardianAppointment, readContent } from '../access/link-content.ts';
import { childrenAlike, draftRepresentative, draftStatus } from '../access/notice-draft.ts';
import type { LinkChange } from '../access/watch-links.ts';
import { readItems } from '../cases/history.ts';
import type { Derivation } from './derive.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { enquiryOf, nowOf, type OfficerContext, type ProposalRow, requireSeen } from './officer-context.ts';
import type { defineProposal } from './officer-conversation-types.ts';
import { showProposal } from './officer-queries.ts';
import { LANGUAGE } from './officer-shared-types.ts';
import { plain } from './plain-input.ts';
import { showProposed } from './show-body.ts';

export function defineGuardianLinks(
  builder: OfficerBuilder,
  derivation: Derivation,
  Proposal: ReturnType<typeof defineProposal>,
): void {
  const Changed = defineDifference(builder);
  builder.objectField(Proposal, 'changedSince', (t) =>
    t.field({
      type: [Changed],
      nullable: true,
      description:
        'What differs from the proposal it took the place of; null where there is none, or none that the caller may see.',
      resolve: async (row, _args, ctx) => {
        const old = await findReplaced(ctx, row);
        return old ? differences(await leaving(ctx, old), await leaving(ctx, row)) : null;
      },
    }),
  );
  const Link = defineLink(builder, derivation, Changed);
  const Draft = defineDraft(builder, derivation);
  builder.queryFields((t) => ({
    guardianLinks: t.field({
      type: [Link],
      description:
        'Who was appointed for the child of a conversation or case file, and links that wait or have ended.',
      args: { thread: t.arg.id({ required: true, description: 'A conversation, or a case file.' }) },
      resolve: async (_root, { thread }, ctx) => {
        await requireSeen(ctx, 'conversation.read', String(thread));
        ctx.reading.noteContent(String(thread));
        return listGuardianLinks(await ctx.reading.reader(), String(thread));
      },
    }),
    noticeDraft: t.field({
      type: Draft,
      description:
        'What a task of the kind notice-draft is about, ready to be corrected and proposed to the other State.',
      args: { task: t.arg.id({ required: true }) },
      resolve: (_root, { task }, ctx) => readDraft(ctx, String(task)),
    }),
    proposalDifferences: t.field({
      type: [Changed],
      description:
        'What differs between two proposals, e.g. one that was taken back and the one that came for it.',
      args: { before: t.arg.id({ required: true }), after: t.arg.id({ required: true }) },
      resolve: async (_root, { before, after }, ctx) => {
        const [old, now] = [await showProposal(ctx, String(before)), await showProposal(ctx, String(after))];
        return differences(await leaving(ctx, old), await leaving(ctx, now));
      },
    }),
  }));
  defineMutations(builder, derivation);
}

interface NoticeDraft {
  readonly thread: string;
  readonly type: 'REP' | 'STA';
  readonly body: BodyOf<'REP'> | BodyOf<'STA'>;
}

function defineDraft(builder: OfficerBuilder, derivation: Derivation) {
  const Representative = derivation.output(RepresentativeBody, 'RepresentativeBody');
  const Status = derivation.output(StatusBody, 'StatusBody');
  const ofType = (type: NoticeDraft['type']) => (row: NoticeDraft) =>
    (row.type === type ? row.body : null) as never;
  return builder.objectRef<NoticeDraft>('NoticeDraft').implement({
    description: 'Children of the enquiry are named where they are certain; elsewhere a person chooses.',
    fields: (t) => ({
      thread: t.exposeID('thread'),
      type: t.exposeString('type'),
      representative: t.field({ type: Representative as never, nullable: true, resolve: ofType('REP') }),
      status: t.field({ type: Status as never, nullable: true, resolve: ofType('STA') }),
    }),
  });
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED */
async function readDraft(ctx: OfficerContext, id: string): Promise<NoticeDraft> {
  const reader = await ctx.reading.reader();
  const task = await reader.trx
    .selectFrom('task')
    .select(['thread', 'about', 'detail'])
    .where('id', '=', id)
    .where('kind', '=', 'notice-draft')
    .executeTakeFirst();
  if (!task?.thread || task.about === null || task.detail === null) throw new AccessError('NOT_FOUND');
  const { thread, about } = task;
  await requireSeen(ctx, 'act.propose', thread);
  ctx.reading.noteContent(thread);
  const [type, change] = task.detail.split(':') as [NoticeDraft['type'], LinkChange];
  const file = type === 'STA' ? about : await fileOfLink(reader.trx, about);
  if (type === 'STA') await requireSeen(ctx, 'case.read', about);
  const items = file === null ? [] : readItems((await ctx.entriesOf(file)) ?? []);
  if (file !== null) ctx.reading.noteContent(file);
  const enquiry = await enquiryOf(ctx, thread);
  const children = enquiry === undefined ? [] : childrenAlike(enquiry, items);
  const body =
    type === 'STA'
      ? draftStatus(items, children)
      : await draftRepresentative(reader, about, change, children);
  return { thread, type, body };
}

/** What would leave, as far as the caller may see it. */
const leaving = async (ctx: OfficerContext, row: ProposalRow) => ({
  type: row.type,
  peer: row.peer,
  files: row.attachment_ids,
  body: await showProposed(ctx, row),
});

async function findReplaced(
  ctx: OfficerContext,
  { replaces }: ProposalRow,
): Promise<ProposalRow | undefined> {
  const old = replaces === null ? undefined : await ctx.proposalOf(replaces);
  if (old) ctx.reading.noteContent(old.thread);
  return old;
}

function defineDifference(builder: OfficerBuilder) {
  return builder.objectRef<Difference>('Difference').implement({
    fields: (t) => ({
      field: t.exposeString('field'),
      before: t.exposeString('before', {
        nullable: true,
        description: 'JSON; null where there was nothing.',
      }),
      after: t.exposeString('after', { nullable: true }),
    }),
  });
}

function defineLink(
  builder: OfficerBuilder,
  derivation: Derivation,
  Changed: ReturnType<typeof defineDifference>,
) {
  const Appointment = derivation.output(GuardianAppointment, 'GuardianAppointment');
  const Conflict = defineConflict(builder);
  return builder.objectRef<ListedLink>('GuardianLink').implement({
    description:
      'That an authority appointed a person guardian or legal adviser of a child: of its file, or of these conversations.',
    fields: (t) => ({
      id: t.exposeID('id'),
      appointment: t.field({
        type: Appointment as never,
        resolve: (row) => readContent(row.content!) as never,
      }),
      digest: t.exposeString('digest', {
        description: 'SHA-256 of the appointment: approve this, nothing else.',
      }),
      authors: t.exposeStringList('authors', { description: 'None of them may approve it.' }),
      proposedAt: t.field({ type: 'Instant', resolve: (row) => row.proposed_at }),
      approver: t.exposeString('approver', { nullable: true }),
      approvedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.approved_at }),
      revokedBy: t.string({ nullable: true, resolve: (row) => row.revoked_by }),
      revokedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.revoked_at }),
      inForce: t.boolean({
        resolve: (row, _args, ctx) => isInForce({ ...row, ends_at: row.over_at }, nowOf(ctx)),
      }),
      overAt: t.field({
        type: 'Instant',
        nullable: true,
        description: 'When it ends by itself: by its appointment, or on the latest plausible 18th birthday.',
        resolve: (row) => row.over_at,
      }),
      frozenAt: t.field({
        type: 'Instant',
        nullable: true,
        description: 'From then on nothing new is shown by it; the guardian is not told.',
        resolve: (row) => row.frozen_at,
      }),
      conflicts: t.field({
        type: [Conflict],
        description:
          'What may stand against it. Each must be settled by a third person before it is approved.',
        resolve: (row) => [...row.conflicts],
      }),
      differences: t.field({
        type: [Changed],
        description: 'What has changed since the version with this digest.',
        args: { since: t.arg.string({ required: true }) },
        resolve: (row, { since }, ctx) => changedSince(ctx, row, since),
      }),
    }),
  });
}

async function changedSince(ctx: OfficerContext, row: ListedLink, digest: string): Promise<Difference[]> {
  const version = (await ctx.versionsOf(row.id))?.find((one) => one.digest === digest);
  return version ? differences(readContent(version.content), readContent(row.content!)) : [];
}

function defineConflict(builder: OfficerBuilder) {
  return builder.objectRef<ConflictRow>('GuardianConflict').implement({
    description: 'A possible conflict of interest: a reason to look, and no finding.',
    fields: (t) => ({
      id: t.exposeID('id'),
      ground: t.exposeString('ground'),
      label: t.string({
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (row, { language }) => labelOf(conflictGround, row.ground, language ?? 'en').text,
      }),
      about: t.id({
        nullable: true,
        description:
          'The entry of the case file, or the act, it was found in; null for what the appointment states.',
        resolve: (row) => row.about,
      }),
      foundAt: t.field({ type: 'Instant', resolve: (row) => row.found_at }),
      settledBy: t.string({ nullable: true, resolve: (row) => row.settled_by }),
      settledAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.settled_at }),
      reason: t.exposeString('reason', { nullable: true, description: 'Why it is none.' }),
    }),
  });
}

function defineMutations(builder: OfficerBuilder, derivation: Derivation): void {
  const Input = derivation.input(GuardianAppointment, 'GuardianAppointment') as InputRef<
    Record<string, unknown>
  >;
  builder.mutationFields((t) => ({
    proposeGuardianLink: t.id({
      description: 'Enters an act of appointment; a second person approves it. Answers the link’s id.',
      args: { appointment: t.arg({ type: Input, required: true }) },
      resolve: (_root, { appointment }, ctx) =>
        proposeGuardianLink(ctx.enquiries, ctx.actor, plain(appointment)),
    }),
    changeGuardianLink: t.boolean({
      description: 'Changes what waits for approval: another content, another digest.',
      args: { link: t.arg.id({ required: true }), appointment: t.arg({ type: Input, required: true }) },
      resolve: async (_root, { link, appointment }, ctx) => {
        await changeGuardianLink(ctx.enquiries, ctx.actor, String(link), plain(appointment));
        return true;
      },
    }),
    approveGuardianLink: t.boolean({
      description: 'A second person approves exactly what they were shown.',
      args: { link: t.arg.id({ required: true }), digest: t.arg.string({ required: true }) },
      resolve: async (_root, { link, digest }, ctx) => {
        await approveGuardianLink(ctx.enquiries, ctx.actor, String(link), digest);
        return true;
      },
    }),
    settleGuardianConflict: t.boolean({
      description:
        'A third decider, who neither wrote nor approves the link, says why a possible conflict is none.',
      args: { conflict: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
      resolve: async (_root, { conflict, reason }, ctx) => {
        await settleConflict(ctx.enquiries, ctx.actor, String(conflict), reason);
        return true;
      },
    }),
    revokeGuardianLink: t.boolean({
      description: 'Ends it at once.',
      args: { link: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
      resolve: async (_root, { link, reason }, ctx) => {
        await revokeGuardianLink(ctx.enquiries, ctx.actor, String(link), reason);
        return true;
      },
    }),
  }));
}
