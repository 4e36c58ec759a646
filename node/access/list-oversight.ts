/**
 * What deciders look at afterwards: openings in need, what left for other States, what went wrong, samples of readings. Each reads
 * in the person's own transaction, and the database leaves out what they may not see.
 */
import type { Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';

type Trx = Transaction<Database>;

/** Openings in need, the newest first. @param open only those that nobody has reviewed */
export const listNeeds = (trx: Trx, open: boolean) =>
  trx
    .selectFrom('break_glass')
    .selectAll()
    .$if(open, (query) => query.where('reviewed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .limit(200)
    .execute();

export interface DisclosureFilter {
  readonly thread?: string | undefined;
  readonly peer?: string | undefined;
  /** Released before, milliseconds since 1970: the time of the last row of the page before. */
  readonly beforeMs?: number | undefined;
}

/** The register with how far each act came, the newest first, at most 200. */
export const listDisclosures = (trx: Trx, { thread, peer, beforeMs }: DisclosureFilter) =>
  trx
    .selectFrom('disclosure')
    .leftJoin('act', 'act.message_id', 'disclosure.message_id')
    .selectAll('disclosure')
    .select(['act.stage', 'act.delivered_at'])
    .$if(thread !== undefined, (query) => query.where('disclosure.thread', '=', thread!))
    .$if(peer !== undefined, (query) => query.where('disclosure.peer', '=', peer!))
    .$if(beforeMs !== undefined, (query) => query.where('disclosure.at', '<', beforeMs!))
    .orderBy('disclosure.at', 'desc')
    .orderBy('disclosure.message_id', 'desc')
    .limit(200)
    .execute();

/** Breaches, the one noticed last first. */
export const listBreaches = (trx: Trx, open: boolean) =>
  trx
    .selectFrom('breach')
    .selectAll()
    .$if(open, (query) => query.where('closed_at', 'is', null))
    .orderBy('noticed_at', 'desc')
    .limit(200)
    .execute();

export const listBreachNotes = (trx: Trx, breaches: readonly string[]) =>
  trx
    .selectFrom('breach_note')
    .selectAll()
    .where('breach', 'in', [...breaches])
    .orderBy('at')
    .orderBy('id')
    .execute();

export const listReadingReviews = (trx: Trx, open: boolean) =>
  trx
    .selectFrom('reading_review')
    .selectAll()
    .$if(open, (query) => query.where('reviewed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();

/** What was given to bodies without an account, or is to be, the newest first, at most 200. @param thread of all without it */
export function listOutsideDisclosures(trx: Trx, thread: string | undefined) {
  const query = trx.selectFrom('outside_disclosure').selectAll();
  return (thread === undefined ? query : query.where('thread', '=', thread))
    .orderBy('stated_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
}
