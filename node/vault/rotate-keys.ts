/**
 * A new wrapping key, and every data key wrapped under it, while everybody goes on reading and writing: former wrapping keys still
 * unwrap. What stops half-way goes on where it was when it is called again.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { KeyProvider } from './key-provider.ts';
import { KeyProviderError } from './vault-error.ts';

/** Data keys in one transaction: so many rows are locked for the time of so many calls of the key provider. */
export const BATCH_ROWS = 200;

export interface Rotation {
  /** The wrapping key that is current now. */
  readonly keyId: string;
  readonly rewrapped: number;
  /** Data keys that no wrapping key at hand opens: they stay as they are, and somebody must look. */
  readonly unopened: number;
}

export interface RotationContext {
  /** As app_vault. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  readonly provider: KeyProvider;
}

/**
 * Makes the next wrapping key, unless one is being gone over to, and rewraps what is under former ones.
 * @throws KeyProviderError where the provider is away; what was rewrapped before stays so
 */
export async function rotateWrapping(ctx: RotationContext): Promise<Rotation> {
  const { provider, db } = ctx;
  const before = await provider.currentId();
  const keyId = (await countUnder(db, 'other', before)) > 0 ? before : await provider.makeNext();
  // First what nobody holds, then what somebody held at that moment.
  const passes = [await rewrapAll(ctx, keyId, 'skip'), await rewrapAll(ctx, keyId, 'wait')] as const;
  const rewrapped = passes[0].rewrapped + passes[1].rewrapped;
  const { unopened } = passes[1];
  await runOperation(db, ctx.surroundings, (op) => op.audit('keys.rotated', { keyId, rewrapped, unopened }));
  return { keyId, rewrapped, unopened };
}

/**
 * Removes a former wrapping key. Backups of wrapped keys that were made under it are good for nothing from then on.
 * @throws KeyProviderError KEY_IN_USE: it is current, or something is still wrapped under it
 */
export async function retireWrapping(ctx: RotationContext, keyId: string): Promise<void> {
  if ((await countUnder(ctx.db, 'this', keyId)) > 0) throw new KeyProviderError('KEY_IN_USE');
  await ctx.provider.remove(keyId);
  await runOperation(ctx.db, ctx.surroundings, (op) => op.audit('keys.retired', { keyId }));
}

async function countUnder(db: Kysely<Database>, which: 'this' | 'other', keyId: string): Promise<number> {
  const { rows } = await db
    .selectFrom('data_key')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .where('wrap_key', which === 'this' ? '=' : '<>', keyId)
    .executeTakeFirstOrThrow();
  return Number(rows);
}

type Pass = { rewrapped: number; unopened: number };

/** @param locked what to do about rows that another transaction holds */
async function rewrapAll(ctx: RotationContext, keyId: string, locked: 'skip' | 'wait'): Promise<Pass> {
  const pass: Pass = { rewrapped: 0, unopened: 0 };
  for (let after = ''; ; ) {
    const last = await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const rows = await takeBatch(op.trx, keyId, after, locked);
      const done = await rewrapBatch(op, ctx.provider, rows);
      pass.rewrapped += done;
      pass.unopened += rows.length - done;
      return rows.at(-1)?.subject;
    });
    if (last === undefined) return pass;
    after = last;
  }
}

type Row = { subject: string; wrapped: Buffer; wrap_key: string };

async function takeBatch(
  trx: Transaction<Database>,
  keyId: string,
  after: string,
  locked: 'skip' | 'wait',
): Promise<Row[]> {
  return trx
    .selectFrom('data_key')
    .select(['subject', 'wrapped', 'wrap_key'])
    .where('wrap_key', '<>', keyId)
    .where('subject', '>', after)
    .orderBy('subject')
    .limit(BATCH_ROWS)
    .forUpdate()
    .$if(locked === 'skip', (query) => query.skipLocked())
    .$narrowType<{ wrapped: Buffer; wrap_key: string }>()
    .execute();
}

/** @returns how many could be opened, and are under the current key now */
async function rewrapBatch(op: Operation, provider: KeyProvider, rows: readonly Row[]): Promise<number> {
  const done = (await Promise.all(rows.map((row) => rewrap(provider, row)))).filter((row) => row !== null);
  if (done.length === 0) return 0;
  await sql`update data_key set wrapped = fresh.wrapped, wrap_key = fresh.wrap_key
    from unnest(${done.map((row) => row.subject)}::text[], ${done.map((row) => row.wrapped)}::bytea[],
      ${done.map((row) => row.wrap_key)}::text[]) as fresh (subject, wrapped, wrap_key)
    where data_key.subject = fresh.subject`.execute(op.trx);
  return done.length;
}

/** Null: no wrapping key at hand opens it. @throws KeyProviderError where the provider is away */
async function rewrap(provider: KeyProvider, { subject, wrapped, wrap_key }: Row): Promise<Row | null> {
  const plain = await provider.unwrap({ keyId: wrap_key, wrapped }, subject).catch((error) => {
    if (error instanceof KeyProviderError && (error.code === 'KEY_WRONG' || error.code === 'KEY_MISSING'))
      return null;
    throw error;
  });
  if (plain === null) return null;
  const made = await provider.wrap(plain, subject);
  plain.fill(0);
  return { subject, wrapped: Buffer.from(made.wrapped), wrap_key: made.keyId };
}
