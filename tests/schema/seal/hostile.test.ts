/**
 * Blobs that a hostile sender with the right keys could make, built packet by packet with openpgp.js itself.
 */
import { createDeflateRaw } from 'node:zlib';
import fc from 'fast-check';
import {
  CompressedDataPacket,
  type Config,
  createCleartextMessage,
  createMessage,
  config as defaults,
  encrypt,
  enums,
  generateKey,
  Message,
  PacketList,
  SignaturePacket,
  sign,
} from 'openpgp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCertificate, readSealingKey } from '#schema/seal/keys.ts';
import { openDocument } from '#schema/seal/open.ts';
import { openBytes } from '#schema/seal/openpgp.ts';
import { sealDocument } from '#schema/seal/seal.ts';
import { makeTestNetwork, type TestNetwork } from '#tests/fixtures/network.ts';
import { asBlob, makeDocument, makePair, NOW_S, type Pair, refusal, wrap } from './sealing.ts';

const date = new Date(NOW_S * 1000);
/** As lax as the library can be: the hostile side. */
const lax: Partial<Config> = {
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
  rejectPublicKeyAlgorithms: new Set(),
  minRSABits: 1023,
};

let network: TestNetwork;
let a: Pair;
let b: Pair;
let c: Pair;
let plain: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  network = await makeTestNetwork();
  [a, b, c] = [await makePair('xa', 'p4'), await makePair('xb', 'p4'), await makePair('xc', 'p4')];
  const sealed = await sealDocument(makeDocument(), {
    signWith: a.key,
    encryptTo: [b.certificate],
    profile: 'p4',
  });
  plain = (
    await openBytes(sealed.bytes, {
      decryptWith: [b.key.key],
      senderCerts: [a.certificate.key],
      notAfterS: NOW_S,
    })
  ).bytes;
});

type AnyPackets = InstanceType<typeof PacketList<never>>;

async function open(bytes: Uint8Array) {
  const sealed = await asBlob(bytes);
  return openDocument(await wrap(network, sealed), sealed.bytes, {
    decryptWith: [b.key],
    senderCerts: [a.certificate],
  });
}
const refuse = (bytes: Uint8Array) => refusal(open(bytes));

const literal = async (bytes = plain) => (await createMessage({ binary: bytes, date })).packets[0]!;

/** [one-pass signature, literal, signature] of some bytes. */
async function signed(keys: Pair[], bytes = plain, at = date): Promise<unknown[]> {
  const message = await sign({
    message: await createMessage({ binary: bytes, date }),
    signingKeys: keys.map(({ key }) => key.key),
    date: at,
    format: 'object',
    config: lax,
  });
  return [...message.packets];
}

function compress(packets: readonly unknown[], algorithm = enums.compression.zip): unknown {
  const packet = new CompressedDataPacket() as unknown as { packets: unknown; algorithm: number };
  packet.packets = listOf(packets);
  packet.algorithm = algorithm;
  return packet;
}

function listOf(packets: readonly unknown[]): AnyPackets {
  const list = new PacketList() as AnyPackets;
  for (const packet of packets) list.push(packet as never);
  return list;
}

/** Encrypts any packets to B: no signing, no compression, no grammar. */
async function encryptPackets(packets: readonly unknown[]): Promise<Uint8Array> {
  const message = new Message(listOf(packets)) as Message<Uint8Array>;
  const encrypted = await message.encrypt([b.certificate.key], undefined, undefined, false, [], date, [], {
    ...defaults,
    ...lax,
    aeadProtect: false,
  });
  return encrypted.write() as Uint8Array;
}

const evil = new TextEncoder().encode('{"name":"Canary evil"}');

