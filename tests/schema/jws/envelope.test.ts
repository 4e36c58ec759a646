import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { compactVerify, importJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  parseEnvelope,
  signEnvelope,
  verifyEnvelope,
  verifyEnvelopeAsEvidence,
} from '#schema/jws/envelope.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { generateSigningJwk, importSigningKey, toPublicJwk } from '#schema/jws/keys.ts';
import type { VerifiedList } from '#schema/jws/trust-list.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Envelope, FIRST_PREV } from '#schema/protocol/envelope.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { FOUNDED_S, makeTestNetwork, type TestNetwork } from '#tests/fixtures/network.ts';
import { canonicalText as canonical, forgeCompact } from './forge.ts';

const NOW_S = FOUNDED_S + 1000;
const payload = {
  v: 1,
  id: makeMessageId(NOW_S * 1000, new Uint8Array(10).fill(1)),
  from: 'xa',
  to: 'xb',
  class: 'msg',
  lane: 'routine',
  seq: 1,
  prev: FIRST_PREV,
  iat: NOW_S,
  exp: NOW_S + 3600,
  list: 1,
  sealed: { fmt: 'openpgp', profile: 'p4', bytes: 5000, sha256: 'ab'.repeat(32) },
};

let network: TestNetwork;
let jws: string;

beforeAll(async () => {
  network = await makeTestNetwork();
  jws = await signEnvelope(Envelope.parse(payload), network.parties.xa!.sig);
});

/** A keyring over a list changed after signing: how the list came to be is not what these tests are about. */
function keyringWith(change: (list: VerifiedList['value']) => void): Keyring {
  const copy = structuredClone({ ...network.verified });
  change(copy.value);
  return makeKeyring(copy as VerifiedList);
}

async function refusal(act: () => unknown): Promise<string> {
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(ProtocolError);
  return (error as ProtocolError).code;
}

const accept = async (text: string, keyring = network.keyring, nowS = NOW_S) =>
  verifyEnvelope(parseEnvelope(text), keyring, nowS);
const refuse = (text: string, keyring?: Keyring, nowS?: number) => refusal(() => accept(text, keyring, nowS));

const forge = (header: unknown, body: string, party = 'xa') =>
  forgeCompact(typeof header === 'string' ? header : canonical(header), body, network.parties[party]!.sig);

const goodHeader = {
  alg: 'Ed25519',
  crit: ['focalnet'],
  focalnet: 1,
  kid: 'xa#sig-1',
  typ: 'focalnet-envelope+jws',
};
const forgePayload = (change: object, party?: string) =>
  forge({ ...goodHeader, kid: `${party ?? 'xa'}#sig-1` }, canonical({ ...payload, ...change }), party);

describe('a signed envelope', () => {
  test('is accepted and keeps its bytes, hash and key id', async () => {
    const verified = await accept(jws);
    expect(verified.value).toEqual(payload);
    expect(verified.jws).toBe(jws);
    expect(verified.hash).toBe(createHash('sha256').update(jws).digest('hex'));
    expect(verified.kid).toBe('xa#sig-1');
  });

  test('is an ordinary JWS: jose verifies it', async () => {
    const key = await importJWK(toPublicJwk(network.parties.xa!.jwk), 'Ed25519');
    const { protectedHeader, payload: bytes } = await compactVerify(jws, key, { crit: { focalnet: true } });
    expect(protectedHeader).toEqual(goodHeader);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(payload);
  });

  test('may be a control envelope, which has no number', async () => {
    const { lane: _lane, seq: _seq, prev: _prev, ...common } = payload;
    const control = await signEnvelope(Envelope.parse({ ...common, class: 'ctl' }), network.parties.xa!.sig);
    await expect(accept(control)).resolves.toMatchObject({ value: { class: 'ctl' } });
    expect(await refuse(await forge(goodHeader, canonical({ ...common, class: 'ctl', seq: 1 })))).toBe(
      'MALFORMED',
    );
  });

  test('which nobody would take is not signed', async () => {
    const tooLong = Envelope.parse({ ...payload, exp: NOW_S + limits.ttlS + 1 });
    expect(await refusal(() => signEnvelope(tooLong, network.parties.xa!.sig))).toBe('MALFORMED');
  });
});

