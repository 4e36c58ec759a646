/**
 * What is kept at rest under data keys (SECURITY.md, At rest). How to use it:
 *
 *   const keys = await vault.forWriting(trx, [conversationKey(thread)]);     // one query; makes the key on first use
 *   row.body = keys.seal({ table: 'act', column: 'body', row: id, subject: conversationKey(thread), version: 1 }, text);
 *
 *   const keys = await vault.forReading(db, rows.map(({ thread }) => conversationKey(thread)));   // one query for a page
 *   keys.openText({ table: 'act', column: 'body', row: id, subject: conversationKey(thread), version: 1 }, row.body);
 *
 * `seal` and `open` are synchronous and throw VaultError: KEY_UNAVAILABLE, ERASED, BLOCKED, MOVED_OR_ALTERED. Nothing is ever kept or given
 * in the open because a key cannot be had.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { type DataKeys, openDataKeys } from './data-keys.ts';
import type { KeyProvider } from './key-provider.ts';
import { openField, type Place, sealField } from './seal-field.ts';
import { openStreamKey, type StreamKey } from './stream.ts';
import { INDEX_KEY, PROBE_KEY } from './subjects.ts';
import { VaultError } from './vault-error.ts';

export type { Place } from './seal-field.ts';
export {
  attachmentKey,
  caseKey,
  complaintKey,
  conversationKey,
  linkKey,
  noticeKey,
  OFFICE_KEY,
  shownKey,
} from './subjects.ts';

/** For work that touches no content: it has no keys. */
export const closedVault: Vault = {
  forReading: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  forWriting: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  erase: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  renew: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  openIndex: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  prepare: () => Promise.reject(new VaultError('KEY_UNAVAILABLE')),
  isReady: () => Promise.resolve(false),
  close: () => Promise.resolve(),
};

/** Opened keys of the subjects that were asked for. Every function throws VaultError. */
export interface Keys {
  readonly seal: (place: Place, plain: string | Uint8Array) => Buffer;
  readonly open: (place: Place, sealed: Uint8Array) => Buffer;
  readonly openText: (place: Place, sealed: Uint8Array) => string;
  /** Throws what sealing under this subject would. */
  readonly check: (subject: string) => void;
  /** For a file: pieces in order (stream.ts). `version` and column name the stream. @param salt what `makeSalt` gave */
  readonly stream: (place: Place, salt: Uint8Array) => StreamKey;
}

export interface Vault {
  /** For what is there already: one query for any number of subjects. */
  readonly forReading: (db: Kysely<Database>, subjects: Iterable<string>) => Promise<Keys>;
  /** Makes the keys of new subjects in this transaction. @throws VaultError KEY_UNAVAILABLE */
  readonly forWriting: (trx: Transaction<Database>, subjects: Iterable<string>) => Promise<Keys>;
  /**
   * Makes what is sealed under this subject unreadable for ever: its wrapped key goes, its row stays, so that none is made anew
   * (VaultError ERASED). @returns false if it was erased before or never had a key; a subject without one gets its mark all the same
   */
  readonly erase: (op: Operation, subject: string) => Promise<boolean>;
  /**
   * Gives a subject another key in place of its own. What the caller does not seal anew with `fresh` in this transaction is
   * unreadable for ever. @throws VaultError ERASED, KEY_UNAVAILABLE
   */
  readonly renew: (op: Operation, subject: string) => Promise<{ readonly old: Keys; readonly fresh: Keys }>;
  /** HMAC-SHA-256 keyed with this node's own index key, which never leaves it; for blind search. @throws VaultError */
  readonly openIndex: (trx: Transaction<Database>) => Promise<(text: string) => Buffer>;
  /** Once before anything else: the key provider must have the keys that this database was written with. @throws KeyProviderError */
  readonly prepare: (db: Kysely<Database>) => Promise<void>;
  /** Whether the key provider answers now, and has the keys of this node. */
  readonly isReady: (db: Kysely<Database>) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface VaultSettings {
  /** The State's code: what was sealed by another node does not open here. */
  readonly node: string;
  readonly provider: KeyProvider;
  readonly nowMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

export function openVault({ node, provider, nowMs, random }: VaultSettings): Vault {
  const ring = openDataKeys(provider, { nowMs, random });
  const bind = (keys: DataKeys): Keys => {
    const open = (place: Place, sealed: Uint8Array) =>
      openField(keyOf(keys, place.subject), node, place, sealed);
    return {
      seal: (place, plain) => {
        const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain;
        return sealField(keyOf(keys, place.subject), node, place, bytes, random);
      },
      open,
      check: (subject) => void keyOf(keys, subject),
      openText: (place, sealed) => open(place, sealed).toString('utf8'),
      stream: (place, salt) => openStreamKey(keyOf(keys, place.subject), node, place, salt),
    };
  };
  return {
    forReading: async (db, subjects) => bind(await ring.read(db, subjects)),
    forWriting: async (trx, subjects) => bind(await ring.make(trx, subjects)),
    erase: (op, subject) => erase(op, subject, ring.forget),
    renew: async (op, subject) => {
      const { old, fresh, wrapped } = await ring.renew(op.trx, subject);
      op.afterCommit(() => ring.forget(subject, wrapped));
      return { old: bind(new Map([[subject, old]])), fresh: bind(new Map([[subject, fresh]])) };
    },
    openIndex: async (trx) => {
      const key = keyOf(await ring.make(trx, [INDEX_KEY]), INDEX_KEY);
      return (text) => createHmac('sha256', key).update(text).digest();
    },
    prepare: async (db) => {
      await db.transaction().execute((trx) => ring.make(trx, [PROBE_KEY, INDEX_KEY]));
      await probe(db, provider);
    },
    isReady: (db) =>
      probe(db, provider).then(
        () => true,
        () => false,
      ),
    close: () => provider.close(),
  };
}

function keyOf(keys: DataKeys, subject: string): KeyObject {
  const key = keys.get(subject);
  if (key === undefined) throw new TypeError('the key of this subject was not asked for');
  if (key instanceof VaultError) throw key;
  return key;
}

async function erase(
  op: Operation,
  subject: string,
  forget: (subject: string, wrapped: Uint8Array) => void,
): Promise<boolean> {
  const row = await op.trx
    .selectFrom('data_key')
    .select('wrapped')
    .where('subject', '=', subject)
    .forUpdate()
    .executeTakeFirst();
  const gone = { wrapped: null, wrap_key: null, erased_at: op.nowMs };
  await op.trx
    .insertInto('data_key')
    .values({ subject, created_at: op.nowMs, ...gone })
    .onConflict((c) => c.column('subject').doUpdateSet(gone).where('data_key.wrapped', 'is not', null))
    .execute();
  const wrapped = row?.wrapped;
  if (wrapped) op.afterCommit(() => forget(subject, wrapped));
  return wrapped != null;
}

/** Past what is held: a provider that is away would be noticed minutes later. @throws KeyProviderError */
async function probe(db: Kysely<Database>, provider: KeyProvider): Promise<void> {
  const row = await db
    .selectFrom('data_key')
    .select(['wrapped', 'wrap_key'])
    .where('subject', '=', PROBE_KEY)
    .executeTakeFirst();
  if (!row?.wrapped || !row.wrap_key) throw new VaultError('KEY_UNAVAILABLE');
  (await provider.unwrap({ keyId: row.wrap_key, wrapped: row.wrapped }, PROBE_KEY)).fill(0);
}
