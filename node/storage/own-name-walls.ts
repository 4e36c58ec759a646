/**
 * Whoever writes something in a person's transaction writes it under their own name, and what stands under another's stays as it is:
 * an act is the one of its proposal, a proposal is its proposer's, and a link of a guardian is changed by its authors alone and only
 * until a second person has approved it. As second-walls.ts, with triggers where a row is compared with what it was; the node's own
 * work has no person and is not asked.
 */
import { type Kysely, sql } from 'kysely';
import { changeRows, mayAddTo } from './people-walls.ts';
import { withThread } from './walls.ts';
import { letChange } from './write-walls.ts';

/** What people's transactions change of these; nobody changes the rest. */
const CHANGEABLE = {
  break_glass: ['reviewed_by', 'reviewed_at', 'finding'],
  // Until it is approved, then how it ends, and that it is held back.
  guardian_link: [
    ...[
      'kind',
      'person',
      'case_id',
      'threads',
      'digest',
      'ends_at',
      'content',
      'shown',
      'authors',
      'proposed_at',
    ],
    ...['approver', 'approved_at', 'revoked_by', 'revoked_at', 'revoke_reason', 'frozen_at'],
  ],
  duty_shift: ['ended_at'],
};

/** Table → columns that say who: written by oneself. A name is the person's own name, a role their role. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  act: ['read_by', 'recalled_by'],
  attachment: ['uploaded_by'],
  break_glass: ['reviewed_by'],
  case_file: ['closed_by'],
  case_join: ['undone_by'],
  clearance: ['asked_name', 'asked_role', 'granted_name', 'revoked_by', 'revoked_name'],
  disclosure: ['deferred_by'],
  duty_shift: ['set_by'],
  guardian_link: ['revoked_by'],
  guardian_word: ['answered_by'],
  local_request: ['given_by'],
  person: ['disabled_by'],
  proposal: ['proposer_name', 'proposer_role'],
  shown: ['shown_by'],
};

/** Table → columns that stay once they are written. What leaves anew has another second person; what is opened again is closed again. */
const ONCE: Readonly<Record<string, readonly string[]>> = {
  act: ['read_by', 'read_at'],
  break_glass: ['reviewed_by', 'reviewed_at', 'finding'],
  case_join: ['approver', 'approved_at', 'undone_by', 'undone_at'],
  clearance: [
    'granted_by',
    'granted_at',
    'granted_name',
    'granted_role',
    'revoked_by',
    'revoked_at',
    'revoke_reason',
  ],
  guardian_link: ['approver', 'approved_at', 'revoked_by', 'revoked_at', 'revoke_reason'],
  guardian_word: ['answered_by', 'answered_at', 'result', 'ended_at'],
  retention_decision: ['approver', 'approved_at', 'ended_by', 'ended_at'],
};

const WRITE_OWN_NAME = `declare
  was jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  now_is jsonb := to_jsonb(new);
begin
  if app_person() is not null and exists (select 1 from unnest(tg_argv) as one
    where now_is ->> one is not null and now_is ->> one is distinct from was ->> one and now_is ->> one is distinct from
      case when one like '%\\_name' then app_name() when one like '%\\_role' then app_role() else app_person() end)
  then raise exception 'what one does stands under one''s own name' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;

const KEEP_WRITTEN = `begin
  if app_person() is not null and exists (select 1 from unnest(tg_argv) as one
    where to_jsonb(old) ->> one is not null and to_jsonb(old) ->> one is distinct from to_jsonb(new) ->> one)
  then raise exception 'what was decided stays' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;

