/**
 * Columns that are kept sealed, declared once beside their table: what stands in them in memory is text, in the database bytes. A
 * store opens the rows it has read with `openRows`, in one query more whatever their number, and seals what it writes with
 * `sealColumns`.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Keys, Vault } from './vault.ts';
import { VaultError } from './vault-error.ts';

/** @typeParam I what of a row says which it is, and whose */
export interface SealedColumns<I, C extends string> {
  readonly table: string;
  readonly columns: readonly C[];
  /** The row's key. */
  readonly row: (row: I) => string;
  /** Whose data key seals it. */
  readonly subject: (row: I) => string;
}

/** What stands where something was erased with its key: shorter than anything that is sealed. */
export const ERASED_VALUE = Buffer.alloc(0);

/** A row as it is read, its sealed columns opened. */
export type Opened<R, C extends keyof R> = Omit<R, C> & {
  [K in C]: null extends R[K] ? string | null : string;
};

/** What reading needs of an operation, or of a request. */
export interface Reader {
  readonly trx: Kysely<Database>;
  readonly vault: Vault;
}

/** What was erased opens to ''. @throws VaultError KEY_UNAVAILABLE, ERASED, BLOCKED, MOVED_OR_ALTERED */
export async function openRows<I, C extends string, R extends I & Record<C, Buffer | null>>(
  { trx, vault }: Reader,
  { table, columns, row: nameRow, subject }: SealedColumns<I, C>,
  rows: readonly R[],
): Promise<Opened<R, C>[]> {
  if (rows.length === 0) return [];
  const keys = await vault.forReading(trx, rows.map(subject));
  return rows.map((row) => {
    const open = (column: C) => {
      const sealed = row[column];
      const place = { table, column, row: nameRow(row), subject: subject(row), version: 1 };
      if (sealed?.length === 0 && isErased(keys, place.subject)) return [column, ''] as const;
      return [column, sealed === null ? null : keys.openText(place, sealed)] as const;
    };
    return { ...row, ...Object.fromEntries(columns.map(open)) } as unknown as Opened<R, C>;
  });
}

/** Nothing in the place of a value is an erased one only where its key has been erased too. */
function isErased(keys: Keys, subject: string): boolean {
  try {
    keys.check(subject);
    return false;
  } catch (error) {
    return error instanceof VaultError && error.code === 'ERASED';
  }
}

/** Undefined stays undefined. @throws as openRows */
export async function openRow<I, C extends string, R extends I & Record<C, Buffer | null>>(
  reader: Reader,
  sealed: SealedColumns<I, C>,
  row: R | undefined,
): Promise<Opened<R, C> | undefined> {
  return row && (await openRows(reader, sealed, [row]))[0];
}

/**
 * Values of a row as they are written; null stays null. The key of a subject that has none is made in this transaction.
 * @throws VaultError KEY_UNAVAILABLE, ERASED
 */
export async function sealColumns<I, C extends string, V extends { readonly [K in C]?: string | null }>(
  { trx, vault }: { readonly trx: Transaction<Database>; readonly vault: Vault },
  { table, row: nameRow, subject }: SealedColumns<I, C>,
  row: I,
  values: V,
): Promise<{ [K in keyof V]: V[K] extends string ? Buffer : Buffer | null }> {
  const keys = await vault.forWriting(trx, [subject(row)]);
  const seal = ([column, value]: [string, string | null]) => [
    column,
    value === null
      ? null
      : keys.seal({ table, column, row: nameRow(row), subject: subject(row), version: 1 }, value),
  ];
  return Object.fromEntries(Object.entries(values as Record<string, string | null>).map(seal));
}
