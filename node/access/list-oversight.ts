/**
 * What deciders look at afterwards: openings in need, what left for other States, what went wrong, samples of readings. Each reads
 * in the person's own transaction, and the database leaves out what they may not see.
 */
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import { sealedBreach, sealedBreachNote, sealedDisclosure, sealedReadingReview } from './people-tables.ts';
import { sealedNeed } from './tables.ts';

/** Openings in need, the newest first. @param open only those that nobody has reviewed */
export const listNeeds = async (reader: Reader, open: boolean) => {
  const rows = await reader.trx
    .selectFrom('break_glass')
    .selectAll()
    .$if(open, (query) => query.where('reviewed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .limit(200)
    .execute();
  return openRows(reader, sealedNeed, rows);
};

export interface DisclosureFilter {
  readonly thread?: string | undefined;
  readonly peer?: string | undefined;
  /** Released before, milliseconds since 1970: the time of the last row of the page before. */
  readonly beforeMs?: number | undefined;
}

/** The register with how far each act came, the newest first, at most 200. */
export const listDisclosures = async (reader: Reader, { thread, peer, beforeMs }: DisclosureFilter) => {
  const rows = await reader.trx
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
  return openRows(reader, sealedDisclosure, rows);
};

/** Breaches, the one noticed last first. */
export const listBreaches = async (reader: Reader, open: boolean) => {
  const rows = await reader.trx
    .selectFrom('breach')
    .selectAll()
    .$if(open, (query) => query.where('closed_at', 'is', null))
    .orderBy('noticed_at', 'desc')
    .limit(200)
    .execute();
  return openRows(reader, sealedBreach, rows);
};

export const listBreachNotes = async (reader: Reader, breaches: readonly string[]) => {
  const rows = await reader.trx
    .selectFrom('breach_note')
    .selectAll()
    .where('breach', 'in', [...breaches])
    .orderBy('at')
    .orderBy('id')
    .execute();
  return openRows(reader, sealedBreachNote, rows);
};

export const listReadingReviews = async (reader: Reader, open: boolean) => {
  const rows = await reader.trx
    .selectFrom('reading_review')
    .selectAll()
    .$if(open, (query) => query.where('reviewed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
  return openRows(reader, sealedReadingReview, rows);
};

/** What was given to bodies without an account, or is to be, the newest first, at most 200. @param thread of all without it */
export function listOutsideDisclosures({ trx }: Pick<Reader, 'trx'>, thread: string | undefined) {
  const query = trx.selectFrom('outside_disclosure').selectAll();
  return (thread === undefined ? query : query.where('thread', '=', thread))
    .orderBy('stated_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
}
