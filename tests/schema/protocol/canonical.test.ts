import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalError, encodeCanonical, parseCanonical } from '#schema/protocol/canonical.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (value: unknown) => new TextDecoder().decode(encodeCanonical(value));
const parse = (source: string | Uint8Array, maxDepth?: number) =>
  parseCanonical(typeof source === 'string' ? utf8(source) : source, {
    maxBytes: 100_000,
    ...(maxDepth === undefined ? {} : { maxDepth }),
  });

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof CanonicalError) return error.code;
    throw error;
  }
  return 'NO_ERROR';
};

const nameArb = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'length',
    '',
    'é',
    '\u{1f600}',
    '\ufb33',
    '10',
    '9',
  ),
  fc.string({ unit: 'grapheme' }),
);
const { value: valueArb } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(nameArb, tie('value')), { maxLength: 5 })
      .map((members) => Object.assign(Object.create(null), Object.fromEntries(members))),
  ),
}));

describe('canonical JSON', () => {
  it('comes back the same, byte for byte', () => {
    fc.assert(
      fc.property(valueArb, (value) => {
        const bytes = encodeCanonical(value);
        const parsed = parse(bytes);
        expect(parsed).toEqual(value);
        expect(encodeCanonical(parsed)).toEqual(bytes);
      }),
    );
  });

  it('is plain JSON to any other reader', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const code = codeOf(() => encodeCanonical(value));
        if (code === 'NO_ERROR') expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)));
        else expect(code).toBe('UNSUPPORTED_VALUE');
      }),
    );
  });

  it('refuses every single-byte change that does not spell another canonical text', () => {
    const bytes = encodeCanonical({ at: 'é"\\', n: [1, -20, null], z: { a: true } });
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[i] = changed[i]! ^ (1 << bit);
        if (codeOf(() => parse(changed)) === 'NO_ERROR')
          expect(encodeCanonical(parse(changed))).toEqual(changed);
      }
    }
  });

  it('sorts as RFC 8785 section 3.2.3 shows', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1f600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = ['Carriage Return', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew'];
    const positions = order.map((word) => text(sample).indexOf(word));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions.every((position) => position > 0)).toBe(true);
  });

  it('escapes as RFC 8785 section 3.2.2.2 says', () => {
    expect(text('\u20ac$\u000f\nA\'B"\\\\"/\u2028\u007f')).toBe(
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u2028\u007f"',
    );
  });
});

describe('what has no canonical form', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const sparse = [1];
  sparse[2] = 3;
  it.each([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a hole', sparse],
    ['a fraction', 1.5],
    ['minus zero', -0],
    ['NaN', Number.NaN],
    ['an unsafe integer', 2 ** 53],
    ['a bigint', 1n],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['a lone high surrogate', '\ud800x'],
    ['a lone low surrogate', 'x\udc00'],
    ['a lone surrogate as a name', { '\ud800': 1 }],
  ])('%s is UNSUPPORTED_VALUE', (_, value) => {
    expect(codeOf(() => encodeCanonical(value))).toBe('UNSUPPORTED_VALUE');
  });

  it('a cycle is TOO_DEEP', () => {
    expect(codeOf(() => encodeCanonical(cycle))).toBe('TOO_DEEP');
  });
});

describe('what is refused on the way in', () => {
  it.each([
    ['NOT_CANONICAL', '{"a":1,"a":2}'],
    ['NOT_CANONICAL', '{"a":1,"\\u0061":2}'],
    ['NOT_CANONICAL', '{"__proto__":{"x":1},"__proto__":{"x":1}}'],
    ['NOT_CANONICAL', '{"b":1,"a":2}'],
    ['NOT_CANONICAL', '{"a": 1}'],
    ['NOT_CANONICAL', ' 1'],
    ['NOT_CANONICAL', '1\n'],
    ['NOT_CANONICAL', '1.0'],
    ['NOT_CANONICAL', '1e2'],
    ['NOT_CANONICAL', '"\\u0041"'],
    ['NOT_CANONICAL', '"\\/"'],
    ['NOT_CANONICAL', '"\\u000A"'],
    ['UNSUPPORTED_VALUE', '-0'],
    ['UNSUPPORTED_VALUE', '1.5'],
    ['UNSUPPORTED_VALUE', '9007199254740992'],
    ['UNSUPPORTED_VALUE', '1e999'],
    ['UNSUPPORTED_VALUE', '"\\ud800"'],
    ['UNSUPPORTED_VALUE', '{"\\udfff":1}'],
    ['NOT_JSON', ''],
    ['NOT_JSON', '{'],
    ['NOT_JSON', '01'],
    ['NOT_JSON', '{"a":1}{"a":1}'],
    ['NOT_JSON', '\ufeff1'],
    ['NOT_JSON', '"\n"'],
  ])('%s for %j', (code, source) => {
    expect(codeOf(() => parse(source))).toBe(code);
  });

  it.each([
    [[0xff]],
    [[0x22, 0xc0, 0xaf, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0x22, 0xf0, 0x9f, 0x22]],
  ])('NOT_UTF8 for bytes %j', (list) => {
    expect(codeOf(() => parse(Uint8Array.from(list)))).toBe('NOT_UTF8');
  });

  it('TOO_LARGE counts bytes, and before reading any', () => {
    expect(codeOf(() => parseCanonical(utf8('"é"'), { maxBytes: 3 }))).toBe('TOO_LARGE');
    expect(parseCanonical(utf8('"é"'), { maxBytes: 4 })).toBe('é');
  });

  it('TOO_DEEP counts containers and costs no stack', () => {
    const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(() => parse(nest(32)))).toBe('NO_ERROR');
    expect(codeOf(() => parse(nest(33)))).toBe('TOO_DEEP');
    expect(codeOf(() => parse(nest(2), 1))).toBe('TOO_DEEP');
    expect(codeOf(() => parse('['.repeat(90_000)))).toBe('TOO_DEEP');
    expect(parse('["[[[[","\\"[["]', 1)).toEqual(['[[[[', '"[[']);
  });
});

describe('prototype pollution', () => {
  it('keeps __proto__ an ordinary member and inherits nothing', () => {
    const value = parse('{"__proto__":{"admin":true},"a":{}}') as Record<string, Record<string, unknown>>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(value.a)).toBeNull();
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect((value as { admin?: unknown }).admin).toBeUndefined();
    expect('toString' in value).toBe(false);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});
