/**
 * `focalnet case list`, `show`, `search`, `import`, `export`: children's files from an office's own programs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { confidence, informationSource } from '#schema/vocabulary/answers.ts';
import { caseClosing } from '#schema/vocabulary/cases.ts';
import { matchVerdict } from '#schema/vocabulary/matching.ts';
import { caseEntryKind, taskKind } from '#schema/vocabulary/tasks.ts';
import { type OfficerClient, openOfficerClient } from '../officer-client.ts';
import { type Command, need, print, tell, UsageError, type Values } from './command.ts';
import { readSession } from './session.ts';
import {
  isolate,
  type Line,
  readLanguage,
  say,
  sayTask,
  sayTime,
  TASK,
  type WaitingTask,
  writeLine,
} from './words.ts';

const open = (values: Values): OfficerClient => openOfficerClient(need(values, 'node'), readSession());
const sayClosing = (closing: string | null, language: string): string =>
  closing === null ? '' : `, closed: ${say(caseClosing, closing, language)}`;

const COMMON = `  --node URL      officers' address of the own node
  --json          as JSON, alone on standard output
  FOCALNET_SESSION who acts`;

interface Listed {
  readonly id: string;
  readonly unit: string;
  readonly updatedAt: string;
  readonly closing: string | null;
  readonly tasks: readonly { readonly kind: string }[];
}

export const caseList: Command = {
  help: `${COMMON}
  --only WORD     open or closed; both unless given
  --language TAG  en, fr, ru or ar; en unless given

  Every file the caller sees, the last changed first: its id, unit, time of the last change, and what waits to be done. No name.

  focalnet case list --node http://127.0.0.1:8400 --only open`,
  run: async (values) => {
    const client = open(values);
    const language = readLanguage(values);
    const { only } = values;
    if (only !== undefined && only !== 'open' && only !== 'closed')
      throw new UsageError('--only is open or closed');
    const files: Listed[] = [];
    for (let after: string | null = null; ; ) {
      const { cases }: { cases: { nodes: Listed[]; hasNextPage: boolean; endCursor: string | null } } =
        await client.ask(
          `query ($after: String, $open: Boolean) { cases(first: 100, after: $after, open: $open) {
            nodes { id unit updatedAt closing tasks { kind } } hasNextPage endCursor } }`,
          { after, open: only === undefined ? undefined : only === 'open' },
        );
      files.push(...cases.nodes);
      if (!cases.hasNextPage) break;
      after = cases.endCursor;
    }
    if (values.json === true) print(JSON.stringify(files));
    else
      for (const { id, unit, updatedAt, closing, tasks } of files) {
        print(`${id}  ${sayTime(updatedAt)}  ${unit}${sayClosing(closing, language)}`);
        for (const { kind } of tasks) print(`  ${say(taskKind, kind, language)}`);
      }
    return 0;
  },
};

interface Compared {
  readonly label: string;
  readonly outcome: string;
  readonly outcomeLabel: string;
  readonly reasonLabel: string;
  readonly sought: readonly string[];
  readonly file: readonly string[];
}
const COMPARED = `fields { label(language: $language) outcome outcomeLabel(language: $language) reasonLabel(language: $language)
  sought(language: $language) file(language: $language) }`;
const writeCompared = ({ label, outcomeLabel, reasonLabel, sought, file }: Compared): string =>
  `  ${label}: ${outcomeLabel} (${reasonLabel})  ${isolate(sought.join(', ') || '–')} | ${isolate(file.join(', ') || '–')}`;

interface Shown {
  readonly id: string;
  readonly unit: string;
  readonly closing: string | null;
  readonly items: readonly {
    readonly item: string;
    readonly kind: string;
    readonly contested: boolean;
    readonly heads: readonly {
      readonly id: string;
      readonly at: string;
      readonly authorName: string;
      readonly provenance: { readonly source: string; readonly confidence: string };
      readonly rendered: readonly Line[];
    }[];
  }[];
  readonly conversations: readonly { readonly thread: string; readonly peerState: string }[];
  readonly tasks: readonly WaitingTask[];
  readonly matches: readonly {
    readonly id: string;
    readonly verdict: string | null;
    readonly fields: readonly Compared[];
  }[];
}

export const caseShow: Command = {
  help: `${COMMON}
  --id ID         the file
  --language TAG  en, fr, ru or ar; en unless given

  What stands in the file, each with its source, its warnings first, two accounts of one thing both; its conversations, what is to
  be done, what may be of the same child.
  That it was read is recorded.

  focalnet case show --node http://127.0.0.1:8400 --id 0198… --language fr`,
  run: async (values) => {
    const language = readLanguage(values);
    const { case: file } = await open(values).ask<{ case: Shown }>(
      `query ($id: ID!, $language: String) { case(id: $id) { id unit closing
        items { item kind contested heads { id at authorName provenance { source confidence }
          rendered(language: $language) { label value depth } } }
        conversations { thread peerState } tasks { ${TASK} } matches { id verdict ${COMPARED} } } }`,
      { id: need(values, 'id'), language },
    );
    if (values.json === true) print(JSON.stringify(file));
    else showFile(file, language);
    return 0;
  },
};

function showFile(file: Shown, language: string): void {
  const { id, unit, closing, items, conversations, tasks, matches } = file;
  print(`${id} of ${unit}${sayClosing(closing, language)}`);
  for (const task of tasks) for (const line of sayTask(task, language)) print(line);
  for (const { thread, peerState } of conversations) print(`  conversation with ${peerState}: ${thread}`);
  const isWarning = ({ kind }: Shown['items'][number]) => kind === 'warning';
  for (const item of [...items.filter(isWarning), ...items.filter((one) => !isWarning(one))])
    showItem(item, language);
  for (const { id: match, verdict, fields } of matches) {
    const said = verdict === null ? 'not decided' : say(matchVerdict, verdict, language);
    print(`\nmay be of the same child (${match}): ${said}`);
    for (const field of fields) print(writeCompared(field));
  }
}

/** With its id, by which a warning names the person or thing it is about. */
function showItem({ item, kind, contested, heads }: Shown['items'][number], language: string): void {
  const two = contested ? ', two accounts: a person resolves them' : '';
  print(`\n${say(caseEntryKind, kind, language)} (${item})${two}`);
  for (const { at, authorName, provenance, rendered } of heads) {
    for (const line of rendered) print(writeLine(line));
    const source = say(informationSource, provenance.source, language);
    const sure = say(confidence, provenance.confidence, language);
    print(`    ${source}, ${sure}; ${isolate(authorName)}, ${sayTime(at)}`);
  }
}

