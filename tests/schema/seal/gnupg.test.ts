/**
 * Profile p4 against GnuPG: whoever holds a node's key can open its messages without this software, and what
 * another OpenPGP program seals by the rules is opened here.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificate, readSealingKey } from '#schema/seal/keys.ts';
import { openDocument } from '#schema/seal/open.ts';
import { openBytes } from '#schema/seal/openpgp.ts';
import { sealDocument, sealPart } from '#schema/seal/seal.ts';
import { makeTestNetwork, type TestNetwork } from '#tests/fixtures/network.ts';
import { needsTool } from '#tests/fixtures/tools.ts';
import { asBlob, makeDocument, makePair, NOW_S, type Pair, refusal, wrap } from './sealing.ts';

describe.skipIf(!needsTool('gpg'))('GnuPG', () => {
  let home: string;
  let network: TestNetwork;
  let a: Pair;
  let b: Pair;

  /** gpg at the test network's time, in a home of its own; returns what it said of its own status. */
  function gpg(...args: string[]): string {
    const at = new Date(NOW_S * 1000).toISOString().replace(/[-:]|\.\d+Z/g, '');
    const fixed = [
      '--homedir',
      home,
      '--batch',
      '--yes',
      '--faked-system-time',
      `${at}!`,
      '--trust-model',
      'always',
    ];
    const { status, stderr, stdout } = spawnSync('gpg', [...fixed, '--status-fd', '1', ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`gpg ended with ${status}: ${stderr}`);
    return stdout;
  }

  const file = (name: string) => join(home, name);
  function write(name: string, data: string | Uint8Array): string {
    writeFileSync(file(name), data);
    return file(name);
  }

  beforeAll(async () => {
    // Short, because gpg-agent puts its socket there.
    home = mkdtempSync(join(tmpdir(), 'fg-'));
    chmodSync(home, 0o700);
    network = await makeTestNetwork();
    [a, b] = [await makePair('xa', 'p4'), await makePair('xb', 'p4')];
    for (const [at, pair] of [a, b].entries()) gpg('--import', write(`key-${at}.asc`, pair.armored));
  });

  afterAll(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  });

  const sealingOptions = () => ({ signWith: a.key, encryptTo: [b.certificate], profile: 'p4' as const });
  const openingOptions = () => ({ decryptWith: [b.key], senderCerts: [a.certificate] });

  async function plainText(): Promise<Uint8Array> {
    const sealed = await sealDocument(makeDocument(), sealingOptions());
    const keys = { decryptWith: [b.key.key], senderCerts: [a.certificate.key], notAfterS: NOW_S };
    return (await openBytes(sealed.bytes, keys)).bytes;
  }

  function sealWithGpg(plain: Uint8Array, ...extra: string[]): Uint8Array {
    const [to, by] = [b.key.fingerprint, a.key.fingerprint];
    const options = [
      '--digest-algo',
      'SHA512',
      '--cipher-algo',
      'AES256',
      '--local-user',
      by,
      '--recipient',
      to,
    ];
    gpg(...options, ...extra, '--output', file('out.pgp'), '--sign', '--encrypt', write('plain', plain));
    return new Uint8Array(readFileSync(file('out.pgp')));
  }

  test('opens and verifies a sealed document', async () => {
    const sealed = await sealDocument(makeDocument(), sealingOptions());
    const status = gpg('--output', file('opened'), '--decrypt', write('sealed.pgp', sealed.bytes));
    expect(status).toContain(`VALIDSIG ${a.key.fingerprint.toUpperCase()}`);
    expect(status).toContain('DECRYPTION_OKAY');
    expect(JSON.parse(readFileSync(file('opened'), 'utf8'))).toMatchObject({
      ...makeDocument(),
      rcpt: [b.key.fingerprint],
    });
  });

  test('opens and verifies a sealed part', async () => {
    const plain = new Uint8Array(300_000).map((_, at) => at * 7);
    const sealed = await sealPart(plain, sealingOptions());
    const status = gpg('--output', file('part'), '--decrypt', write('part.pgp', sealed.bytes));
    expect(status).toContain('VALIDSIG');
    expect(Buffer.compare(readFileSync(file('part')), plain)).toBe(0);
  });

  test('seals what opens here, uncompressed as the protocol says', async () => {
    const sealed = await asBlob(sealWithGpg(await plainText(), '--compress-algo', 'none'));
    const opened = await openDocument(await wrap(network, sealed), sealed.bytes, openingOptions());
    expect(opened.value).toMatchObject({ from: 'xa', to: 'xb', body: { name: 'Canary Amina' } });
  });

  test('compresses by default, which is refused here', async () => {
    const sealed = await asBlob(sealWithGpg(await plainText(), '--compress-algo', 'zip'));
    const opening = openDocument(await wrap(network, sealed), sealed.bytes, openingOptions());
    expect(await refusal(opening)).toBe('NOT_SIGNED_INSIDE');
  });

  test('encrypts with 3DES when told to, which is refused here', async () => {
    const sealed = await asBlob(
      sealWithGpg(await plainText(), '--compress-algo', 'none', '--cipher-algo', '3DES'),
    );
    const opening = openDocument(await wrap(network, sealed), sealed.bytes, openingOptions());
    expect(await refusal(opening)).toBe('CANNOT_DECRYPT');
  });

  test('makes keys that serve here', async () => {
    const status = gpg('--passphrase', '', '--quick-generate-key', 'xc', 'ed25519', 'sign', 'never');
    const fingerprint = /KEY_CREATED \S+ ([0-9A-F]{40})/.exec(status)![1]!;
    gpg('--passphrase', '', '--quick-add-key', fingerprint, 'cv25519', 'encr', 'never');
    gpg('--armor', '--output', file('c.key'), '--export-secret-keys', fingerprint);
    gpg('--armor', '--output', file('c.crt'), '--export', fingerprint);
    const key = await readSealingKey(readFileSync(file('c.key'), 'utf8'));
    const certificate = await readCertificate(readFileSync(file('c.crt'), 'utf8'));
    expect(certificate.fingerprint).toBe(fingerprint.toLowerCase());
    const options = { signWith: key, encryptTo: [certificate], profile: 'p4' as const };
    const sealed = await sealDocument(makeDocument(), options);
    const own = { decryptWith: [key], senderCerts: [certificate] };
    await expect(openDocument(await wrap(network, sealed), sealed.bytes, own)).resolves.toHaveProperty(
      'value.seq',
      1,
    );
  });
});
