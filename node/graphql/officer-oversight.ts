/**
 * Looking afterwards, on the officers' endpoint: what was opened in need, what left and to whom, what went wrong, what was read.
 * No logic: each field calls one operation of node/access/.
 */

import type { Selectable } from 'kysely';
import { decidesIn, sees } from '../access/decide.ts';
import { type DisclosureRow, deferDisclosure } from '../access/disclosures.ts';
import {
  listBreaches,
  listBreachNotes,
  listDisclosures,
  listNeeds,
  listReadingReviews,
} from '../access/list-oversight.ts';
import { type Opened, openInNeed, reviewNeed } from '../access/open-in-need.ts';
import {
  breachKinds,
  breachSteps,
  contactWays,
  deferralGrounds,
  readingFindings,
} from '../access/people-tables.ts';
import {
  type BreachNoteRow,
  type BreachRow,
  reportBreach,
  settledBy,
  tellAuthorityByMs,
  updateBreach,
} from '../access/report-breach.ts';
import { type ReadingReviewRow, reviewReadings } from '../access/review-readings.ts';
import { type BreakGlassTable, glassCategories } from '../access/tables.ts';
import type { SampledReading } from '../access/watch-readings.ts';
import type { Opened as OpenedRow } from '../vault/sealed-columns.ts';
import { groupBy } from './batch.ts';
import { codesOf } from './codes.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { nowOf, type OfficerContext } from './officer-context.ts';
import { showRows } from './officer-queries.ts';

export function defineOversight(builder: OfficerBuilder): void {
  defineNeeds(builder);
  defineDisclosures(builder);
  defineBreaches(builder);
  defineReadingReviews(builder);
}

type NeedRow = OpenedRow<Selectable<BreakGlassTable>, 'reason'>;

function defineNeeds(builder: OfficerBuilder): void {
  const OpenedInNeed = builder.objectRef<Opened>('OpenedInNeed').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expiresAtMs }),
    }),
  });
  const Need = builder.objectRef<NeedRow>('Need').implement({
    description: 'That somebody opened a conversation of another unit in need.',
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeID('thread'),
      unit: t.exposeString('unit', { description: 'Whose conversation it was.' }),
      person: t.exposeString('person'),
      category: t.exposeString('category'),
      reason: t.exposeString('reason'),
      openedAt: t.field({ type: 'Instant', resolve: (row) => row.opened_at }),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expires_at }),
      reviewDueAt: t.field({ type: 'Instant', resolve: (row) => row.review_due_at }),
      reviewedBy: t.string({ nullable: true, resolve: (row) => row.reviewed_by }),
      reviewedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.reviewed_at }),
      finding: t.exposeString('finding', { nullable: true }),
    }),
  });
  builder.queryField('needs', (t) =>
    t.field({
      type: [Need],
      description: 'What was opened in need: by the caller, and in the units the caller decides in.',
      args: { open: t.arg.boolean({ defaultValue: true, description: 'Only what nobody has reviewed.' }) },
      resolve: async (_root, { open }, ctx) => {
        const rows = await listNeeds(await ctx.reading.reader(), open ?? true);
        const mine = ({ unit, person }: NeedRow) => person === ctx.actor.id || decidesIn(ctx.actor, unit);
        return counted(ctx, 'need', rows.filter(mine));
      },
    }),
  );
  builder.mutationFields((t) => ({
    openInNeed: t.field({
      type: OpenedInNeed,
      description:
        'Opens one conversation of another unit for an hour, to read and not to send. The unit’s supervisor is told at once and reviews it. The id is what a colleague, a court or the other State tells by telephone: it stands on every screen and print of the conversation.',
      args: {
        thread: t.arg.id({ required: true }),
        category: t.arg({ type: codesOf(builder, 'NeedCategory', glassCategories), required: true }),
        reason: t.arg.string({ required: true }),
      },
      resolve: (_root, { thread, category, reason }, ctx) =>
        openInNeed(ctx.enquiries, ctx.actor, { thread: String(thread), category, reason }),
    }),
    reviewNeed: t.boolean({
      description: 'Another person who decides in that unit says whether there was need.',
      args: {
        need: t.arg.id({ required: true }),
        finding: t.arg({
          type: codesOf(builder, 'NeedFinding', ['justified', 'not-justified'] as const),
          required: true,
        }),
      },
      resolve: async (_root, { need, finding }, ctx) => {
        await reviewNeed(ctx.enquiries, ctx.actor, String(need), finding);
        return true;
      },
    }),
  }));
}