describe('signatures', () => {
  test('the honest shape opens, so that refusals below mean something', async () => {
    await expect(open(await encryptPackets(await signed([a])))).resolves.toHaveProperty('value.from', 'xa');
  });

  test('none', async () => {
    expect(await refuse(await encryptPackets([await literal()]))).toBe('NOT_SIGNED_INSIDE');
  });

  test('by another listed State', async () => {
    expect(await refuse(await encryptPackets(await signed([c])))).toBe('NOT_SIGNED_INSIDE');
  });

  test('by the recipient itself', async () => {
    expect(await refuse(await encryptPackets(await signed([b])))).toBe('NOT_SIGNED_INSIDE');
  });

  test('two: one good and one of a stranger, in either order; and two good ones', async () => {
    for (const keys of [
      [a, c],
      [c, a],
      [a, a],
    ]) {
      expect(await refuse(await encryptPackets(await signed(keys)))).toBe('NOT_SIGNED_INSIDE');
    }
  });

  test('of other bytes', async () => {
    const [onePass, , signature] = await signed([a], evil);
    expect(await refuse(await encryptPackets([onePass, await literal(), signature]))).toBe(
      'NOT_SIGNED_INSIDE',
    );
  });

  test('of text instead of bytes', async () => {
    const text = new TextDecoder().decode(plain);
    const message = await sign({
      message: await createMessage({ text, date }),
      signingKeys: a.key.key,
      date,
      format: 'object',
    });
    expect(await refuse(await encryptPackets([...message.packets]))).toBe('NOT_SIGNED_INSIDE');
  });

  test('dated after the envelope', async () => {
    const packets = await signed([a], plain, new Date((NOW_S + 60) * 1000));
    expect(await refuse(await encryptPackets(packets))).toBe('NOT_SIGNED_INSIDE');
  });

  test('dated before the key was made', async () => {
    const young = await makePair('xa', 'p4', NOW_S + 100);
    const old = await sign({
      message: await createMessage({ binary: plain, date }),
      signingKeys: young.key.key,
      date: new Date((NOW_S + 100) * 1000),
      format: 'object',
    });
    const sealed = await asBlob(await encryptPackets([...old.packets]));
    const options = { decryptWith: [b.key], senderCerts: [young.certificate] };
    expect(await refusal(openDocument(await wrap(network, sealed), sealed.bytes, options))).toBe(
      'NOT_SIGNED_INSIDE',
    );
  });

  test('over a weak hash, which EdDSA keys cannot make but RSA keys can', async () => {
    const made = await generateKey({
      userIDs: [{ name: 'xa' }],
      type: 'rsa',
      rsaBits: 3072,
      date,
      format: 'armored',
    });
    const [key, certificate] = [await readSealingKey(made.privateKey), await readCertificate(made.publicKey)];
    for (const hash of ['sha256', 'sha1', 'md5', 'ripemd'] as const) {
      const data = await literal();
      const packet = new SignaturePacket() as unknown as Record<string, unknown> & {
        sign(...args: unknown[]): Promise<void>;
      };
      packet.signatureType = enums.signature.binary;
      packet.publicKeyAlgorithm = key.key.keyPacket.algorithm;
      packet.hashAlgorithm = enums.hash[hash];
      const old = { ...defaults, ...lax, nonDeterministicSignaturesViaNotation: false };
      await packet.sign(key.key.keyPacket, data, date, false, old);
      const sealed = await asBlob(await encryptPackets([packet, data]));
      const opening = openDocument(await wrap(network, sealed), sealed.bytes, {
        decryptWith: [b.key],
        senderCerts: [certificate],
      });
      if (hash === 'sha256') await expect(opening).resolves.toHaveProperty('value.from', 'xa');
      else expect(await refusal(opening)).toBe('NOT_SIGNED_INSIDE');
    }
  });
});

