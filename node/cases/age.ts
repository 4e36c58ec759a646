/**
 * When the child of a file turns 18, by every account that stands: warned of by the earliest, protected until the latest
 * (PRACTICE.md A8). Days begin at midnight UTC, as everywhere in this node.
 */
import { sql } from 'kysely';
import { closeTasks } from '../enquiries/task.ts';
import type { Operation, PersonalOperation } from '../operation.ts';
import { type CaseEntry, type CaseItem, readItems, valuesOf } from './history.ts';
import type { ValueOf } from './kinds.ts';
import { readEntries } from './store.ts';

/** The first instants of the earliest and the latest plausible 18th birthday, epoch milliseconds. */
export interface Majority {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Accounts that stand against each other count each, and so does every finding of an account that says it is disputed.
 * @returns null where nothing is stated of the birth
 */
export function majorityOf(items: readonly CaseItem[]): Majority | null {
  const births = valuesOf(items, 'birth').map(({ value }) => value as ValueOf<'birth'>);
  const accounts = births.flatMap((birth) => (birth.disputed ? [birth, ...birth.findings] : [birth]));
  if (accounts.length === 0) return null;
  return {
    firstMs: Math.min(...accounts.map(({ earliest }) => firstBirthday(earliest))),
    lastMs: Math.max(...accounts.map(({ latest }) => lastBirthday(latest))),
  };
}

const ADULT_YEARS = 18;

/** Laws differ on who was born on 29 February: the last day of that month, by the earliest of them. */
const firstBirthday = (born: string): number =>
  birthday(born.endsWith('-02-29') ? `${born.slice(0, 8)}28` : born);
/** And 1 March by the latest: the day after, in a year that has no 29 February. 18 years after a leap year there is none. */
const lastBirthday = (born: string): number => birthday(born);

function birthday(born: string): number {
  const [year, month, day] = born.split('-').map(Number) as [number, number, number];
  // Not Date.UTC: it reads years before 100 as of the twentieth century.
  return new Date(0).setUTCFullYear(year + ADULT_YEARS, month - 1, day);
}

/** Months before the earliest day on which somebody is told: for residence, leaving care and guardianship less is too late. P */
export const warningMonths = [12, 6, 4] as const;

/** The same day so many months before, or the last of that month. */
export function monthsBefore(atMs: number, months: number): number {
  const at = new Date(atMs);
  const day = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() - months);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  return at.setUTCDate(Math.min(day, last));
}

/** Names of what is told of once: another day is told of anew. */
export const warningName = (file: string, months: number, { firstMs }: Majority): string =>
  `reaching-18 ${file} ${months} ${firstMs}`;
export const adultName = (file: string, { lastMs }: Majority): string => `adult ${file} ${lastMs}`;

/** Keeps beside these files when their children turn 18, as their entries say it now; what was told of another day is settled. @throws VaultError */
export async function keepMajorities(op: PersonalOperation, files: readonly string[]): Promise<void> {
  const read = await readEntries(op.trx, op.vault, files);
  const rows = [...read].map(([case_id, entries]) => rowOf(case_id, majorityOf(readItems(entries))));
  await keepRows(op, rows, true);
  await settleOthers(op, rows);
}

type Row = ReturnType<typeof rowOf>;

/** @param anew whether they take the place of what is there */
export async function keepRows(op: Operation, rows: readonly Row[], anew: boolean): Promise<void> {
  if (rows.length === 0) return;
  const days = { first_at: sql<number>`excluded.first_at`, last_at: sql<number>`excluded.last_at` };
  await op.trx
    .insertInto('case_age')
    .values(rows)
    .onConflict((conflict) =>
      anew ? conflict.column('case_id').doUpdateSet(days) : conflict.column('case_id').doNothing(),
    )
    .execute();
}

export const rowOf = (case_id: string, majority: Majority | null) => ({
  case_id,
  first_at: majority?.firstMs ?? null,
  last_at: majority?.lastMs ?? null,
});

/** Tasks about a day that the file no longer gives. */
async function settleOthers(op: PersonalOperation, rows: readonly Row[]): Promise<void> {
  const files = rows.map(({ case_id }) => case_id);
  const open = await op.trx
    .selectFrom('task')
    .select(['id', 'once'])
    .where('kind', 'in', ['reaching-18', 'adult-consents'])
    .where('thread', 'in', files)
    .where('closed_at', 'is', null)
    .execute();
  const names = new Set(rows.flatMap(namesOf));
  const others = open.filter(({ once }) => !names.has(once!));
  await closeTasks(op, others, { by: op.actor.id, reason: 'the birth is stated otherwise' });
}

function namesOf({ case_id, first_at, last_at }: Row): string[] {
  if (first_at === null || last_at === null) return [];
  const majority = { firstMs: first_at, lastMs: last_at };
  return [
    ...warningMonths.map((months) => warningName(case_id, months, majority)),
    adultName(case_id, majority),
  ];
}

/** A consent of the child, or for the child, is good until the child is an adult by every account; then the adult is asked anew. */
export function lapsedAtMs(
  { kind, atMs, value }: Pick<CaseEntry, 'kind' | 'atMs' | 'value'>,
  majority: Majority | null,
  nowMs: number,
): number | null {
  if (kind !== 'consent' || value === null || majority === null) return null;
  const { lastMs } = majority;
  return atMs < lastMs && lastMs <= nowMs ? lastMs : null;
}
