/**
 * The trust lists of this network as one process holds them, and how a list that somebody brings becomes one of them.
 */
import type { Kysely } from 'kysely';
import { appendEntry } from '#platform/log/append-entry.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { ListError, parseList, type VerifiedList } from '#schema/jws/trust-list.ts';
import { decodeHex } from '#schema/protocol/base64.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import { type GatewayContext, nowS } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';
import { DirectoryError, keepSignatures, storeList, verifySuccessor } from './lists.ts';

export type Directory = {
  /** The list in force; null before the first. */
  last(): VerifiedList | null;
  /** Its keys. @throws DirectoryError NO_LIST */
  keyring(): Keyring;
  /** Verifies and takes in what other processes have stored since; never goes back. One reading at a time. */
  reload(): Promise<void>;
  /** @internal The list that one of this version must follow: null for the first. */
  before(ver: number): VerifiedList | null;
  readonly anchor: Anchor;
};

/** Verifies every stored list from the anchor on. @throws ListError where the database holds a list that is none */
export async function openDirectory(
  db: Kysely<GatewayDatabase>,
  anchor: Anchor,
  clock: () => number,
): Promise<Directory> {
  const lists: VerifiedList[] = [];
  let keyring: Keyring | null = null;
  const last = () => lists.at(-1) ?? null;
  const read = async () => {
    const rows = await db
      .selectFrom('list')
      .select('list')
      .where('ver', '>', last()?.value.ver ?? 0)
      .orderBy('ver')
      .execute();
    for (const { list } of rows) lists.push(await verifySuccessor(list, last(), anchor, clock()));
    const newest = last();
    if (rows.length > 0 && newest) keyring = makeKeyring(newest);
  };
  let reading: Promise<void> = read();
  await reading;
  return {
    anchor,
    last,
    before: (ver) => (ver === 1 ? null : (lists[ver - 2] ?? last())),
    keyring: () => {
      if (!keyring)
        throw new DirectoryError('NO_LIST', 'no trust list has been published: see `focalnet list`');
      return keyring;
    },
    reload: () => {
      reading = reading.catch(() => {}).then(read);
      return reading;
    },
  };
}

/**
 * Takes a list signed by the authorities, whoever brings it. The list in force again changes nothing, unless more
 * authorities have signed it since: their signatures are added. Another list of a known version is kept as proof of
 * what the authorities did, logged, and refused.
 * @returns its version
 * @throws ListError
 */
export async function publishList(ctx: GatewayContext, directory: Directory, json: string): Promise<number> {
  const { ver } = parseList(json).value;
  const known = directory.last()?.value.ver ?? 0;
  if (ver > known + 1) await directory.reload();
  const list = await verifySuccessor(json, directory.before(ver), directory.anchor, nowS(ctx));
  const stored = await storeList(ctx, list);
  if (stored === 'forked') {
    await keepFork(ctx, list);
    throw new ListError('FORKED');
  }
  if (ver < known) throw new ListError('ROLLED_BACK');
  if (stored === 'known') await keepSignatures(ctx.db, list);
  await directory.reload();
  if (stored === 'new') ctx.out.info('list-published', { ver });
  return ver;
}

/** Validly signed lists that contradict each other say that authorities were deceived or deceive: an operator must ask. */
async function keepFork(ctx: GatewayContext, { json, hash, value: { ver } }: VerifiedList): Promise<void> {
  await ctx.db.transaction().execute(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('forked_list')
      .values({ hash, ver, list: json, at: ctx.nowMs() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (!numInsertedOrUpdatedRows) return;
    const detail = { list: hash, ver };
    await appendEntry(trx, { type: 'list.forked', atMs: ctx.nowMs(), detail, salt: decodeHex(hash) });
  });
  ctx.sequencer.wake();
  ctx.out.error('list-forked', { ver });
}