describe('shapes of CVE-2025-47934: a good signature beside other data', () => {
  const shapes: [string, (good: unknown[], other: unknown) => unknown[]][] = [
    ['other literal before', (good, other) => [other, ...good]],
    ['other literal after', (good, other) => [...good, other]],
    ['other literal beside', ([onePass, data, signature], other) => [onePass, data, other, signature]],
    ['other literal first inside', ([onePass, data, signature], other) => [onePass, other, data, signature]],
    ['compressed other before', (good, other) => [compress([other]), ...good]],
    ['compressed other after', (good, other) => [...good, compress([other])]],
    [
      'compressed other inside',
      ([onePass, data, signature], other) => [onePass, data, signature, compress([other])],
    ],
    ['compressed other in place', ([onePass, , signature], other) => [onePass, compress([other]), signature]],
    ['signature before other', ([, , signature], other) => [signature, other]],
    ['one pass without end', ([onePass, data]) => [onePass, data]],
    ['two whole messages', (good) => [...good, ...good]],
  ];
  test.each(shapes)('%s', async (_name, make) => {
    const bytes = await encryptPackets(make(await signed([a]), await literal(evil)));
    expect(await refuse(bytes)).toBe('NOT_SIGNED_INSIDE');
  });

  test('cleartext, signed but not encrypted, detached', async () => {
    const text = new TextDecoder().decode(plain);
    const cleartext = await sign({
      message: await createCleartextMessage({ text }),
      signingKeys: a.key.key,
      date,
    });
    const inline = await sign({
      message: await createMessage({ binary: plain, date }),
      signingKeys: a.key.key,
      date,
      format: 'binary',
    });
    const detached = await sign({
      message: await createMessage({ binary: plain, date }),
      signingKeys: a.key.key,
      date,
      detached: true,
      format: 'binary',
    });
    for (const bytes of [new TextEncoder().encode(cleartext), inline as Uint8Array, detached as Uint8Array]) {
      expect(await refuse(bytes)).toBe('CANNOT_DECRYPT');
    }
    const inside = await encryptPackets([await literal(new TextEncoder().encode(cleartext))]);
    expect(await refuse(inside)).toBe('NOT_SIGNED_INSIDE');
  });

  test('armoured text instead of bytes', async () => {
    const message = await createMessage({ binary: plain, date });
    const armored = await encrypt({
      message,
      signingKeys: a.key.key,
      encryptionKeys: b.certificate.key,
      date,
    });
    expect(await refuse(new TextEncoder().encode(armored as string))).toBe('CANNOT_DECRYPT');
  });
});

describe('compression', () => {
  test('even of an honest message is refused: it would undo the padding', async () => {
    for (const algorithm of [enums.compression.uncompressed, enums.compression.zip, enums.compression.zlib]) {
      const packet =
        algorithm === enums.compression.uncompressed
          ? compressed(0, writeAll(await signed([a])))
          : compress(await signed([a]), algorithm);
      expect(await refuse(await encryptPackets([packet]))).toBe('NOT_SIGNED_INSIDE');
    }
  });

  test('nested 32 times is refused', async () => {
    let packets = await signed([a]);
    for (let depth = 0; depth < 32; depth++) packets = [compress(packets)];
    expect(await refuse(await encryptPackets(packets))).toBe('NOT_SIGNED_INSIDE');
  });

  test('of 200 MB into 195 kB costs neither time nor memory', async () => {
    const blob = await encryptPackets([compressed(enums.compression.zip, await deflateZeros(200_000_000))]);
    expect(blob.length).toBeLessThan(264 * 1024);
    const sealed = await asBlob(blob);
    const envelope = await wrap(network, sealed);
    const options = { decryptWith: [b.key], senderCerts: [a.certificate] };
    await refusal(openDocument(envelope, sealed.bytes, options));
    const times: number[] = [];
    const before = process.memoryUsage();
    let peak = 0;
    for (let run = 0; run < 10; run++) {
      const started = performance.now();
      expect(await refusal(openDocument(envelope, sealed.bytes, options))).toBe('NOT_SIGNED_INSIDE');
      times.push(performance.now() - started);
      const now = process.memoryUsage();
      peak = Math.max(peak, now.heapTotal + now.external - before.heapTotal - before.external);
    }
    expect(Math.min(...times)).toBeLessThan(100);
    expect(peak).toBeLessThan(50_000_000);
  });
});

