/**
 * The sealer: gives released acts their number in the lane, seals them, and stores bytes, audit leaf and outbox row in one
 * transaction. What it has stored is never sealed again: delivery sends these bytes until a receipt comes.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { signEnvelope } from '#schema/jws/envelope.ts';
import { encodeBase64Url } from '#schema/protocol/base64.ts';
import type { Attachment, Control } from '#schema/protocol/document.ts';
import { FIRST_PREV, type Lane } from '#schema/protocol/envelope.ts';
import { type MessageId, makeMessageId, type State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type Sealed, sealDocument, sealPart } from '#schema/seal/seal.ts';
import { readPart } from '../attachments/parts.ts';
import { type Operation, runOperation } from '../operation.ts';
import { type ExchangeContext, nowS } from './context.ts';
import type { SealRequestTable } from './tables.ts';

type Request = Selectable<SealRequestTable>;

const BATCH = 32;

/** Seals everything that waits, urgent lanes first. Peers that are not active in the trust list wait. */
export async function sealPending(ctx: ExchangeContext): Promise<null> {
  const lanes = await ctx.db
    .selectFrom('seal_request')
    .select(['peer', 'lane'])
    .distinct()
    .orderBy('lane', 'desc')
    .execute();
  for (const { peer, lane } of lanes) {
    if (!ctx.trust.maySendTo(peer)) continue;
    while ((await sealBatch(ctx, peer as State, lane)) === BATCH) {}
  }
  return null;
}

async function sealBatch(ctx: ExchangeContext, peer: State, lane: Lane): Promise<number> {
  const waiting = await ctx.db
    .selectFrom('seal_request')
    .selectAll()
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  for (const request of waiting) await sealParts(ctx, request);
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { nextSeq, prev } = await lockLane(op, peer, lane);
    const requests = await takeRequests(op, waiting);
    const [stale, fresh] = partition(requests, (request) => request.approved_until < op.nowMs);
    for (const request of stale)
      await ctx.handler.noteUndelivered(op, request.message_id as MessageId, 'stale');
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
function takeRequests(op: Operation, requests: readonly Request[]): Promise<Request[]> {
  if (requests.length === 0) return Promise.resolve([]);
  const ids = requests.map((request) => request.id);
  return op.trx
    .deleteFrom('seal_request')
    .where('id', 'in', ids)
    .returningAll()
    .execute()
    .then((rows) => rows.sort((a, b) => a.id - b.id));
}

async function storeSealed(
  ctx: ExchangeContext,
  op: Operation,
  lane: { peer: State; lane: Lane; nextSeq: number; prev: string },
  requests: readonly Request[],
): Promise<void> {
  const { encryptTo, profile } = ctx.trust.sealingFor(lane.peer);
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
      return sealDocument(document, { signWith: ctx.identity.sealing[0]!, encryptTo, profile });
    }),
  );
  const envelopes = await signChain(ctx, lane, requests, sealed, { iat, exp, profile });
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

/** Seals the parts of a message one by one, each in a statement of its own: memory stays at one part, a restart goes on. */
async function sealParts(ctx: ExchangeContext, request: Request): Promise<void> {
  if (request.attachment_ids.length === 0) return;
  const { encryptTo, profile } = ctx.trust.sealingFor(request.peer as State);
  for (const [attachment, attachmentId] of request.attachment_ids.entries()) {
    const done = await ctx.db
      .selectFrom('outbox_part')
      .select((eb) => eb.fn.countAll<number>().as('parts'))
      .where('message_id', '=', request.message_id)
      .where('attachment', '=', attachment)
      .executeTakeFirstOrThrow();
    for (let n = Number(done.parts); ; n++) {
      const plain = await readPart(ctx.db, attachmentId, n);
      if (plain === null) break;
      const sealed = await sealPart(plain, { signWith: ctx.identity.sealing[0]!, encryptTo, profile });
      await ctx.db
        .insertInto('outbox_part')
        .values({
          message_id: request.message_id,
          attachment,
          n,
          sha256: sealed.sha256,
          bytes: sealed.bytes.length,
          sealed: Buffer.from(sealed.bytes),
          put_to: [],
        })
        .onConflict((c) => c.doNothing())
        .execute();
    }
  }
}

/** The attachment lists of the documents: names, media, sizes, and the hashes of the sealed parts. */
async function attachmentsOf(
  op: Operation,
  requests: readonly Request[],
): Promise<Map<string, Attachment[]>> {
  const withFiles = requests.filter((request) => request.attachment_ids.length > 0);
  const lists = new Map<string, Attachment[]>();
  for (const request of withFiles) {
    const parts = await op.trx
      .selectFrom('outbox_part')
      .select(['attachment', 'n', 'sha256', 'bytes'])
      .where('message_id', '=', request.message_id)
      .orderBy('attachment')
      .orderBy('n')
      .execute();
    const files = await op.trx
      .selectFrom('attachment')
      .selectAll()
      .where('id', 'in', request.attachment_ids)
      .execute();
    lists.set(
      request.message_id,
      request.attachment_ids.map((id, index) => {
        const file = files.find((row) => row.id === id);
        if (!file) throw new Error('an attachment of a released act is missing');
        const own = parts.filter((part) => part.attachment === index);
        return {
          name: file.name,
          media: file.media,
          bytes: file.bytes,
          parts: own.map(({ sha256, bytes }) => ({ sha256, bytes })),
        };
      }),
    );
  }
  return lists;
}

/** Seals a control message; it is unnumbered, not logged, and needs no checkpoint. */
export async function sealControl(
  ctx: ExchangeContext,
  op: Operation,
  peer: State,
  control: Control,
): Promise<void> {
  if (!ctx.trust.maySendTo(peer)) return;
  const { encryptTo, profile } = ctx.trust.sealingFor(peer);
  const iat = nowS(ctx.surroundings);
  const exp = iat + limits.ttlS;
  const head = {
    v: 1 as const,
    class: 'ctl' as const,
    id: makeMessageId(op.nowMs, op.random(10)),
    from: ctx.identity.state,
    to: peer,
    iat,
    exp,
  };
  const document = { ...head, nonce: encodeBase64Url(op.random(32)), control };
  const sealed = await sealDocument(document, { signWith: ctx.identity.sealing[0]!, encryptTo, profile });
  const blob = { fmt: 'openpgp' as const, profile, bytes: sealed.bytes.length, sha256: sealed.sha256 };
  const envelope = await signEnvelope(
    { ...head, list: ctx.trust.current().ver, sealed: blob },
    ctx.identity.sig,
  );
  await op.trx
    .insertInto('outbox')
    .values({
      id: head.id,
      peer,
      class: 'ctl',
      lane: 'routine',
      seq: null,
      envelope,
      env: createHash('sha256').update(envelope).digest('hex'),
      sealed: Buffer.from(sealed.bytes),
      doc: sealed.docHash,
      audit_id: null,
      state: 'ready',
      sealed_at: op.nowMs,
      approved_until: exp * 1000,
      expires_at: exp * 1000,
      attempts: 0,
      next_attempt_at: op.nowMs,
      claimed_until: 0,
    })
    .execute();
  op.afterCommit(ctx.wake.deliver);
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
