/**
 * What the sealing tests share: key pairs of test States, a document, and the way from document to opened.
 */

import { expect } from 'vitest';
import type { Verified } from '#schema/jws/compact.ts';
import { parseEnvelope, signEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Document } from '#schema/protocol/document.ts';
import { Envelope, FIRST_PREV, type Profile } from '#schema/protocol/envelope.ts';
import { type MessageId, makeMessageId } from '#schema/protocol/ids.ts';
import {
  type Certificate,
  generateSealingKey,
  readCertificate,
  readSealingKey,
  type SealingKey,
} from '#schema/seal/keys.ts';
import type { SealedPart, UnsealedDocument } from '#schema/seal/seal.ts';
import { hashBytes } from '#schema/seal/seal.ts';
import { FOUNDED_S, type TestNetwork } from '#tests/fixtures/network.ts';

export const NOW_S = FOUNDED_S + 1000;

export type Pair = { armored: string; armoredCertificate: string; key: SealingKey; certificate: Certificate };

export async function makePair(party: string, profile: Profile, createdS = FOUNDED_S): Promise<Pair> {
  const made = await generateSealingKey({ party, profile, date: new Date(createdS * 1000) });
  const key = await readSealingKey(made.privateKey);
  const certificate = await readCertificate(made.certificate);
  return { armored: made.privateKey, armoredCertificate: made.certificate, key, certificate };
}

export const idOf = (n: number): MessageId => makeMessageId(NOW_S * 1000, new Uint8Array(10).fill(n));

/** A document from xa to xb; the body is a child's record that must never leak into an error. */
export function makeDocument(change: object = {}): UnsealedDocument {
  return {
    v: 1,
    class: 'msg',
    id: idOf(1),
    from: 'xa',
    to: 'xb',
    lane: 'routine',
    seq: 1,
    iat: NOW_S,
    exp: NOW_S + 3600,
    nonce: 'A'.repeat(43),
    type: 'ENQ@1',
    thread: idOf(1),
    n: 1,
    seen: 0,
    author: { name: 'Officer', office: 'Focal point' },
    body: { name: 'Canary Amina', born: '2014' },
    attachments: [],
    ...change,
  } as unknown as UnsealedDocument;
}

/** An envelope of xa to xb around any blob, signed and verified: what a listed sender could send. */
export async function wrap(
  network: TestNetwork,
  sealed: SealedPart,
  change: object = {},
  profile: Profile = 'p4',
): Promise<Verified<Envelope>> {
  const blob = { fmt: 'openpgp', profile, bytes: sealed.bytes.length, sha256: sealed.sha256 };
  const members = {
    v: 1,
    id: idOf(1),
    from: 'xa',
    to: 'xb',
    class: 'msg',
    lane: 'routine',
    seq: 1,
    prev: FIRST_PREV,
    iat: NOW_S,
    exp: NOW_S + 3600,
    list: 1,
    sealed: blob,
    ...change,
  };
  const outer = Envelope.parse(
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)),
  );
  const jws = await signEnvelope(outer, network.parties[outer.from]!.sig);
  return verifyEnvelope(parseEnvelope(jws), network.keyring, NOW_S);
}

export async function asBlob(bytes: Uint8Array): Promise<SealedPart> {
  const own = new Uint8Array(bytes);
  return { bytes: own, sha256: await hashBytes(own) };
}

/** The code with which something is refused; fails where it is not, or not by a ProtocolError, or tells content. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProtocolError);
  expect((error as ProtocolError).message).not.toContain('Canary');
  return (error as ProtocolError).code;
}

export type { Document };
