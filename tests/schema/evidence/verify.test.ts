/**
 * What a verifier makes of bundles whose every signature is genuine: chains of lists, revoked keys, forks, disputes.
 * Damaged bytes, and bundles as nodes export them, are in tests/node/evidence.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Bundle,
  EvidenceError,
  encodeBundle,
  parseBundle,
  toBundleEntry,
} from '#schema/evidence/bundle.ts';
import { findFaultOffset } from '#schema/evidence/find-fault-offset.ts';
import { formatVerdict, type Verification, verifyBundle } from '#schema/evidence/verify.ts';
import { hashList, makeListEntry } from '#schema/jws/trust-list.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { formatProof } from '#schema/log/proof.ts';
import { decodeHex } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { TrustList } from '#schema/protocol/trust-list.ts';
import { makeTestNetwork, signTestList, type TestNetwork } from '#tests/fixtures/network.ts';
import { type Exchange, hash, keepEntry, makeBundle, makeExchange, proveIn, SENT_S } from './make-bundle.ts';

let network: TestNetwork;
let one: Exchange;

beforeAll(async () => {
  network = await makeTestNetwork();
  one = await makeExchange(network);
});

const verify = (bundle: Bundle, anchor = network.anchor) => verifyBundle(encodeBundle(bundle), anchor);
const failures = ({ lines }: Verification) => lines.filter(({ ok }) => ok === false);
const withCode = ({ lines }: Verification, code: string) => lines.filter((line) => line.code === code);
const proved = ({ lines }: Verification) =>
  lines.flatMap(({ ok, what }) => (ok === true ? [what] : [])).join('\n');

function follow(change: (list: TrustList) => void, iat = SENT_S + 5000): TrustList {
  const list = structuredClone(network.list);
  Object.assign(list, { ver: 2, prev: hashList(network.list), iat });
  change(list);
  return TrustList.parse(list);
}

/** The tlog-proof text of a list in the gateway's log. */
async function proveList(list: TrustList, witnesses: readonly string[]): Promise<string> {
  const made = makeListEntry({ value: list, hash: hashList(list) });
  const entries = [keepEntry('gateway.started', {}), { made, salt: '', detail: {} }];
  const { index, hashes, checkpoint } = await proveIn(network, 'gateway', entries, 1, witnesses);
  return formatProof({ index, hashes: hashes.map(decodeHex), checkpoint });
}

async function listsWith(list: TrustList, witnesses: readonly string[] = ['xa']): Promise<Bundle['lists']> {
  const json = await signTestList(list, network.authorities);
  return [
    { list: network.json, proof: null },
    { list: json, proof: await proveList(list, witnesses) },
  ];
}

describe('an honest bundle', () => {
  test('is proved, and internally consistent without an anchor', async () => {
    const bundle = await makeBundle(network, [one]);
    const result = await verify(bundle);
    expect(failures(result)).toEqual([]);
    expect(result.verdict).toBe('PROVED');
    expect((await verifyBundle(encodeBundle(bundle), null)).verdict).toBe('INTERNALLY CONSISTENT');
    expect(proved(result)).toContain('on 2027-01-15 10:46:40 UTC');
  });

  test('says what lacks witnesses, without failing', async () => {
    const result = await verify(await makeBundle(network, [one], { witnesses: [] }));
    expect(result.verdict).toBe('PROVED');
    expect(withCode(result, 'NOT_YET_WITNESSED')).toHaveLength(3);
    expect(formatVerdict(result)).toContain(
      'not proved  Not yet witnessed: nobody has cosigned the log of xa',
    );
  });

  test('gives one line per thing said, and says where it failed', async () => {
    const bundle = await makeBundle(network, [one]);
    bundle.messages[0]!.sealed!.proof.index = 1;
    const text = formatVerdict(await verify(bundle));
    expect(text).toMatch(
      /^FAILED {6}The log entry of xa does not hold\..*ROOT_MISMATCH, messages\[0\]\.sealed\]$/m,
    );
    expect(text.endsWith('\nFAILED\n')).toBe(true);
  });
});