type ListedDisclosure = DisclosureRow & {
  readonly stage: string | null;
  readonly delivered_at: number | null;
};

function defineDisclosures(builder: OfficerBuilder): void {
  const Disclosure = builder.objectRef<ListedDisclosure>('Disclosure').implement({
    description: 'One act that left for another State.',
    fields: (t) => ({
      messageId: t.id({ resolve: (row) => row.message_id }),
      thread: t.exposeID('thread'),
      peer: t.exposeString('peer'),
      type: t.exposeString('type'),
      at: t.field({ type: 'Instant', resolve: (row) => row.at }),
      stage: t.exposeString('stage', { nullable: true, description: 'How far it has come.' }),
      deliveredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.delivered_at }),
      proposer: t.exposeString('proposer'),
      approver: t.exposeString('approver', {
        nullable: true,
        description: 'Null where one person released it.',
      }),
      legalBasis: t.stringList({ resolve: (row) => row.legal_basis }),
      purpose: t.exposeString('purpose', { nullable: true }),
      deferredGround: t.string({
        nullable: true,
        description: 'Why the child’s side is not told yet; null: it may be told.',
        resolve: (row) => row.deferred_ground,
      }),
      deferredReason: t.string({ nullable: true, resolve: (row) => row.deferred_reason }),
      deferredBy: t.string({ nullable: true, resolve: (row) => row.deferred_by }),
      reviewAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.review_at }),
    }),
  });
  builder.queryField('disclosures', (t) =>
    t.field({
      type: [Disclosure],
      description: 'The disclosure register, the newest first, at most 200.',
      args: {
        thread: t.arg.id(),
        peer: t.arg.string(),
        before: t.arg.string({ description: 'ISO 8601: `at` of the last row of the page before.' }),
      },
      resolve: async (_root, { thread, peer, before }, ctx) => {
        const beforeMs = before ? Date.parse(before) : Number.NaN;
        const rows = await listDisclosures(await ctx.reading.reader(), {
          thread: thread === null || thread === undefined ? undefined : String(thread),
          peer: peer ?? undefined,
          beforeMs: Number.isNaN(beforeMs) ? undefined : beforeMs,
        });
        return showRows(ctx, 'disclosure', rows);
      },
    }),
  );
  builder.mutationFields((t) => ({
    deferDisclosure: t.boolean({
      description:
        'The child’s side is not told of this for now, on a ground of law, until somebody looks again.',
      args: {
        message: t.arg.id({ required: true }),
        ground: t.arg({ type: codesOf(builder, 'DeferralGround', deferralGrounds), required: true }),
        reason: t.arg.string({ required: true }),
        review: t.arg.string({ required: true, description: 'ISO 8601, within 90 days.' }),
      },
      resolve: async (_root, { message, ground, reason, review }, ctx) => {
        await deferDisclosure(ctx.enquiries, ctx.actor, String(message), { ground, reason, review });
        return true;
      },
    }),
    endDeferral: t.boolean({
      args: { message: t.arg.id({ required: true }) },
      resolve: async (_root, { message }, ctx) => {
        await deferDisclosure(ctx.enquiries, ctx.actor, String(message), null);
        return true;
      },
    }),
  }));
}

type ListedBreach = BreachRow & { readonly notes: readonly BreachNoteRow[] };

