/**
 * What matching can refuse. Says what to do, and nothing of a person.
 */
const table = {
  BIRTH_INVALID: 'Give a birth as two full dates, YYYY-MM-DD, the earlier first.',
  FACTS_TOO_MANY: 'Search with at most 24 names of 12 parts each, 48 births and 40 nationalities.',
  INDEX_KEY_INVALID: 'The index key is 32 bytes: take it from the key provider.',
} as const satisfies Record<string, string>;

export class MatchingError extends Error {
  override readonly name = 'MatchingError';
  readonly code: keyof typeof table;
  constructor(code: keyof typeof table) {
    super(table[code]);
    this.code = code;
  }
}
