// The errors of the embedded PostgreSQL and of migrations. Messages say what to do and never carry row data.

export type PostgresErrorCode =
  | 'UNSUPPORTED_PLATFORM'
  | 'NO_UNPRIVILEGED_USER'
  | 'FOLDER_UNSAFE'
  | 'DATA_DIRECTORY_UNREACHABLE'
  | 'DATA_DIRECTORY_IN_USE'
  | 'DATA_DIRECTORY_INCOMPLETE'
  | 'DATA_DIRECTORY_OTHER_VERSION'
  | 'INITDB_FAILED'
  | 'START_FAILED'
  | 'DATABASE_NEWER'
  | 'MIGRATION_OUT_OF_ORDER'
  | 'TRANSACTION_ROLLED_BACK'
  | 'VALUE_NOT_SAFE';

/** A failure with a stable `code`; the text may change, the code does not. */
export class PostgresError extends Error {
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PostgresError';
    this.code = code;
  }
}