/** @param tg_argv what is approved */
const KEEP_LINK = `begin
  if app_person() is null then return new; end if;
  if exists (select 1 from unnest(tg_argv) as one where to_jsonb(old) ->> one is distinct from to_jsonb(new) ->> one)
    and not (old.approved_at is null and old.revoked_at is null and new.approved_at is null and new.authors @> array[app_person()])
  then raise exception 'a link is changed by its authors, until it is approved' using errcode = 'insufficient_privilege'; end if;
  if old.frozen_at is not null and new.frozen_at is distinct from old.frozen_at and app_role() not in ('supervisor', 'head')
  then raise exception 'who decides lets through what is held back' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;
const APPROVED = [
  'kind',
  'person',
  'case_id',
  'threads',
  'digest',
  'ends_at',
  'content',
  'shown',
  'proposed_at',
];

/** At the end of the transaction: the act is written before its proposal says so, and that one holds who must have approved it. */
const RELEASED = `begin
  if app_person() is not null and not exists (select 1 from proposal p
    where p.id = new.proposal_id and p.message_id = new.message_id and p.status = 'released')
  then raise exception 'an act of ours is one that was released' using errcode = 'insufficient_privilege'; end if;
  return null;
end`;

/** Word for word what was proposed, and not more of it than has happened. */
const isProposed = sql`exists (select 1 from proposal p where p.id = act.proposal_id and p.thread = act.thread and p.type = act.type
    and p.version = act.version and p.proposer_name = act.author_name and p.office = act.author_office
    and p.supersedes is not distinct from act.supersedes and p.notice = act.notice and p.status in ('waiting', 'stale'))
  and stage = 'queued' and num_nonnulls(delivered_at, read_by, read_at, recalled_by, stage_code) = 0
  and side = (select c.side from conversation c where c.thread = act.thread)`;

const argumentsOf = (columns: readonly string[]) => sql.join(columns.map((one) => sql.lit(one)));

/** Puts up these walls; tables and older walls are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of ['name', 'office'])
    await sql`create function ${sql.id(`app_${name}`)}() returns text language sql stable parallel safe
      as ${sql.lit(`select nullif(current_setting('app.${name}', true), '')`)}`.execute(db);
  await letChange(db, CHANGEABLE);
  await changeRows(db, 'act', {
    insert: { check: sql`${withThread('act')} and ${mayAddTo('act')} and ${isProposed}` },
  });
  await changeRows(db, 'proposal', {
    insert: {
      check: sql`proposer = app_person() and unit = app_unit() and office = app_office() and ${mayAddTo('proposal')}`,
    },
  });
  await changeRows(db, 'disclosure', {
    insert: {
      check: sql`exists (select 1 from act a join proposal p on p.id = a.proposal_id where a.message_id = disclosure.message_id
        and a.thread = disclosure.thread and p.proposer = disclosure.proposer and p.peer = disclosure.peer)`,
    },
  });
  await sql`create function write_own_name() returns trigger language plpgsql as ${sql.lit(WRITE_OWN_NAME)}`.execute(
    db,
  );
  await sql`create function keep_written() returns trigger language plpgsql as ${sql.lit(KEEP_WRITTEN)}`.execute(
    db,
  );
  await sql`create function keep_link() returns trigger language plpgsql as ${sql.lit(KEEP_LINK)}`.execute(
    db,
  );
  await sql`create function require_released() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as ${sql.lit(RELEASED)}`.execute(db);
  for (const [name, columns] of Object.entries(OWN))
    await sql`create trigger ${sql.id(`${name}_own_name`)} before insert or update on ${sql.table(name)}
      for each row execute function write_own_name(${argumentsOf(columns)})`.execute(db);
  for (const [name, columns] of Object.entries(ONCE))
    await sql`create trigger ${sql.id(`${name}_stays`)} before update on ${sql.table(name)}
      for each row execute function keep_written(${argumentsOf(columns)})`.execute(db);
  await sql`create trigger retention_decision_by_oneself before insert or update on retention_decision
    for each row execute function decide_by_oneself('approver', 'approved_at')`.execute(db);
  await sql`create trigger guardian_link_as_approved before update on guardian_link
    for each row execute function keep_link(${argumentsOf(APPROVED)})`.execute(db);
  await sql`create constraint trigger act_released after insert on act deferrable initially deferred
    for each row when (new.stage is not null) execute function require_released()`.execute(db);
}
