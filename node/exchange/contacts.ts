/**
 * When other parties were last heard and reached, for the operator's status. Kept in memory and written down every few seconds:
 * a hint, no evidence. `mailbox` stands for reading one's own mailbox at the gateway.
 */
import type { Kysely } from 'kysely';
import { type ClockOffset, readOffset } from '#platform/operations/clock.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { Database } from '../storage/database.ts';
import type { ContactTable } from './contact-table.ts';
import type { ExchangeContext } from './context.ts';

export interface Contacts {
  /** Something signed by it was taken here. */
  readonly heard: (party: string) => void;
  /** A call to it was answered. */
  readonly reached: (party: string) => void;
  readonly failed: (party: string, code: string) => void;
  readonly clock: (party: string, offset: ClockOffset) => void;
  /** Writes down what is new. */
  readonly flush: () => Promise<void>;
}

/** Whose clock an answer tells of is who is listed at that address. */
export function noteClock(
  { contacts, trust, gatewayUrl }: Pick<ExchangeContext, 'contacts' | 'trust' | 'gatewayUrl'>,
  answer: { url: string; date: string | undefined; sentMs: number; receivedMs: number },
): void {
  const nodes = trust.version() > 0 ? trust.current().nodes : [];
  const isAt = (base: string) => answer.url.startsWith(`${base}/`);
  const party = isAt(gatewayUrl) ? GATEWAY : nodes.find(({ urls }) => urls.some(isAt))?.node;
  const offset = readOffset(answer.date, answer.sentMs, answer.receivedMs);
  if (party === undefined || offset === null) return;
  contacts.clock(party, offset);
  if (party === GATEWAY) contacts.reached(GATEWAY);
}

type Row = Omit<ContactTable, 'party'>;

const EMPTY: Row = {
  heard_at: null,
  reached_at: null,
  failed_at: null,
  failure: null,
  clock_offset_ms: null,
  clock_at: null,
};

export function makeContacts(db: Kysely<Database>, nowMs: () => number): Contacts {
  const fresh = new Map<string, Partial<Row>>();
  const note = (party: string, change: Partial<Row>) =>
    void fresh.set(party, { ...fresh.get(party), ...change });
  return {
    heard: (party) => note(party, { heard_at: nowMs() }),
    reached: (party) => note(party, { reached_at: nowMs() }),
    failed: (party, failure) => note(party, { failed_at: nowMs(), failure }),
    clock: (party, { offsetMs, atMs }) => note(party, { clock_offset_ms: offsetMs, clock_at: atMs }),
    flush: async () => {
      const taken = [...fresh];
      fresh.clear();
      for (const [party, change] of taken) {
        await db
          .insertInto('contact')
          .values({ ...EMPTY, ...change, party })
          .onConflict((conflict) => conflict.column('party').doUpdateSet(change))
          .execute();
      }
    },
  };
}
