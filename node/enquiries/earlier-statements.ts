/**
 * What was stated in this node before about the children of a draft, toward the same State: in its conversation, and beside
 * drafts about the same child that would have opened others, whatever became of them. As far as the person sees them who
 * proposes or approves.
 */
import type { EarlierStatement } from '#schema/conversation/gates.ts';
import type { Draft } from './draft.ts';
import { fold } from './named-readers.ts';
import type { Body } from './parse-body.ts';
import type { ProposalRow } from './release-act.ts';
import type { SafetyStatement } from './safety-statement.ts';
import type { Db } from './store.ts';

type Subject = {
  readonly names: readonly {
    readonly parts: readonly { readonly value: string }[];
    readonly romanised?: string;
  }[];
  readonly birth?: { readonly earliest: string; readonly latest: string };
};
type Kept = Pick<ProposalRow, 'thread' | 'digest' | 'body' | 'safety' | 'status' | 'proposed_at'>;

/**
 * Those that still hold, the oldest first: what two sides have confirmed as changed, and what was stated before, holds no more.
 * @param proposal the draft's own, which says nothing against itself
 */
export async function readEarlier(db: Db, draft: Draft, proposal: string): Promise<EarlierStatement[]> {
  const children = subjectsOf(draft.enquiry ?? draft.body);
  const isAbout = ({ thread, body }: Kept) =>
    thread === draft.thread ||
    subjectsOf(JSON.parse(body) as Body).some((one) => children.some((child) => isSame(one, child)));
  const rows = (await readStated(db, draft, proposal)).filter(isAbout);
  const confirmed = await readConfirmed(db, draft.peer, rows);
  const since = rows.findLastIndex(({ digest, status }) => status === 'released' && confirmed.has(digest));
  return rows.slice(Math.max(0, since)).map(toStatement);
}

function readStated(db: Db, { peer, thread }: Draft, proposal: string): Promise<Kept[]> {
  return db
    .selectFrom('proposal')
    .select(['thread', 'digest', 'body', 'safety', 'status', 'proposed_at'])
    .where('peer', '=', peer)
    .where('id', '<>', proposal)
    .where('safety', '<>', 'null')
    .where((eb) =>
      eb.or([eb('thread', '=', thread), eb.and([eb('opens', '=', true), eb('guarded', '=', true)])]),
    )
    .orderBy('proposed_at')
    .orderBy('id')
    .execute();
}

/** Digests of what two sides have cleared toward this State. */
async function readConfirmed(db: Db, peer: string, rows: readonly Kept[]): Promise<Set<string | null>> {
  const digests = rows.map(({ digest }) => digest);
  if (digests.length === 0) return new Set();
  const granted = await db
    .selectFrom('clearance')
    .select('digest')
    .where('kind', '=', 'asylum')
    .where('peer', '=', peer)
    .where('digest', 'in', digests)
    .where('granted_by', 'is not', null)
    .where('revoked_at', 'is', null)
    .execute();
  return new Set(granted.map(({ digest }) => digest));
}

function toStatement({ safety, proposed_at }: Kept): EarlierStatement {
  const { childIsHere, asylum } = JSON.parse(safety) as SafetyStatement;
  return { childIsHere, asylum, atMs: proposed_at };
}

/** Children of an enquiry, people of an alert or a sighting. */
function subjectsOf(body: Body): readonly Subject[] {
  return (body.children ?? body.people ?? []) as readonly Subject[];
}

/** By one name of several parts in any order, in any script; by a single one only where the births may be the same too. */
function isSame(one: Subject, other: Subject): boolean {
  const keys = new Set(namesOf(one));
  const shared = namesOf(other).filter((name) => keys.has(name));
  if (shared.some((name) => name.includes(' '))) return true;
  return shared.length > 0 && mayShareBirth(one.birth, other.birth);
}

const namesOf = ({ names = [] }: Subject): string[] =>
  names
    .flatMap(({ parts, romanised }) => [parts.map(({ value }) => value).join(' '), romanised ?? ''])
    .map((name) => fold(name).split(' ').sort().join(' '))
    .filter((name) => name !== '');

const mayShareBirth = (one: Subject['birth'], other: Subject['birth']): boolean =>
  one === undefined || other === undefined || (one.earliest <= other.latest && other.earliest <= one.latest);
