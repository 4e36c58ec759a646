/**
 * Readings are looked at: a sample of each week is put before another decider of the unit, and who was shown the content of very
 * many conversations within an hour is put before a supervisor. Computed from the entries that every reading leaves in the log
 * (node/reading.ts); decides nothing about anybody.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { openTask } from '../enquiries/task.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { Role } from './actor.ts';
import { accessLimits } from './limits.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** Work of the node itself about people, by time. */
export interface WatchContext {
  readonly doors: { readonly jobs: Kysely<Database> };
  readonly surroundings: Surroundings;
}

/** One reading that showed content, as the log has it. */
export interface SampledReading {
  readonly person: string;
  readonly role: string;
  readonly purpose: string;
  readonly atMs: number;
  readonly threads: readonly string[];
}

/** Monday 00:00 UTC of the week of a time, milliseconds since 1970 (which began on a Thursday). */
export const mondayOf = (nowMs: number): number => nowMs - ((nowMs + 3 * DAY_MS) % WEEK_MS);

/** Entries of readings with content in a time, and of what was taken out; a file belongs to the conversation of its message, or to a case. */
const readings = (fromMs: number, toMs: number) => sql`(
  select e.id, e.at, e.detail::jsonb ->> 'actor' as person, e.detail::jsonb ->> 'role' as role, e.detail::jsonb ->> 'unit' as unit,
    e.detail::jsonb ->> 'purpose' as purpose,
    case e.type when 'reading.answered' then array(select jsonb_array_elements_text(e.detail::jsonb -> 'threads'))
      when 'attachment.read' then array(select a.thread from act a where a.message_id = e.detail::jsonb ->> 'messageId'
        union select e.detail::jsonb ->> 'case' where e.detail::jsonb ->> 'case' is not null)
      else array_remove(array[coalesce(e.detail::jsonb ->> 'thread', e.detail::jsonb ->> 'case')], null) end as threads
  from audit_entry e where e.type in ('reading.answered', 'attachment.read', 'evidence.exported', 'case.exported')
    and e.detail is not null
    and e.at >= to_timestamp(${fromMs / 1000}::double precision) and e.at < to_timestamp(${toMs / 1000}::double precision))`;

/** Opens a task, once in an hour for each person, about who was shown very many conversations within the last one. */
export async function raiseManyReadings(ctx: WatchContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const { rows } = await sql<{ person: string; unit: string; count: number }>`
    select person, max(unit) as unit, count(distinct thread)::int as count
    from ${readings(nowMs - HOUR_MS, nowMs + 1)} r cross join unnest(r.threads) as t (thread)
    group by person having count(distinct thread) > ${accessLimits.conversationsPerHour}`.execute(
    ctx.doors.jobs,
  );
  for (const row of rows)
    await runOperation(ctx.doors.jobs, ctx.surroundings, (op) => raise(op, 'many-readings', row, nowMs));
}

/** The same about who searched for children by name very often: a search may be for somebody else. */
export async function raiseManySearches(ctx: WatchContext): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  const { rows } = await sql<{ person: string; unit: string; count: number }>`
    select e.detail::jsonb ->> 'actor' as person, max(e.detail::jsonb ->> 'unit') as unit,
      sum((e.detail::jsonb #>> '{rows,search}')::int)::int as count
    from audit_entry e where e.type = 'reading.answered' and e.detail is not null and e.at >= to_timestamp(${(nowMs - HOUR_MS) / 1000}::double precision)
      and e.at < to_timestamp(${(nowMs + 1) / 1000}::double precision) and e.detail::jsonb #> '{rows,search}' is not null
    group by 1 having sum((e.detail::jsonb #>> '{rows,search}')::int) > ${accessLimits.searchesPerHour}`.execute(
    ctx.doors.jobs,
  );
  for (const row of rows)
    await runOperation(ctx.doors.jobs, ctx.surroundings, (op) => raise(op, 'many-searches', row, nowMs));
}

