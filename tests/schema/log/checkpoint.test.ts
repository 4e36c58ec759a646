import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from '#schema/log/checkpoint.ts';
import {
  cosignCheckpoint,
  countCosigners,
  meetsQuorum,
  readCosignatureTime,
} from '#schema/log/cosignature.ts';
import { LogError } from '#schema/log/log-error.ts';
import {
  addSignatureLines,
  formatNote,
  formatVkey,
  makeSigningKey,
  makeVerifierKey,
  parseNote,
  parseSignatureLine,
  parseVkey,
  signNote,
} from '#schema/log/note.ts';
import { formatProof, parseProof, verifyProof } from '#schema/log/proof.ts';
import { leafHash } from '#schema/log/tree.ts';
import vectors from '#schema/vectors/log.json' with { type: 'json' };

const { focalnet, realCheckpoint, tree } = vectors;
const unhex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const logVkey = parseVkey(focalnet.logVkey);
const witnesses = focalnet.witnesses.map((witness) => parseVkey(witness.vkey));
const cosigned = addSignatureLines(
  focalnet.checkpoint,
  focalnet.witnesses.map((witness) => witness.line),
);
const leaf = leafHash(unhex(tree.leafInputs[focalnet.proof.leafIndex]!));
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return 'NO_ERROR';
};

