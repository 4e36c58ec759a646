/**
 * What was stated in this node before about the children of a draft, toward the same State: in its conversation, and beside
 * drafts about the same child that would have opened others, whatever became of them and whoever may see them. The node itself
 * looks, since what one unit has stopped another must not send; of a statement that the acting person does not see nothing is told
 * but that it stands.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { EarlierStatement } from '#schema/conversation/gates.ts';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import type { EnquiryContext } from './context.ts';
import type { Draft } from './draft.ts';
import type { Body } from './parse-body.ts';
import type { ProposalRow } from './release-act.ts';
import type { SafetyStatement } from './safety-statement.ts';
import { isSame, namesOf, subjectsOf } from './same-child.ts';
import { sealedProposal } from './tables.ts';

type Kept = Pick<
  ProposalRow,
  'id' | 'thread' | 'peer' | 'digest' | 'body' | 'safety' | 'status' | 'proposed_at' | 'opens'
>;

/** Where statements are read: in an operation, or for a page of proposals together. */
export interface EarlierSources {
  /** Proposals of a conversation, as the person sees them. */
  readonly proposals: (thread: string) => Promise<readonly Kept[]>;
  /** Drafts beside which something was stated that may close the way to a State, by a {@link nameKeys} of a child in them. */
  readonly guarded: (key: string) => Promise<readonly Kept[]>;
  /** Which of these proposals the person sees. */
  readonly seen: (id: string) => Promise<boolean>;
  /** Digests of what two sides have cleared toward a State. */
  readonly confirmed: (peer: string) => Promise<readonly (string | null)[]>;
}

/** @param reader the person's own */
export function earlierFrom(ctx: EnquiryContext, reader: Reader): EarlierSources {
  return {
    proposals: async (thread) => {
      const query = reader.trx.selectFrom('proposal').selectAll().where('thread', '=', thread);
      return openRows(reader, sealedProposal, await query.execute());
    },
    guarded: async (key) => (await readGuarded(ctx, [key])).get(key) ?? [],
    seen: async (id) => (await readSeen(reader.trx, [id])).has(id),
    confirmed: async (peer) => (await readConfirmed(ctx, [peer])).map(({ digest }) => digest),
  };
}

/** Under which names of its children a draft toward a State is found. */
export const nameKeys = (peer: string, body: Body): string[] => [
  ...new Set(
    subjectsOf(body)
      .flatMap(namesOf)
      .map((name) => `${peer} ${name}`),
  ),
];

/** What the database holds of such a key: nothing that can be read, and the same for the same name. */
export const markKeys = (ctx: EnquiryContext, keys: readonly string[]): Promise<Buffer[]> =>
  ctx.doors.exchange.transaction().execute((trx) => markIn(ctx, trx, keys));

async function markIn(
  { surroundings }: EnquiryContext,
  trx: Transaction<Database>,
  keys: readonly string[],
): Promise<Buffer[]> {
  const mark = await surroundings.vault.openIndex(trx);
  return keys.map((key) => mark(`statement ${key}`).subarray(0, MARK_BYTES));
}
const MARK_BYTES = 16;

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
  const body = draft.enquiry ?? draft.body;
  const [own, guarded, confirmed] = await Promise.all([
    from.proposals(thread),
    Promise.all(nameKeys(peer, body).map(from.guarded)),
    from.confirmed(peer),
  ]);
  const children = subjectsOf(body);
  const isAbout = (row: Kept) =>
    row.thread === thread ||
    subjectsOf(JSON.parse(row.body) as Body).some((one) => children.some((child) => isSame(one, child)));
  const stated = new Map([...own, ...guarded.flat()].map((row) => [row.id, row]));
  stated.delete(proposal);
  const rows = [...stated.values()]
    .filter((row) => row.peer === peer && row.body !== '' && row.safety !== 'null' && isAbout(row))
    .sort((a, b) => a.proposed_at - b.proposed_at || (a.id < b.id ? -1 : 1));
  const holds = new Set(confirmed);
  const since = rows.findLastIndex(({ digest, status }) => status === 'released' && holds.has(digest));
  return Promise.all(
    rows.slice(Math.max(0, since)).map(async (row) => toStatement(row, !(await from.seen(row.id)))),
  );
}

/** @returns what was found, by key */
export async function readGuarded(
  ctx: EnquiryContext,
  keys: readonly string[],
): Promise<Map<string, ProposalRow[]>> {
  return ctx.doors.exchange.transaction().execute(async (trx) => {
    const marks = await markIn(ctx, trx, keys);
    const rows = await trx
      .selectFrom('proposal')
      .selectAll()
      .where('opens', '=', true)
      .where('guarded', '=', true)
      .where('names', '&&', sql<Buffer[]>`${marks}::bytea[]`)
      .execute();
    const opened = await openRows({ trx, vault: ctx.surroundings.vault }, sealedProposal, rows);
    return new Map(
      keys.map((key, i) => [key, opened.filter(({ names }) => names.some((one) => one.equals(marks[i]!)))]),
    );
  });
}

export async function readSeen(db: Kysely<Database>, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('proposal')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export const readConfirmed = ({ doors }: EnquiryContext, peers: readonly string[]) =>
  doors.exchange
    .selectFrom('clearance')
    .select(['peer', 'digest'])
    .where('kind', '=', 'asylum')
    .where('peer', 'in', [...peers])
    .where('granted_by', 'is not', null)
    .where('revoked_at', 'is', null)
    .execute();

function toStatement({ safety, proposed_at }: Kept, hidden: boolean): EarlierStatement {
  const { childIsHere, asylum } = JSON.parse(safety) as SafetyStatement;
  return { childIsHere, asylum, atMs: proposed_at, hidden };
}
