/**
 * The command line of Focalnet. It reads arguments, calls what does the work, prints, and sets the exit code:
 * 0 done, 1 it did not hold or was refused, 2 the command was not understood.
 */
import { parseArgs } from 'node:util';
import { commands, explain, type Listed, UsageError } from '#deploy/commands/index.ts';

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  once: { type: 'boolean' },
  only: { type: 'string' },
  net: { type: 'string' },
  party: { type: 'string' },
  number: { type: 'string' },
  out: { type: 'string' },
  keys: { type: 'string' },
  key: { type: 'string', multiple: true },
  backup: { type: 'string' },
  vault: { type: 'string' },
  list: { type: 'string' },
  anchor: { type: 'string' },
  gateway: { type: 'string' },
  node: { type: 'string' },
  file: { type: 'string' },
  attach: { type: 'string', multiple: true },
  thread: { type: 'string' },
  peer: { type: 'string' },
  type: { type: 'string' },
  language: { type: 'string' },
  approve: { type: 'boolean' },
  kind: { type: 'string' },
  days: { type: 'string' },
  grant: { type: 'boolean' },
  database: { type: 'string' },
  demo: { type: 'string' },
  id: { type: 'string' },
  issuer: { type: 'string' },
  subject: { type: 'string' },
  'another-human': { type: 'boolean' },
  name: { type: 'string' },
  role: { type: 'string' },
  unit: { type: 'string' },
  office: { type: 'string' },
  email: { type: 'string' },
  profile: { type: 'string' },
  url: { type: 'string', multiple: true },
  reason: { type: 'string' },
  lost: { type: 'string' },
  authority: { type: 'string', multiple: true },
  quorum: { type: 'string' },
  yes: { type: 'boolean' },
  birth: { type: 'string' },
  gender: { type: 'string' },
  nationality: { type: 'string' },
  child: { type: 'string' },
  check: { type: 'boolean' },
  source: { type: 'string' },
  confidence: { type: 'string' },
  answers: { type: 'string' },
} as const;

function usage(): string {
  const lines = commands.map(({ name, summary }) => `  focalnet ${name.padEnd(20)} ${summary}`);
  return [
    'Focalnet: how States find and protect trafficked and missing children together.',
    '',
    ...lines,
    '',
    '`focalnet COMMAND --help` shows what a command takes, with an example.',
    '',
  ].join('\n');
}

function findCommand(words: readonly string[]): { command: Listed; rest: string[] } | null {
  const command = commands.find(({ name }) => name.split(' ').every((word, i) => words[i] === word));
  return command ? { command, rest: words.slice(command.name.split(' ').length) } : null;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  const found = findCommand(positionals);
  if (!found) {
    process.stdout.write(usage());
    if (positionals.length === 0) return 0;
    throw new UsageError('there is no such command: these are all');
  }
  const command = await found.command.load();
  if (values.help) {
    process.stdout.write(`${found.command.summary}\n\n${command.help}\n`);
    return 0;
  }
  return command.run(values, found.rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
  // What an imported library left open (a timer, an idle connection) must not keep the process.
  process.exit();
} catch (error) {
  const usageFault =
    error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(`focalnet: ${explain(error)}\n`);
  process.exit(usageFault ? 2 : 1);
}
