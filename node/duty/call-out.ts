/**
 * An alert reaches a person, also at night: those on duty are told, then who stands in for them, supervisors, the head, until
 * somebody confirms it. Runs by a timer; any number of processes may run it at once.
 */
import type { Kysely } from 'kysely';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { type OnCall, whoIsCalled } from './who-is-called.ts';

export interface CallOut {
  /** As the node's own timers. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  /** Tells these persons, without a word of what it is about. */
  readonly tell: (op: Operation, persons: readonly string[]) => Promise<void>;
}

/** @throws the first error there was, after trying every alert */
export async function callOut(ctx: CallOut): Promise<void> {
  const open = await ctx.db
    .selectFrom('task')
    .leftJoin('conversation', 'conversation.thread', 'task.thread')
    .select(['task.id', 'task.thread', 'task.opened_at', 'conversation.unit', 'conversation.eyes_only'])
    .where('task.kind', '=', 'call-duty-phone')
    .where('task.detail', '=', 'theirs')
    .where('task.closed_at', 'is', null)
    .execute();
  const failures: unknown[] = [];
  for (const task of open) await callFor(ctx, task).catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

type Alert = {
  id: string;
  thread: string | null;
  opened_at: number;
  unit: string | null;
  eyes_only: boolean | null;
};

async function callFor(ctx: CallOut, alert: Alert): Promise<void> {
  await runOperation(ctx.db, ctx.surroundings, async (op) => {
    const on = alert.eyes_only ? await namedReaders(op, alert.thread!) : await onCall(op, alert.unit);
    const called = whoIsCalled(on, Number(alert.opened_at), op.nowMs);
    if (called.length === 0) return;
    const told = await op.trx
      .insertInto('alert_call')
      .values(called.map((person) => ({ task: alert.id, person, told_at: op.nowMs })))
      .onConflict((conflict) => conflict.doNothing())
      .returning('person')
      .execute();
    if (told.length === 0) return;
    const persons = told.map(({ person }) => person).sort();
    await ctx.tell(op, persons);
    await op.audit('alert.called', { task: alert.id, thread: alert.thread, persons });
  });
}

async function onCall(op: Operation, unit: string | null): Promise<OnCall> {
  const people = await op.trx
    .selectFrom('person')
    .select(['id', 'role', 'unit'])
    .where('disabled_at', 'is', null)
    .execute();
  const shifts = await op.trx
    .selectFrom('duty_shift')
    .select(['person', 'rank'])
    .where('unit', '=', unit ?? '')
    .where('ended_at', 'is', null)
    .where('from_at', '<=', op.nowMs)
    .where('until_at', '>', op.nowMs)
    .execute();
  const known = new Set(people.map(({ id }) => id));
  const ofRank = (rank: number) =>
    shifts.filter((shift) => shift.rank === rank && known.has(shift.person)).map(({ person }) => person);
  const ofRole = (role: string) =>
    people.filter((one) => one.role === role && (role === 'head' || one.unit === unit)).map(({ id }) => id);
  return {
    first: ofRank(1),
    second: ofRank(2),
    officers: ofRole('officer'),
    supervisors: ofRole('supervisor'),
    heads: ofRole('head'),
  };
}

/** What only named persons may read only they are told of: all of them at once. */
async function namedReaders(op: Operation, thread: string): Promise<OnCall> {
  const heads = await op.trx
    .selectFrom('person')
    .select('id')
    .where('role', '=', 'head')
    .where('disabled_at', 'is', null)
    .execute();
  const readers = await op.trx.selectFrom('reader').select('person').where('thread', '=', thread).execute();
  const first = [...readers.map(({ person }) => person), ...heads.map(({ id }) => id)];
  return { first, second: [], officers: [], supervisors: [], heads: [] };
}
