/** What the database may hold of a token: nothing without the key, and with it only that a name is one of many. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { makeBlindIndex, TOKEN_BITS } from '#node/matching/blind-index.ts';
import type { SearchableFacts } from '#node/matching/facts.ts';
import { tokenKinds, tokensOf } from '#node/matching/tokens.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, n) => n);
const facts: SearchableFacts = {
  names: [
    {
      parts: [
        { kind: 'given', value: 'Юлия' },
        { kind: 'family', value: 'Петрова' },
      ],
      script: 'Cyrl',
      language: 'ru',
    },
  ],
  births: [{ earliest: '2010-03-01', latest: '2010-03-01' }],
  nationalities: [],
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a blind token', () => {
  it('is the beginning of HMAC-SHA-256 over context, kind and value, by another implementation', () => {
    const expected = tokensOf(facts).map(({ kind, value }) => {
      const mac = hmac(sha256, KEY, new TextEncoder().encode(`focalnet blind index 1\0${kind}\0${value}`));
      return `${tokenKinds[kind]} ${hex(mac).slice(0, TOKEN_BITS / 4)}0`;
    });
    const kept = makeBlindIndex(KEY).tokensToKeep(facts);
    expect(kept.map(({ kind, token }) => `${kind} ${hex(token)}`)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(6);
  });

  it('is another one under another key, and under another kind', () => {
    const other = makeBlindIndex(KEY.map((byte) => byte ^ 1)).tokensToKeep(facts);
    const kept = makeBlindIndex(KEY).tokensToKeep(facts);
    const all = (tokens: typeof kept) => tokens.map(({ token }) => hex(token));
    expect(all(other).filter((token) => all(kept).includes(token))).toEqual([]);
    // `*L` is a skeleton and `uLa` a sound of the same word; `2010` is a year and could be a part.
    expect(new Set(all(kept)).size).toBe(kept.length);
  });

  it('is shared by many words: 20 bits of a million, so that none says which', () => {
    const words = Array.from(
      { length: 6_000 },
      (_, n) => `Name${n.toString(36).replace(/\d/g, (d) => 'abcdefghij'[Number(d)]!)}`,
    );
    const index = makeBlindIndex(KEY);
    const tokens = new Map<string, Set<string>>();
    for (const word of new Set(words)) {
      const parts = index.tokensToKeep({
        ...facts,
        births: [],
        names: [{ parts: [{ kind: 'given', value: word }], script: 'Latn' }],
      });
      const part = hex(parts.find(({ kind }) => kind === tokenKinds.part)!.token);
      tokens.set(part, (tokens.get(part) ?? new Set()).add(word));
    }
    expect([...tokens.values()].some((sharing) => sharing.size > 1)).toBe(true);
  });

  it('is not made with a short key', () => {
    expect(() => makeBlindIndex(KEY.slice(1))).toThrow(
      expect.objectContaining({ code: 'INDEX_KEY_INVALID' }) as Error,
    );
  });

  it('does not change when the key’s bytes are wiped by their owner', () => {
    const key = Uint8Array.from(KEY);
    const index = makeBlindIndex(key);
    key.fill(0);
    expect(index.tokensToKeep(facts)).toEqual(makeBlindIndex(KEY).tokensToKeep(facts));
  });

  it('of what is sought is the same, with a weight: the spelling adds little to the sound', () => {
    const sought = makeBlindIndex(KEY).tokensToFind(facts);
    const weightOf = (kind: keyof typeof tokenKinds) =>
      sought.find((token) => token.kind === tokenKinds[kind])!.weight;
    expect(weightOf('part')).toBeLessThan(weightOf('skeleton'));
    expect(sought.map(({ kind, token }) => `${kind} ${hex(token)}`)).toEqual(
      makeBlindIndex(KEY)
        .tokensToKeep(facts)
        .map(({ kind, token }) => `${kind} ${hex(token)}`),
    );
  });
});
