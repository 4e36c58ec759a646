/**
 * Tables of how people of an office work together and watch each other: who stands in, who decides for a small office, what
 * left and to whom, what went wrong, which readings were looked at, who was appointed for a child. Times are epoch milliseconds.
 * Who may touch which row stands in node/storage/people-walls.ts.
 */
import { type Kysely, sql } from 'kysely';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { conversationKey, OFFICE_KEY } from '../vault/subjects.ts';
import { accessLimits } from './limits.ts';
import type { LinkKind } from './link-tables.ts';

/** Somebody is away, and another does their work until then: assignments, tasks, proposals. Never their rights. */
export interface HandOverTable {
  id: string;
  from_person: string;
  /** Null while nobody has been found. */
  to_person: string | null;
  /** Unit of who is away. */
  unit: string;
  given_by: string;
  given_at: number;
  /** It ends by itself. */
  until: number;
  /** For the stand-in, sealed; never in a log. */
  note: Buffer | null;
  ended_at: number | null;
}

/** A decider of another office or unit who may be the second person for a unit that is too small to have one. */
export interface DeputyTable {
  id: string;
  person: string;
  unit: string;
  given_by: string;
  given_at: number;
  until: number;
  ended_at: number | null;
}

export const deferralGrounds = [
  'danger-to-child',
  'danger-to-other',
  'criminal-proceedings',
  'court-order',
] as const;
export type DeferralGround = (typeof deferralGrounds)[number];

/** One act that left for another State: what the child's side may ask to see, unless telling is lawfully deferred. */
export interface DisclosureTable {
  message_id: string;
  thread: string;
  peer: string;
  type: string;
  at: number;
  proposer: string;
  /** Null where one person released it. */
  approver: string | null;
  /** Of the enquiry the conversation is about; empty where there is none. */
  legal_basis: string[];
  purpose: string | null;
  deferred_ground: DeferralGround | null;
  /** Sealed, as every text in these tables. */
  deferred_reason: Buffer | null;
  deferred_by: string | null;
  deferred_at: number | null;
  /** When it is looked at again. */
  review_at: number | null;
}

/** Bodies of this State, without an account here, that may be given something of a child once. */
export const outsideBodies = [
  'police',
  'prosecutor',
  'court',
  'health-service',
  'child-protection-service',
  'local-service',
  'immigration-enforcement',
] as const;
export type OutsideBody = (typeof outsideBodies)[number];
/** Refused whatever the ground: DOMAIN.md P2 (CRC JGC22 para. 17). It is a code so that whoever tries is heard of. */
export const REFUSED_BODY: OutsideBody = 'immigration-enforcement';

/** D: defaults of this project; the national law behind each is the office's to know. */
export const outsideGrounds = [
  'court-order',
  'statutory-duty',
  'imminent-danger',
  'prosecution-request',
  'agreement',
  'asked-by-enquiry',
] as const;
export type OutsideGround = (typeof outsideGrounds)[number];

/** What was given, as classes: the words themselves are in the file of who got them. */
export const outsideClasses = [
  'that-a-case-exists',
  'identity',
  'photograph',
  'whereabouts',
  'contact-details',
  'family',
  'health',
  'account-of-exploitation',
  'suspected-exploiter',
  'questions',
] as const;
export type OutsideClass = (typeof outsideClasses)[number];

/** Something given to a body of this State: one way, by who decides, on a ground of law. No words. */
export interface OutsideDisclosureTable {
  id: string;
  thread: string;
  body: OutsideBody;
  ground: OutsideGround;
  given: OutsideClass[];
  /** In imminent danger it is given at once, and a second person looks at it afterwards. */
  imminent: boolean;
  /** When it was given; null while it waits for a second person, and where it was taken back. */
  given_at: number | null;
  stated_by: string;
  stated_at: number;
  approver: string | null;
  approved_at: number | null;
  withdrawn_by: string | null;
  withdrawn_at: number | null;
}

export const breachKinds = [
  'wrong-recipient',
  'wrong-content',
  'read-without-need',
  'lost-or-stolen',
  'key-exposed',
  'other',
] as const;
export type BreachKind = (typeof breachKinds)[number];

export interface BreachTable {
  id: string;
  unit: string;
  kind: BreachKind;
  noticed_at: number;
  /** Null while nobody knows. */
  happened_at: number | null;
  /** The State that has what it should not have. */
  peer: string | null;
  message_ids: string[];
  /** In the words of who reported it, sealed; never in a log. */
  account: Buffer;
  reported_by: string;
  reported_at: number;
  closed_at: number | null;
  /** The message that made the node open the entry by itself: one entry for each. Null where a person reported it. */
  opened_for: string | null;
}

