/**
 * What was stated in this node before about the children of a draft, toward the same State: in its conversation, and beside
 * drafts about the same child that would have opened others, whatever became of them. As far as the person sees them who
 * proposes or approves.
 */
import type { EarlierStatement } from '#schema/conversation/gates.ts';
import { showing } from '../reading.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import type { Draft } from './draft.ts';
import type { Body } from './parse-body.ts';
import type { ProposalRow } from './release-act.ts';
import type { SafetyStatement } from './safety-statement.ts';
import { isSame, subjectsOf } from './same-child.ts';
import type { Db } from './store.ts';
import { sealedProposal } from './tables.ts';

type Kept = Pick<
  ProposalRow,
  'id' | 'thread' | 'peer' | 'digest' | 'body' | 'safety' | 'status' | 'proposed_at' | 'opens'
>;

/** Where statements are read: in an operation, or for a page of proposals together. */
export interface EarlierSources {
  /** Proposals of a conversation. */
  readonly proposals: (thread: string) => Promise<readonly Kept[]>;
  /** Drafts toward a State beside which something was stated that may close the way to it. */
  readonly guarded: (peer: string) => Promise<readonly Kept[]>;
  /** Digests of what two sides have cleared toward a State. */
  readonly confirmed: (peer: string) => Promise<readonly (string | null)[]>;
}

/** @param node what the node itself may open: what was stated protects a child also when nobody reads it any more */
export const earlierFrom = (reader: Reader, node: Reader): EarlierSources => ({
  proposals: async (thread) => {
    const query = reader.trx.selectFrom('proposal').selectAll().where('thread', '=', thread);
    return openRows(reader, sealedProposal, await query.execute());
  },
  guarded: (peer) => readGuarded(reader, node, [peer]),
  confirmed: async (peer) => (await readConfirmed(reader.trx, [peer])).map(({ digest }) => digest),
});

/**
 * Those that still hold, the oldest first: what two sides have confirmed as changed, and what was stated before, holds no more.
 * @param proposal the draft's own, which says nothing against itself
 */
export async function readEarlier(
  from: EarlierSources,
  draft: Draft,
  proposal: string,
): Promise<EarlierStatement[]> {
  const { peer, thread } = draft;
  const [own, guarded, confirmed] = await Promise.all([
    from.proposals(thread),
    from.guarded(peer),
    from.confirmed(peer),
  ]);
  const children = subjectsOf(draft.enquiry ?? draft.body);
  const isAbout = (row: Kept) =>
    row.thread === thread ||
    subjectsOf(JSON.parse(row.body) as Body).some((one) => children.some((child) => isSame(one, child)));
  const stated = new Map([...own, ...guarded].map((row) => [row.id, row]));
  stated.delete(proposal);
  const rows = [...stated.values()]
    .filter((row) => row.peer === peer && row.body !== '' && row.safety !== 'null' && isAbout(row))
    .sort((a, b) => a.proposed_at - b.proposed_at || (a.id < b.id ? -1 : 1));
  const holds = new Set(confirmed);
  const since = rows.findLastIndex(({ digest, status }) => status === 'released' && holds.has(digest));
  return rows.slice(Math.max(0, since)).map(toStatement);
}

/** Which drafts there are, as far as the person sees them; what stands in one that is blocked is for the gates alone. */
export async function readGuarded(
  reader: Reader,
  node: Reader,
  peers: readonly string[],
): Promise<ProposalRow[]> {
  const rows = await reader.trx
    .selectFrom('proposal')
    .selectAll()
    .where('peer', 'in', [...peers])
    .where('opens', '=', true)
    .where('guarded', '=', true)
    .execute();
  const opened = await openRows({ ...reader, vault: showing(reader.vault) }, sealedProposal, rows);
  const readable = opened.filter(({ body }) => body !== '');
  const known = new Set(readable.map(({ id }) => id));
  const blocked = rows.filter(({ id, body }) => !known.has(id) && body.length > 0);
  return [...readable, ...(await openRows(node, sealedProposal, blocked))];
}

export const readConfirmed = (db: Db, peers: readonly string[]) =>
  db
    .selectFrom('clearance')
    .select(['peer', 'digest'])
    .where('kind', '=', 'asylum')
    .where('peer', 'in', [...peers])
    .where('granted_by', 'is not', null)
    .where('revoked_at', 'is', null)
    .execute();

function toStatement({ safety, proposed_at }: Kept): EarlierStatement {
  const { childIsHere, asylum } = JSON.parse(safety) as SafetyStatement;
  return { childIsHere, asylum, atMs: proposed_at };
}