describe('every change of the bytes is refused', () => {
  test('each bit', async () => {
    for (let at = 0; at < jws.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed =
          jws.slice(0, at) + String.fromCharCode(jws.charCodeAt(at) ^ (1 << bit)) + jws.slice(at + 1);
        expect(['MALFORMED', 'BAD_SIGNATURE', 'KEY_UNKNOWN', 'SENDER_UNKNOWN']).toContain(
          await refuse(changed),
        );
      }
    }
  });

  test('each truncation, at either end', async () => {
    for (let at = 0; at < jws.length; at++) {
      expect(await refuse(jws.slice(0, at))).toBe('MALFORMED');
      expect(await refuse(jws.slice(at + 1))).toBe('MALFORMED');
    }
  });

  test('insertions, doublings and random text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(jws.length),
        fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
        async (at, text) => {
          await refuse(jws.slice(0, at) + text + jws.slice(at));
          await refuse(text);
        },
      ),
      { numRuns: 300 },
    );
    expect(await refuse(`${jws}.${jws}`)).toBe('MALFORMED');
    expect(await refuse('a'.repeat(limits.jwsBytes + 1))).toBe('TOO_LARGE');
  });
});

describe('headers of another form, rightly signed, are refused', () => {
  const headers: [string, unknown][] = [
    ['none', { ...goodHeader, alg: 'none' }],
    ['EdDSA', { ...goodHeader, alg: 'EdDSA' }],
    ['HS256', { ...goodHeader, alg: 'HS256' }],
    ['without crit', { alg: 'Ed25519', focalnet: 1, kid: 'xa#sig-1', typ: 'focalnet-envelope+jws' }],
    ['crit emptied', { ...goodHeader, crit: [] }],
    ['other version', { ...goodHeader, focalnet: 2 }],
    ['typ of a receipt', { ...goodHeader, typ: 'focalnet-receipt+jws' }],
    ['embedded jwk', { ...goodHeader, jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } }],
    ['jku', { ...goodHeader, jku: 'https://evil.example/jwks' }],
    ['x5u', { ...goodHeader, x5u: 'https://evil.example/x5u' }],
    ['b64', { ...goodHeader, b64: false }],
    ['kid with a path', { ...goodHeader, kid: '../../xa#sig-1' }],
    ['kid with SQL', { ...goodHeader, kid: "xa#sig-1' OR 1=1" }],
    ['kid of a log key', { ...goodHeader, kid: 'xa#log-1' }],
    ['spaced text', `${JSON.stringify(goodHeader, null, 1)}`],
    [
      'other order',
      '{"typ":"focalnet-envelope+jws","alg":"Ed25519","crit":["focalnet"],"focalnet":1,"kid":"xa#sig-1"}',
    ],
    ['doubled member', `{"alg":"Ed25519",${canonical(goodHeader).slice(1)}`],
    ['array', []],
  ];
  test.each(headers)('%s', async (_name, header) => {
    expect(await refuse(await forge(header, canonical(payload)))).toBe('MALFORMED');
  });
});

