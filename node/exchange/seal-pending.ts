/**
 * The sealer: gives released acts their number in the lane, seals them, and stores bytes, audit leaf and outbox row in one
 * transaction. What it has stored is never sealed again: delivery sends these bytes until a receipt comes.
 */
import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { signEnvelope } from '#schema/jws/envelope.ts';
import { encodeBase64Url } from '#schema/protocol/base64.ts';
import { CanonicalError } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { FIRST_PREV, type Lane } from '#schema/protocol/envelope.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { SealingKeyError } from '#schema/seal/keys.ts';
import { type Sealed, sealDocument } from '#schema/seal/seal.ts';
import { type Operation, runOperation } from '../operation.ts';
import { type Opened, openRows } from '../vault/sealed-columns.ts';
import { type ExchangeContext, nowS } from './context.ts';
import type { UndeliveredReason } from './handler.ts';
import { attachmentsOf, sealParts } from './outbound-parts.ts';
import { type SealRequestTable, sealedRequest } from './tables.ts';

type Request = Opened<Selectable<SealRequestTable>, 'content'>;

const BATCH = 32;
const GIVE_UP_MOST = 1000;
const MIN_LOOK_MS = 50;

/**
 * Seals everything that waits, urgent lanes first. What is for a peer that is not active in the trust list waits until its
 * release grows stale; a lane that fails holds up no other.
 * @returns milliseconds until the next release may be sealed or grows stale; null when none waits
 * @throws what the last failing lane threw, after all were tried
 */
export async function sealPending(ctx: ExchangeContext): Promise<number | null> {
  const lookedAtMs = ctx.surroundings.nowMs();
  const lanes = await ctx.db
    .selectFrom('seal_request')
    .select(['peer', 'lane'])
    .distinct()
    .where('not_before', '<=', lookedAtMs)
    .orderBy('lane', 'desc')
    .execute();
  let failure: unknown = null;
  for (const { peer, lane } of lanes) {
    const work = ctx.trust.maySendTo(peer) ? sealLane : giveUpWaiting;
    await work(ctx, peer as State, lane).catch((error: unknown) => {
      failure = error;
    });
  }
  if (failure !== null) throw failure;
  return nextLook(ctx, lookedAtMs);
}

/**
 * When what is held may be sealed, or what waits grows stale.
 * @param lookedAtMs when this round looked: what has become due since was not seen by it
 */
async function nextLook(ctx: ExchangeContext, lookedAtMs: number): Promise<number | null> {
  const { at } = await ctx.db
    .selectFrom('seal_request')
    .select(
      sql<
        string | null
      >`min(case when not_before > ${lookedAtMs}::bigint then not_before else approved_until + 1 end)`.as(
        'at',
      ),
    )
    .executeTakeFirstOrThrow();
  return at === null ? null : Math.max(MIN_LOOK_MS, Number(at) - ctx.surroundings.nowMs());
}

/** Nothing can be sealed for this peer now: a person hears of what must not wait any longer. */
function giveUpWaiting(ctx: ExchangeContext, peer: State, lane: Lane): Promise<void> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const waiting = await readWaiting(ctx, peer, lane, GIVE_UP_MOST);
    const hopeless = waiting.filter((request) => fateOf(ctx, op.nowMs, request) !== null);
    for (const request of await takeRequests(op, hopeless))
      await giveUp(ctx, op, request, fateOf(ctx, op.nowMs, request)!);
  });
}

/** Nothing of it has been sealed, so nothing can have left. */
async function giveUp(
  ctx: ExchangeContext,
  op: Operation,
  request: Request,
  reason: UndeliveredReason,
): Promise<void> {
  await op.trx.deleteFrom('outbox_part').where('message_id', '=', request.message_id).execute();
  await ctx.handler.noteUndelivered(op, request.message_id as MessageId, reason, false);
}

/**
 * Why a request must not be sealed any more; null where it may. The list may have changed since a person released it: what
 * the peer's node no longer understands would only be refused there (PROTOCOL.md, T17).
 */
