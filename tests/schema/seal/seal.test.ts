import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { config } from 'openpgp';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { limits, paddingClasses } from '#schema/protocol/limits.ts';
import { openDocument, openPart } from '#schema/seal/open.ts';
import { openBytes, sealBytes } from '#schema/seal/openpgp.ts';
import { sealDocument, sealPart } from '#schema/seal/seal.ts';
import { makeTestNetwork, type TestNetwork } from '#tests/fixtures/network.ts';
import { asBlob, idOf, makeDocument, makePair, NOW_S, type Pair, refusal, wrap } from './sealing.ts';

let network: TestNetwork;
let a: Pair;
let b: Pair;
let c: Pair;

beforeAll(async () => {
  network = await makeTestNetwork();
  [a, b, c] = [await makePair('xa', 'p4'), await makePair('xb', 'p4'), await makePair('xc', 'p4')];
});

const seal = (change: object = {}, encryptTo = [b.certificate]) =>
  sealDocument(makeDocument(change), { signWith: a.key, encryptTo, profile: 'p4' });
const asB = () => ({ decryptWith: [b.key], senderCerts: [a.certificate] });

/** Seals any text as xa to xb: what an insider with the right keys could send. */
const sealText = async (text: string | Uint8Array) =>
  asBlob(
    await sealBytes(typeof text === 'string' ? new TextEncoder().encode(text) : text, {
      signWith: a.key.key,
      encryptTo: [b.certificate.key],
      profile: 'p4',
      dateS: NOW_S,
    }),
  );

