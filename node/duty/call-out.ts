/**
 * An alert reaches a person, also at night: those on duty are told, then who stands in for them, supervisors, the head, again
 * and again until somebody confirms it. Whoever is told can see and confirm it. Who cannot be told is passed over at once, and the head hears of
 * that. Runs by a timer; any number of processes may run it at once.
 */
import type { Kysely } from 'kysely';
import { assign } from '../access/assign.ts';
import { accessLimits } from '../access/limits.ts';
import { UNREAD_LIMIT_MS } from '../enquiries/find-unread-urgent.ts';
import { insertTask } from '../enquiries/task.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { type OnCall, REPEAT_MINUTES, whoIsCalled } from './who-is-called.ts';

const MINUTE_MS = 60_000;

export interface CallOut {
  /** As the node's own timers. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  /** Tells these persons, without a word of what it is about. */
  readonly tell: (op: Operation, persons: readonly string[]) => Promise<void>;
  /** This node sends no mails: people look for themselves, and nobody is passed over. */
  readonly mailsOff?: boolean;
}

/** For the operator. */
export interface CalledOut {
  /** How often somebody was newly found who should have been told and cannot be. */
  readonly unreachable: number;
  /** Alerts that nobody can be told of at all, and those that nobody has confirmed for half an hour, mails or not. */
  readonly unheard: number;
}

/** @throws the first error there was, after trying every alert */
export async function callOut(ctx: CallOut): Promise<CalledOut> {
  const open = await ctx.db
    .selectFrom('task')
    .innerJoin('conversation', 'conversation.thread', 'task.thread')
    .select([
      'task.id',
      'conversation.thread',
      'task.opened_at',
      'conversation.unit',
      'conversation.eyes_only',
    ])
    .where('task.kind', '=', 'call-duty-phone')
    .where('task.detail', '=', 'theirs')
    .where('task.closed_at', 'is', null)
    .execute();
  const failures: unknown[] = [];
  const done: CalledOut[] = [];
  for (const task of open)
    await callFor(ctx, task).then(
      (one) => done.push(one),
      (error) => failures.push(error),
    );
  if (failures.length > 0) throw failures[0];
  const sum = (of: keyof CalledOut) => done.reduce((total, one) => total + one[of], 0);
  return { unreachable: sum('unreachable'), unheard: sum('unheard') };
}

type Alert = { id: string; thread: string; opened_at: number; unit: string; eyes_only: boolean };

function callFor(ctx: CallOut, alert: Alert): Promise<CalledOut> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const people = await readPeople(op);
    const on = await (alert.eyes_only ? namedReaders(op, alert, people) : onCall(op, alert, people));
    const isReached = (id: string) => ctx.mailsOff === true || people.get(id)!.isReached;
    const sinceMs = Number(alert.opened_at);
    const called = whoIsCalled(keep(on, isReached), sinceMs, op.nowMs);
    const passedOver = whoIsCalled(on, sinceMs, op.nowMs).filter((id) => !isReached(id));
    await callEach(ctx, op, alert, called, people);
    return {
      unreachable: await reportEach(ctx, op, alert, passedOver, people),
      unheard: called.length === 0 || op.nowMs - sinceMs >= UNREAD_LIMIT_MS ? 1 : 0,
    };
  });
}

async function callEach(
  ctx: CallOut,
  op: Operation,
  alert: Alert,
  called: readonly string[],
  people: People,
): Promise<void> {
  if (called.length === 0) return;
  const told = await op.trx
    .insertInto('alert_call')
    .values(called.map((person) => ({ task: alert.id, person, told_at: op.nowMs })))
    .onConflict((conflict) =>
      conflict
        .columns(['task', 'person'])
        .doUpdateSet({ told_at: op.nowMs })
        .where('alert_call.told_at', '<=', op.nowMs - REPEAT_MINUTES * MINUTE_MS),
    )
    .returning('person')
    .execute();
  if (told.length === 0) return;
  const persons = told.map(({ person }) => person).sort();
  if (!alert.eyes_only) await letIn(op, alert, persons, people);
  await ctx.tell(op, persons);
  const how = ctx.mailsOff === true ? 'no-mail' : 'mail';
  await op.audit('alert.called', { task: alert.id, thread: alert.thread, persons, how });
}

