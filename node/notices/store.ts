/**
 * Queries of notices: what waits, who sends it, what became of it. Any number of processes may ask at once.
 */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../storage/database.ts';
import { noticeKinds } from './tables.ts';
import type { Waiting } from './when-due.ts';

type Db = Kysely<Database>;

/** What waits for one person in one way, and by which row to claim it. */
export interface WaitingNotice extends Waiting {
  readonly person: string;
  /** The causes a mail would tell of. */
  readonly ids: readonly number[];
  readonly turn: number;
  readonly attempts: number;
}

export interface Claimed {
  readonly email: string;
  readonly language: string;
}

/**
 * A cause is known before its transaction commits, and only then can it be seen: who was seen no later than the longest
 * transaction after it may have looked too early (`idle_in_transaction_session_timeout`).
 */
const SURELY_SEEN_MS = 60_000;

/** Forgets what needs no mail: the person has signed in since, gets no mails, or may not sign in any more. */
export async function forgetSettled(db: Db, nowMs: number): Promise<void> {
  await sql`delete from notice n using person p where p.id = n.person and (
    p.email is null or p.disabled_at <= ${nowMs}
    or exists (select from session s where s.person = n.person and s.seen_at > n.at + ${SURELY_SEEN_MS}))`.execute(
    db,
  );
}

/** Forgets every cause before `beforeMs`: for a node that sends no mails. */
export async function forgetOlder(db: Db, beforeMs: number): Promise<void> {
  await db.deleteFrom('notice').where('at', '<', beforeMs).execute();
}

/** Everything that waits: alerts first, then what is urgent, then by age. */
export async function readWaiting(db: Db): Promise<WaitingNotice[]> {
  await sql`insert into notice_state (person, kind) select distinct person, kind from notice order by person, kind
    on conflict do nothing`.execute(db);
  const { rows } = await sql<WaitingNotice>`
    select n.person, n.kind, array_agg(n.id order by n.id) as ids, min(n.at) as "oldestAt",
      (select max(s.seen_at) from session s where s.person = n.person) as "seenAt",
      t.turn, t.attempts, t.sent_at as "sentAt", t.sent_day as "sentDay", t.sent_count as "sentCount",
      t.next_attempt_at as "nextAttemptAt", t.claimed_until as "claimedUntil"
    from notice n join notice_state t on t.person = n.person and t.kind = n.kind
    group by n.person, n.kind, t.person, t.kind order by array_position(${sql.val([...noticeKinds])}::text[], n.kind), min(n.at)`.execute(
    db,
  );
  return rows;
}

/** Takes it for one sender. @returns the address as it is now; undefined if another was faster or the person gets none any more */
export async function claim(
  db: Db,
  of: WaitingNotice,
  nowMs: number,
  untilMs: number,
): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    update notice_state t set claimed_until = ${untilMs}, turn = t.turn + 1 from person p
    where p.id = t.person and p.email is not null and (p.disabled_at is null or p.disabled_at > ${nowMs})
      and (t.person, t.kind) in (
        select person, kind from notice_state where person = ${of.person} and kind = ${of.kind} and turn = ${of.turn}
        for update skip locked)
    returning p.email, p.language`.execute(db);
  return rows[0];
}

/** The server has taken the mail. @param day by which it is counted @returns how many went to this person on that day */
export async function markSent(db: Db, of: WaitingNotice, nowMs: number, day: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('notice')
      .where('id', 'in', [...of.ids])
      .execute();
    const row = await claimedState(trx, of)
      .set((eb) => ({
        ...RELEASED,
        sent_at: nowMs,
        sent_day: day,
        sent_count: eb
          .case()
          .when('sent_day', '=', day)
          .then(eb('sent_count', '+', 1))
          .else(1)
          .end(),
        gave_up_at: null,
        gave_up_code: null,
      }))
      .returning('sent_count')
      .executeTakeFirst();
    return row?.sent_count ?? 0;
  });
}

/** The address was refused for good: nothing is tried again before something new comes. */
export async function markGivenUp(db: Db, of: WaitingNotice, nowMs: number, code: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('notice')
      .where('id', 'in', [...of.ids])
      .execute();
    await claimedState(trx, of)
      .set({ ...RELEASED, gave_up_at: nowMs, gave_up_code: code })
      .execute();
  });
}

/** The address was refused for now. */
export async function postpone(db: Db, of: WaitingNotice, untilMs: number): Promise<void> {
  await claimedState(db, of)
    .set({ claimed_until: 0, attempts: of.attempts + 1, next_attempt_at: untilMs })
    .execute();
}

/** Gives it back as it was. */
export async function release(db: Db, of: WaitingNotice): Promise<void> {
  await claimedState(db, of).set({ claimed_until: 0 }).execute();
}

const RELEASED = { claimed_until: 0, attempts: 0, next_attempt_at: 0 } as const;

/** The row as long as nobody else has claimed it since. */
function claimedState(db: Db, { person, kind, turn }: WaitingNotice) {
  const state = db.updateTable('notice_state').where('person', '=', person);
  return state.where('kind', '=', kind).where('turn', '=', turn + 1);
}

/** How often the mail server has failed in a row, and until when it is left alone. */
export async function readServer(db: Db): Promise<{ failures: number; nextAttemptAt: number }> {
  const row = await db.selectFrom('mail_server').selectAll().executeTakeFirstOrThrow();
  return { failures: row.failures, nextAttemptAt: row.next_attempt_at };
}

export async function writeServer(db: Db, failures: number, nextAttemptAt: number): Promise<void> {
  await db.updateTable('mail_server').set({ failures, next_attempt_at: nextAttemptAt }).execute();
}
