/**
 * Refusals of attachment storage; what cleaning refuses is in attachment-error.ts. Never holds a file's name or content.
 */

const table = {
  ATTACHMENT_UNKNOWN: [404, 'There is no such attachment here: attach the file again.'],
  ATTACHMENT_USED: [409, 'This attachment belongs to another act: attach the file again.'],
  ATTACHMENT_INCOMPLETE: [409, 'The file has not arrived in full: attach it again.'],
  ATTACHMENT_EMPTY: [400, 'The file is empty: attach the one you mean.'],
  ATTACHMENT_TOO_LARGE: [413, 'The file is too large for this: show a smaller one.'],
  TOO_MANY_ATTACHMENTS: [400, 'Too many attachments for one act: send several acts.'],
  REASON_MISSING: [400, 'Say why this file must leave uncleaned, in at least ten characters.'],
} as const satisfies Record<string, readonly [number, string]>;

export type StorageErrorCode = keyof typeof table;

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly status: number;
  constructor(code: StorageErrorCode) {
    super(table[code][1]);
    this.code = code;
    this.status = table[code][0];
  }
}
