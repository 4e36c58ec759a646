/**
 * That an authority appointed this person guardian of the child of these conversations. One officer enters the act of appointment,
 * another person approves exactly what is entered, and whoever wrote any of it approves nothing of it (PRACTICE.md A7: the uncle
 * with papers). Changed before it is approved, it is another content with another digest, and what changed can be seen. It ends
 * by the appointment's own end, or at once when anybody of the focal point revokes it.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import * as z from 'zod';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { findPerson } from './find-person.ts';
import { callDeputies } from './name-deputy.ts';
import type { GuardianLinkTable } from './people-tables.ts';
import type { Permission } from './permit.ts';
import { readReason } from './read-input.ts';

export type GuardianLinkRow = Selectable<GuardianLinkTable>;

const DAY_MS = 86_400_000;
/** How long a link may wait for its second person. */
const APPROVAL_MS = 14 * DAY_MS;
/** Every appointment looked at here has conversations about one child, rarely many. */
const MAX_THREADS = 20;

const Text = z.string().trim().min(1).max(500);
const Day = z.iso.date();

/** What is approved, and nothing beside it. */
export const GuardianAppointment = z
  .strictObject({
    person: z.string().min(1).max(64),
    threads: z.array(z.string().min(1).max(64)).min(1).max(MAX_THREADS),
    /** Who appointed the guardian, under which number and on which day. */
    authority: Text,
    number: Text,
    appointedOn: Day,
    /** What for, in the words of the act. */
    scope: Text,
    /** The last day; left out where the act names none. */
    endsOn: Day.optional(),
    /** Who has seen that the person is who they say. */
    identitySeen: z.enum(['in-person', 'by-authority']),
    /** What was looked at: who runs the shelter, who employs the person, who pays, who takes part in the case. */
    conflicts: Text,
  })
  .refine(
    ({ appointedOn, endsOn }) => endsOn === undefined || endsOn >= appointedOn,
    'It ends before it begins.',
  );
export type GuardianAppointment = z.infer<typeof GuardianAppointment>;

/**
 * @returns its id
 * @throws AccessError NOT_PERMITTED, NOT_FOUND for a conversation this person does not see, INPUT_INVALID, NO_SUCH_PERSON,
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
    };
    await op.trx
      .insertInto('guardian_link')
      .values({ id, ...columnsOf(content), authors: [actor.id], proposed_at: op.nowMs, ...open })
      .execute();
    await keepVersion(op, id, content);
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
    await op.trx
      .updateTable('guardian_link')
      .set({
        ...columnsOf(content),
        authors: [...new Set([...link.authors, actor.id])],
        proposed_at: op.nowMs,
      })
      .where('id', '=', id)
      .execute();
    await keepVersion(op, id, content);
  });
}

/**
 * @param digest of the content this person was shown
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, SAME_PERSON, ALREADY_DECIDED, DIGEST_DIFFERS, PERSON_NOT_FIT
 */
export async function approveGuardianLink(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  digest: string,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const link = await lockLink(op, id, 'guardian.approve');
    if (link.authors.includes(actor.id)) throw new AccessError('SAME_PERSON');
    const isOver = link.ends_at !== null && link.ends_at <= op.nowMs;
    if (
      link.approved_at !== null ||
      link.revoked_at !== null ||
      isOver ||
      link.proposed_at + APPROVAL_MS < op.nowMs
    )
      throw new AccessError('ALREADY_DECIDED');
    // What is stored must be what was shown, and what the digest says of itself.
    if (link.digest !== digest || digestOf(link.content) !== digest) throw new AccessError('DIGEST_DIFFERS');
    await requireGuardian(op, link.person);
    await op.trx
      .updateTable('guardian_link')
      .set({ approver: actor.id, approved_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    const { person, threads, authors } = link;
    await op.audit('guardian-link.approved', { id, person, threads, digest, authors, approver: actor.id });
  });
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
    const revoked = { revoked_by: actor.id, revoked_at: op.nowMs, revoke_reason: readReason(why) };
    await op.trx.updateTable('guardian_link').set(revoked).where('id', '=', id).execute();
    await op.audit('guardian-link.revoked', { id, person: link.person, actor: actor.id });
  });
}

/** Parsed and lawful: the conversations seen by who writes it, the person a guardian. */
async function readAppointment(op: PersonalOperation, appointment: unknown): Promise<GuardianAppointment> {
  const parsed = GuardianAppointment.safeParse(appointment);
  if (!parsed.success) throw new AccessError('INPUT_INVALID');
  const content = { ...parsed.data, threads: [...new Set(parsed.data.threads)].sort() };
  for (const thread of content.threads) await op.require('guardian.propose', thread);
  await requireGuardian(op, content.person);
  return content;
}

async function requireGuardian(op: PersonalOperation, id: string): Promise<void> {
  const person = await findPerson(op.trx, id);
  if (person.role !== 'guardian' || person.disabled_at !== null) throw new AccessError('PERSON_NOT_FIT');
}

async function lockLink(op: PersonalOperation, id: string, action: Permission): Promise<GuardianLinkRow> {
  const link = await op.trx
    .selectFrom('guardian_link')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!link) throw new AccessError('NOT_FOUND');
  for (const thread of link.threads) await op.require(action, thread);
  return link;
}

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

function columnsOf(appointment: GuardianAppointment) {
  const content = new TextDecoder().decode(encodeCanonical(appointment));
  const { person, threads, endsOn } = appointment;
  // Over with the end of its last day.
  const ends_at = endsOn === undefined ? null : Date.parse(`${endsOn}T00:00:00Z`) + DAY_MS;
  return { person, threads, content, digest: digestOf(content), ends_at };
}

async function keepVersion(
  op: PersonalOperation,
  link: string,
  appointment: GuardianAppointment,
): Promise<void> {
  const { content, digest, person, threads } = columnsOf(appointment);
  const by = op.actor.id;
  await op.trx
    .insertInto('guardian_link_version')
    .values({ link, digest, content, by, at: op.nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // In a small office the second person is a deputy.
  const untilMs = op.nowMs + APPROVAL_MS;
  for (const thread of threads)
    await callDeputies(op, { thread, action: 'guardian.approve', draftUnit: null, by, untilMs });
  await op.audit('guardian-link.proposed', { id: link, person, threads, digest, actor: by });
}
