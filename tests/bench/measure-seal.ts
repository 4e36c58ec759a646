// What sealing and opening one message costs, with sixteen in flight as in the sealer and the receiver.
import { randomBytes } from 'node:crypto';
import type { Verified } from '#schema/jws/compact.ts';
import { parseEnvelope, signEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { makeKeyring } from '#schema/jws/keyring.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { verifyFirstList } from '#schema/jws/trust-list.ts';
import { type Envelope, FIRST_PREV } from '#schema/protocol/envelope.ts';
import { makeMessageId, State, type ThreadId } from '#schema/protocol/ids.ts';
import { readCertificate, readSealingKey } from '#schema/seal/keys.ts';
import { openDocument } from '#schema/seal/open.ts';
import { type Sealed, sealDocument, type UnsealedDocument } from '#schema/seal/seal.ts';
import { makeBenchContent } from './content.ts';
import { makeBenchNetwork } from './network.ts';

const IN_FLIGHT = 16;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 4_000;
const PREPARED_MESSAGES = 64;

/** Milliseconds to seal one message of 1 KB. */
export async function measureSeal(): Promise<{ ms: number }> {
  const { seal } = await prepare();
  return { ms: await timeOne(() => seal(makeDocument())) };
}

/** Milliseconds to open one message of 1 KB, its envelope being verified already. */
export async function measureOpen(): Promise<{ ms: number }> {
  const { seal, wrap, open } = await prepare();
  const messages = await Promise.all(
    Array.from({ length: PREPARED_MESSAGES }, async () => {
      const document = makeDocument();
      const sealed = await seal(document);
      return { envelope: await wrap(document, sealed), sealed };
    }),
  );
  let next = 0;
  return {
    ms: await timeOne(() => {
      const { envelope, sealed } = messages[next++ % messages.length]!;
      return open(envelope, sealed);
    }),
  };
}

async function prepare() {
  const { keys, list, anchor } = await makeBenchNetwork({
    xa: 'http://127.0.0.1:9',
    xb: 'http://127.0.0.1:9',
  });
  const [own, peer] = [keys.xa.pgp![0]!, keys.xb.pgp![0]!];
  const sealing = {
    signWith: await readSealingKey(own.privateKey),
    encryptTo: [await readCertificate(peer.certificate)],
    profile: 'p4' as const,
  };
  const opening = {
    decryptWith: [await readSealingKey(peer.privateKey)],
    senderCerts: [await readCertificate(own.certificate)],
  };
  const signer = await importSigningKey(keys.xa.sig.kid, keys.xa.sig.jwk);
  const keyring = makeKeyring(await verifyFirstList(list, anchor));
  return {
    seal: (document: UnsealedDocument) => sealDocument(document, sealing),
    wrap: async (document: MessageToSeal, sealed: Sealed) => {
      const { v, class: kind, id, from, to, lane, seq, iat, exp } = document;
      const blob = {
        fmt: 'openpgp' as const,
        profile: 'p4' as const,
        bytes: sealed.bytes.length,
        sha256: sealed.sha256,
      };
      const head = {
        v,
        class: kind,
        id,
        from,
        to,
        lane,
        seq,
        iat,
        exp,
        prev: FIRST_PREV,
        list: 1,
        sealed: blob,
      };
      return verifyEnvelope(parseEnvelope(await signEnvelope(head, signer)), keyring, iat);
    },
    open: (envelope: Verified<Envelope>, sealed: Sealed) => openDocument(envelope, sealed.bytes, opening),
  };
}

type MessageToSeal = Extract<UnsealedDocument, { class: 'msg' }>;

function makeDocument(): MessageToSeal {
  const nowMs = Date.now();
  const id = makeMessageId(nowMs, new Uint8Array(randomBytes(10)));
  const iat = Math.floor(nowMs / 1000);
  return {
    v: 1,
    class: 'msg',
    id,
    from: State.parse('xa'),
    to: State.parse('xb'),
    lane: 'routine',
    seq: 1,
    iat,
    exp: iat + 3600,
    nonce: randomBytes(32).toString('base64url'),
    type: 'ENQ@1',
    thread: id as unknown as ThreadId,
    n: 1,
    seen: 0,
    ...makeBenchContent(),
    attachments: [],
  };
}

/** Milliseconds for one of many, sixteen at a time. */
async function timeOne(work: () => Promise<unknown>): Promise<number> {
  await runFor(WARM_UP_MS, work);
  const { elapsedMs, count } = await runFor(MEASURED_MS, work);
  return elapsedMs / count;
}

async function runFor(
  ms: number,
  work: () => Promise<unknown>,
): Promise<{ elapsedMs: number; count: number }> {
  const startedMs = performance.now();
  let count = 0;
  const repeat = async () => {
    while (performance.now() - startedMs < ms) {
      await work();
      count++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, repeat));
  return { elapsedMs: performance.now() - startedMs, count };
}