describe('a published checkpoint of another log', () => {
  it('opens with its log key, and its witness signed at its time', async () => {
    const checkpoint = await openCheckpoint(realCheckpoint.note, parseVkey(realCheckpoint.logVkey));
    expect(checkpoint.size).toBe(realCheckpoint.size);
    const witness = parseVkey(realCheckpoint.witnessVkey);
    expect(await countCosigners(realCheckpoint.note, [witness])).toEqual([
      { name: witness.name, timeS: realCheckpoint.witnessTimeS },
    ]);
    const clobbered = realCheckpoint.note.replace('1432088532', '1432088533');
    await expect(openCheckpoint(clobbered, parseVkey(realCheckpoint.logVkey))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    await expect(countCosigners(clobbered, [witness])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});

describe('checkpoints', () => {
  it('signs to the same bytes as the other implementation, and opens', async () => {
    const key = await makeSigningKey(focalnet.origin, 1, unhex(focalnet.logSeed));
    expect(formatVkey(key)).toBe(focalnet.logVkey);
    const checkpoint = { origin: focalnet.origin, size: 8, rootHash: unhex(tree.roots[8]!), extensions: [] };
    expect(await signCheckpoint(checkpoint, key)).toBe(focalnet.checkpoint);
    expect(await openCheckpoint(cosigned, logVkey)).toEqual(checkpoint);
    await expect((async () => signCheckpoint({ ...checkpoint, origin: 'x' }, key))()).rejects.toMatchObject({
      code: 'ORIGIN_MISMATCH',
    });
    const foreign = await signNote(formatCheckpoint({ ...checkpoint, origin: 'other.example' }), key);
    await expect(openCheckpoint(foreign, logVkey)).rejects.toMatchObject({ code: 'ORIGIN_MISMATCH' });
    const poem = await signNote('not a checkpoint\n', key);
    await expect(openCheckpoint(poem, logVkey)).rejects.toMatchObject({ code: 'CHECKPOINT_MALFORMED' });
  });

  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  it.each([`o\n0\n${root}\n`, `o\n9007199254740991\n${root}\n`, `o\n5\n${root}\nextension\nmore\n`])(
    'canonical %j comes back',
    (text) => {
      expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
    },
  );
  it.each([
    '',
    'o\n5\n',
    `o\n5\n${root}`,
    `\n5\n${root}\n`,
    `o\n05\n${root}\n`,
    `o\n+5\n${root}\n`,
    `o\n-1\n${root}\n`,
    `o\n5.0\n${root}\n`,
    `o\n 5\n${root}\n`,
    `o\n9007199254740992\n${root}\n`,
    `o\n18446744073709551615\n${root}\n`,
    `o\n5\n${root.slice(0, -1)}\n`,
    `o\n5\n${root.replace('2I=', '2J=')}\n`,
    'o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n',
    `o\n5\n${root}\n\n`,
    `o\n5\n${root}\n\nx\n`,
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('CHECKPOINT_MALFORMED');
  });
  it('refuses to write what it would not read', () => {
    const good = { origin: 'o', size: 1, rootHash: new Uint8Array(32), extensions: [] };
    for (const bad of [
      { ...good, origin: '' },
      { ...good, origin: 'a\nb' },
      { ...good, size: -1 },
      { ...good, size: 2 ** 53 },
      { ...good, rootHash: new Uint8Array(31) },
      { ...good, extensions: [''] },
    ]) {
      expect(codeOf(() => formatCheckpoint(bad))).toBe('CHECKPOINT_MALFORMED');
    }
  });
});

describe('cosignatures', () => {
  it('are the same bytes as those of the other implementation', async () => {
    for (const witness of focalnet.witnesses) {
      const key = await makeSigningKey(witness.name, 4, unhex(witness.seed));
      expect(await cosignCheckpoint(focalnet.checkpoint, key, witness.timeS)).toBe(witness.line);
      expect(await cosignCheckpoint(cosigned, key, witness.timeS)).toBe(witness.line);
    }
  });

  it('are counted once per witness, and make the quorum', async () => {
    const expected = focalnet.witnesses.map(({ name, timeS }) => ({ name, timeS }));
    expect(await countCosigners(cosigned, witnesses)).toEqual(expected);
    expect(
      await countCosigners(addSignatureLines(cosigned, [focalnet.witnesses[0]!.line]), witnesses),
    ).toHaveLength(2);
    expect(await meetsQuorum(cosigned, witnesses, 2)).toBe(true);
    expect(await meetsQuorum(cosigned, witnesses, 3)).toBe(false);
    expect(await meetsQuorum(focalnet.checkpoint, witnesses, 1)).toBe(false);
    expect(await meetsQuorum(focalnet.checkpoint, witnesses, 0)).toBe(true);
  });

  it('of one key under two names, or one name with two keys, are not two', async () => {
    const alias = makeVerifierKey('other.example', 4, witnesses[0]!.publicKey);
    await expect(countCosigners(cosigned, [...witnesses, alias])).rejects.toMatchObject({
      code: 'KEY_AMBIGUOUS',
    });
    const rotated = await makeSigningKey(witnesses[0]!.name, 4, new Uint8Array(32).fill(9));
    const twice = addSignatureLines(cosigned, [await cosignCheckpoint(cosigned, rotated, 5)]);
    expect((await countCosigners(twice, [...witnesses, rotated])).map((cosigner) => cosigner.name)).toEqual(
      witnesses.map((witness) => witness.name),
    );
  });

  it('of the log itself do not count', async () => {
    const self = await makeSigningKey(focalnet.origin, 4, new Uint8Array(32).fill(8));
    const note = addSignatureLines(cosigned, [await cosignCheckpoint(cosigned, self, 5)]);
    expect(await countCosigners(note, [self])).toEqual([]);
  });

  it('moved to another time, text or key are refused', async () => {
    const parsed = parseNote(cosigned);
    const line = parsed.signatures[1]!;
    const later = line.signature.slice();
    later[7]! ^= 1;
    const huge = line.signature.slice();
    huge[0] = 0xff;
    const forge = (signature: Uint8Array<ArrayBuffer>) =>
      formatNote({ text: parsed.text, signatures: [{ ...line, signature }] });
    await expect(countCosigners(forge(later), witnesses)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    await expect(countCosigners(forge(huge), witnesses)).rejects.toMatchObject({
      code: 'COSIGNATURE_INVALID',
    });
    await expect(countCosigners(forge(later.slice(1)), witnesses)).rejects.toMatchObject({
      code: 'COSIGNATURE_INVALID',
    });
    await expect(countCosigners(cosigned.replace('\n8\n', '\n7\n'), witnesses)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    await expect(countCosigners(cosigned, [logVkey])).rejects.toMatchObject({ code: 'KEY_TYPE' });
  });

  it('refuse keys, times and notes that do not fit', async () => {
    const witness = await makeSigningKey('w.example', 4, new Uint8Array(32).fill(9));
    const log = await makeSigningKey('w.example', 1, new Uint8Array(32).fill(9));
    await expect(cosignCheckpoint(cosigned, log, 1)).rejects.toMatchObject({ code: 'KEY_TYPE' });
    for (const timeS of [-1, 1.5, 2 ** 53]) {
      await expect(cosignCheckpoint(cosigned, witness, timeS)).rejects.toMatchObject({
        code: 'TIME_INVALID',
      });
    }
    const poem = await signNote('not a checkpoint\n', log);
    await expect(cosignCheckpoint(poem, witness, 1)).rejects.toMatchObject({ code: 'CHECKPOINT_MALFORMED' });
    const zero = parseSignatureLine((await cosignCheckpoint(cosigned, witness, 0)).trimEnd());
    expect(readCosignatureTime(zero)).toBe(0);
  });
});

describe('log proofs', () => {
  const { text } = focalnet.proof;

  it('come back byte for byte, with and without extra', () => {
    expect(formatProof(parseProof(text))).toBe(text);
    const extra = { ...parseProof(text), extra: Uint8Array.of(1, 2, 3) };
    expect(formatProof(extra)).toContain('@v1\nextra AQID\nindex 5\n');
    expect(parseProof(formatProof(extra))).toEqual(extra);
  });

  it('prove entry, log and quorum', async () => {
    const proved = await verifyProof(parseProof(text), leaf, logVkey, witnesses, 2);
    expect(proved.checkpoint.size).toBe(8);
    expect(proved.cosigners.map((cosigner) => cosigner.name)).toEqual(
      witnesses.map((witness) => witness.name),
    );
    await expect(verifyProof(parseProof(text), leaf, logVkey, witnesses, 3)).rejects.toMatchObject({
      code: 'QUORUM_MISSING',
    });
    await expect(verifyProof(parseProof(text), leafHash(leaf), logVkey, witnesses, 2)).rejects.toMatchObject({
      code: 'ROOT_MISMATCH',
    });
    await expect(
      verifyProof({ ...parseProof(text), index: 8 }, leaf, logVkey, witnesses, 2),
    ).rejects.toMatchObject({
      code: 'INDEX_OUT_OF_TREE',
    });
  });

  it('fail for each flipped bit', async () => {
    const bytes = new TextEncoder().encode(text);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const source = new TextDecoder().decode(changed);
      const verdict = (async () => verifyProof(parseProof(source), leaf, logVkey, witnesses, 2))();
      await expect(verdict, `bit ${bit}`).rejects.toBeInstanceOf(LogError);
    }
  });

  it.each([
    ['another header', text.replace('@v1', '@v2')],
    ['no index', text.replace('index 5\n', '')],
    ['a bad index', text.replace('index 5', 'index 05')],
    ['a negative index', text.replace('index 5', 'index -5')],
    ['bad extra', text.replace('index 5', 'extra !!\nindex 5')],
    ['two extras', text.replace('index 5', 'extra AQID\nextra AQID\nindex 5')],
    ['a short hash', text.replace('index 5\n', 'index 5\nAQID\n')],
    ['a long hash', text.replace('index 5\n', `index 5\n${Buffer.alloc(64).toString('base64')}\n`)],
    [
      'too many hashes',
      text.replace('index 5\n', `index 5\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`),
    ],
    ['nothing after', text.slice(0, text.indexOf('\n\n'))],
  ])('with %s are PROOF_MALFORMED', (_, bad) => {
    expect(codeOf(() => parseProof(bad))).toBe('PROOF_MALFORMED');
  });
});
