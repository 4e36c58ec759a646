/**
 * What a command of the command line is, and how it speaks: results on standard output, everything else on standard error.
 */
import { createInterface } from 'node:readline/promises';
import { ZodError } from 'zod';

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
  // A telephone or a tablet begins with a capital by itself.
  return answer.trim().toLowerCase() === 'yes';
}

const UNREACHABLE = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'];

/** What a person reads of what went wrong, and what to do about it. It never repeats what stands in a file. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error instanceof ZodError)
    return [
      'the file is not what this command takes:',
      ...error.issues.map((issue) => `  ${issue.path.join('.') || 'the whole'}: ${issue.message}`),
    ].join('\n');
  const { code = '', path, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path !== undefined) return `there is no file ${path}`;
  // What undici says of every address where nobody answers.
  if (message === 'fetch failed' || UNREACHABLE.includes(code))
    return 'nobody answers at this address: look whether the server runs, and whether the address is right. What cannot wait goes by telephone: the list printed last, or focalnet list telephones --list FILE';
  return message;
}