function defineBreachTypes(builder: OfficerBuilder) {
  const Note = builder.objectRef<BreachNoteRow>('BreachNote').implement({
    fields: (t) => ({
      step: t.exposeString('step'),
      how: t.exposeString('how', { nullable: true }),
      text: t.exposeString('text'),
      by: t.exposeString('by'),
      doneAt: t.field({ type: 'Instant', resolve: (row) => row.done_at }),
      enteredAt: t.field({ type: 'Instant', resolve: (row) => row.at }),
    }),
  });
  return builder.objectRef<ListedBreach>('Breach').implement({
    description: 'What went wrong, and what was done about it.',
    fields: (t) => ({
      id: t.exposeID('id'),
      unit: t.exposeString('unit'),
      kind: t.exposeString('kind'),
      noticedAt: t.field({ type: 'Instant', resolve: (row) => row.noticed_at }),
      happenedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.happened_at }),
      peer: t.exposeString('peer', { nullable: true }),
      messages: t.idList({ resolve: (row) => row.message_ids }),
      account: t.exposeString('account'),
      reportedBy: t.string({ resolve: (row) => row.reported_by }),
      tellAuthorityBy: t.field({
        type: 'Instant',
        description: '72 hours from noticing (GDPR Art. 33).',
        resolve: tellAuthorityByMs,
      }),
      authoritySettledAt: t.field({
        type: 'Instant',
        nullable: true,
        description:
          'When the authority was told, or somebody said why it need not be; null: the clock runs.',
        resolve: ({ notes }) => settledBy(notes)?.done_at ?? null,
      }),
      overdue: t.boolean({
        resolve: (row, _args, ctx) => (settledBy(row.notes)?.done_at ?? nowOf(ctx)) > tellAuthorityByMs(row),
      }),
      closedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.closed_at }),
      notes: t.field({ type: [Note], resolve: (row) => [...row.notes] }),
    }),
  });
}

function defineBreaches(builder: OfficerBuilder): void {
  const Breach = defineBreachTypes(builder);
  builder.queryField('breaches', (t) =>
    t.field({
      type: [Breach],
      description: 'The breach register of the units the caller decides in.',
      args: { open: t.arg.boolean({ defaultValue: true, description: 'Only what is not closed.' }) },
      resolve: async (_root, { open }, ctx) => {
        const reader = await ctx.reading.reader();
        const rows = (await listBreaches(reader, open ?? true)).filter(({ unit }) =>
          decidesIn(ctx.actor, unit),
        );
        const ids = rows.map(({ id }) => id);
        const notes = groupBy(await listBreachNotes(reader, [...ids, '']), (note) => note.breach);
        const listed = rows.map((row) => ({ ...row, notes: notes.get(row.id) ?? [] }));
        return counted(ctx, 'breach', listed);
      },
    }),
  );
  builder.mutationFields((t) => ({
    reportBreach: t.id({
      description: 'Anybody may report; the deciders of the caller’s unit go on with it. Answers its id.',
      args: {
        kind: t.arg({ type: codesOf(builder, 'BreachKind', breachKinds), required: true }),
        noticed: t.arg.string({ required: true, description: 'When it was noticed: ISO 8601.' }),
        happened: t.arg.string({ description: 'ISO 8601, where known.' }),
        peer: t.arg.string({ description: 'The State that has what it should not have.' }),
        messages: t.arg.idList({ defaultValue: [] }),
        account: t.arg.string({ required: true }),
      },
      resolve: (_root, { kind, noticed, happened, peer, messages, account }, ctx) =>
        reportBreach(ctx.enquiries, ctx.actor, {
          kind,
          noticed,
          happened: happened ?? undefined,
          peer: peer ?? undefined,
          messages: (messages ?? []).map(String),
          account,
        }),
    }),
    updateBreach: t.boolean({
      description:
        'Adds what was done. That the other State has deleted it is asked and confirmed by telephone or letter: say how.',
      args: {
        breach: t.arg.id({ required: true }),
        step: t.arg({ type: codesOf(builder, 'BreachStep', breachSteps), required: true }),
        how: t.arg({ type: codesOf(builder, 'ContactWay', contactWays) }),
        text: t.arg.string({ required: true }),
        done: t.arg.string({ description: 'When it was done: ISO 8601; without it, now.' }),
      },
      resolve: async (_root, { breach, step, how, text, done }, ctx) => {
        const taken = { step, how: how ?? undefined, text, done: done ?? undefined };
        await updateBreach(ctx.enquiries, ctx.actor, String(breach), taken);
        return true;
      },
    }),
  }));
}