export const caseSearch: Command = {
  help: `${COMMON}
  --name TEXT     as written, in any script and any order
  --birth DAYS    2011, 2011-04, 2011-04-05, or two of them parted by /
  --gender CODE   Feminine, Masculine, …
  --nationality CODE  ISO 3166-1, two letters
  --id ID         instead: other files of the child of this file
  --thread ID --child REF  instead: of a child of another State's enquiry, e.g. c1
  --language TAG  en, fr, ru or ar; en unless given

  Files the caller sees, the likeliest first, each field of what is sought beside that of the file. Whether it is the same child, a
  person says (decideCandidate). That it was searched is recorded, what was sought is not.

  Exit code 0: candidates are shown; 1: there is none, or it was refused; 2: not understood.

  focalnet case search --node http://127.0.0.1:8400 --name "Юлия Петрова" --birth 2011`,
  run: async (values) => {
    const language = readLanguage(values);
    const { searchCases: found } = await open(values).ask<{
      searchCases: { case: { id: string; unit: string; closing: string | null }; fields: Compared[] }[];
    }>(
      `query ($sought: SoughtChildInput, $case: ID, $thread: ID, $child: String, $language: String) {
        searchCases(sought: $sought, case: $case, thread: $thread, child: $child, first: 20) {
          case { id unit closing } ${COMPARED} } }`,
      { ...readSought(values), language },
    );
    if (values.json === true) print(JSON.stringify(found));
    else
      for (const { case: file, fields } of found) {
        print(`${file.id} of ${file.unit}${sayClosing(file.closing, language)}`);
        for (const field of fields) print(writeCompared(field));
      }
    if (found.length === 0) tell('No file that you see may be of this child.');
    return found.length === 0 ? 1 : 0;
  },
};

function readSought(values: Values): Record<string, unknown> {
  if (typeof values.id === 'string') return { case: values.id };
  if (typeof values.thread === 'string') return { thread: values.thread, child: need(values, 'child') };
  const { birth, gender, nationality } = values;
  return {
    sought: {
      names: [{ written: need(values, 'name') }],
      ...(typeof birth === 'string' && { births: [readBirth(birth)] }),
      ...(typeof gender === 'string' && { gender }),
      ...(typeof nationality === 'string' && { nationalities: [nationality.toUpperCase()] }),
    },
  };
}

/** A day, month or year, or two of them, as the days between which the birth was. @throws UsageError */
export function readBirth(text: string): { earliest: string; latest: string } {
  const [first = '', last = first, ...more] = text.split('/');
  const isKnown = [first, last].every((one) => /^\d{4}(-\d{2}){0,2}$/.test(one));
  if (!isKnown || more.length > 0)
    throw new UsageError('--birth is like 2011, 2011-04, 2011-04-05 or 2010/2012');
  return { earliest: `${first}-01-01`.slice(0, 10), latest: endOf(last) };
}

function endOf(text: string): string {
  const [year, month = '12', day] = text.split('-');
  if (day !== undefined) return text;
  return new Date(Date.UTC(Number(year), Number(month), 0)).toISOString().slice(0, 10);
}