/** Who is called from outside the unit can see the alert, and so confirm it: for a time, and longer while they are called. */
async function letIn(op: Operation, alert: Alert, persons: readonly string[], people: People): Promise<void> {
  const { thread, unit } = alert;
  const outside = persons.filter((id) => people.get(id)!.role !== 'head' && people.get(id)!.unit !== unit);
  if (outside.length === 0) return;
  const untilMs = op.nowMs + accessLimits.calledStaysMs;
  const assigned = await op.trx
    .selectFrom('assignment')
    .select('assignee')
    .where('thread', '=', thread)
    .where('assignee', 'in', outside)
    .where('ended_at', 'is', null)
    .where((eb) =>
      eb.or([eb('until', 'is', null), eb('until', '>', untilMs - accessLimits.calledStaysMs / 2)]),
    )
    .execute();
  const seeing = new Set(assigned.map(({ assignee }) => assignee));
  for (const assignee of outside.filter((id) => !seeing.has(id)))
    await assign(op, { thread, assignee, by: CALLED_BY, untilMs });
}

/** Who gave the assignment of somebody who was called: no person did. */
export const CALLED_BY = 'call-out';

/** Puts before the head, once for each alert, that somebody who should be told of it cannot be. @returns how many are new */
async function reportEach(
  ctx: CallOut,
  op: Operation,
  alert: Alert,
  persons: readonly string[],
  people: People,
): Promise<number> {
  const head = [...people.values()].find(({ role, isReached }) => role === 'head' && isReached)?.id;
  let count = 0;
  for (const person of persons) {
    const isNew = await insertTask(op, {
      kind: 'incident',
      detail: 'duty-unreachable',
      once: `unreachable ${alert.id} ${person}`,
      about: person,
      unit: alert.unit,
      // Names no conversation: it is about an address, and the conversation may be for named readers.
      ...(head !== undefined && { assignedTo: head }),
    });
    if (!isNew) continue;
    count++;
    // An address that was refused may have been mended since.
    if (people.get(person)!.email !== null) await ctx.tell(op, [person]);
    await op.audit('alert.unreachable', { task: alert.id, thread: alert.thread, person });
  }
  return count;
}

type Known = { id: string; role: string; unit: string; email: string | null; isReached: boolean };
type People = ReadonlyMap<string, Known>;

/** Everybody who may come in, and whether a mail reaches them: an address, and not one that was refused for good. */
async function readPeople(op: Operation): Promise<People> {
  const rows = await op.trx
    .selectFrom('person')
    .select((eb) => [
      'id',
      'role',
      'unit',
      'email',
      eb
        .exists(
          eb
            .selectFrom('notice_state')
            .select('notice_state.person')
            .whereRef('notice_state.person', '=', 'person.id')
            .where('notice_state.kind', '<>', 'digest')
            .where('notice_state.gave_up_at', 'is not', null),
        )
        .as('refused'),
    ])
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute();
  return new Map(
    rows.map(({ refused, ...one }) => [one.id, { ...one, isReached: one.email !== null && !refused }]),
  );
}

const keep = (on: OnCall, isKept: (id: string) => boolean): OnCall => ({
  first: on.first.filter(isKept),
  second: on.second.filter(isKept),
  officers: on.officers.filter(isKept),
  supervisors: on.supervisors.filter(isKept),
  heads: on.heads.filter(isKept),
});

async function onCall(op: Operation, { unit }: Alert, people: People): Promise<OnCall> {
  const shifts = await op.trx
    .selectFrom('duty_shift')
    .select(['person', 'rank'])
    .where('unit', '=', unit)
    .where('ended_at', 'is', null)
    .where('from_at', '<=', op.nowMs)
    .where('until_at', '>', op.nowMs)
    .execute();
  const ofRank = (rank: number) =>
    shifts.filter((shift) => shift.rank === rank && people.has(shift.person)).map(({ person }) => person);
  const ofRole = (role: string) =>
    [...people.values()]
      .filter((one) => one.role === role && (role === 'head' || one.unit === unit))
      .map(({ id }) => id);
  return {
    first: ofRank(1),
    second: ofRank(2),
    officers: ofRole('officer'),
    supervisors: ofRole('supervisor'),
    heads: ofRole('head'),
  };
}

/** What only named persons may read only they are told of: all of them at once. */
async function namedReaders(op: Operation, { thread }: Alert, people: People): Promise<OnCall> {
  const heads = [...people.values()].filter(({ role }) => role === 'head').map(({ id }) => id);
  const rows = await op.trx.selectFrom('reader').select('person').where('thread', '=', thread).execute();
  const readers = rows.map(({ person }) => person).filter((id) => people.has(id));
  return { first: [...readers, ...heads], second: [], officers: [], supervisors: [], heads: [] };
}
