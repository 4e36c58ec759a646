/**
 * Errors of the log store: a stable code for programs, advice for people, never any content.
 */

const ADVICE = {
  LOG_CORRUPT: 'head, checkpoint and nodes of the log disagree; run the log check and restore from backup',
  LOG_ROLLED_BACK:
    'witnesses hold a newer or another checkpoint of this log; restore a newer backup, sign nothing',
  LOG_FORKED:
    'this log signed two roots for one size; both notes are kept as evidence, cosign nothing more of it',
  WITNESS_CONFLICT: 'the old size is not the size this witness cosigned last; ask again from storedSize',
  OLD_SIZE_TOO_LARGE: 'the old size is larger than the checkpoint',
  CHECKPOINT_UNKNOWN: 'no checkpoint of this log has that size',
} as const;

export type LogStoreErrorCode = keyof typeof ADVICE;

export class LogStoreError extends Error {
  readonly code: LogStoreErrorCode;
  /** With `WITNESS_CONFLICT`: size of the checkpoint that the witness cosigned last, 0 for none. */
  readonly storedSize: number | null;

  constructor(code: LogStoreErrorCode, storedSize: number | null = null) {
    super(`${code}: ${ADVICE[code]}`);
    this.name = 'LogStoreError';
    this.code = code;
    this.storedSize = storedSize;
  }
}