interface Report {
  readonly rows: number;
  readonly problems: readonly { readonly row: number; readonly field: string; readonly problem: string }[];
  readonly problemCount: number;
  readonly dropped: readonly { readonly field: string; readonly reason: string; readonly count: number }[];
}
interface Imported {
  readonly case: string | null;
  readonly questions: readonly { readonly about: string; readonly options: readonly string[] }[];
  readonly dropped: Report['dropped'];
}

export const caseImport: Command = {
  help: `${COMMON}
  --file FILE     children.csv, HTCDS names of fields in its first line; or one case as .json, with --type
  --source CODE   where all of it comes from: register, document, …
  --confidence CODE  how sure it is: claimed, verified, …
  --check         write nothing: name every problem by its row
  --type NAME     of a .json file: htcds or primero
  --answers FILE  of a primero file: JSON, what its merged codes mean, by the questions that a first try names

  A spreadsheet is checked to its end before anything is written. One that was cut off goes on where it stopped when the same file is
  sent again; sent twice, it makes nothing twice.

  Exit code 0: done, or without a problem; 1: there are problems or questions, or it was refused; 2: not understood.

  focalnet case import --node http://127.0.0.1:8400 --file children.csv --source register --confidence claimed --check
  focalnet case import --node http://127.0.0.1:8400 --file children.csv --source register --confidence claimed`,
  run: async (values) => {
    const path = need(values, 'file');
    const from = `source=${encodeURIComponent(need(values, 'source'))}&confidence=${encodeURIComponent(need(values, 'confidence'))}`;
    const client = open(values);
    const bytes = await readFile(path);
    if (path.endsWith('.json')) return importRecord(client, values, bytes, from);
    if (values.check === true) return check(client, values, bytes, from);
    let last = { done: 0, of: 0 };
    for await (const line of client.sendLines(`/cases/import?${from}`, bytes)) {
      last = JSON.parse(line) as typeof last;
      tell(`${last.done} of ${last.of} rows`);
    }
    if (last.done < last.of) throw new Error('it was cut off: send the same file again, and it goes on');
    print(values.json === true ? JSON.stringify(last) : `${last.done} files`);
    return 0;
  },
};

async function check(
  client: OfficerClient,
  values: Values,
  bytes: Uint8Array,
  from: string,
): Promise<number> {
  const report = await client.send<Report>(`/cases/import?${from}&check=yes`, bytes);
  const { rows, problems, problemCount, dropped } = report;
  if (values.json === true) print(JSON.stringify(report));
  else {
    for (const { row, field, problem } of problems) print(`row ${row}: ${field}: ${problem}`);
    print(
      `${rows} rows, ${problemCount} problems${problems.length < problemCount ? `, ${problems.length} named` : ''}`,
    );
  }
  tellDropped(dropped);
  return problemCount === 0 ? 0 : 1;
}

async function importRecord(
  client: OfficerClient,
  values: Values,
  bytes: Uint8Array,
  from: string,
): Promise<number> {
  const answers = typeof values.answers === 'string' ? await readJson(values.answers) : undefined;
  const body = Buffer.from(JSON.stringify({ record: parseJson(bytes), answers }));
  const format = encodeURIComponent(need(values, 'type'));
  const made = await client.send<Imported>(`/cases/import-record?format=${format}&${from}`, body);
  if (values.json === true) print(JSON.stringify(made));
  else if (made.case !== null) print(made.case);
  else for (const { about, options } of made.questions) print(`${about}: ${options.join(' | ')}`);
  tellDropped(made.dropped);
  if (made.case === null)
    tell('Nothing was written: say with --answers what these mean, as JSON {"…": "…"}.');
  return made.case === null ? 1 : 0;
}

const readJson = async (path: string): Promise<unknown> => parseJson(await readFile(path));

/** @throws UsageError; it never repeats what stands there */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new UsageError('the file is no JSON');
  }
}

function tellDropped(dropped: Report['dropped']): void {
  for (const { field, reason, count } of dropped) tell(`left out: ${field} (${reason}), ${count} times`);
}

export const caseExport: Command = {
  help: `${COMMON}
  --id ID         the file
  --out FILE      where to write it as HTCDS 2.0, with the manifest of what had no place in it

  A supervisor or the head may; that the file left is recorded before its first byte.

  focalnet case export --node http://127.0.0.1:8400 --id 0198… --out case.json`,
  run: async (values) => {
    const out = need(values, 'out');
    const exported = await open(values).get<{ dropped: Report['dropped'] }>(
      `/cases/${encodeURIComponent(need(values, 'id'))}/htcds`,
    );
    const text = `${JSON.stringify(exported, null, 2)}\n`;
    await writeFile(out, text, { mode: 0o600, flag: 'wx' });
    const bytes = Buffer.byteLength(text);
    const left = exported.dropped.reduce((sum, { count }) => sum + count, 0);
    print(values.json === true ? JSON.stringify({ out, bytes, dropped: left }) : `${out}: ${bytes} bytes`);
    if (left > 0) tell(`${left} statements had no place in it: they are named in the file`);
    return 0;
  },
};
