/**
 * Sends what is due, one mail after the other, alerts first. A mail is marked as sent after the server has taken it: who dies
 * in between sends it twice, and nothing is ever lost. Writes no address, name or person into a log line.
 */
import type { NoticeContext } from './context.ts';
import { type Mail, MailError } from './send-mail.ts';
import {
  type Claimed,
  claim,
  forgetSettled,
  markGivenUp,
  markSent,
  postpone,
  readServer,
  readWaiting,
  release,
  type WaitingNotice,
  writeServer,
} from './store.ts';
import { writeNotice } from './texts.ts';
import { dayOf, isDue, mailsPerDay } from './when-due.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** So often somebody looks whether something waits, in milliseconds. */
export const LOOK_MS = 5 * SECOND_MS;
/** After so many mails somebody looks again: something urgent may have come. */
const BATCH = 20;
/** A sender that died leaves its claim for this long; longer than one sending may take. */
const CLAIM_MS = 2 * MINUTE_MS;
/** The server failed: 10 s, doubling to 5 min. An alert waits no longer than that after the server is back. */
const SERVER_RETRY_MS = { first: 10 * SECOND_MS, last: 5 * MINUTE_MS };
/** An address was refused for now, as by grey-listing: 1 min, doubling to 30 min. */
const ADDRESS_RETRY_MS = { first: MINUTE_MS, last: 30 * MINUTE_MS };

export interface Round {
  /** Milliseconds until the next look. */
  readonly againMs: number;
  /** Whether the mail server took what it was last given. */
  readonly isServerUp: boolean;
}

/** One round of a sender. @throws what the database throws */
export async function sendNotices(ctx: NoticeContext): Promise<Round> {
  const nowMs = ctx.surroundings.nowMs();
  await forgetSettled(ctx.db, nowMs);
  const server = await readServer(ctx.db);
  if (server.nextAttemptAt > nowMs) return { againMs: LOOK_MS, isServerUp: false };
  const waiting = await readWaiting(ctx.db);
  const due = waiting.filter((one) => isDue(one, ctx.settings.office, nowMs)).slice(0, BATCH);
  let { failures } = server;
  for (const one of due) {
    const before = failures;
    failures = await sendOne(ctx, one, before);
    if (failures > before || ctx.signal.aborted) return { againMs: LOOK_MS, isServerUp: false };
  }
  return { againMs: due.length === BATCH ? 0 : LOOK_MS, isServerUp: failures === 0 };
}

/** @param failures how often the server has failed in a row @returns the same after this */
async function sendOne(ctx: NoticeContext, one: WaitingNotice, failures: number): Promise<number> {
  const nowMs = ctx.surroundings.nowMs();
  const claimed = await claim(ctx.db, one, nowMs, nowMs + CLAIM_MS);
  if (!claimed) return failures;
  const failure = await trySending(ctx, makeMail(ctx, one, claimed));
  if (failure?.whose === 'server') return leaveServerAlone(ctx, one, failure, failures);
  if (failures > 0) await writeServer(ctx.db, 0, 0);
  await (failure ? takeRefusal(ctx, one, failure) : takeSuccess(ctx, one));
  return 0;
}

async function trySending(ctx: NoticeContext, mail: Mail): Promise<MailError | null> {
  try {
    await ctx.send(mail, ctx.signal);
    return null;
  } catch (error) {
    if (error instanceof MailError) return error;
    throw error;
  }
}

function makeMail(ctx: NoticeContext, { kind }: WaitingNotice, { email, language }: Claimed): Mail {
  const { from, publicUrl } = ctx.settings;
  const random = Buffer.from(ctx.surroundings.random(16)).toString('hex');
  return {
    ...writeNotice(kind, language, publicUrl),
    from,
    to: email,
    messageId: `<${random}@${new URL(publicUrl).hostname}>`,
    atMs: ctx.surroundings.nowMs(),
  };
}

async function takeSuccess(ctx: NoticeContext, one: WaitingNotice): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const count = await markSent(ctx.db, one, nowMs, dayOf(one.kind, nowMs, ctx.settings.office));
  if (one.kind !== 'digest' && count >= mailsPerDay[one.kind])
    ctx.log.warn('notice-limit-reached', { count });
}

async function takeRefusal(ctx: NoticeContext, one: WaitingNotice, failure: MailError): Promise<void> {
  const { code, status, isFinal } = failure;
  const nowMs = ctx.surroundings.nowMs();
  if (isFinal) {
    ctx.log.error('notice-given-up', { code, status });
    return markGivenUp(ctx.db, one, nowMs, String(status ?? code));
  }
  ctx.log.warn('notice-refused', { code, status, count: one.attempts + 1 });
  return postpone(ctx.db, one, nowMs + backOff(ADDRESS_RETRY_MS, one.attempts));
}

async function leaveServerAlone(
  ctx: NoticeContext,
  one: WaitingNotice,
  { code, status }: MailError,
  failures: number,
): Promise<number> {
  await release(ctx.db, one);
  // Ended by this process, not by the server.
  if (ctx.signal.aborted) return failures;
  ctx.log.warn('mail-server-failed', { code, status, count: failures + 1 });
  await writeServer(ctx.db, failures + 1, ctx.surroundings.nowMs() + backOff(SERVER_RETRY_MS, failures));
  return failures + 1;
}

const backOff = ({ first, last }: { first: number; last: number }, attempts: number): number =>
  Math.min(last, first * 2 ** Math.min(attempts, 10));
