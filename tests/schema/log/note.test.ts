import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogError } from '#schema/log/log-error.ts';
import {
  addSignatureLines,
  formatNote,
  formatNoteSigner,
  formatVkey,
  makeSigningKey,
  makeVerifierKey,
  parseNote,
  parseVkey,
  readNoteSigner,
  signNote,
  verifyNote,
} from '#schema/log/note.ts';
import { decodeBase64 } from '#schema/protocol/base64.ts';
import vectors from '#schema/vectors/log.json' with { type: 'json' };

const { text, keys, badVkeys } = vectors.note;
const signers = keys.map(({ vkey, line }) => ({ vkey, line, key: parseVkey(vkey) }));
const peter = signers[0]!;
const enoch = signers[1]!;
const peterSeed = () => decodeBase64(keys[0]!.skey!.split('+').slice(4).join('+')).subarray(1);

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return 'NO_ERROR';
};

describe('keys', () => {
  it('reads and writes the published ones', () => {
    for (const { vkey } of keys) expect(formatVkey(parseVkey(vkey))).toBe(vkey);
  });

  it('refuses every part and every mangling of one', () => {
    const { vkey } = peter;
    for (let i = 0; i <= vkey.length; i++) {
      for (let j = i + 1; j <= vkey.length; j++) {
        if (j - i < vkey.length) expect(codeOf(() => parseVkey(vkey.slice(i, j)))).toBe('KEY_MALFORMED');
      }
    }
    for (let i = 0; i < vkey.length; i++) {
      const mangled = vkey.slice(0, i) + String.fromCharCode(vkey.charCodeAt(i) + 1) + vkey.slice(i + 1);
      expect(codeOf(() => parseVkey(mangled))).toBe('KEY_MALFORMED');
    }
    for (const bad of [...badVkeys, vkey.toUpperCase(), `${vkey}\n`, `${vkey}=`, '']) {
      expect(codeOf(() => parseVkey(bad))).toBe('KEY_MALFORMED');
    }
  });

  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003', 'a\u0085', 'a\nb', '\u0007', '\ud800'])(
    'name %j is refused',
    (name) => {
      expect(codeOf(() => makeVerifierKey(name, 1, new Uint8Array(32)))).toBe('KEY_MALFORMED');
    },
  );
});

describe('signing', () => {
  it('gives the published signature', async () => {
    const key = await makeSigningKey('PeterNeumann', 1, peterSeed());
    expect(formatVkey(key)).toBe(peter.vkey);
    expect(await signNote(text, key)).toBe(`${text}\n${peter.line}`);
    await expect(crypto.subtle.exportKey('pkcs8', key.privateKey)).rejects.toThrow();
  });

  it('reads and writes the published private key, and no mangling of it', async () => {
    const skey = keys[0]!.skey!;
    const key = await readNoteSigner(skey);
    expect(await signNote(text, key)).toBe(`${text}\n${peter.line}`);
    expect(await formatNoteSigner('PeterNeumann', 1, peterSeed())).toBe(skey);
    const witness = await formatNoteSigner('w.example', 4, peterSeed());
    expect(await readNoteSigner(witness)).toMatchObject({ name: 'w.example', type: 4 });
    for (let i = 0; i < skey.length; i++) {
      for (const bad of [skey.slice(0, i), skey.slice(i + 1), `${skey.slice(0, i)}~${skey.slice(i + 1)}`]) {
        await expect(readNoteSigner(bad)).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
      }
    }
  });

  it('refuses texts that cannot be read back and keys of another type', async () => {
    const key = await makeSigningKey('PeterNeumann', 1, peterSeed());
    for (const bad of ['', 'no newline', 'a\tb\n', 'a\rb\n', '\ud800\n']) {
      await expect(signNote(bad, key)).rejects.toMatchObject({ code: 'NOTE_MALFORMED' });
    }
    const witness = await makeSigningKey('PeterNeumann', 4, peterSeed());
    await expect(signNote(text, witness)).rejects.toMatchObject({ code: 'KEY_TYPE' });
    await expect(makeSigningKey('x', 1, new Uint8Array(31))).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
  });

  it('comes back for any text, blank lines included', async () => {
    const key = await makeSigningKey('log.example/x', 1, peterSeed());
    const line = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((s) => s.replace(/[\u0000-\u001f]/gu, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async (lines) => {
        const body = `${lines.join('\n')}\n`;
        const note = await signNote(body, key);
        expect((await verifyNote(note, [key])).text).toBe(body);
        expect(formatNote(parseNote(note))).toBe(note);
        expect(parseNote(new TextEncoder().encode(note))).toEqual(parseNote(note));
      }),
      { numRuns: 50 },
    );
  });
});

