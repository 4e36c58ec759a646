/**
 * The data keys of subjects: made on first use in the caller's transaction, opened by the key provider, and held opened for a
 * while. What is held is found by its wrapped bytes, which are read from the table each time: so a key that was erased, or made in
 * a transaction that came to nothing, is used by nobody, whatever is still held.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { KeyProvider } from './key-provider.ts';
import { KEY_BYTES } from './seal-field.ts';
import { PROBE_KEY } from './subjects.ts';
import { VaultError } from './vault-error.ts';

/** Opened keys held at most; about 200 bytes each. */
export const KEYS_HELD = 10_000;
/** How long an opened key is held at most, in milliseconds: so long a key provider that is away goes unnoticed by a reader. */
export const KEY_HELD_MS = 5 * 60_000;

/** By subject. What stands for a missing or unopened key is the error of whoever uses it. */
export type DataKeys = ReadonlyMap<string, KeyObject | VaultError>;

export interface DataKeyRing {
  /** Keys of what is there: one query for any number of subjects. One without a key is VaultError ERASED. */
  readonly read: (db: Kysely<Database>, subjects: Iterable<string>) => Promise<DataKeys>;
  /** Keys to write with; those that were never there are made in this transaction. An erased one is VaultError ERASED. */
  readonly make: (trx: Transaction<Database>, subjects: Iterable<string>) => Promise<DataKeys>;
  /**
   * Another key for a subject, in place of the one it has: what is not sealed anew under it can be read by nobody any more.
   * @returns the key before and the one from now on
   * @throws VaultError ERASED, KEY_UNAVAILABLE
   */
  readonly renew: (
    trx: Transaction<Database>,
    subject: string,
  ) => Promise<{ old: KeyObject; fresh: KeyObject; wrapped: Buffer }>;
  /** Forgets a key that is held, wrapped as it was in the table. */
  readonly forget: (subject: string, wrapped: Uint8Array) => void;
}

export interface DataKeySettings {
  readonly nowMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Opened keys held at most; KEYS_HELD unless given. */
  readonly most?: number | undefined;
}

type Row = { subject: string; wrapped: Buffer | null; wrap_key: string | null };

export function openDataKeys(
  provider: KeyProvider,
  { nowMs, random, most = KEYS_HELD }: DataKeySettings,
): DataKeyRing {
  const held = holdKeys(nowMs, most);
  const open = async ({ subject, wrapped, wrap_key }: Row): Promise<KeyObject | VaultError> => {
    if (wrapped === null || wrap_key === null) return new VaultError('ERASED');
    const name = nameHeld(subject, wrapped);
    try {
      return await held.get(name, () => provider.unwrap({ keyId: wrap_key, wrapped }, subject).then(enclose));
    } catch (cause) {
      return new VaultError('KEY_UNAVAILABLE', { cause });
    }
  };
  const openAll = async (rows: readonly Row[]): Promise<Map<string, KeyObject | VaultError>> =>
    new Map(await Promise.all(rows.map(async (row) => [row.subject, await open(row)] as const)));
  /** A page reads acts, proposals and files of the same conversations in one transaction: their keys once. Only to read with. */
  const transactions = new WeakMap<object, Map<string, Promise<KeyObject | VaultError>>>();
  const knownIn = (trx: object) => {
    const known = transactions.get(trx) ?? new Map<string, Promise<KeyObject | VaultError>>();
    transactions.set(trx, known);
    return known;
  };
  const wrap = async (subject: string) => {
    const plain = random(KEY_BYTES);
    const { keyId, wrapped } = await provider.wrap(plain, subject).catch((cause) => {
      throw new VaultError('KEY_UNAVAILABLE', { cause });
    });
    const row = { subject, wrapped: Buffer.from(wrapped), wrap_key: keyId };
    return { row: { ...row, created_at: nowMs(), erased_at: null }, key: enclose(plain) };
  };
  /** Under the keys of another node a new data key would be lost with them: what was wrapped at the start must still open. */
  const requireOwnKeys = async (trx: Transaction<Database>) => {
    const [probe] = await readRows(trx, [PROBE_KEY]);
    if (!probe?.wrapped || probe.wrap_key === null) return;
    const { wrapped, wrap_key } = probe;
    await provider.unwrap({ keyId: wrap_key, wrapped }, PROBE_KEY).catch((cause) => {
      throw new VaultError('KEY_UNAVAILABLE', { cause });
    });
  };
  /** In the order of their names: two transactions that make the same keys must not wait for each other crosswise. */
  const makeMissing = async (trx: Transaction<Database>, subjects: readonly string[]) => {
    await requireOwnKeys(trx);
    const made = await Promise.all([...subjects].sort().map(wrap));
    const stored = await trx
      .insertInto('data_key')
      .values(made.map(({ row }) => row))
      .onConflict((conflict) => conflict.doNothing())
      .returning('subject')
      .execute();
    const ours = new Set(stored.map(({ subject }) => subject));
    const keys = made.filter(({ row }) => ours.has(row.subject));
    // What somebody else made a moment before is theirs, and theirs counts.
    const theirs = await openAll(
      await readRows(
        trx,
        subjects.filter((subject) => !ours.has(subject)),
      ),
    );
    const all = new Map([...theirs, ...keys.map(({ row, key }) => [row.subject, key] as const)]);
    const why = await readWithheld(trx, subjects, all);
    return subjects.map((subject) => [subject, all.get(subject) ?? why(subject)] as const);
  };
  return {
    read: async (db, subjects) => {
      const known = db.isTransaction ? knownIn(db) : new Map<string, Promise<KeyObject | VaultError>>();
      const wanted = unique(subjects);
      const missing = wanted.filter((subject) => !known.has(subject));
      if (missing.length > 0) {
        const found = readRows(db, missing).then(openAll);
        const withheld = found.then((keys) => readWithheld(db, missing, keys));
        for (const subject of missing)
          known.set(
            subject,
            Promise.all([found, withheld]).then(([keys, why]) => keys.get(subject) ?? why(subject)),
          );
      }
      return new Map(
        await Promise.all(wanted.map(async (subject) => [subject, await known.get(subject)!] as const)),
      );
    },
    make: async (trx, subjects) => {
      const wanted = unique(subjects);
      const keys = await openAll(await readRows(trx, wanted));
      const missing = wanted.filter((subject) => !keys.has(subject));
      if (missing.length > 0)
        for (const [subject, key] of await makeMissing(trx, missing)) {
          keys.set(subject, key);
          // Whoever looked for it before in this transaction found none.
          transactions.get(trx)?.delete(subject);
        }
      return keys;
    },
    renew: async (trx, subject) => {
      const query = trx.selectFrom('data_key').select(['subject', 'wrapped', 'wrap_key']);
      const row = await query.where('subject', '=', subject).forUpdate().executeTakeFirst();
      if (!row?.wrapped) throw new VaultError('ERASED');
      const old = await open(row);
      if (old instanceof VaultError) throw old;
      const { row: made, key: fresh } = await wrap(subject);
      const { wrapped, wrap_key } = made;
      await trx.updateTable('data_key').set({ wrapped, wrap_key }).where('subject', '=', subject).execute();
      return { old, fresh, wrapped: row.wrapped };
    },
    forget: (subject, wrapped) => held.drop(nameHeld(subject, wrapped)),
  };
}