/** Processes that look at once open one task: the second waits for the first, and finds it. */
export async function takeTurn(op: Operation, what: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${what}))`.execute(op.trx);
}

async function raise(
  op: Operation,
  kind: 'many-readings' | 'many-searches',
  { person, unit, count }: { person: string; unit: string; count: number },
  nowMs: number,
): Promise<void> {
  await takeTurn(op, `${kind} ${person}`);
  const told = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', '=', kind)
    .where('about', '=', person)
    .where('opened_at', '>', nowMs - HOUR_MS)
    .executeTakeFirst();
  if (!told)
    await openTask(op, {
      kind,
      unit,
      about: person,
      detail: String(count),
      except: [person],
    });
}

type Drawn = SampledReading & { readonly unit: string };

/** Opens the reviews of the week that is over, for each unit whose people read anything, unless they are there. */
export async function openReadingReviews(ctx: WatchContext): Promise<void> {
  const endMs = mondayOf(ctx.surroundings.nowMs());
  const week = new Date(endMs - WEEK_MS).toISOString().slice(0, 10);
  const { rows } = await sql<{ done: boolean }>`
    select exists (select 1 from reading_review where week = ${week}) as done`.execute(ctx.doors.jobs);
  if (rows[0]?.done) return;
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const drawn = await drawSample(op.trx, endMs, Buffer.from(op.random(16)).toString('hex'));
    const piles = new Map<string, Drawn[]>();
    for (const one of drawn) {
      const key = JSON.stringify([one.unit, apartOf(one)]);
      piles.set(key, [...(piles.get(key) ?? []), one]);
    }
    for (const pile of piles.values()) await openReview(op, week, pile);
  });
}

/** Deciders look at each other's readings: those of one are no part of what that one is to look at. */
const DECIDERS: readonly Role[] = ['supervisor', 'head'];
const apartOf = ({ role, person }: SampledReading): string => (DECIDERS.includes(role as Role) ? person : '');

/** Some readings of each pile, by a draw that nobody can foresee; nothing of conversations and case files for named readers. */
async function drawSample(trx: Transaction<Database>, endMs: number, seed: string): Promise<Drawn[]> {
  const { rows } = await sql<Drawn>`
    select person, role, unit, purpose, "atMs", threads from (
      select r.person, r.role, r.unit, r.purpose, (extract(epoch from r.at) * 1000)::bigint as "atMs", r.threads,
        row_number() over (partition by r.unit, case when r.role = any(${[...DECIDERS]}) then r.person end
          order by md5(r.id::text || ${seed})) as place
      from ${readings(endMs - WEEK_MS, endMs)} r
      where cardinality(r.threads) > 0
        and not exists (select 1 from unnest(r.threads) as t (thread) where app_is_closed(t.thread))) as drawn
    where place <= ${accessLimits.readingsPerReview} order by "atMs", person`.execute(trx);
  return rows;
}

async function openReview(op: Operation, week: string, pile: readonly Drawn[]): Promise<void> {
  const [first] = pile;
  if (!first) return;
  const { unit } = first;
  const id = `reading-review-${Buffer.from(op.random(12)).toString('hex')}`;
  const sample = pile.map(({ unit: _unit, ...reading }) => reading);
  const dueAtMs = op.nowMs + accessLimits.readingReviewMs;
  const made = await op.trx
    .insertInto('reading_review')
    .values({
      id,
      unit,
      week,
      apart: apartOf(first),
      persons: [...new Set(pile.map(({ person }) => person))],
      sample: new TextDecoder().decode(encodeCanonical(sample)),
      opened_at: op.nowMs,
      due_at: dueAtMs,
      reviewed_by: null,
      reviewed_at: null,
      finding: null,
      note: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!made) return;
  const persons = [...new Set(pile.map(({ person }) => person))];
  await openTask(op, { kind: 'reading-review', unit, about: id, dueAtMs, except: persons });
  await op.audit('reading-review.opened', { id, unit, week, readings: pile.length });
}
