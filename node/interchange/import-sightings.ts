/**
 * What other registers heard of a child is added to its file: each note once, however often the same file is sent.
 */
import type { Actor } from '../access/actor.ts';
import { CaseError } from '../cases/case-error.ts';
import type { CaseContext } from '../cases/context.ts';
import type { CaseEntry } from '../cases/history.ts';
import type { Provenance, ValueOf } from '../cases/kinds.ts';
import { makeEntry } from '../cases/statement.ts';
import { addEntries, lockCase, readEntries } from '../cases/store.ts';
import { runAs } from '../operation.ts';
import { InterchangeError } from './interchange-error.ts';
import type { Dropped } from './manifest.ts';
import { readPfif } from './pfif.ts';

export interface ForeignSightings {
  readonly case: string;
  readonly file: unknown;
  readonly provenance: Provenance;
  /** In which the notes are written, BCP 47; `und` where nobody knows. */
  readonly language: string;
}

export interface SightingsAdded {
  readonly added: number;
  /** Those that the file held already. */
  readonly known: number;
  readonly dropped: readonly Dropped[];
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_CLOSED, CASE_JOINED; InterchangeError ROWS_INVALID; VaultError */
export async function importSightings(
  ctx: CaseContext,
  actor: Actor,
  { case: id, file, provenance, language }: ForeignSightings,
): Promise<SightingsAdded> {
  const { statements, dropped, problems } = readPfif(file, provenance, language);
  return runAs(ctx, actor, async (op) => {
    await op.require('case.write', id);
    const row = await lockCase(op, id);
    if (row.joined_into !== null) throw new CaseError('CASE_JOINED');
    if (row.closed_at !== null) throw new CaseError('CASE_CLOSED');
    if (problems.length > 0)
      throw new InterchangeError(
        'ROWS_INVALID',
        problems.slice(0, 10).map(({ field, problem }) => `${field} ${problem}`),
      );
    const before = (await readEntries(op.trx, op.vault, [id])).get(id)!;
    const known = new Set(before.flatMap(numberOf));
    const fresh = statements.filter(({ value }) => {
      const { number } = value as ValueOf<'sighting'>;
      return number === undefined || (!known.has(number) && known.add(number));
    });
    if (fresh.length > 0) {
      const entries = fresh.map((one) => makeEntry(one, op.random));
      await addEntries(op, [{ id, n: row.n, before, entries }]);
      await op.audit('case.sightings-imported', { case: id, added: fresh.length, by: actor.id });
      op.afterCommit(() => ctx.changes.publish(id));
    }
    return { added: fresh.length, known: statements.length - fresh.length, dropped };
  });
}

/** Also of what is no longer stated: what a person took out does not come back with the next file. */
function numberOf({ kind, value }: CaseEntry): string[] {
  if (kind !== 'sighting' || value === null) return [];
  const { number } = value as ValueOf<'sighting'>;
  return number === undefined ? [] : [number];
}
