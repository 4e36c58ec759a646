/**
 * Nobody is two persons: whoever approves or grants writes their own name there, and what another asked for they cannot change. Policies
 * cannot compare a row with what it was, so a trigger does. The node's own work has no person and is not asked.
 */
import { type Kysely, sql } from 'kysely';
import { changeRows } from './people-walls.ts';
import { withProposalOf, withThread } from './walls.ts';
import { letChange } from './write-walls.ts';

/** What people's transactions change of these; who asked, what for and in which words stays as it was written. */
const CHANGEABLE = {
  act: [
    ...['stage', 'stage_code', 'void', 'in_doubt', 'crossed', 'read_by', 'read_at'],
    ...['recalled_by', 'recalled_at', 'recall_reason'],
  ],
  proposal: [
    ...['status', 'lane', 'expires_at', 'message_id', 'approver', 'approver_role', 'approved_at'],
    ...['outside_by', 'withdraw_reason'],
  ],
  clearance: [
    ...['granted_by', 'granted_name', 'granted_role', 'granted_at'],
    ...['revoked_by', 'revoked_name', 'revoked_at', 'revoke_reason'],
  ],
};

/** Table → column of the second person, of when they decided, of their role. */
const SECONDS: Readonly<Record<string, readonly string[]>> = {
  proposal: ['approver', 'approved_at', 'approver_role'],
  clearance: ['granted_by', 'granted_at', 'granted_role'],
  case_join: ['approver', 'approved_at'],
  guardian_link: ['approver', 'approved_at'],
  disclosure: ['approver'],
};

/** Of authors, where a table has them: they only grow, and only by oneself; whoever writes another content is one. */
const BY_ONESELF = `declare
  was jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  now_is jsonb := to_jsonb(new);
begin
  if app_person() is null then return new; end if;
  if exists (select 1 from unnest(tg_argv) as one where was ->> one is distinct from now_is ->> one) and not (
    coalesce(now_is ->> tg_argv[0] = app_person(), false) and (tg_argv[2] is null or coalesce(now_is ->> tg_argv[2] = app_role(), false)))
  then raise exception 'who decides does so in their own name' using errcode = 'insufficient_privilege'; end if;
  if tg_op = 'UPDATE' and now_is ? 'authors' and not (
    now_is -> 'authors' @> (was -> 'authors') and (was -> 'authors') || to_jsonb(app_person()) @> (now_is -> 'authors')
    and (was ->> 'digest' is not distinct from now_is ->> 'digest' or now_is -> 'authors' ? app_person()))
  then raise exception 'authors stay, and are written by themselves' using errcode = 'insufficient_privilege'; end if;
  return new;
end`;

/** Puts up these walls; tables and older walls are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await letChange(db, CHANGEABLE);
  await changeRows(db, 'clearance', {
    insert: {
      check: sql`asked_by = app_person() and (${withThread('clearance')} or ${withProposalOf('clearance')})`,
    },
  });
  await sql`create function decide_by_oneself() returns trigger language plpgsql as ${sql.lit(BY_ONESELF)}`.execute(
    db,
  );
  for (const [name, columns] of Object.entries(SECONDS))
    await sql`create trigger ${sql.id(`${name}_by_oneself`)} before insert or update on ${sql.table(name)}
      for each row execute function decide_by_oneself(${sql.join(columns.map((one) => sql.lit(one)))})`.execute(
      db,
    );
}