describe('trust lists', () => {
  test('are walked from the anchor, each with its proof', async () => {
    const result = await verify(
      await makeBundle(network, [one], { lists: await listsWith(follow(() => {})) }),
    );
    expect(result.verdict).toBe('PROVED');
    expect(proved(result)).toContain('Trust list 2 follows list 1');
  });

  test('without witnesses need all authorities, and no proof beside them that shows nothing', async () => {
    const list = follow(() => {});
    const two = await signTestList(list, network.authorities, 2);
    const three = await signTestList(list, network.authorities, 3);
    const first = { list: network.json, proof: null };
    const judge = async (second: Bundle['lists'][number]) =>
      verify(await makeBundle(network, [one], { lists: [first, second] }));
    expect(failures(await judge({ list: two, proof: null }))).toMatchObject([
      { code: 'NOT_WITNESSED', where: 'lists[1]' },
    ]);
    expect((await judge({ list: three, proof: null })).verdict).toBe('PROVED');
    const unseen = await proveList(list, []);
    expect(failures(await judge({ list: three, proof: unseen }))).toMatchObject([{ code: 'LIST_PROOF' }]);
  });

  test('carry no line in a proof that nothing vouches for', async () => {
    const lists = await listsWith(
      follow(() => {}),
      ['xa', 'gateway'],
    );
    expect(failures(await verify(await makeBundle(network, [one], { lists })))).toMatchObject([
      { code: 'LINE_UNCHECKED', where: 'lists[1]' },
    ]);
    const [first] = lists;
    const spare = [{ ...first!, proof: lists[1]!.proof }];
    expect(failures(await verify(await makeBundle(network, [one], { lists: spare })))).toMatchObject([
      { code: 'LIST_PROOF', where: 'lists[0]' },
    ]);
  });

  test('must be all there, of this network, and reach as far as the envelope names', async () => {
    const lists = await listsWith(follow(() => {}));
    const gap = await makeBundle(network, [one], { lists: [{ ...lists[1]!, proof: null }] });
    expect(failures(await verify(gap))).toMatchObject([{ code: 'ANCHOR_MISMATCH' }]);
    const newer = await makeExchange(network, { list: 2 });
    expect(failures(await verify(await makeBundle(network, [newer])))).toMatchObject([
      { code: 'LIST_MISSING', where: 'messages[0].envelope' },
    ]);
    expect((await verify(await makeBundle(network, [newer], { lists }))).verdict).toBe('PROVED');
    const renamed = { ...(await makeBundle(network, [one])), net: 'other.example' };
    expect(failures(await verify(renamed))).toMatchObject([{ code: 'OTHER_NETWORK', where: 'net' }]);
  });
});

describe('a key revoked later', () => {
  const revoke = (party: string, since: number) =>
    follow((list) => {
      const node = list.nodes.find((one) => one.node === party)!;
      node.sig[0]!.revoked = { since, reason: 'lost' };
    });
  const withRevoked = async (
    party: string,
    since: number,
    witnessedAtS: number,
    edit = (_: Bundle) => {},
  ) => {
    const bundle = await makeBundle(network, [one], {
      lists: await listsWith(revoke(party, since)),
      witnessedAtS,
    });
    edit(bundle);
    return verify(bundle);
  };

  test.each(['xa', 'xb'])('of %s leaves proved what witnesses saw before', async (party) => {
    const result = await withRevoked(party, SENT_S + 1000, SENT_S + 60);
    expect(result.verdict).toBe('PROVED');
    expect(proved(result)).toContain(`is older than that the key ${party}#sig-1 is revoked from`);
  });

  test.each(['xa', 'xb'])('of %s leaves nothing proved that witnesses saw only later', async (party) => {
    const result = await withRevoked(party, SENT_S + 1000, SENT_S + 1000);
    expect(result.verdict).toBe('INTERNALLY CONSISTENT');
    expect(withCode(result, 'REVOKED_KEY_UNDATED')).toHaveLength(1);
  });

  test('is not dated by a log entry that nobody opens', async () => {
    const result = await withRevoked('xb', SENT_S + 1000, SENT_S + 60, ({ messages }) => {
      messages[0]!.receipts[0]!.leaf!.opening = null;
      messages[0]!.receipts[0]!.taken = null;
    });
    expect(result.verdict).toBe('INTERNALLY CONSISTENT');
    const byTaker = await withRevoked('xb', SENT_S + 1000, SENT_S + 60, ({ messages }) => {
      messages[0]!.receipts[0]!.leaf = null;
    });
    expect(byTaker.verdict).toBe('PROVED');
  });

  test('refuses what is dated after', async () => {
    const sender = await withRevoked('xa', SENT_S, SENT_S + 60);
    expect(failures(sender)).toMatchObject([{ code: 'KEY_NOT_VALID', where: 'messages[0].envelope' }]);
    const recipient = await withRevoked('xb', SENT_S, SENT_S + 60);
    expect(failures(recipient)).toMatchObject([{ code: 'KEY_NOT_VALID', where: 'messages[0].receipts[0]' }]);
  });

  test('or replaced by another is still found in the list that had it', async () => {
    const list = follow((next) => {
      const node = next.nodes.find(({ node }) => node === 'xb')!;
      node.sig[0]!.kid = 'xb#sig-2';
    });
    const result = await verify(await makeBundle(network, [one], { lists: await listsWith(list) }));
    expect(result.verdict).toBe('PROVED');
  });
});