function compressed(algorithm: number, bytes: Uint8Array): unknown {
  const packet = new CompressedDataPacket() as unknown as { compressed: Uint8Array; algorithm: number };
  packet.algorithm = algorithm;
  packet.compressed = bytes;
  return packet;
}

function writeAll(packets: readonly unknown[]): Uint8Array {
  return listOf(packets).write() as Uint8Array;
}

/** A deflated literal packet of zeros, made in pieces. */
async function deflateZeros(length: number): Promise<Uint8Array> {
  const deflate = createDeflateRaw({ level: 9 });
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => deflate.on('end', resolve));
  const header = Buffer.from([0xcb, 0xff, 0, 0, 0, 0, 0x62, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(length + 6, 2);
  deflate.write(header);
  const zeros = Buffer.alloc(1_000_000);
  for (let sent = 0; sent < length; sent += zeros.length) {
    if (!deflate.write(zeros)) await new Promise((resolve) => deflate.once('drain', resolve));
  }
  deflate.end();
  await ended;
  return Buffer.concat(chunks);
}

describe('session keys', () => {
  const message = () => createMessage({ binary: plain, date });
  const base = () => ({ signingKeys: a.key.key, date, format: 'binary' as const, config: lax });

  test('for a password too: no key derivation is ever started', async () => {
    const bytes = await encrypt({
      ...base(),
      message: await message(),
      encryptionKeys: b.certificate.key,
      passwords: 'x',
    });
    expect(await refuse(bytes as Uint8Array)).toBe('CANNOT_DECRYPT');
    const only = await encrypt({ ...base(), message: await message(), passwords: 'x' });
    expect(await refuse(only as Uint8Array)).toBe('CANNOT_DECRYPT');
  });

  test('for more than four keys', async () => {
    const encryptionKeys = [b, b, b, b, b].map(({ certificate }) => certificate.key);
    const bytes = await encrypt({ ...base(), message: await message(), encryptionKeys });
    expect(await refuse(bytes as Uint8Array)).toBe('CANNOT_DECRYPT');
  });

  test.each([
    ['tripledes', 24],
    ['cast5', 16],
    ['blowfish', 16],
    ['twofish', 32],
  ] as const)('of a weak or foreign cipher: %s', async (algorithm, length) => {
    const data = await message();
    const options = { ...base(), message: data, encryptionKeys: b.certificate.key };
    const sessionKey = { data: new Uint8Array(length).fill(9), algorithm };
    const bytes = await encrypt({ ...options, sessionKey }).catch(() => null);
    // Where the library itself cannot encrypt so, there is nothing to open either.
    if (bytes !== null) expect(await refuse(bytes as Uint8Array)).toBe('CANNOT_DECRYPT');
    else expect(algorithm).not.toBe('tripledes');
  });

  test('encryption inside encryption is refused', async () => {
    const inner = await encrypt({
      message: await message(),
      encryptionKeys: b.certificate.key,
      date,
      format: 'object',
    });
    expect(await refuse(await encryptPackets([...inner.packets]))).toBe('NOT_SIGNED_INSIDE');
  });
});

describe('any bytes', () => {
  const openAny = (bytes: Uint8Array) =>
    openBytes(bytes, { decryptWith: [b.key.key], senderCerts: [a.certificate.key], notAfterS: NOW_S });

  test('a changed blob never opens to another text', async () => {
    const blob = await encryptPackets(await signed([a]));
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(7), async (at, bit) => {
        const changed = blob.slice();
        changed[at]! ^= 1 << bit;
        const result = await openAny(changed).catch((error: unknown) => error);
        if (result instanceof Error)
          expect(await refusal(Promise.reject(result))).toMatch(/CANNOT_DECRYPT|NOT_SIGNED_INSIDE/);
        else expect((result as { bytes: Uint8Array }).bytes).toEqual(plain);
      }),
      { numRuns: 300, examples: [...Array(120).keys()].map((at) => [at, 0] as [number, number]) },
    );
  });

  test('truncated and random ones are refused', async () => {
    const blob = await encryptPackets(await signed([a]));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(blob.length - 1),
        fc.uint8Array({ minLength: 0, maxLength: 300 }),
        async (length, random) => {
          expect(await refusal(openAny(blob.slice(0, length)))).toMatch(/CANNOT_DECRYPT|NOT_SIGNED_INSIDE/);
          expect(await refusal(openAny(random))).toBe('CANNOT_DECRYPT');
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('keys', () => {
  const makeKey = (options: object) =>
    generateKey({
      userIDs: [{ name: 'x' }],
      date,
      format: 'armored',
      config: lax,
      ...options,
    } as never) as unknown as Promise<{
      publicKey: string;
      privateKey: string;
    }>;

  test.each([
    ['RSA of 1024 bits', { type: 'rsa', rsaBits: 1024 }],
    ['RSA of 2048 bits', { type: 'rsa', rsaBits: 2048 }],
    ['without encryption', { type: 'ecc', curve: 'curve25519Legacy', subkeys: [{ sign: true }] }],
  ])('%s: too weak', async (_name, options) => {
    const { publicKey, privateKey } = await makeKey(options);
    await expect(readCertificate(publicKey)).rejects.toMatchObject({ code: 'KEY_WEAK' });
    await expect(readSealingKey(privateKey)).rejects.toMatchObject({ code: 'KEY_WEAK' });
  });

  test('RSA of 16,384 bits is refused before anything is computed with it', async () => {
    const started = performance.now();
    await expect(readCertificate(armorKey(rsaPacket(4, 16_384)))).rejects.toMatchObject({ code: 'KEY_WEAK' });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test.each([2, 3, 5])('of version %d', async (version) => {
    await expect(readCertificate(armorKey(rsaPacket(version, 3072)))).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
    });
  });

  test('with very many subkeys', async () => {
    const { publicKey } = await makeKey({
      type: 'ecc',
      curve: 'curve25519Legacy',
      subkeys: Array(9).fill({}),
    });
    await expect(readCertificate(publicKey)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
  });

  test('protected by a passphrase', async () => {
    const { privateKey } = await makeKey({ type: 'ecc', curve: 'curve25519Legacy', passphrase: 'x' });
    await expect(readSealingKey(privateKey)).rejects.toMatchObject({ code: 'KEY_LOCKED' });
  });

  test('private where a certificate belongs, and the reverse, and two at once', async () => {
    await expect(readCertificate(a.armored)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
    await expect(readSealingKey(a.armoredCertificate)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    await expect(readCertificate(`${a.armoredCertificate}\n${b.armoredCertificate}`)).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
    });
    await expect(readCertificate('x'.repeat(20_001))).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    await expect(readCertificate('not a key')).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
  });
});

/** An RSA public-key packet of any version with a user id and no self-signature. */
function rsaPacket(version: number, bits: number): Buffer {
  const modulus = Buffer.alloc(bits / 8, 0xc5);
  const validDays = version < 4 ? [0, 0] : [];
  const length = version === 5 ? [0, 0, 0, 0] : [];
  const body = Buffer.concat([
    Buffer.from([version, 0x5f, 0, 0, 0, ...validDays, 1, ...length, bits >> 8, bits & 255]),
    modulus,
    Buffer.from([0, 17, 1, 0, 1]),
  ]);
  const header = Buffer.from([0xc6, 0xff, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body, Buffer.from([0xcd, 1, 0x78])]);
}

function armorKey(packets: Buffer): string {
  const lines = packets.toString('base64').match(/.{1,64}/g) ?? [];
  return [
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    '',
    ...lines,
    '-----END PGP PUBLIC KEY BLOCK-----',
    '',
  ].join('\n');
}
