/**
 * What a command of the command line is.
 */
export type Values = Readonly<Record<string, string | boolean | string[] | undefined>>;

export interface Command {
  /** Options and an example. */
  readonly help: string;
  /** @returns the exit code */
  readonly run: (values: Values, rest: readonly string[]) => Promise<number>;
}

/** The command was not understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The value of an option that must be there. @throws UsageError */
export function need(values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== 'string' || value === '') throw new UsageError(`say --${name}; see --help`);
  return value;
}

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
