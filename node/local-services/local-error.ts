/**
 * What giving questions to a local service can be refused for. Says what to do, and nothing of a person.
 */
const table = {
  QUESTIONS_UNSUITABLE: [422, 'Name one to three open questions of this enquiry, by their references.'],
  NOT_ASKED_OF_US: [409, 'Only questions that another State has asked this one can be given on.'],
  STANDS_STILL: [409, 'Acts stand still, or the enquiry is over: nobody may ask on its behalf now.'],
  NAMED_READERS_ONLY: [
    409,
    'Only named persons may read this conversation: it cannot be given on by a link.',
  ],
  FAMILY_PAUSED: [409, 'Questions to the family are paused: leave them out.'],
  TIME_INVALID: [422, 'A link holds one to fourteen days.'],
  REQUEST_UNKNOWN: [404, 'There is no such request to a local service here, or it is over.'],
} as const satisfies Record<string, readonly [number, string]>;

export class LocalError extends Error {
  override readonly name = 'LocalError';
  readonly code: keyof typeof table;
  readonly status: number;
  constructor(code: keyof typeof table) {
    super(table[code][1]);
    this.code = code;
    this.status = table[code][0];
  }
}
