/**
 * That an authority appointed this person guardian of the child of these conversations. One officer enters the act of appointment,
 * another person approves exactly what is entered, and whoever wrote any of it approves nothing of it (PRACTICE.md A7: the uncle
 * with papers). Changed before it is approved, it is another content with another digest, and what changed can be seen. It ends
 * by the appointment's own end, or at once when anybody of the focal point revokes it.
 */
import { type Kysely, type SqlBool, sql, type Transaction } from 'kysely';
import { type PersonalOperation, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { findPerson } from './find-person.ts';
import {
  type ConflictRow,
  countOpen,
  listConflicts,
  lookForConflicts,
  readSettlers,
  settleIn,
} from './link-conflicts.ts';
import {
  columnsOf,
  GuardianAppointment,
  type GuardianLinkRow,
  isOfContent,
  openLinks,
  readContent,
  type SealedLinkRow,
  sealVersion,
  textOf,
} from './link-content.ts';
import { sealedLink, sealedLinkVersion } from './link-tables.ts';
import { callDeputies } from './name-deputy.ts';
import type { Permission } from './permit.ts';
import { readReason } from './read-input.ts';
import { settleAbout } from './settle-about.ts';

const DAY_MS = 86_400_000;
/** How long a link may wait for its second person. */
const APPROVAL_MS = 14 * DAY_MS;

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED, NOT_FOUND for a file or conversation this person does not see, INPUT_INVALID, NO_SUCH_PERSON,
 *   PERSON_NOT_FIT for who is no guardian or disabled
 */
export async function proposeGuardianLink(
  ctx: AccessContext,
  actor: Actor,
  appointment: unknown,
): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    const content = await readAppointment(op, appointment);
    const id = `guardian-link-${Buffer.from(op.random(12)).toString('hex')}`;
    const open = {
      approver: null,
      approved_at: null,
      revoked_by: null,
      revoked_at: null,
      revoke_reason: null,
      unsealed: null,
    };
    const columns = await columnsOf(op, id, content);
    await op.trx
      .insertInto('guardian_link')
      .values({ id, ...columns, authors: [actor.id], proposed_at: op.nowMs, ...open })
      .execute();
    await keepVersion(op, { id, ...columns }, content);
    return id;
  });
}

/**
 * Before it is approved. Whoever changes it is one more author, and approves it no more.
 * @throws AccessError as proposeGuardianLink; ALREADY_DECIDED
 */
export async function changeGuardianLink(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  appointment: unknown,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const link = await lockLink(op, id, 'guardian.propose');
    if (link.approved_at !== null || link.revoked_at !== null) throw new AccessError('ALREADY_DECIDED');
    const content = await readAppointment(op, appointment);
    const columns = await columnsOf(op, id, content);
    const authors = [...new Set([...link.authors, actor.id])];
    await op.trx
      .updateTable('guardian_link')
      .set({ ...columns, authors, proposed_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await keepVersion(op, { id, ...columns }, content);
  });
}

/**
 * Everything that may stand against it is looked at anew; what is found stays to be settled by a third person, and nothing is approved.
 * @param digest of the content this person was shown
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, SAME_PERSON, ALREADY_DECIDED, DIGEST_DIFFERS, PERSON_NOT_FIT, CONFLICT_OPEN
 */