describe('a sealed document', () => {
  test('opens to what was sealed', async () => {
    const sealed = await seal();
    const opened = await openDocument(await wrap(network, sealed), sealed.bytes, asB());
    const { pad, ...value } = opened.value;
    expect(value).toEqual({ ...makeDocument(), rcpt: [b.key.fingerprint] });
    expect(pad).toMatch(/^ +$/);
    expect(opened.docHash).toBe(sealed.docHash);
    expect(sealed.docHash).toBe(createHash('sha256').update(encodeCanonical(opened.value)).digest('hex'));
    expect(sealed.sha256).toBe(createHash('sha256').update(sealed.bytes).digest('hex'));
  });

  test('in profile p6 too, which is AEAD with v6 keys', async () => {
    const [a6, b6] = [await makePair('xa', 'p6'), await makePair('xb', 'p6')];
    expect(a6.key.fingerprint).toHaveLength(64);
    const options = { signWith: a6.key, encryptTo: [b6.certificate], profile: 'p6' as const };
    const sealed = await sealDocument(makeDocument(), options);
    const own = { decryptWith: [b6.key], senderCerts: [a6.certificate] };
    const opened = await openDocument(await wrap(network, sealed, {}, 'p6'), sealed.bytes, own);
    expect(opened.value).toMatchObject({ rcpt: [b6.key.fingerprint] });
    expect(await refusal(openDocument(await wrap(network, sealed), sealed.bytes, own))).toBe(
      'INNER_MISMATCH',
    );
  });

  test('names no profile its form does not have', async () => {
    const sealed = await seal();
    const envelope = await wrap(network, sealed, {}, 'p6');
    expect(await refusal(openDocument(envelope, sealed.bytes, asB()))).toBe('INNER_MISMATCH');
  });

  test('of control class opens', async () => {
    const { lane: _l, seq: _s, ...common } = makeDocument() as unknown as Record<string, unknown>;
    const {
      type: _t,
      thread: _h,
      n: _n,
      seen: _e,
      author: _a,
      body: _b,
      attachments: _f,
      ...origin
    } = common;
    const control = { kind: 'resend', lane: 'urgent', seqs: [3] };
    const document = { ...origin, class: 'ctl', control } as never;
    const sealed = await sealDocument(document, {
      signWith: a.key,
      encryptTo: [b.certificate],
      profile: 'p4',
    });
    const outer = { class: 'ctl', lane: undefined, seq: undefined, prev: undefined };
    const envelope = await wrap(network, sealed, outer);
    await expect(openDocument(envelope, sealed.bytes, asB())).resolves.toMatchObject({ value: { control } });
  });

  test('opens with any of several own keys, the rotated one included', async () => {
    const next = await makePair('xb', 'p4');
    const sealed = await seal({}, [b.certificate, next.certificate]);
    const envelope = await wrap(network, sealed);
    for (const decryptWith of [[b.key], [next.key], [next.key, b.key]]) {
      const opened = await openDocument(envelope, sealed.bytes, {
        decryptWith,
        senderCerts: [c.certificate, a.certificate],
      });
      expect(opened.value.rcpt).toEqual([b.key.fingerprint, next.key.fingerprint]);
    }
  });

  test('never twice the same bytes', async () => {
    expect((await seal()).sha256).not.toBe((await seal()).sha256);
  });

  test('leaves the global configuration of the library alone', async () => {
    const before = structuredClone({ ...config });
    const sealed = await seal();
    await openDocument(await wrap(network, sealed), sealed.bytes, asB());
    expect({ ...config }).toEqual(before);
    expect(config.maxDecompressedMessageSize).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('padding', () => {
  const withBody = (bytes: number) => seal({ body: { text: 'x'.repeat(bytes) } });

  test('hides length within a class', async () => {
    const sizes = await Promise.all(
      [0, 1, 500, 2000, 3000].map(async (bytes) => (await withBody(bytes)).bytes.length),
    );
    // Integers of a signature lose leading zero bits, so a blob varies by some bytes that say nothing.
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(8);
    expect(Math.min(...sizes)).toBeGreaterThan(paddingClasses[0]);
  });

  test('steps up at the border of each class and ends at the largest', async () => {
    const openSize = async (body: number) => {
      const sealed = await withBody(body);
      return encodeCanonical((await openDocument(await wrap(network, sealed), sealed.bytes, asB())).value)
        .length;
    };
    const bare = 4096 - ((await openFirst()).pad.length as number);
    for (const [at, size] of paddingClasses.entries()) {
      expect(await openSize(size - bare)).toBe(size);
      const next = paddingClasses[at + 1];
      if (next === undefined) expect(await refusal(withBody(size - bare + 1))).toBe('TOO_LARGE');
      else expect(await openSize(size - bare + 1)).toBe(next);
    }
    async function openFirst() {
      const sealed = await withBody(0);
      return (await openDocument(await wrap(network, sealed), sealed.bytes, asB())).value;
    }
  });

  test('keeps the largest blob within its limit', async () => {
    const sealed = await withBody(200_000);
    expect(sealed.bytes.length).toBeLessThanOrEqual(limits.sealedBytes);
  });

  test('that is missing or not of a class is refused', async () => {
    const document = { ...makeDocument(), rcpt: [b.key.fingerprint], pad: '' };
    const sealed = await sealText(encodeCanonical(document));
    expect(await refusal(openDocument(await wrap(network, sealed), sealed.bytes, asB()))).toBe(
      'DOCUMENT_INVALID',
    );
  });
});

describe('steps of opening', () => {
  const open = async (sealed: Awaited<ReturnType<typeof asBlob>>, change: object = {}, options = asB()) =>
    openDocument(await wrap(network, sealed, change), sealed.bytes, options);

  test('blob: another one, a shorter one, a changed one', async () => {
    const sealed = await seal();
    const envelope = await wrap(network, sealed);
    const other = await seal();
    expect(await refusal(openDocument(envelope, other.bytes, asB()))).toBe('BLOB_MISMATCH');
    expect(await refusal(openDocument(envelope, new Uint8Array(), asB()))).toBe('BLOB_MISMATCH');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sealed.bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = sealed.bytes.slice();
          changed[at]! ^= flip;
          expect(await refusal(openDocument(envelope, changed, asB()))).toBe('BLOB_MISMATCH');
          expect(await refusal(openDocument(envelope, sealed.bytes.slice(0, at), asB()))).toBe(
            'BLOB_MISMATCH',
          );
        },
      ),
    );
  });

  test('key: none of ours', async () => {
    const sealed = await seal();
    expect(await refusal(open(sealed, {}, { ...asB(), decryptWith: [c.key] }))).toBe('CANNOT_DECRYPT');
    expect(await refusal(open(sealed, {}, { ...asB(), decryptWith: [] }))).toBe('CANNOT_DECRYPT');
  });

  test('signature: not by the claimed sender', async () => {
    const sealed = await seal();
    expect(await refusal(open(sealed, {}, { ...asB(), senderCerts: [c.certificate] }))).toBe(
      'NOT_SIGNED_INSIDE',
    );
    expect(await refusal(open(sealed, {}, { ...asB(), senderCerts: [] }))).toBe('NOT_SIGNED_INSIDE');
  });

  test.each([
    ['id', { id: idOf(2) }],
    ['from', { from: 'xc' }],
    ['to', { to: 'xc' }],
    ['lane', { lane: 'urgent' }],
    ['seq', { seq: 2 }],
    ['iat', { iat: NOW_S - 1 }],
    ['exp', { exp: NOW_S + 3601 }],
  ])('inner %s unlike the outer one', async (_name, change) => {
    expect(await refusal(open(await seal(change)))).toBe('INNER_MISMATCH');
  });

  test('class unlike the outer one', async () => {
    const change = { class: 'ctl', lane: undefined, seq: undefined, prev: undefined };
    expect(await refusal(open(await seal(), change))).toBe('INNER_MISMATCH');
  });

  test('replay under a new outer id', async () => {
    expect(await refusal(open(await seal(), { id: idOf(7) }))).toBe('INNER_MISMATCH');
  });

  test('recipients: named for one State, encrypted to another', async () => {
    const toB = await seal();
    const { bytes } = await openBytes(toB.bytes, {
      decryptWith: [b.key.key],
      senderCerts: [a.certificate.key],
      notAfterS: NOW_S,
    });
    const options = { signWith: a.key.key, profile: 'p4' as const, dateS: NOW_S };
    const toC = await asBlob(await sealBytes(bytes, { ...options, encryptTo: [c.certificate.key] }));
    expect(await refusal(open(toC, {}, { ...asB(), decryptWith: [c.key] }))).toBe('NOT_FOR_THIS_KEY');
    const toBoth = await asBlob(
      await sealBytes(bytes, { ...options, encryptTo: [b.certificate.key, c.certificate.key] }),
    );
    expect(await refusal(open(toBoth))).toBe('NOT_FOR_THIS_KEY');
  });

  const pad = (value: object) => {
    const bare = encodeCanonical({ ...value, pad: '' }).length;
    return encodeCanonical({ ...value, pad: ' '.repeat(4096 - bare) });
  };
  const padded = (change: object) => pad({ ...makeDocument(), rcpt: [b.key.fingerprint], ...change });

  test.each([
    ['an unknown member', () => padded({ extra: 1 })],
    ['a wrong type', () => padded({ type: '../etc' })],
    ['no nonce', () => padded({ nonce: '' })],
    [
      'an attachment with a path in its part',
      () =>
        padded({
          attachments: [{ name: 'x', media: 'a/b', bytes: 1, parts: [{ sha256: '../x', bytes: 1 }] }],
        }),
    ],
    ['no JSON', () => 'x'.repeat(4096)],
    ['an array', () => `[${' '.repeat(4094)}]`],
    ['null', () => 'null'],
    [
      'spaced JSON',
      () =>
        new TextDecoder()
          .decode(padded({}))
          .replace('"attachments":[]', '"attachments": []')
          .replace(' "', '"'),
    ],
    ['doubled members', () => `{"body":{},${new TextDecoder().decode(padded({})).slice(1)}`],
    ['not UTF-8', () => new Uint8Array(4096).fill(0xff)],
    ['deep nesting', () => `${'['.repeat(2048)}${']'.repeat(2048)}`],
  ])('document: %s', async (_name, make) => {
    expect(await refusal(open(await sealText(make())))).toBe('DOCUMENT_INVALID');
  });

  test('members named like those of Object are only members', async () => {
    const body = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"polluted":1}}');
    const opened = await open(await sealText(padded({ body })));
    const members = opened.value.class === 'msg' ? opened.value.body : {};
    expect(members.polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(members, 'constructor')?.value).toEqual({ polluted: 1 });
  });
});

