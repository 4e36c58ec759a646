/**
 * Keeps the blind index of case files as their entries are, in the transaction that changes them, and notes that somebody must look
 * whether other records are of the same child (surface-matches.ts).
 */
import { indexCases as indexFactsOf } from '../matching/index-facts.ts';
import { openBlindIndex } from '../matching/open-index.ts';
import type { Operation } from '../operation.ts';
import { factsOfCase, isSearchable } from './case-facts.ts';
import { type CaseEntry, readItems } from './history.ts';

/** A file as it is read now. @property entries all that are read with it; none where it is read with another */
export interface Indexed {
  readonly id: string;
  /** It was made in this transaction. */
  readonly isNew?: boolean;
  readonly entries: readonly CaseEntry[];
}

/** Replaces the tokens of these files, which the caller holds or has just made. @throws VaultError */
export async function indexCases(op: Operation, files: readonly Indexed[]): Promise<void> {
  if (files.length === 0) return;
  const index = await openBlindIndex(op.trx, op.vault);
  const facts = files.map(({ id, entries, isNew = false }) => ({
    caseId: id,
    facts: factsOfCase(readItems(entries)),
    isNew,
  }));
  await indexFactsOf(op.trx, index, facts);
  await op.trx
    .insertInto('match_pending')
    .values(files.map(({ id }) => ({ kind: 'case' as const, source: id, at: op.nowMs })))
    .execute();
}

/** Whether what was written changes what a file is found by. */
export const changesIndex = (entries: readonly Pick<CaseEntry, 'kind'>[]): boolean =>
  entries.some(({ kind }) => isSearchable(kind));
