/**
 * Why something cannot be done with a case file. Every message says what to do next; none repeats anything of a file.
 */

const table = {
  CASE_UNKNOWN: [404, 'There is no such case file here.'],
  CHILD_UNKNOWN: [404, 'The enquiry has no child of this reference.'],
  ENTRY_UNKNOWN: [409, 'It takes the place of an entry that this item does not have: read the file again.'],
  ENTRY_INVALID: [422, 'The entry does not fit its kind: correct the fields named.'],
  KIND_DIFFERS: [409, 'This item is of another kind: write a new one.'],
  ITEM_UNKNOWN: [404, 'The file has no such item.'],
  REASON_MISSING: [422, 'Say why, in at least ten characters.'],
  WARNING_STAYS: [
    403,
    'A warning ends or changes by who decides in the unit: write a new one beside it, or ask them.',
  ],
  CASE_CLOSED: [409, 'The file is closed: reopen it first.'],
  CASE_OPEN: [409, 'The file is open already.'],
  STILL_AT_RISK: [
    409,
    'A child who is missing, in danger or in the care of a suspect keeps an open file: change what the file says first, if it is not so.',
  ],
  TRANSFER_NOT_ACCEPTED: [
    409,
    'Another State has the care of a child once it has signed that it takes it over, and no message says so yet: keep the file open.',
  ],
  ITEMS_CONTESTED: [409, 'Two accounts stand against each other: a person must resolve them first.'],
  CASE_JOINED: [409, 'This file is read with another one of the same child: open that one.'],
  HAS_JOINED: [409, 'Other files were joined to this one: undo that first.'],
  OPENED_BY_HEAD: [
    403,
    'What stands here came from a conversation for named readers: the head of office opens it to others.',
  ],
  READERS_DIFFER: [
    409,
    'One of the files is for named readers and the other is not: a decider closes both, or opens both, first.',
  ],
  JOIN_UNKNOWN: [404, 'There is no such proposal to join files, or it has been decided.'],
  JOIN_WAITS: [409, 'Somebody has proposed already to join this file with another: decide on that first.'],
  SEARCH_INVALID: [422, 'A search needs at least one name: correct the fields named.'],
  SEARCH_UNCLEAR: [
    400,
    'Search by one thing: what is sought, a case file, or a child of an enquiry by `thread` and `child`.',
  ],
  MATCH_UNKNOWN: [404, 'There is no such possible match.'],
  OTHER_UNSEEN: [
    403,
    'You see one side alone: the head of office, who sees both, says it, or gives you the other.',
  ],
  CURSOR_INVALID: [400, 'That is no cursor of this list: start again without one.'],
} as const satisfies Record<string, readonly [number, string]>;

export type CaseErrorCode = keyof typeof table;

export class CaseError extends Error {
  override readonly name = 'CaseError';
  readonly code: CaseErrorCode;
  readonly status: number;
  /** @param fields paths into the input and what is wrong there, never a value */
  constructor(code: CaseErrorCode, fields: readonly string[] = []) {
    super([table[code][1], ...fields.slice(0, 5).map((field) => `[${field}]`)].join(' '));
    this.code = code;
    this.status = table[code][0];
  }
}