describe('logs', () => {
  test('of one party with two trees of one size are a fork', async () => {
    const bundle = await makeBundle(network, [one]);
    const others = [keepEntry('node.started', {}), one.taken];
    bundle.messages[0]!.receipts[0]!.taken!.proof = await proveIn(network, 'xa', others, 1);
    expect(failures(await verify(bundle))).toMatchObject([
      { code: 'LOG_FORKED', where: 'messages[0].receipts[0]' },
    ]);
  });

  test('a checkpoint of a fork does not carry a proof made for the log', async () => {
    const bundle = await makeBundle(network, [one]);
    const fork = await proveIn(network, 'xa', [keepEntry('node.started', {}), one.taken], 0);
    bundle.messages[0]!.sealed!.proof.checkpoint = fork.checkpoint;
    expect(failures(await verify(bundle))).toMatchObject([
      { code: 'ROOT_MISMATCH', where: 'messages[0].sealed' },
    ]);
  });

  test('do not witness themselves, and what a State saw before it was suspended counts', async () => {
    const list = follow((next) => {
      next.nodes.find(({ node }) => node === 'xc')!.status = 'suspended';
    });
    const bundle = await makeBundle(network, [one]);
    const { proof } = bundle.messages[0]!.sealed!;
    const own = await cosignCheckpoint(proof.checkpoint, network.parties.xa!.wit, SENT_S);
    proof.checkpoint += own;
    expect(failures(await verify(bundle))).toMatchObject([{ code: 'LINE_UNCHECKED' }]);
    const alone = await makeBundle(network, [one], { witnesses: ['xc'], lists: await listsWith(list) });
    // Under list 1 xc was a witness like any other, and what it saw then it saw.
    expect((await verify(alone)).verdict).toBe('PROVED');
    expect(withCode(await verify(alone), 'NOT_YET_WITNESSED')).toEqual([]);
  });

  test('an entry of another type or party proves nothing here', async () => {
    const bundle = await makeBundle(network, [one]);
    const other = keepEntry('message.expired', one.sealed.detail as Record<string, unknown>);
    bundle.messages[0]!.sealed = {
      ...bundle.messages[0]!.sealed!,
      entry: toBundleEntry(other.made.bytes),
      proof: await proveIn(network, 'xa', [other], 0),
    };
    expect(failures(await verify(bundle))).toMatchObject([{ code: 'LEAF_OF_OTHER' }]);
    const foreign = await makeBundle(network, [one]);
    foreign.messages[0]!.sealed!.proof = await proveIn(network, 'xb', [one.sealed], 0);
    expect(failures(await verify(foreign))).toMatchObject([{ code: 'SIGNATURE_MISSING' }]);
  });
});