describe('sealing refuses', () => {
  test.each([
    ['a document of another shape', { type: 'enquiry' }],
    ['a body without canonical form', { body: { half: 0.5 } }],
    ['a lone surrogate', { body: { name: 'Canary \ud800' } }],
  ])('%s', async (_name, change) => {
    expect(await refusal(seal(change))).toBe('DOCUMENT_INVALID');
  });

  test('no recipient, too many, and keys of another profile', async () => {
    await expect(seal({}, [])).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' });
    const p6 = await makePair('xb', 'p6');
    await expect(seal({}, [p6.certificate])).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
    await expect(
      seal(
        {},
        [b, b, b, b, b].map(({ certificate }) => certificate),
      ),
    ).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' });
  });
});

describe('attachment parts', () => {
  const options = () => ({ signWith: a.key, encryptTo: [b.certificate], profile: 'p4' as const });
  const inP4 = () => ({ ...asB(), profile: 'p4' as const });

  test('of 4 MiB and of one byte open to what was sealed', async () => {
    for (const plain of [new Uint8Array(limits.partBytes).fill(7), Uint8Array.of(1)]) {
      const sealed = await sealPart(plain, options());
      expect(sealed.bytes.length).toBeLessThanOrEqual(limits.sealedPartBytes);
      const opened = await openPart(sealed.bytes, sealed.sha256, inP4());
      expect(Buffer.compare(opened, plain)).toBe(0);
    }
  });

  test('that are too large, exchanged, or of another sender are refused', async () => {
    expect(await refusal(sealPart(new Uint8Array(limits.partBytes + 1), options()))).toBe('TOO_LARGE');
    expect(await refusal(openPart(new Uint8Array(limits.sealedPartBytes + 1), '', inP4()))).toBe('TOO_LARGE');
    const sealed = await sealPart(Uint8Array.of(1), options());
    const other = await sealPart(Uint8Array.of(1), options());
    expect(await refusal(openPart(other.bytes, sealed.sha256, inP4()))).toBe('BLOB_MISMATCH');
    const asC = { ...inP4(), senderCerts: [c.certificate] };
    expect(await refusal(openPart(sealed.bytes, sealed.sha256, asC))).toBe('NOT_SIGNED_INSIDE');
    const inP6 = { ...asB(), profile: 'p6' as const };
    expect(await refusal(openPart(sealed.bytes, sealed.sha256, inP6))).toBe('INNER_MISMATCH');
  });
});

test('openpgp is imported by one file of the product', () => {
  const root = new URL('../../..', import.meta.url).pathname;
  const importers: string[] = [];
  for (const folder of ['schema', 'platform', 'node', 'gateway', 'deploy']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      if (/from 'openpgp|import\('openpgp/.test(readFileSync(join(root, folder, file), 'utf8')))
        importers.push(`${folder}/${file}`);
    }
  }
  expect(importers).toEqual(['schema/seal/openpgp.ts']);
});