export const breachSteps = [
  'authority-told',
  'need-not-be-told',
  'persons-told',
  'deletion-asked',
  'deletion-confirmed',
  'deletion-refused',
  'measure',
  'closed',
] as const;
export type BreachStep = (typeof breachSteps)[number];
export const contactWays = ['telephone', 'mail', 'letter', 'in-person', 'message'] as const;
export type ContactWay = (typeof contactWays)[number];

/** What was done about a breach; only ever added. */
export interface BreachNoteTable {
  id: string;
  breach: string;
  step: BreachStep;
  how: ContactWay | null;
  /** Sealed. */
  text: Buffer;
  by: string;
  /** When it was done, as told. */
  done_at: number;
  /** When it was entered. */
  at: number;
}

export const readingFindings = ['in-order', 'asked-about', 'not-in-order'] as const;
export type ReadingFinding = (typeof readingFindings)[number];

/** A week's sample of what the people of a unit read. */
export interface ReadingReviewTable {
  id: string;
  unit: string;
  /** Monday of the week that was read in, `YYYY-MM-DD`, UTC. */
  week: string;
  /** A decider whose readings stand apart, so that another can look at them; empty for all the others of the unit. */
  apart: string;
  /** Whose readings are in it: none of them reviews it. */
  persons: string[];
  /** JSON: `[{ person, role, purpose, atMs, threads }]`. */
  sample: string;
  opened_at: number;
  due_at: number;
  reviewed_by: string | null;
  reviewed_at: number | null;
  finding: ReadingFinding | null;
  /** Sealed. */
  note: Buffer | null;
}

/**
 * Somebody for a child, as an authority appointed them: from the second person's approval until it ends or is revoked. What a later
 * change made of the table stands in link-tables.ts.
 */
export interface GuardianLinkTable {
  id: string;
  /** A person of the role `guardian`. */
  person: string;
  kind: LinkKind;
  /** The file of the child, and by it its conversations, later ones too; null where it covers `threads` alone. */
  case_id: string | null;
  threads: string[];
  /** Canonical JSON of all that is approved (link-content.ts), sealed. */
  content: Buffer | null;
  /** What of it the guardian reads, JSON, sealed. */
  shown: Buffer | null;
  /** What stood in the open before a node sealed it. */
  unsealed: { content: string; revoke_reason: string | null } | null;
  /** SHA-256 hex of what `content` seals. */
  digest: string;
  /** When the appointment ends; null if the act names no end. The child's majority ends it too (`app_link_end`). */
  ends_at: number | null;
  /** Everybody who wrote any version of it: none of them approves it. */
  authors: string[];
  proposed_at: number;
  approver: string | null;
  approved_at: number | null;
  revoked_by: string | null;
  revoked_at: number | null;
  /** Sealed. */
  revoke_reason: Buffer | null;
}

/** What a link said at a time, so that a second person sees what has changed since they looked. */
export interface GuardianLinkVersionTable {
  link: string;
  digest: string;
  /** Sealed. */
  content: Buffer | null;
  unsealed: string | null;
  by: string;
  at: number;
}

/** What of these tables is kept sealed: what belongs to a conversation under its key, else under the office's. */
export const sealedDisclosure: SealedColumns<
  Pick<DisclosureTable, 'message_id' | 'thread'>,
  'deferred_reason'
> = {
  table: 'disclosure',
  columns: ['deferred_reason'],
  row: ({ message_id }) => message_id,
  subject: ({ thread }) => conversationKey(thread),
};
const ofOffice = <C extends string>(
  table: string,
  columns: readonly C[],
): SealedColumns<{ id: string }, C> => ({
  table,
  columns,
  row: ({ id }) => id,
  subject: () => OFFICE_KEY,
});
export const sealedHandOver = ofOffice('hand_over', ['note']);
export const sealedBreach = ofOffice('breach', ['account']);
export const sealedBreachNote = ofOffice('breach_note', ['text']);
export const sealedReadingReview = ofOffice('reading_review', ['note']);

export interface PeopleTables {
  hand_over: HandOverTable;
  deputy: DeputyTable;
  disclosure: DisclosureTable;
  outside_disclosure: OutsideDisclosureTable;
  breach: BreachTable;
  breach_note: BreachNoteTable;
  reading_review: ReadingReviewTable;
  guardian_link: GuardianLinkTable;
  guardian_link_version: GuardianLinkVersionTable;
}

const oneOf = (codes: readonly string[]) => sql.join(codes.map((code) => sql.lit(code)));

