// `npm run bench`: how fast the exchange and the officers' pages are on this machine. A table, or with --json one JSON object as the last line.
import { parseArgs } from 'node:util';
import { measureCase, measureImport } from './measure-case.ts';
import { measureExchange, measureReceipt } from './measure-exchange.ts';
import { measureConversation, measureInbox } from './measure-pages.ts';
import { measureOpen, measureSeal } from './measure-seal.ts';
import { measureSearch } from './measure-search.ts';
import { measureSignIn } from './measure-sign-in.ts';
import { measureVault } from './measure-vault.ts';
import { CASES, type Size } from './population.ts';

const HELP = `Usage: npm run bench [-- --only PART,PART] [--json] [--cases NUMBER] [--profile FOLDER]

exchange  perSecond: messages of 1 KB a second between two exchanges without the slice of enquiries, no gateway: sealed, delivered by
          HTTP, receipted, logged, fsync on. floorRatio is beside that. enquiriesPerSecond: whole enquiries between two whole nodes
          with a gateway that witnesses: proposed and approved by two people over GraphQL, applied, receipted. The first says what
          the wire can carry, the second what an office gets; what lies between is GraphQL, rules, gates, walls and conversations
receipt   milliseconds from an officer's release to the stored receipt, at 20 messages a second
seal      milliseconds to seal a message of 1 KB, 16 in flight
open      milliseconds to open it
signin    milliseconds from /sign-in to a session, through the demo's identity provider
inbox         pages of 50 of 20,000 conversations a second by HTTP and GraphQL, the record of reading committed; beside bare SQL of
              the same rows, and what walls, record and GraphQL each cost
conversation  the same for one conversation with its acts
search        milliseconds to find candidates by name and birth among 100,000 cases of blind tokens, recall and precision on
              labelled pairs of names; beside trigrams in plaintext
vault         values, pages and saves a second sealed at rest, beside the same rows in the open; data keys rewrapped a second
case          files opened and written in a second among 100,000, with the record of it, beside the same in the open; milliseconds of
              an officer's whole search
import        rows of a spreadsheet of 10,000 a second

--cases measures search and case with fewer case files than 100,000, for a quick look.
--profile leaves a CPU profile of each node process in FOLDER, for the developer tools of a browser.
`;

/** With fewer, parts of a page are missing. */
const LEAST_CASES = 2_000;

type Numbers = { [name: string]: number | Numbers };
type Measure = (size: Size) => Promise<Numbers>;

const parts: Readonly<Record<string, Measure>> = {
  exchange: ({ profileFolder }) => measureExchange(profileFolder),
  receipt: ({ profileFolder }) => measureReceipt(profileFolder),
  seal: measureSeal,
  open: measureOpen,
  signin: measureSignIn,
  inbox: ({ profileFolder }) => measureInbox(profileFolder),
  conversation: ({ profileFolder }) => measureConversation(profileFolder),
  search: measureSearch,
  vault: measureVault,
  case: measureCase,
  import: measureImport,
};

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      only: { type: 'string' },
      profile: { type: 'string' },
      cases: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const names = values.only?.split(',') ?? Object.keys(parts);
  const unknown = names.filter((name) => !(name in parts));
  if (values.help || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `There is no part ${unknown.join(', ')}.\n\n${HELP}` : HELP);
    return unknown.length > 0 ? 2 : 0;
  }
  const size: Size = { cases: Number(values.cases ?? CASES), profileFolder: values.profile ?? null };
  if (!(size.cases >= LEAST_CASES)) {
    process.stdout.write(`--cases is a number of at least ${LEAST_CASES}.\n\n${HELP}`);
    return 2;
  }
  const results: Numbers = {};
  for (const name of names) {
    const measured = await parts[name]!(size);
    results[name] = measured;
    if (!values.json) process.stdout.write(formatRows(name, measured));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  return 0;
}

function formatRows(prefix: string, numbers: Numbers): string {
  return Object.entries(numbers)
    .map(([name, value]) => {
      const path = `${prefix}.${name}`;
      return typeof value === 'number'
        ? `${path.padEnd(32)}${formatNumber(value).padStart(12)}\n`
        : formatRows(path, value);
    })
    .join('');
}

/** Three digits are more than a shared machine can tell. */
const formatNumber = (value: number): string =>
  String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

process.exitCode = await main(process.argv.slice(2));
