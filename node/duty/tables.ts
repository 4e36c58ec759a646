/**
 * Tables of the duty roster: who of a unit is reached when an alert comes in, and who has been told of which. Times are epoch
 * milliseconds.
 */
import { type Kysely, sql } from 'kysely';
import { openTable } from '../storage/walls.ts';

export interface DutyShiftTable {
  id: string;
  unit: string;
  person: string;
  /** 1 is called first, 2 stands in for the first. */
  rank: number;
  from_at: number;
  until_at: number;
  set_by: string;
  set_at: number;
  ended_at: number | null;
}

/** That somebody was told of an alert, and when last: again only after a while, however often the timer looks. */
export interface AlertCallTable {
  task: string;
  person: string;
  told_at: number;
}

export interface DutyTables {
  duty_shift: DutyShiftTable;
  alert_call: AlertCallTable;
}

/** Creates the tables of the duty roster. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table duty_shift (
    id text primary key, unit text not null, person text not null references person, rank int not null check (rank in (1, 2)),
    from_at bigint not null, until_at bigint not null check (until_at > from_at), set_by text not null, set_at bigint not null,
    ended_at bigint)`.execute(db);
  await sql`create index duty_shift_now on duty_shift (unit, until_at) where ended_at is null`.execute(db);
  await sql`create table alert_call (
    task text not null references task, person text not null, told_at bigint not null, primary key (task, person))`.execute(
    db,
  );
  const leads = sql`(app_role() = 'head' or (app_role() = 'supervisor' and unit = app_unit()))`;
  await openTable(db, 'duty_shift', {
    work: { app_jobs: 'select' },
    officer: {
      privileges: 'select, insert, update',
      rows: { select: { using: sql`true` }, insert: { check: leads }, update: { using: leads } },
    },
  });
  await openTable(db, 'alert_call', {
    work: { app_jobs: 'select, insert' },
    officer: {
      privileges: 'select',
      rows: { select: { using: sql`exists (select 1 from task t where t.id = alert_call.task)` } },
    },
  });
}
