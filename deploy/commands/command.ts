/**
 * What a command of the command line is, and how it speaks: results on standard output, everything else on standard error.
 */
import { createInterface } from 'node:readline/promises';

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

/** A result. With `--json` it is the only line. */
export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What a person should know beside the result. */
export const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Asks the person at the terminal, unless `--yes` was said.
 * @param unasked what to do where nobody can be asked
 * @throws UsageError where nobody can be asked
 */
export async function confirm(values: Values, question: string, unasked: string): Promise<boolean> {
  if (values.yes === true) return true;
  if (!process.stdin.isTTY) throw new UsageError(`nobody can be asked here: ${unasked} and say --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} Type yes: `);
  terminal.close();
  return answer.trim() === 'yes';
}