describe('verifying', () => {
  const both = `${text}\n${peter.line}${enoch.line}`;

  it('says who signed and how many lines it did not check', async () => {
    expect(await verifyNote(both, [peter.key])).toEqual({ text, signers: [peter.key], unchecked: 1 });
    expect((await verifyNote(both, [enoch.key, peter.key])).signers).toEqual([peter.key, enoch.key]);
    expect((await verifyNote(addSignatureLines(both, [peter.line]), [peter.key])).unchecked).toBe(2);
  });

  it('needs a signature that it knows, and spoils the note for a bad one', async () => {
    await expect(verifyNote(both, [])).rejects.toMatchObject({ code: 'SIGNATURE_MISSING' });
    await expect(verifyNote(both, [enoch.key, enoch.key])).rejects.toMatchObject({ code: 'KEY_AMBIGUOUS' });
    const twisted = parseNote(both);
    const bad = twisted.signatures[0]!.signature.slice();
    bad[5]! ^= 1;
    const forged = formatNote({
      text,
      signatures: [{ ...twisted.signatures[0]!, signature: bad }, twisted.signatures[1]!],
    });
    await expect(verifyNote(forged, [peter.key, enoch.key])).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    expect((await verifyNote(forged, [enoch.key])).signers).toEqual([enoch.key]);
    await expect(verifyNote(both.replace('answer', 'answers'), [peter.key])).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    const witness = makeVerifierKey('PeterNeumann', 4, peter.key.publicKey);
    await expect(verifyNote(both, [witness])).rejects.toMatchObject({ code: 'KEY_TYPE' });
  });

  it('refuses each flipped bit of a note with one signature', async () => {
    const bytes = new TextEncoder().encode(`${text}\n${peter.line}`);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await expect(verifyNote(changed, [peter.key])).rejects.toBeInstanceOf(LogError);
    }
  });

  it.each([
    ['no signature', text],
    ['an empty block', `${text}\n`],
    ['no final newline', `${text}\n${peter.line.slice(0, -1)}`],
    ['a control character', `\u0001${text}\n${peter.line}`],
    ['a carriage return', `${text}\n${peter.line.replace('\n', '\r\n')}`],
    ['a name with a space', `${text}\n${peter.line.replace('PeterNeumann', 'Bad Name')}`],
    ['a name with a plus', `${text}\n${peter.line.replace('PeterNeumann', 'Bad+Name')}`],
    ['another line among signatures', `${text}\n${peter.line}Unexpected line.\n`],
    ['two spaces', `${text}\n${peter.line.replace('PeterNeumann ', 'PeterNeumann  ')}`],
    ['a hyphen for the dash', `${text}\n${peter.line.replace('\u2014', '-')}`],
    ['padding left out', `${text}\n${peter.line.replace('=', '')}`],
    ['a signature of no bytes', `${text}\n\u2014 PeterNeumann x08gow==\n`],
    ['too many signatures', `${text}\n${peter.line.repeat(101)}`],
    ['too many bytes', `${text.repeat(1400)}\n${peter.line}`],
    ['a byte-order mark in the block', `${text}\n\ufeff${peter.line}`],
  ])('refuses %s', (_, note) => {
    expect(codeOf(() => parseNote(note))).toBe('NOTE_MALFORMED');
    expect(codeOf(() => parseNote(new TextEncoder().encode(note)))).toBe('NOTE_MALFORMED');
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = new TextEncoder().encode(`x${text}\n${peter.line}`);
    bytes[0] = 0xff;
    expect(codeOf(() => parseNote(bytes))).toBe('NOTE_MALFORMED');
  });
});
