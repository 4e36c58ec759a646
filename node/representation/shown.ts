/**
 * The rows of what guardians are shown: their content, and how it is written and read. What may stand in it, withhold.ts and the
 * officer who shows it decide; nothing here reads an act.
 */
import type { Transaction } from 'kysely';
import type { FreeText } from '#schema/conversation/bodies/common.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import type { TellChild } from './milestones.ts';
import {
  type KEYLESS,
  type MyShown,
  myShown,
  type ShownKind,
  type ShownTable,
  sealedShown,
} from './shown-tables.ts';
import type { ShownAnswer, ShownCode, ShownDecision, ShownQuestion } from './withhold.ts';

/** What may be told to the child of it, and how. */
export interface Telling {
  readonly tell: TellChild;
  readonly how: FreeText | null;
}

export interface Contact {
  readonly role: string;
  readonly name: string;
  readonly office?: string | undefined;
  /** Telephone or mail address. */
  readonly reach: string;
  readonly languages: readonly string[];
}

export interface ShownFile {
  readonly kind: string;
  readonly media: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly parts: number;
}

/** By kind of row. */
export interface ShownContents {
  /** What for and on which legal basis is left out of rows from before they were kept. */
  readonly asked: {
    readonly questions: readonly ShownQuestion[];
    readonly purpose?: ShownCode;
    readonly legalBasis?: readonly ShownCode[];
  };
  readonly answered: { readonly interim: boolean; readonly answers: readonly ShownAnswer[] };
  readonly decided: ShownDecision;
  readonly hearing: { readonly proceeding: string; readonly on: string; readonly telling?: Telling };
  /** The day by whose end the law asks for the answer. */
  readonly due: { readonly on: string | null };
  /** The day from which nothing of it can be read any more; null where that is not to be expected now. */
  readonly erasing: { readonly on: string | null };
  /** Of a round: its questions have left. */
  readonly sent: { readonly on: null };
  readonly round: { readonly questions: readonly ShownQuestion[]; readonly untilMs: number };
  readonly note: { readonly text: FreeText; readonly telling: Telling };
  readonly decision: {
    readonly title: string;
    readonly on: string;
    readonly reasons: FreeText;
    readonly appealUntil?: string | undefined;
    readonly telling: Telling;
  };
  readonly expected: { readonly text: FreeText; readonly by: string; readonly telling: Telling };
  readonly contact: { readonly contact: Contact; readonly telling: Telling };
  readonly state: { readonly state: string; readonly telling: Telling };
  readonly view: {
    readonly topic: string;
    readonly on: string;
    readonly words?: FreeText | undefined;
    readonly notHeard?: string | undefined;
    readonly interpreter: string;
  };
  readonly document: { readonly title: string; readonly file: ShownFile; readonly telling: Telling };
  readonly answer: { readonly result: string; readonly reason: FreeText };
  readonly telling: Telling;
  readonly nothing: null;
}

export type Shown = {
  readonly [K in ShownKind]: Omit<MyShown, 'kind' | 'content' | 'due_on'> & {
    readonly kind: K;
    readonly content: ShownContents[K];
  };
}[ShownKind];
export type ShownOf<K extends ShownKind> = Extract<Shown, { kind: K }>;

/** Kinds whose rows hold words. */
type Worded = Exclude<ShownKind, (typeof KEYLESS)[number]>;

export interface NewShown<K extends Worded> {
  readonly thread: string;
  readonly kind: K;
  readonly content: ShownContents[K];
  readonly source?: string;
  /** When it was decided; now, unless given. */
  readonly atMs?: number;
  readonly by?: string;
}

/** @returns its id */
export async function insertShown<K extends Worded>(op: Operation, item: NewShown<K>): Promise<string> {
  const { thread, kind, source = null } = item;
  const id = makeShownId(op);
  const content = JSON.stringify(item.content);
  const sealed = await sealColumns(op, sealedShown, { id, thread }, { content });
  const row = { id, thread, kind, source, at: item.atMs ?? op.nowMs, noted_at: op.nowMs };
  await op.trx
    .insertInto('shown')
    .values({ ...row, shown_by: item.by ?? null, due_on: null, ...sealed })
    .execute();
  return id;
}

/**
 * The day by whose end the law asks for the answer, or from which nothing can be read any more, where it is another than the last one
 * shown. Needs no key.
 */
export async function insertDay(
  op: Operation,
  kind: 'due' | 'erasing',
  thread: string,
  on: string | null,
): Promise<void> {
  const last = await op.trx
    .selectFrom('shown')
    .select('due_on')
    .where('thread', '=', thread)
    .where('kind', '=', kind)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  if ((last?.due_on ?? null) === on) return;
  await insertKeyless(op, { thread, kind, source: null, due_on: on });
}

/** An act shows nothing: it need not be read again. */
export const insertNothing = (op: Operation, thread: string, source: string): Promise<void> =>
  insertKeyless(op, { thread, kind: 'nothing', source, due_on: null });

/** The questions of a round have left. */
export const insertSent = (op: Operation, thread: string, round: string): Promise<void> =>
  insertKeyless(op, { thread, kind: 'sent', source: round, due_on: null });

type Keyless = { readonly kind: (typeof KEYLESS)[number] } & Pick<ShownTable, 'thread' | 'source' | 'due_on'>;

async function insertKeyless(op: Operation, row: Keyless): Promise<void> {
  await op.trx
    .insertInto('shown')
    .values({ ...row, id: makeShownId(op), shown_by: null, at: op.nowMs, noted_at: op.nowMs, content: null })
    .execute();
}

const makeShownId = (op: Operation): string => `shown-${Buffer.from(op.random(16)).toString('hex')}`;

type Row = Omit<MyShown, 'content'> & { readonly content: string | null };
const parse = (row: Row): Shown =>
  ({
    ...row,
    content: row.content === null ? { on: row.due_on } : JSON.parse(row.content),
  }) as unknown as Shown;

/** As a guardian sees it, in the order in which it was shown. @throws VaultError */
export async function readMyShown(
  reader: Reader & { trx: Transaction<Database> },
  threads: readonly string[],
): Promise<Shown[]> {
  if (threads.length === 0) return [];
  const rows = await reader.trx
    .selectFrom(myShown)
    .selectAll()
    .where('thread', 'in', [...threads])
    .orderBy('shown_at')
    .orderBy('n')
    .execute();
  return (await openRows(reader, sealedShown, rows)).map(parse);
}

/** All of it, as the office keeps it. @throws VaultError */
export async function readShown(reader: Reader, threads: readonly string[]): Promise<Shown[]> {
  if (threads.length === 0) return [];
  const rows = await reader.trx
    .selectFrom('shown')
    .selectAll()
    .where('thread', 'in', [...threads])
    .where('kind', '<>', 'nothing')
    .orderBy('n')
    .execute();
  return (await openRows(reader, sealedShown, rows)).map((row) =>
    parse({ ...row, shown_at: row.noted_at, decided_at: row.at }),
  );
}

export const ofKind = <K extends ShownKind>(rows: readonly Shown[], kind: K): ShownOf<K>[] =>
  rows.filter((row): row is ShownOf<K> => row.kind === kind);