describe('payloads of another form, rightly signed, are refused', () => {
  const bodies: [string, () => string][] = [
    ['space', () => `${canonical(payload)} `],
    ['doubled member', () => `{"class":"msg",${canonical(payload).slice(1)}`],
    ['number as 1.0', () => canonical(payload).replace('"v":1', '"v":1.0')],
    ['escaped letter', () => canonical(payload).replace('"xa"', '"\\u0078a"')],
    ['unknown member', () => canonical({ ...payload, subject: 'x' })],
    ['__proto__', () => canonical(payload).replace('{"class"', '{"__proto__":{},"class"')],
    ['capital State', () => canonical({ ...payload, to: 'XB' })],
    ['gateway as recipient', () => canonical({ ...payload, to: 'gateway' })],
    ['UUIDv4', () => canonical({ ...payload, id: '0b2a3c4d-0000-4000-8000-000000000000' })],
    ['nested deep', () => `${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['to itself', () => canonical({ ...payload, to: 'xa' })],
    ['first with a predecessor', () => canonical({ ...payload, prev: 'ab'.repeat(32) })],
    ['second without one', () => canonical({ ...payload, seq: 2 })],
    ['expires before it begins', () => canonical({ ...payload, exp: NOW_S })],
    ['lives too long', () => canonical({ ...payload, exp: NOW_S + limits.ttlS + 1 })],
  ];
  test.each(bodies)('%s', async (_name, body) => {
    expect(await refuse(await forge(goodHeader, body()))).toBe('MALFORMED');
  });

  test('any member missing', async () => {
    for (const name of Object.keys(payload)) {
      const rest = Object.fromEntries(Object.entries(payload).filter(([member]) => member !== name));
      expect(await refuse(await forge(goodHeader, canonical(rest)))).toBe('MALFORMED');
    }
  });

  test('the error names the field and no content', async () => {
    const bad = await forgePayload({ sealed: { ...payload.sealed, sha256: 'Amina' } });
    const error = await accept(bad).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toContain('sealed.sha256');
    expect((error as Error).message).not.toContain('Amina');
  });
});

describe('who signed and when', () => {
  test('right name and another key', async () => {
    const other = await importSigningKey('xa#sig-1', await generateSigningJwk(new Uint8Array(32).fill(3)));
    expect(await refuse(await signEnvelope(Envelope.parse(payload), other))).toBe('BAD_SIGNATURE');
  });

  test('another listed State signs in its own name, or with the sender named', async () => {
    const asC = await signEnvelope(Envelope.parse(payload), network.parties.xc!.sig);
    expect(await refuse(asC)).toBe('KEY_UNKNOWN');
    const key = { ...network.parties.xc!.sig, kid: 'xa#sig-1' };
    expect(await refuse(await signEnvelope(Envelope.parse(payload), key))).toBe('BAD_SIGNATURE');
  });

  test('the gateway and an authority cannot send', async () => {
    expect(await refuse(await signEnvelope(Envelope.parse(payload), network.parties.gateway!.sig))).toBe(
      'KEY_UNKNOWN',
    );
    expect(await refuse(await signEnvelope(Envelope.parse(payload), network.authorities[0]!))).toBe(
      'SENDER_UNKNOWN',
    );
  });

  test('unlisted State, unlisted key', async () => {
    const zz = { ...network.parties.xa!.sig, kid: 'zz#sig-1' };
    expect(await refuse(await signEnvelope(Envelope.parse({ ...payload, from: 'zz' }), zz))).toBe(
      'SENDER_UNKNOWN',
    );
    const second = { ...network.parties.xa!.sig, kid: 'xa#sig-2' };
    expect(await refuse(await signEnvelope(Envelope.parse(payload), second))).toBe('KEY_UNKNOWN');
  });

  test('key not yet or no longer valid at the time it names', async () => {
    const early = keyringWith((list) => {
      list.nodes[0]!.sig[0]!.from = NOW_S + 1;
    });
    expect(await refuse(jws, early)).toBe('KEY_NOT_VALID');
    const late = keyringWith((list) => {
      list.nodes[0]!.sig[0]!.exp = NOW_S;
    });
    expect(await refuse(jws, late)).toBe('KEY_NOT_VALID');
  });

  test('a revoked key is refused on arrival whatever the date, and judged by its date as evidence', async () => {
    const revokedAfter = keyringWith((list) => {
      list.nodes[0]!.sig[0]!.revoked = { since: NOW_S + 10, reason: 'lost' };
    });
    expect(await refuse(jws, revokedAfter, NOW_S + 20)).toBe('KEY_NOT_VALID');
    await expect(verifyEnvelopeAsEvidence(parseEnvelope(jws), revokedAfter)).resolves.toMatchObject({ jws });
    const revokedBefore = keyringWith((list) => {
      list.nodes[0]!.sig[0]!.revoked = { since: NOW_S, reason: 'lost' };
    });
    expect(await refusal(() => verifyEnvelopeAsEvidence(parseEnvelope(jws), revokedBefore))).toBe(
      'KEY_NOT_VALID',
    );
  });

  test.each(['suspended', 'left'] as const)('a State that is %s', async (status) => {
    const keyring = keyringWith((list) => {
      list.nodes[0]!.status = status;
    });
    expect(await refuse(jws, keyring)).toBe('SENDER_SUSPENDED');
  });

  test('clock: 300 s ahead pass, 301 do not; after its time it is expired', async () => {
    await expect(accept(jws, network.keyring, NOW_S - limits.skewS)).resolves.toBeDefined();
    expect(await refuse(jws, network.keyring, NOW_S - limits.skewS - 1)).toBe('CLOCK');
    await expect(accept(jws, network.keyring, NOW_S + 3600)).resolves.toBeDefined();
    expect(await refuse(jws, network.keyring, NOW_S + 3601)).toBe('EXPIRED');
  });

  test('a newer list is asked for first, but not on the word of a bad signature', async () => {
    expect(await refuse(await forgePayload({ list: 2 }))).toBe('LIST_BEHIND');
    const newKey = { ...network.parties.xa!.sig, kid: 'xa#sig-2' };
    expect(await refuse(await signEnvelope(Envelope.parse({ ...payload, list: 2 }), newKey))).toBe(
      'LIST_BEHIND',
    );
    const other = await importSigningKey('xa#sig-1', await generateSigningJwk(new Uint8Array(32).fill(3)));
    expect(await refuse(await signEnvelope(Envelope.parse({ ...payload, list: 2 }), other))).toBe(
      'BAD_SIGNATURE',
    );
  });
});