describe('messages that contradict one another', () => {
  test('two messages with one number', async () => {
    const other = await makeExchange(network, { name: 'another' });
    expect(failures(await verify(await makeBundle(network, [one, other])))).toMatchObject([
      { code: 'EQUIVOCATION', where: 'messages[1].envelope' },
    ]);
  });

  test('a message that does not name the one before it', async () => {
    const next = await makeExchange(network, { seq: 2, prev: hash(one.jws) });
    const result = await verify(await makeBundle(network, [one, next]));
    expect(result.verdict).toBe('PROVED');
    expect(proved(result)).toContain('follows number 1 of xa directly');
    const broken = await makeExchange(network, { seq: 2, prev: hash('something else') });
    expect(failures(await verify(await makeBundle(network, [one, broken])))).toMatchObject([
      { code: 'CHAIN_BROKEN', where: 'messages[1].envelope' },
    ]);
  });

  test('a receipt that names other content is a dispute, and both sides stay proved', async () => {
    const disputed = await makeExchange(network, { receipt: { doc: hash('other content') } });
    const result = await verify(await makeBundle(network, [disputed]));
    expect(result.verdict).toBe('PROVED');
    expect(withCode(result, 'CONTENT_DISPUTED')).toMatchObject([{ ok: null }]);
  });

  test('a receipt that names other bytes, or comes twice, fails', async () => {
    const other = await makeExchange(network, { receipt: { sealed: hash('other blob') } });
    expect(failures(await verify(await makeBundle(network, [other])))).toMatchObject([
      { code: 'RECEIPT_OF_OTHER', where: 'messages[0].receipts[0]' },
    ]);
    const bundle = await makeBundle(network, [one]);
    bundle.messages[0]!.receipts.push(bundle.messages[0]!.receipts[0]!);
    expect(failures(await verify(bundle))).toMatchObject([{ code: 'DUPLICATE' }]);
  });
});

describe('what is no bundle', () => {
  test('fails with the path of the first wrong member', async () => {
    const { messages, ...rest } = await makeBundle(network, [one]);
    const wrong = { ...rest, messages: [{ ...messages[0]!, plaintext: 'INVENTED' }] };
    const result = await verifyBundle(encodeCanonical(wrong), network.anchor);
    expect(result).toMatchObject({
      verdict: 'FAILED',
      lines: [{ code: 'NOT_A_BUNDLE', where: 'messages[0]' }],
    });
    expect(formatVerdict(result)).not.toContain('INVENTED');
  });

  test('any bytes at all give a verdict', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        async (bytes) => {
          expect((await verifyBundle(bytes, null)).verdict).toBe('FAILED');
        },
      ),
    );
  });

  test('deep nesting and what is too large are refused before they cost anything', () => {
    const deep = new TextEncoder().encode('['.repeat(100_000));
    expect(() => parseBundle(deep)).toThrow(EvidenceError);
  });
});

describe('the offset of a fault', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  test.each([
    ['{"a":1 }', 6],
    ['{"a":01}', 6],
    ['{"a":1.5}', 6],
    ['{"a":"\u0007"}', 6],
    ['{"a":"\\u0041"}', 6],
    ['{"\u00e9":tru}', 6],
    ['{"b":1,"a":2}', 2],
    ['{"a":1,"a":2}', 5],
    ['{"a":[1,2', 9],
    ['{"a":1}}', 7],
    ['\ufeff{}', 0],
  ])('in %j is %i', (text, offset) => {
    expect(findFaultOffset(bytesOf(text))).toBe(offset);
  });

  test('of a byte that is no UTF-8 is that byte', () => {
    const bytes = bytesOf('{"a":"\u20ac"}');
    bytes[7] = 0x41;
    expect(findFaultOffset(bytes)).toBe(7);
    expect(findFaultOffset(bytes.subarray(0, 6 + 1))).toBe(7);
  });

  test('lies inside or at the end of the bytes, whatever was changed', () => {
    const whole = encodeCanonical({ a: [1, true, null, 'x\n\u20ac'], b: { c: '' } });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Uint8Array.from(whole);
        damaged[at] = byte;
        const offset = findFaultOffset(damaged);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(whole.length);
      }),
    );
  });
});