const unique = (subjects: Iterable<string>): string[] => [...new Set(subjects)];

async function readRows(db: Kysely<Database>, subjects: readonly string[]): Promise<Row[]> {
  if (subjects.length === 0) return [];
  return db
    .selectFrom('data_key')
    .select(['subject', 'wrapped', 'wrap_key'])
    .where(sql<boolean>`subject = any(${[...subjects]})`)
    .execute();
}

/**
 * Why there is no key for a subject: the walls withhold from people what is blocked (node/retention). Asked only where one is
 * missing.
 */
async function readWithheld(
  db: Kysely<Database>,
  subjects: readonly string[],
  keys: DataKeys,
): Promise<(subject: string) => VaultError> {
  const missing = subjects.filter((subject) => !keys.has(subject));
  if (missing.length === 0) return () => new VaultError('ERASED');
  const { rows } = await sql<{ subject: string }>`select s as subject from unnest(${missing}::text[]) as m (s)
    where app_my_blocked(s)`.execute(db);
  const blocked = new Set(rows.map(({ subject }) => subject));
  return (subject) => new VaultError(blocked.has(subject) ? 'BLOCKED' : 'ERASED');
}

/** Out of reach of what reads this process's JavaScript memory; the bytes are overwritten. */
function enclose(plain: Uint8Array): KeyObject {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

const nameHeld = (subject: string, wrapped: Uint8Array): string =>
  `${subject} ${Buffer.from(wrapped).toString('base64')}`;

/** The last used keys, each for a while. Who asks for one that is just being opened waits for the same. */
function holdKeys(nowMs: () => number, most: number) {
  const held = new Map<string, { key: Promise<KeyObject>; untilMs: number }>();
  return {
    get: (name: string, open: () => Promise<KeyObject>): Promise<KeyObject> => {
      const found = held.get(name);
      held.delete(name);
      const isGood = found !== undefined && nowMs() < found.untilMs;
      const entry = isGood ? found : { key: open(), untilMs: nowMs() + KEY_HELD_MS };
      // Last in the map is what was used last.
      held.set(name, entry);
      entry.key.catch(() => held.get(name) === entry && held.delete(name));
      for (const oldest of held.keys()) {
        if (held.size <= most) break;
        held.delete(oldest);
      }
      return entry.key;
    },
    drop: (name: string) => void held.delete(name),
  };
}