export async function approveGuardianLink(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  digest: string,
): Promise<void> {
  const isApproved = await runAs(ctx, actor, async (op) => {
    const link = await lockLink(op, id, 'guardian.approve');
    if (link.authors.includes(actor.id)) throw new AccessError('SAME_PERSON');
    const isOver = link.over_at !== null && link.over_at <= op.nowMs;
    if (
      link.approved_at !== null ||
      link.revoked_at !== null ||
      isOver ||
      link.proposed_at + APPROVAL_MS < op.nowMs
    )
      throw new AccessError('ALREADY_DECIDED');
    const [opened] = await openLinks(op, [link]);
    const content = opened!.content!;
    // What is stored must be what was shown, and what the digest says of itself.
    if (link.digest !== digest || !isOfContent(opened!)) throw new AccessError('DIGEST_DIFFERS');
    await requireGuardian(op, link.person);
    if (!(await lookForConflicts(op, link, readContent(content)))) return false;
    if ((await readSettlers(op, id)).includes(actor.id)) throw new AccessError('SAME_PERSON');
    await op.trx
      .updateTable('guardian_link')
      .set({ approver: actor.id, approved_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    const { person, threads, case_id, authors } = link;
    const detail = { id, person, case: case_id, threads, digest, authors, approver: actor.id };
    await op.audit('guardian-link.approved', detail);
    return true;
  });
  if (!isApproved) throw new AccessError('CONFLICT_OPEN');
}

/** Ends it with the next request of the guardian. @throws AccessError NOT_FOUND, NOT_PERMITTED, REASON_MISSING, ALREADY_DECIDED */
export async function revokeGuardianLink(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  why: string,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const link = await lockLink(op, id, 'guardian.revoke');
    if (link.revoked_at !== null) throw new AccessError('ALREADY_DECIDED');
    const sealed = await sealColumns(op, sealedLink, { id }, { revoke_reason: readReason(why) });
    const revoked = { revoked_by: actor.id, revoked_at: op.nowMs, ...sealed };
    await op.trx.updateTable('guardian_link').set(revoked).where('id', '=', id).execute();
    await settleAbout(op, ['guardian-conflict', 'representative-ended'], id, 'the link was revoked');
    await op.audit('guardian-link.revoked', { id, person: link.person, actor: actor.id });
  });
}

/**
 * Says why a possible conflict of interest is none. What a freeze holds back is let through by whoever then lifts the freeze.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, SAME_PERSON for who wrote or approved the link, ALREADY_DECIDED, REASON_MISSING
 */
export async function settleConflict(
  ctx: AccessContext,
  actor: Actor,
  conflict: string,
  why: string,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const found = await op.trx
      .selectFrom('guardian_link_conflict')
      .select('link')
      .where('id', '=', conflict)
      .executeTakeFirst();
    if (!found) throw new AccessError('NOT_FOUND');
    const link = await lockLink(op, found.link, 'guardian.settle-conflict');
    await settleIn(op, link, conflict, why);
    if ((await countOpen(op, link)) === 0)
      await settleAbout(op, ['guardian-conflict'], link.id, 'every possible conflict settled');
  });
}

/** Parsed and lawful: the file or the conversations seen by who writes it, the person a guardian. */
async function readAppointment(op: PersonalOperation, appointment: unknown): Promise<GuardianAppointment> {
  const parsed = GuardianAppointment.safeParse(appointment);
  if (!parsed.success) throw new AccessError('INPUT_INVALID');
  const { threads, ...content } = parsed.data;
  const sorted = threads && [...new Set(threads)].sort();
  for (const thread of sorted ?? []) {
    // The id of a file stands in `case`, and nowhere else.
    if (await isFile(op.trx, thread)) throw new AccessError('INPUT_INVALID');
    await op.require('guardian.propose', thread);
  }
  if (content.case !== undefined) {
    if (!(await isFile(op.trx, content.case))) throw new AccessError('NOT_FOUND');
    await op.require('guardian.propose', content.case);
  }
  await requireGuardian(op, content.person);
  return { ...content, ...(sorted && { threads: sorted }) };
}

const isFile = async (trx: Transaction<Database>, id: string): Promise<boolean> =>
  (await trx.selectFrom('case_file').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;

async function requireGuardian(op: PersonalOperation, id: string): Promise<void> {
  const person = await findPerson(op.trx, id);
  if (person.role !== 'guardian' || person.disabled_at !== null) throw new AccessError('PERSON_NOT_FIT');
}

/** @property over_at when it ends, by its appointment or by the child's majority @property file where its case is read */
const MORE = [
  sql<number | null>`app_link_end(case_id, threads, ends_at)`.as('over_at'),
  sql<string | null>`app_read_with(case_id)`.as('file'),
] as const;

/**
 * Held for a change, if this person may make it.
 * @throws AccessError NOT_FOUND, and as the policy decides
 */
export async function lockLink(
  op: PersonalOperation,
  id: string,
  action: Permission,
): Promise<SealedLinkRow & { readonly over_at: number | null; readonly file: string | null }> {
  const link = await op.trx
    .selectFrom('guardian_link')
    .selectAll()
    .select(MORE)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!link) throw new AccessError('NOT_FOUND');
  for (const thread of link.file === null ? link.threads : [link.file]) await op.require(action, thread);
  return link;
}

/** @property conflicts what may stand against it, or was settled */
export interface ListedLink extends GuardianLinkRow {
  readonly over_at: number | null;
  readonly frozen_at: number | null;
  readonly conflicts: readonly ConflictRow[];
}

