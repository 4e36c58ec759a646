/**
 * Every reason for which one party refuses what another sent: one table, so that both sides mean the same by a code.
 *
 * kind says what a refusal leaves behind (PROTOCOL.md, C rules):
 * - `unauthenticated`: no listed key has signed it. Counted, dropped, summarised in the log hourly; nothing is stored.
 * - `transient`: our fault, the network's or time's. Nothing is stored; the sender keeps the message and tries again.
 * - `permanent`: signed by a listed key and wrong for ever. Answered by a signed rejection, remembered, uses up its seq.
 */

type Kind = 'unauthenticated' | 'transient' | 'permanent';

const table = {
  MALFORMED: [
    'unauthenticated',
    'It is not an envelope of this protocol: send exactly the bytes that were sealed.',
  ],
  TOO_LARGE: ['unauthenticated', 'It is larger than the protocol allows: send attachments as parts.'],
  SENDER_UNKNOWN: ['unauthenticated', 'No such party in the trust list: check the list in force.'],
  KEY_UNKNOWN: ['unauthenticated', 'The key id is not listed for this party: check the list in force.'],
  KEY_NOT_VALID: [
    'unauthenticated',
    'The key was not valid, or was revoked, at that time: sign with the current key.',
  ],
  BAD_SIGNATURE: [
    'unauthenticated',
    'The signature does not verify: send exactly the bytes that were sealed.',
  ],
  LIST_BEHIND: ['transient', 'The sender names a newer trust list; it is being fetched: try again.'],
  CLOCK: ['transient', 'The message comes from the future: check both clocks, then try again.'],
  BLOB_MISMATCH: ['transient', 'The sealed blob is not the one the envelope names: send it again.'],
  PARTS_MISSING: [
    'transient',
    'Attachment parts have not arrived: put them first, then send the envelope again.',
  ],
  LIST_STALE: ['transient', 'The trust list here is stale: the message is held, not lost.'],
  OVERLOADED: ['transient', 'Too much at once: try again later.'],
  UNAVAILABLE: ['transient', 'Storage or keys are out of reach here: try again later.'],
  WRONG_RECIPIENT: ['permanent', 'It is addressed to another State: send it to that State.'],
  SENDER_SUSPENDED: ['permanent', 'The trust list suspends the sender: ask the network authority.'],
  EXPIRED: ['permanent', 'Its time had run out before it was taken: release it anew.'],
  GIVEN_UP: ['permanent', 'Its sender gave it up before it arrived, and nothing of it was taken.'],
  PROFILE_TOO_WEAK: [
    'permanent',
    'It is sealed in a form the network no longer allows: seal it anew in a stronger one.',
  ],
  CANNOT_DECRYPT: ['permanent', 'No key here opens it: fetch the trust list and seal it anew.'],
  NOT_SIGNED_INSIDE: ['permanent', 'The sealed content is not signed once, by the sender: seal it anew.'],
  NOT_FOR_THIS_KEY: ['permanent', 'The signed content names other recipients: it may have been passed on.'],
  INNER_MISMATCH: ['permanent', 'The sealed content and its envelope disagree: seal it anew.'],
  DOCUMENT_INVALID: ['permanent', 'The sealed content is not a document of this protocol.'],
  TYPE_UNKNOWN: ['permanent', 'This node does not know that message type: see the types it lists.'],
  BODY_INVALID: ['permanent', 'The message does not fit its type: correct it and send a new one.'],
  ACT_NOT_ALLOWED: [
    'permanent',
    'The conversation does not allow that act: read its state and choose another.',
  ],
  EQUIVOCATION: [
    'permanent',
    'Another message with this id or number was received before; both are kept as evidence.',
  ],
} as const satisfies Record<string, readonly [Kind, string]>;

export type Code = keyof typeof table;

export const codes = Object.keys(table) as [Code, ...Code[]];

/** What a refusal with this code leaves behind. */
export const kindOf = (code: Code): Kind => table[code][0];

/**
 * A refusal. Its message is the table's sentence plus, at most, the name of a field: never content of a message.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: Code;
  constructor(code: Code, where?: string, options?: ErrorOptions) {
    super(where ? `${table[code][1]} (${where})` : table[code][1], options);
    this.code = code;
  }
}