type Shown = SampledReading & { readonly hidden: number };

function defineReadingReviews(builder: OfficerBuilder): void {
  const Reading = builder.objectRef<Shown>('SampledReading').implement({
    fields: (t) => ({
      person: t.exposeString('person'),
      role: t.exposeString('role'),
      purpose: t.exposeString('purpose'),
      at: t.field({ type: 'Instant', resolve: (row) => row.atMs }),
      threads: t.idList({ resolve: (row) => [...row.threads] }),
      hidden: t.exposeInt('hidden', { description: 'Conversations in it that the caller may not see.' }),
    }),
  });
  const Review = builder.objectRef<ReadingReviewRow>('ReadingReview').implement({
    description: 'A week’s sample of what the people of a unit read.',
    fields: (t) => ({
      id: t.exposeID('id'),
      unit: t.exposeString('unit'),
      week: t.exposeString('week', { description: 'Monday of the week that was read in.' }),
      dueAt: t.field({ type: 'Instant', resolve: (row) => row.due_at }),
      mine: t.boolean({
        description: 'Readings of the caller are in it: another must review it.',
        resolve: (row, _args, ctx) => row.persons.includes(ctx.actor.id),
      }),
      readings: t.field({ type: [Reading], resolve: (row, _args, ctx) => showSample(ctx, row) }),
      reviewedBy: t.string({ nullable: true, resolve: (row) => row.reviewed_by }),
      reviewedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.reviewed_at }),
      finding: t.exposeString('finding', { nullable: true }),
      note: t.exposeString('note', { nullable: true }),
    }),
  });
  builder.queryField('readingReviews', (t) =>
    t.field({
      type: [Review],
      args: { open: t.arg.boolean({ defaultValue: true, description: 'Only what nobody has reviewed.' }) },
      resolve: async (_root, { open }, ctx) => {
        const rows = await listReadingReviews(await ctx.reading.reader(), open ?? true);
        return counted(
          ctx,
          'reading-review',
          rows.filter(({ unit }) => decidesIn(ctx.actor, unit)),
        );
      },
    }),
  );
  builder.mutationField('reviewReadings', (t) =>
    t.boolean({
      description: 'A decider none of whose own readings are in the sample says what they found.',
      args: {
        review: t.arg.id({ required: true }),
        finding: t.arg({ type: codesOf(builder, 'ReadingFinding', readingFindings), required: true }),
        note: t.arg.string(),
      },
      resolve: async (_root, { review, finding, note }, ctx) => {
        await reviewReadings(ctx.enquiries, ctx.actor, String(review), { finding, note: note ?? undefined });
        return true;
      },
    }),
  );
}

/** That a conversation is there is itself not told to who may not see it. */
async function showSample(ctx: OfficerContext, row: ReadingReviewRow): Promise<Shown[]> {
  const sample = JSON.parse(row.sample) as SampledReading[];
  return Promise.all(
    sample.map(async (reading) => {
      const standings = await Promise.all(reading.threads.map((thread) => ctx.standingOf(thread)));
      const threads = reading.threads.filter((_, i) => standings[i] && sees(ctx.actor, standings[i]));
      return { ...reading, threads, hidden: reading.threads.length - threads.length };
    }),
  );
}

function counted<R>(ctx: OfficerContext, what: string, rows: R[]): R[] {
  ctx.reading.noteList(what, rows.length);
  return rows;
}
