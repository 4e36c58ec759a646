import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  EncodingError,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
} from '#schema/protocol/base64.ts';

const forms = [
  { name: 'base64', encode: encodeBase64, decode: decodeBase64, code: 'BAD_BASE64' },
  { name: 'base64url', encode: encodeBase64Url, decode: decodeBase64Url, code: 'BAD_BASE64URL' },
  { name: 'hex', encode: encodeHex, decode: decodeHex, code: 'BAD_HEX' },
] as const;

const bytesOf = (maxLength: number) => fc.uint8Array({ maxLength });

describe.each(forms)('$name', ({ name, encode, decode, code }) => {
  it('equals Buffer and comes back', () => {
    fc.assert(
      fc.property(bytesOf(200), (bytes) => {
        expect(encode(bytes)).toBe(Buffer.from(bytes).toString(name));
        expect(Buffer.from(decode(encode(bytes))).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });

  it('accepts a text only when it is what the encoder writes', () => {
    const characters = fc.constantFrom(...'AQgwxyz019+/-_=afAF \n\u00e9\u0141');
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), (list) => {
        const text = list.join('');
        const canonical = Buffer.from(text, name).toString(name) === text;
        if (canonical) expect(encode(decode(text))).toBe(text);
        else expect(() => decode(text)).toThrow(EncodingError);
      }),
      { numRuns: 2000 },
    );
  });

  it('says its own code and not the text', () => {
    try {
      decode('secret text!');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code });
      expect(String(error)).not.toContain('secret');
    }
  });
});

describe('published vectors (RFC 4648 section 10)', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('%s', (plain, text) => {
    expect(encodeBase64(new TextEncoder().encode(plain))).toBe(text);
    expect(new TextDecoder().decode(decodeBase64(text))).toBe(plain);
  });

  it.each(['Zh==', 'Zg=', 'Zg', 'Zg==\n', 'Z===', '====', 'Zm9=', 'Zm9v====', '='])('refuses %j', (text) => {
    expect(() => decodeBase64(text)).toThrow(EncodingError);
  });
});