function fateOf(ctx: ExchangeContext, nowMs: number, request: Request): UndeliveredReason | null {
  if (request.approved_until < nowMs) return 'stale';
  if (ctx.trust.hasLeft(request.peer)) return 'left';
  const { type } = JSON.parse(request.content) as { type: string };
  return ctx.trust.peer(request.peer)?.types.includes(type) ? null : 'not-understood';
}

async function sealLane(ctx: ExchangeContext, peer: State, lane: Lane): Promise<void> {
  for (;;) {
    const taken = await sealBatch(ctx, peer, lane, BATCH).catch((error: unknown) => {
      if (!isUnsealable(error)) throw error;
      return passOverUnsealable(ctx, peer, lane);
    });
    if (taken === 0) return;
  }
}

/** What no later attempt can mend: the document itself is too large or malformed, or no key seals it. */
const isUnsealable = (error: unknown): boolean =>
  error instanceof CanonicalError || error instanceof ProtocolError || error instanceof SealingKeyError;

/** Seals one by one up to the first request that cannot be sealed; a person hears of that one. */
async function passOverUnsealable(ctx: ExchangeContext, peer: State, lane: Lane): Promise<number> {
  for (;;) {
    try {
      if ((await sealBatch(ctx, peer, lane, 1)) === 0) return 0;
    } catch (error) {
      if (!isUnsealable(error)) throw error;
      return runOperation(ctx.db, ctx.surroundings, async (op) => {
        await lockLane(op, peer, lane);
        const [request] = await takeRequests(op, await readWaiting(ctx, peer, lane, 1));
        if (!request) return 0;
        await giveUp(ctx, op, request, 'unsealable');
        return 1;
      });
    }
  }
}

async function readWaiting(ctx: ExchangeContext, peer: State, lane: Lane, limit: number): Promise<Request[]> {
  const rows = await ctx.db
    .selectFrom('seal_request')
    .selectAll()
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .where('not_before', '<=', ctx.surroundings.nowMs())
    .orderBy('id')
    .limit(limit)
    .execute();
  return openRows({ trx: ctx.db, vault: ctx.surroundings.vault }, sealedRequest, rows);
}

async function sealBatch(ctx: ExchangeContext, peer: State, lane: Lane, most: number): Promise<number> {
  const waiting = await readWaiting(ctx, peer, lane, most);
  if (waiting.length === 0) return 0;
  for (const request of waiting) await sealParts(ctx, request);
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { nextSeq, prev } = await lockLane(op, peer, lane);
    const requests = await takeRequests(op, waiting);
    await forgetTakenBack(op, waiting, requests);
    const fresh: Request[] = [];
    for (const request of requests) {
      const fate = fateOf(ctx, op.nowMs, request);
      if (fate === null) fresh.push(request);
      else await giveUp(ctx, op, request, fate);
    }
    if (fresh.length > 0) await storeSealed(ctx, op, { peer, lane, nextSeq, prev }, fresh);
    op.afterCommit(ctx.sequencer.wake);
    return waiting.length;
  });
}

/** Locks the lane, so that one sealer at a time numbers it. */
async function lockLane(op: Operation, peer: State, lane: Lane): Promise<{ nextSeq: number; prev: string }> {
  const first = { peer, lane, next_seq: 1, prev: FIRST_PREV };
  await op.trx
    .insertInto('out_lane')
    .values(first)
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await op.trx
    .selectFrom('out_lane')
    .select(['next_seq', 'prev'])
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { nextSeq: row.next_seq, prev: row.prev };
}

/** Removes the requests; another sealer may have taken some meanwhile. */
async function takeRequests(op: Operation, requests: readonly Request[]): Promise<Request[]> {
  if (requests.length === 0) return [];
  const ids = requests.map((request) => request.id);
  const rows = await op.trx.deleteFrom('seal_request').where('id', 'in', ids).returning('id').execute();
  const taken = new Set(rows.map(({ id }) => id));
  return requests.filter(({ id }) => taken.has(id));
}