/** Creates the tables, and what the older ones need for them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table task add column unit text, add column about text, add column opened_by text`,
    sql`create index task_about on task (about) where about is not null`,
    sql`alter table person add column disabled_by text, add column disabled_reason text`,
    sql`alter table break_glass add column unit text not null,
      add constraint break_glass_time check (expires_at > opened_at and expires_at - opened_at <= ${sql.lit(accessLimits.needMs)})`,
    // For what watches readings; other entries cost it nothing.
    sql`create index audit_entry_reading on audit_entry (at) where type in ('reading.answered', 'attachment.read')`,
    sql`create table hand_over (
      id text primary key, from_person text not null references person, to_person text references person, unit text not null,
      given_by text not null, given_at bigint not null, until bigint not null, note text, ended_at bigint,
      check (to_person <> from_person), check (until > given_at))`,
    sql`create unique index hand_over_from on hand_over (from_person) where ended_at is null`,
    sql`create index hand_over_to on hand_over (to_person) where ended_at is null`,
    sql`create table deputy (
      id text primary key, person text not null references person, unit text not null, given_by text not null, given_at bigint not null,
      until bigint not null, ended_at bigint, check (person <> given_by), check (until > given_at))`,
    sql`create index deputy_unit on deputy (unit) where ended_at is null`,
    sql`create table disclosure (
      message_id text primary key references act, thread text not null, peer text not null, type text not null, at bigint not null,
      proposer text not null, approver text, legal_basis text[] not null, purpose text,
      deferred_ground text check (deferred_ground in (${oneOf(deferralGrounds)})), deferred_reason text, deferred_by text, deferred_at bigint,
      review_at bigint, check (num_nulls(deferred_ground, deferred_reason, deferred_by, deferred_at, review_at) in (0, 5)))`,
    sql`create index disclosure_at on disclosure (at desc, message_id desc)`,
    sql`create index disclosure_review on disclosure (review_at) where review_at is not null`,
    sql`create table outside_disclosure (
      id text primary key, thread text not null references conversation, body text not null check (body in (${oneOf(outsideBodies)})),
      ground text not null check (ground in (${oneOf(outsideGrounds)})), given text[] not null check (cardinality(given) > 0 and given <@ array[${oneOf(outsideClasses)}]),
      imminent boolean not null, given_at bigint, stated_by text not null, stated_at bigint not null, approver text, approved_at bigint,
      withdrawn_by text, withdrawn_at bigint,
      constraint outside_firewall check (body <> ${sql.lit(REFUSED_BODY)}),
      constraint outside_two_persons check (approver <> stated_by),
      constraint outside_second_person check (given_at is null or imminent or approver is not null or body = 'local-service'),
      check (num_nulls(approver, approved_at) in (0, 2)), check (num_nulls(withdrawn_by, withdrawn_at) in (0, 2)),
      check (withdrawn_at is null or given_at is null))`,
    sql`create index outside_disclosure_thread on outside_disclosure (thread, stated_at desc)`,
    sql`create index outside_disclosure_at on outside_disclosure (stated_at desc)`,
    sql`create table breach (
      id text primary key, unit text not null, kind text not null check (kind in (${oneOf(breachKinds)})), noticed_at bigint not null,
      happened_at bigint, peer text, message_ids text[] not null, account text not null check (length(trim(account)) >= 10),
      reported_by text not null, reported_at bigint not null, closed_at bigint, opened_for text unique)`,
    sql`create table breach_note (
      id text primary key, breach text not null references breach, step text not null check (step in (${oneOf(breachSteps)})),
      how text check (how in (${oneOf(contactWays)})), text text not null, by text not null, done_at bigint not null, at bigint not null)`,
    sql`create index breach_note_breach on breach_note (breach)`,
    sql`create table reading_review (
      id text primary key, unit text not null, week text not null, apart text not null, persons text[] not null, sample text not null,
      opened_at bigint not null, due_at bigint not null, reviewed_by text, reviewed_at bigint,
      finding text check (finding in (${oneOf(readingFindings)})), note text, unique (unit, week, apart),
      constraint reading_review_by_another check (reviewed_by <> all(persons)),
      check (num_nulls(reviewed_by, reviewed_at, finding) in (0, 3)))`,
    sql`create table guardian_link (
      id text primary key, person text not null references person, threads text[] not null check (cardinality(threads) > 0),
      content text not null, digest text not null, ends_at bigint, authors text[] not null check (cardinality(authors) > 0),
      proposed_at bigint not null, approver text, approved_at bigint, revoked_by text, revoked_at bigint, revoke_reason text,
      constraint guardian_link_two_persons check (approver <> all(authors)), check ((approver is null) = (approved_at is null)),
      check (num_nulls(revoked_by, revoked_at, revoke_reason) in (0, 3)))`,
    sql`create index guardian_link_person on guardian_link (person) where revoked_at is null`,
    sql`create table guardian_link_version (
      link text not null references guardian_link, digest text not null, content text not null, by text not null, at bigint not null,
      primary key (link, digest))`,
  ];
  for (const statement of statements) await statement.execute(db);
}
