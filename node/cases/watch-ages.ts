/**
 * What a child's 18th birthday brings about: warnings by the earliest plausible day, and from the latest on the questions that only
 * the young adult can answer. That access ends and consents lapse needs no worker (link-tables.ts, age.ts); these are the tasks.
 */
import { type SqlBool, sql } from 'kysely';
import { overStates } from '../access/watch-links.ts';
import { insertTask, type NewTask, openTask } from '../enquiries/task.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';
import {
  adultName,
  keepRows,
  type Majority,
  majorityOf,
  monthsBefore,
  rowOf,
  warningMonths,
  warningName,
} from './age.ts';
import { readItems } from './history.ts';
import { readEntries } from './store.ts';

interface AgeContext {
  readonly doors: Pick<Doors, 'jobs'>;
  readonly surroundings: Surroundings;
}

/** Files of one round; the next comes in a minute. */
const ROUND = 500;

/** One round. Repeating it, or running it at once in several processes, tells nobody twice. */
export async function watchAges(ctx: AgeContext): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    await countMissing(op);
    const due = (await findNear(op)).flatMap(({ case_id, firstMs, lastMs }) =>
      tasksOf(case_id, { firstMs, lastMs }, op.nowMs),
    );
    const known = await findKnown(op, due);
    for (const task of due) {
      if (known.has(task.once) || !(await insertTask(op, task))) continue;
      if (task.kind === 'adult-consents') await draftNotices(op, task.thread!);
    }
  });
}

/** States that are asked about the child should be told (PRACTICE.md 1.3, STA), by a person: a draft is ready. */
async function draftNotices(op: Operation, file: string): Promise<void> {
  const conversations = await op.trx
    .selectFrom('case_conversation')
    .innerJoin('conversation', 'conversation.thread', 'case_conversation.thread')
    .select('conversation.thread')
    .distinct()
    .where(sql<SqlBool>`app_read_with(case_id) = ${file}`)
    .where('state', 'not in', [...overStates])
    .execute();
  for (const { thread } of conversations)
    await openTask(op, { kind: 'notice-draft', thread, about: file, detail: 'STA:reached-18' });
}

/** Files from before days were kept beside them. @throws VaultError */
async function countMissing(op: Operation): Promise<void> {
  const files = await op.trx
    .selectFrom('case_file')
    .select('id')
    .where('joined_into', 'is', null)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom('case_age').select('case_id').whereRef('case_id', '=', 'case_file.id'))),
    )
    .limit(ROUND)
    .execute();
  const read = await readEntries(
    op.trx,
    op.vault,
    files.map(({ id }) => id),
  );
  await keepRows(
    op,
    [...read].map(([id, entries]) => rowOf(id, majorityOf(readItems(entries)))),
    false,
  );
}

type Near = { case_id: string } & Majority;

/** Open files whose child may turn 18 within a year, or has. */
async function findNear(op: Operation): Promise<Near[]> {
  const { rows } = await sql<Near>`
    select a.case_id, a.first_at as "firstMs", a.last_at as "lastMs" from case_age a join case_file f on f.id = a.case_id
    where f.closed_at is null and f.joined_into is null and a.first_at < ${op.nowMs + 367 * 86_400_000}
      and not exists (select 1 from task t where t.once = 'adult ' || a.case_id || ' ' || a.last_at)
    order by a.first_at`.execute(op.trx);
  return rows;
}

type Due = NewTask & { readonly once: string };

/** Of warnings that are due only the last: whoever opens a file late is told once. */
function tasksOf(thread: string, majority: Majority, nowMs: number): Due[] {
  if (majority.lastMs <= nowMs)
    return [{ kind: 'adult-consents', thread, once: adultName(thread, majority) }];
  const months = warningMonths.findLast((before) => monthsBefore(majority.firstMs, before) <= nowMs);
  if (months === undefined) return [];
  return [
    { kind: 'reaching-18', thread, detail: String(months), once: warningName(thread, months, majority) },
  ];
}

async function findKnown(op: Operation, due: readonly Due[]): Promise<Set<string | null>> {
  if (due.length === 0) return new Set();
  const query = op.trx.selectFrom('task').select('once');
  const rows = await query
    .where(
      'once',
      'in',
      due.map(({ once }) => once),
    )
    .execute();
  return new Set(rows.map(({ once }) => once));
}
