/**
 * Queues and contacts by State: how much waits, since when, and when each was last heard or reached. Reads counts and times.
 */
import { type Kysely, sql } from 'kysely';
import type { ClockOffset } from '#platform/operations/clock.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { Database } from '../storage/database.ts';

export interface Contact {
  readonly heardAtMs: number | null;
  readonly reachedAtMs: number | null;
  readonly failedAtMs: number | null;
  /** Code of the last failure. */
  readonly failure: string | null;
  readonly clock: ClockOffset | null;
}

export interface LaneStatus {
  readonly lane: 'urgent' | 'routine';
  /** Released and not sealed yet; sealed and not taken by anybody; held by the gateway. */
  readonly unsealed: number;
  readonly ready: number;
  readonly relayed: number;
  /** When the oldest of these was released or sealed. */
  readonly oldestAtMs: number | null;
  /** Since when a message of theirs is missing before others. */
  readonly gapSinceMs: number | null;
}

export interface PeerStatus {
  readonly state: string;
  readonly standing: ListedNode['status'];
  /** Whether it has an address for others. */
  readonly push: boolean;
  readonly contact: Contact;
  readonly lanes: readonly LaneStatus[];
}

export async function readContacts(db: Kysely<Database>): Promise<Map<string, Contact>> {
  const rows = await db.selectFrom('contact').selectAll().execute();
  return new Map(
    rows.map((row) => [
      row.party,
      {
        heardAtMs: row.heard_at,
        reachedAtMs: row.reached_at,
        failedAtMs: row.failed_at,
        failure: row.failure,
        clock: row.clock_at === null ? null : { offsetMs: row.clock_offset_ms ?? 0, atMs: row.clock_at },
      },
    ]),
  );
}

type Lane = Omit<LaneStatus, 'lane'>;
const EMPTY: Lane = { unsealed: 0, ready: 0, relayed: 0, oldestAtMs: null, gapSinceMs: null };

/** @param nodes every other State of the list in force */
export async function readPeers(
  db: Kysely<Database>,
  nodes: readonly ListedNode[],
  contacts: ReadonlyMap<string, Contact>,
): Promise<PeerStatus[]> {
  const { rows } = await sql<Lane & { peer: string; lane: string }>`
    select peer, lane, sum(unsealed)::int as "unsealed", sum(ready)::int as "ready", sum(relayed)::int as "relayed",
      min(oldest) as "oldestAtMs", max(gap) as "gapSinceMs"
    from (
      select peer, lane, count(*) as unsealed, 0 as ready, 0 as relayed, min(requested_at) as oldest, null::bigint as gap
      from seal_request group by peer, lane
      union all
      select peer, lane, 0, count(*) filter (where state = 'ready'), count(*) filter (where state <> 'ready'), min(sealed_at), null
      from outbox where state in ('ready', 'relayed', 'unconfirmed') and class = 'msg' group by peer, lane
      union all
      select peer, lane, 0, 0, 0, null, gap_since from in_lane where gap_since is not null
    ) waiting group by peer, lane`.execute(db);
  return nodes.map(({ node, status, delivery }) => ({
    state: node,
    standing: status,
    push: delivery.includes('push'),
    contact: contacts.get(node) ?? {
      heardAtMs: null,
      reachedAtMs: null,
      failedAtMs: null,
      failure: null,
      clock: null,
    },
    lanes: (['urgent', 'routine'] as const).map((lane) => {
      const { unsealed, ready, relayed, oldestAtMs, gapSinceMs } =
        rows.find((row) => row.peer === (node as string) && row.lane === lane) ?? EMPTY;
      return { lane, unsealed, ready, relayed, oldestAtMs, gapSinceMs };
    }),
  }));
}
