/**
 * The one error type of the log: a stable code for programs, advice for people, never any content.
 */

const ADVICE = {
  SIZE_UNSAFE: 'a size or index is not a whole number from 0 to 2^53-1',
  INDEX_OUT_OF_TREE: 'the index is not inside a tree of that size',
  SIZES_REVERSED: 'the older tree is larger than the newer one',
  FRONTIER_SHAPE: 'the frontier does not have one hash for each complete subtree of its size; rebuild it',
  NODE_MISSING: 'the store lacks a node of the tree; run the log check',
  PROOF_LENGTH: 'the proof has more or fewer hashes than this tree needs',
  ROOT_MISMATCH: 'the proof does not lead to the signed root; keep both as evidence',
  NOTE_MALFORMED: 'the text is not a signed note (c2sp.org/signed-note)',
  KEY_MALFORMED: 'the text is not a verifier key of a type used here (c2sp.org/signed-note)',
  KEY_AMBIGUOUS:
    'two keys given for one check have the same name and id, or are the same key under two names',
  KEY_TYPE: 'this key is of another type than this signature needs',
  SIGNATURE_INVALID: 'a signature that claims a known key does not verify; discard the note',
  SIGNATURE_MISSING: 'the note has no signature of the keys asked for',
  CHECKPOINT_MALFORMED: 'the note text is not a checkpoint in canonical form (c2sp.org/tlog-checkpoint)',
  ORIGIN_MISMATCH: 'the checkpoint speaks for another log than its key',
  TIME_INVALID: 'a cosignature time is not a whole number of seconds from 0 to 2^53-1',
  COSIGNATURE_INVALID: 'a signature line is not a cosignature (c2sp.org/tlog-cosignature)',
  QUORUM_MISSING: 'fewer witnesses than the policy asks for have cosigned this checkpoint',
  PROOF_MALFORMED: 'the text is not a log proof in canonical form (c2sp.org/tlog-proof)',
  WITNESS_REQUEST_MALFORMED:
    'the text is not a request to a witness in canonical form (c2sp.org/tlog-witness)',
  ENTRY_MALFORMED: 'the bytes are not an audit entry in canonical form',
  COMMITMENT_MISMATCH: 'salt and detail are not those that the entry commits to',
} as const;

export type LogErrorCode = keyof typeof ADVICE;

export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode) {
    super(`${code}: ${ADVICE[code]}`);
    this.name = 'LogError';
    this.code = code;
  }
}