/** Links of a file or to a conversation, by itself or by its file, the newest first. @throws VaultError */
export async function listGuardianLinks(reader: Reader, thread: string): Promise<ListedLink[]> {
  const rows = await reader.trx
    .selectFrom('guardian_link')
    .selectAll()
    .select(MORE)
    .where(sql<SqlBool>`id in (select app_links_over(${thread}))`)
    .orderBy('proposed_at', 'desc')
    .execute();
  const conflicts = await listConflicts(
    reader,
    rows.map(({ id }) => id),
  );
  const opened = await openLinks(reader, rows);
  const listed = opened.map((row, n) => {
    const { over_at, digest } = rows[n]!;
    const stands = ({ link, about, digest: of }: ConflictRow) =>
      link === row.id && (about !== null || of === digest);
    return { ...row, over_at, conflicts: conflicts.filter(stands) };
  });
  // Of what was erased only the log says who was appointed.
  return listed.filter(({ content }) => content !== '');
}

/** The file a link covers, as it is read; null for one over conversations, and for what this person does not see. */
export async function fileOfLink(trx: Transaction<Database>, id: string): Promise<string | null> {
  const query = trx.selectFrom('guardian_link').select(MORE).where('id', '=', id);
  return (await query.executeTakeFirst())?.file ?? null;
}

/** Every version of these links, as text. @throws VaultError */
export async function readVersions(
  reader: Reader,
  links: readonly string[],
): Promise<{ readonly link: string; readonly digest: string; readonly content: string }[]> {
  const rows = await reader.trx
    .selectFrom('guardian_link_version')
    .select(['link', 'digest', 'content', 'unsealed'])
    .where('link', 'in', [...links])
    .execute();
  const opened = await openRows(reader, sealedLinkVersion, rows);
  return opened.map(({ link, digest, content, unsealed }) => ({
    link,
    digest,
    content: (content ?? unsealed)!,
  }));
}

/** A link over what was asked about, with what says whether it is in force. */
export interface LinkOver {
  readonly about: string;
  readonly id: string;
  readonly person: string;
  readonly approved_at: number | null;
  readonly revoked_at: number | null;
  readonly over_at: number | null;
}

/** Of files and conversations, without what an act of appointment says; the newest first. */
export async function linksOver(trx: Kysely<Database>, abouts: readonly string[]): Promise<LinkOver[]> {
  const { rows } = await sql<LinkOver>`
    select a.about, l.id, l.person, l.approved_at, l.revoked_at, app_link_end(l.case_id, l.threads, l.ends_at) as over_at
      from unnest(${[...abouts]}::text[]) as a (about), lateral app_links_over(a.about) as o (link)
      join guardian_link l on l.id = o.link order by l.proposed_at desc, l.id`.execute(trx);
  return rows;
}

interface Kept {
  readonly id: string;
  readonly person: string;
  readonly digest: string;
  readonly case_id: string | null;
  readonly threads: string[];
}

async function keepVersion(
  op: PersonalOperation,
  link: Kept,
  appointment: GuardianAppointment,
): Promise<void> {
  const { id, digest, person, case_id, threads } = link;
  const by = op.actor.id;
  const sealed = await sealVersion(op, { link: id, digest }, textOf(appointment));
  await op.trx
    .insertInto('guardian_link_version')
    .values({ link: id, digest, ...sealed, unsealed: null, by, at: op.nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await lookForConflicts(op, link, appointment);
  // In a small office the second person is a deputy.
  const untilMs = op.nowMs + APPROVAL_MS;
  const call = (thread: string, draftUnit: string | null) =>
    callDeputies(op, { thread, action: 'guardian.approve', draftUnit, by, untilMs });
  for (const thread of threads) await call(thread, null);
  if (case_id !== null) await call(case_id, await openUnitOf(op, case_id));
  await op.audit('guardian-link.proposed', { id, person, case: case_id, threads, digest, actor: by });
}

/** Whose a file is; null where it is for named readers, whom nobody joins by being a deputy. */
async function openUnitOf(op: PersonalOperation, file: string): Promise<string | null> {
  const query = op.trx.selectFrom('case_file').select(['unit', 'eyes_only']).where('id', '=', file);
  const { unit, eyes_only } = await query.executeTakeFirstOrThrow();
  return eyes_only ? null : unit;
}
