/**
 * The directory: trust lists as the authorities signed them, each a leaf of the gateway's own log. The gateway decides
 * nothing about them; it refuses what a node would refuse.
 */
import { type Kysely, sql } from 'kysely';
import { appendEntry } from '#platform/log/append-entry.ts';
import { proveInclusion } from '#platform/log/prove.ts';
import { readCosignedNote, readLatestCheckpoint } from '#platform/log/read-log.ts';
import { parseList, type VerifiedList, verifyFirstList, verifyListToLog } from '#schema/jws/trust-list.ts';
import { decodeHex, encodeBase64 } from '#schema/protocol/base64.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import type { GatewayContext } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: 'NO_LIST';
  constructor(code: DirectoryError['code'], advice: string) {
    super(`${code}: ${advice}`);
    this.code = code;
  }
}

export interface ServedList {
  ver: number;
  list: string;
  index: number | null;
  proof: string[] | null;
  checkpoint: string | null;
}

/**
 * A list for this gateway to serve. The witnesses' quorum is for those who receive it: it cannot exist before the list
 * stands in the log, so here the threshold of authorities decides.
 */
export async function verifySuccessor(
  json: string,
  previous: VerifiedList | null,
  anchor: Anchor,
  nowS: number,
): Promise<VerifiedList> {
  return previous === null ? verifyFirstList(json, anchor) : verifyListToLog(json, previous, nowS);
}

/** Stores a verified list and appends its leaf, in one transaction; nothing where its version is taken. */
export async function storeList(
  ctx: GatewayContext,
  list: VerifiedList,
): Promise<'new' | 'known' | 'forked'> {
  const { ver, iat } = list.value;
  const stored = await ctx.db.transaction().execute(async (trx) => {
    // Processes that start together bring the same list.
    await sql`select pg_advisory_xact_lock(hashtext('trust-list'))`.execute(trx);
    const known = await trx.selectFrom('list').select('list').where('ver', '=', ver).executeTakeFirst();
    if (known) return parseList(known.list).hash === list.hash ? 'known' : 'forked';
    const detail = { list: list.hash, ver };
    // The leaf follows from the list alone, so that whoever holds the list can check it.
    const entry = { type: 'list.published', atMs: iat * 1000, detail, salt: decodeHex(list.hash) };
    const { id } = await appendEntry(trx, entry);
    await trx.insertInto('list').values({ ver, list: list.json, audit_id: id }).execute();
    return 'new';
  });
  if (stored === 'new') {
    ctx.sequencer.wake();
    ctx.tell('list', String(ver));
  }
  return stored;
}

/** Serves a list of which more authorities have signed than before in place of the former. The leaf does not change. */
export async function keepSignatures(db: Kysely<GatewayDatabase>, list: VerifiedList): Promise<void> {
  const { ver } = list.value;
  await db.transaction().execute(async (trx) => {
    const stored = await trx
      .selectFrom('list')
      .select('list')
      .where('ver', '=', ver)
      .forUpdate()
      .executeTakeFirst();
    if (!stored || parseList(stored.list).signers.length >= list.signers.length) return;
    await trx.updateTable('list').set({ list: list.json }).where('ver', '=', ver).execute();
  });
}

/** A list with the proof that it stands in this gateway's log; the newest unless `ver` is given. Null where there is none. */
export async function serveList(ctx: GatewayContext, ver: number | null): Promise<ServedList | null> {
  const query = ctx.db.selectFrom('list').selectAll().orderBy('ver', 'desc').limit(1);
  const row = await (ver === null ? query : query.where('ver', '=', ver)).executeTakeFirst();
  if (!row) return null;
  const entry = await ctx.db
    .selectFrom('audit_entry')
    .select('idx')
    .where('id', '=', row.audit_id as never)
    .executeTakeFirst();
  const served = { ver: row.ver, list: row.list };
  const index = entry?.idx == null ? null : Number(entry.idx);
  const note = index === null ? null : await bestCheckpoint(ctx, index + 1);
  if (index === null || note === null) return { ...served, index: null, proof: null, checkpoint: null };
  const hashes = await proveInclusion(ctx.db, index, note.size);
  return {
    ...served,
    index,
    proof: hashes.map((hash) => encodeBase64(hash)),
    checkpoint: note.note,
  };
}

/** Of the own checkpoints over at least `minSize` entries the one that most witnesses cosigned; without any, the latest. */
async function bestCheckpoint(
  ctx: GatewayContext,
  minSize: number,
): Promise<{ size: number; note: string } | null> {
  const cosigned = await ctx.db
    .selectFrom('cosignature')
    .select(['size', (eb) => eb.fn.countAll<number>().as('n')])
    .where('origin', '=', ctx.log.name)
    .where('size', '>=', minSize)
    .groupBy('size')
    .orderBy('n', 'desc')
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  const size = cosigned ? Number(cosigned.size) : (await readLatestCheckpoint(ctx.db))?.size;
  if (size === undefined || size < minSize) return null;
  const note = await readCosignedNote(ctx.db, ctx.log.name, size);
  return note === null ? null : { size, note };
}