/** What was taken back while its parts were being sealed leaves none of them. */
async function forgetTakenBack(
  op: Operation,
  waiting: readonly Request[],
  taken: readonly Request[],
): Promise<void> {
  const gone = waiting.filter(({ id }) => !taken.some((one) => one.id === id));
  if (gone.length === 0) return;
  await op.trx
    .deleteFrom('outbox_part')
    .where(
      'message_id',
      'in',
      gone.map((one) => one.message_id),
    )
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('outbox').select('id').whereRef('outbox.id', '=', 'outbox_part.message_id')),
      ),
    )
    .execute();
}

async function storeSealed(
  ctx: ExchangeContext,
  op: Operation,
  lane: { peer: State; lane: Lane; nextSeq: number; prev: string },
  requests: readonly Request[],
): Promise<void> {
  const sealing = ctx.trust.sealingFor(lane.peer);
  const iat = nowS(ctx.surroundings);
  const exp = iat + limits.ttlS;
  const attachments = await attachmentsOf(op, requests);
  const sealed = await Promise.all(
    requests.map((request, i) => {
      const document = {
        v: 1,
        class: 'msg',
        id: request.message_id,
        from: ctx.identity.state,
        to: lane.peer,
        lane: lane.lane,
        seq: lane.nextSeq + i,
        iat,
        exp,
        nonce: encodeBase64Url(op.random(32)),
        attachments: attachments.get(request.message_id) ?? [],
        ...JSON.parse(request.content),
      };
      return sealDocument(document, sealing);
    }),
  );
  const envelopes = await signChain(ctx, lane, requests, sealed, {
    iat,
    exp,
    profile: sealing.profile,
  });
  const entries = await appendEntries(
    op.trx,
    envelopes.map(({ id, env, seq }, i) => ({
      type: 'message.sealed',
      atMs: op.nowMs,
      salt: op.random(32),
      detail: {
        id,
        to: lane.peer,
        lane: lane.lane,
        seq,
        env,
        sealed: sealed[i]!.sha256,
        doc: sealed[i]!.docHash,
      },
    })),
  );
  await op.trx
    .insertInto('outbox')
    .values(
      envelopes.map(({ id, env, seq, jws }, i) => ({
        id,
        peer: lane.peer,
        class: 'msg' as const,
        lane: lane.lane,
        seq,
        envelope: jws,
        env,
        sealed: Buffer.from(sealed[i]!.bytes),
        doc: sealed[i]!.docHash,
        audit_id: entries[i]!.id,
        state: 'ready' as const,
        sealed_at: op.nowMs,
        approved_until: requests[i]!.approved_until,
        expires_at: exp * 1000,
        attempts: 0,
        next_attempt_at: op.nowMs,
        claimed_until: 0,
      })),
    )
    .execute();
  await op.trx
    .updateTable('out_lane')
    .set({ next_seq: lane.nextSeq + requests.length, prev: envelopes.at(-1)!.env })
    .where('peer', '=', lane.peer)
    .where('lane', '=', lane.lane)
    .execute();
}

/** Signs envelopes one after the other: each names the hash of the one before it. */
async function signChain(
  ctx: ExchangeContext,
  lane: { peer: State; lane: Lane; nextSeq: number; prev: string },
  requests: readonly Request[],
  sealed: readonly Sealed[],
  common: { iat: number; exp: number; profile: 'p4' | 'p6' },
): Promise<{ id: string; seq: number; jws: string; env: string }[]> {
  const signed: { id: string; seq: number; jws: string; env: string }[] = [];
  let prev = lane.prev;
  for (const [i, request] of requests.entries()) {
    const seq = lane.nextSeq + i;
    const jws = await signEnvelope(
      {
        v: 1,
        class: 'msg',
        id: request.message_id as MessageId,
        from: ctx.identity.state,
        to: lane.peer,
        lane: lane.lane,
        seq,
        prev,
        iat: common.iat,
        exp: common.exp,
        list: ctx.trust.current().ver,
        sealed: {
          fmt: 'openpgp',
          profile: common.profile,
          bytes: sealed[i]!.bytes.length,
          sha256: sealed[i]!.sha256,
        },
      },
      ctx.identity.sig,
    );
    prev = createHash('sha256').update(jws).digest('hex');
    signed.push({ id: request.message_id, seq, jws, env: prev });
  }
  return signed;
}
