/**
 * The published vectors, taken from the file alone, and the file against its generator.
 * `UPDATE_VECTORS=1` writes the file anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { makeKeyring } from '#schema/jws/keyring.ts';
import { parseReceipt, verifyReceipt } from '#schema/jws/receipt.ts';
import { verifyRequest } from '#schema/jws/request.ts';
import { verifyFirstList, verifyNextList } from '#schema/jws/trust-list.ts';
import { parseProof } from '#schema/log/proof.ts';
import { decodeBase64 } from '#schema/protocol/base64.ts';
import { Control, MessageDocument } from '#schema/protocol/document.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import {
  type ListVector,
  makeWireVectors,
  type RequestVector,
  type WireVectors,
} from './make-wire-vectors.ts';

const path = new URL('../../../schema/vectors/wire.json', import.meta.url);
const made = `${JSON.stringify(await makeWireVectors(), null, 2)}\n`;
if (process.env.UPDATE_VECTORS === '1') writeFileSync(path, made);
const vectors: WireVectors = JSON.parse(readFileSync(path, 'utf8'));
const list1 = await verifyFirstList(vectors.list1, Anchor.parse(vectors.anchor));
const keyring = makeKeyring(list1);

test('the file is what the generator makes', () => {
  expect(readFileSync(path, 'utf8')).toBe(made);
});

const judges = {
  envelope: async (text: string, atS: number) => verifyEnvelope(parseEnvelope(text), keyring, atS),
  receipt: async (text: string, atS: number) => verifyReceipt(parseReceipt(text), keyring, atS),
};

describe.each(['envelope', 'receipt'] as const)('%s', (kind) => {
  test.each(vectors[kind].valid)('taken: $name', async ({ text, atS, hash }) => {
    await expect(judges[kind](text, atS)).resolves.toMatchObject({ hash, jws: text });
  });

  test.each(vectors[kind].invalid)('refused: $name', async ({ text, atS, code }) => {
    await expect(judges[kind](text, atS)).rejects.toMatchObject({ name: 'ProtocolError', code });
  });
});

describe('control', () => {
  const judge = (text: string) => Control.safeParse(JSON.parse(text)).success;

  test.each(vectors.control.valid)('taken: $name', ({ text }) => expect(judge(text)).toBe(true));
  test.each(vectors.control.invalid)('refused: $name', ({ text }) => expect(judge(text)).toBe(false));
});

describe('document', () => {
  const judge = (text: string) => MessageDocument.safeParse(JSON.parse(text)).success;

  test.each(vectors.document.valid)('taken: $name', ({ text }) => expect(judge(text)).toBe(true));
  test.each(vectors.document.invalid)('refused: $name', ({ text }) => expect(judge(text)).toBe(false));
});

describe('list', () => {
  const judge = ({ text, atS, proof }: ListVector) =>
    verifyNextList(text, list1, { nowS: atS, ...(proof === undefined ? {} : { proof: parseProof(proof) }) });

  test.each(vectors.list.valid)('taken: $name', async (vector) => {
    await expect(judge(vector)).resolves.toMatchObject({ hash: vector.hash, alarm: vector.alarm });
  });

  test.each(vectors.list.invalid)('refused: $name', async (vector) => {
    await expect(judge(vector)).rejects.toMatchObject({ name: 'ListError', code: vector.code });
  });
});

describe('request', () => {
  const judge = ({ body, atS, ...request }: RequestVector) =>
    verifyRequest({ ...request, body: decodeBase64(body) }, keyring.findKey, atS);

  test.each(vectors.request.valid)('taken: $name', async (vector) => {
    await expect(judge(vector)).resolves.toMatchObject({ party: vector.party });
  });

  test.each(vectors.request.invalid)('refused: $name', async (vector) => {
    await expect(judge(vector)).rejects.toMatchObject({ name: 'RequestError', code: vector.code });
  });
});
