/**
 * The second wall: which role of the database may touch which table, and which rows of it. What is not granted here is refused by
 * PostgreSQL, whatever the code asks. The first wall is node/access/decide.ts; both say the same, and a test compares them.
 *
 * Whether somebody sees a conversation is decided once, in the policy of `conversation`; what belongs to a conversation is seen
 * with it.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Audience, audiences } from '../access/actor.ts';
import { OWNER, roleOfAudience, type WorkRole, workRoles } from './roles.ts';

type Grants = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ALL = 'select, insert, update, delete';
const KEEP = 'select, insert, update';
const READ = 'select';
const ADD = 'select, insert';
/** A writer of the log sees of it only what it has just written. */
const APPEND = 'insert, select (id, leaf)';

/** Role of work → table → privileges. Their rows are all of them: no person stands behind them. */
const WORK: Grants = {
  app_exchange: {
    seal_request: ALL,
    out_lane: KEEP,
    outbox: ALL,
    outbox_part: ALL,
    in_lane: KEEP,
    inbound: KEEP,
    quarantine: ADD,
    inbound_part: ALL,
    set_aside: ALL,
    mailbox_cursor: KEEP,
    trust_list: KEEP,
    missing_number: ALL,
    conversation: KEEP,
    act: KEEP,
    task: KEEP,
    proposal: 'select, update',
    attachment: ALL,
    attachment_part: ALL,
    reader: ADD,
    person: READ,
    audit_entry: ADD,
    log_node: READ,
    log_checkpoint: 'select, update (cosigners)',
    log_head: READ,
    cosignature: KEEP,
    witnessed: KEEP,
    witness_step: KEEP,
    fork_evidence: ADD,
  },
  app_log: {
    audit_entry: 'select, update (idx)',
    log_node: ADD,
    log_checkpoint: ADD,
    log_head: KEEP,
    cosignature: ADD,
  },
  app_jobs: {
    conversation: 'select, update',
    act: READ,
    proposal: 'select, update (status)',
    task: KEEP,
    person: READ,
    break_glass: READ,
    attachment: 'select, update (name), delete',
    audit_entry: APPEND,
  },
  // Entering people and closing the door to them, by whoever operates the node.
  app_people: { person: KEEP, session: 'select, update', audit_entry: APPEND },
  app_signin: {
    login: ALL,
    program_code: ALL,
    logout_token: ALL,
    person: READ,
    session: KEEP,
    audit_entry: APPEND,
  },
  // The operator's status and metrics: counts, codes and times, and no column with content or the name of anything.
  app_operations: {
    seal_request: 'select (peer, lane, requested_at)',
    outbox: 'select (peer, class, lane, state, sealed_at)',
    in_lane: 'select (peer, lane, gap_since)',
    set_aside: 'select (next_at)',
    trust_list: READ,
    audit_entry: 'select (idx, at)',
    log_checkpoint: 'select (size, at)',
    log_head: 'select (size)',
    cosignature: 'select (origin, size, witness, at)',
    migration: 'select (name)',
  },
};

/** Of people: the endpoint's role → table → privileges. Which rows, the policies below say. */
const PEOPLE: Grants = {
  app_officer: {
    conversation: KEEP,
    act: KEEP,
    proposal: KEEP,
    task: KEEP,
    clearance: KEEP,
    attachment: ALL,
    attachment_part: ADD,
    assignment: KEEP,
    reader: ALL,
    break_glass: KEEP,
    person: 'select (id, name, role, unit, office, disabled_at)',
    seal_request: 'insert',
    inbound: 'select (id, state, later_receipt), update (later_receipt)',
    audit_entry: APPEND,
  },
  app_auditor: {
    audit_entry: `${APPEND}, select (type, at, detail, idx)`,
    person: 'select (id, role, unit, disabled_at)',
    break_glass:
      'select (id, person, category, opened_at, expires_at, review_due_at, reviewed_by, reviewed_at, finding)',
    log_checkpoint: READ,
    cosignature: READ,
  },
  app_guardian: { audit_entry: APPEND },
  app_ministry: { audit_entry: APPEND },
  app_operator: { audit_entry: APPEND },
};

/** The same rule as `sees` in node/access/decide.ts. */
const seesConversation = sql`(case when eyes_only
  then app_role() = 'head' or thread in (select app_my_readings())
  else app_role() = 'head' or (unit = app_unit() and app_role() in ('officer', 'supervisor')) or thread in (select app_my_threads()) end)`;
/** A draft that opens a conversation belongs to the unit of its author; one for named readers to its author, the deciders, and whom the head admits. */
export const seesDraft = sql`(opens and status <> 'released' and (proposer = app_person() or app_role() = 'head' or (case when eyes_only
  then (unit = app_unit() and app_role() = 'supervisor') or thread in (select app_my_readings())
  else (unit = app_unit() and app_role() in ('officer', 'supervisor')) or thread in (select app_my_threads()) end)))`;
export const withThread = (table: string) =>
  sql`exists (select 1 from conversation c where c.thread = ${sql.ref(`${table}.thread`)})`;
export const withProposalOf = (table: string) =>
  sql`exists (select 1 from proposal p where p.thread = ${sql.ref(`${table}.thread`)})`;
const leads = sql`app_role() in ('supervisor', 'head')`;

type Policy = { readonly using?: RawBuilder<unknown>; readonly check?: RawBuilder<unknown> };
export type Rows = Readonly<Partial<Record<'select' | 'insert' | 'update' | 'delete', Policy>>>;
/** The same rows for reading, adding and changing. */
export const all = (rows: RawBuilder<unknown>): Rows => ({
  select: { using: rows },
  insert: { check: rows },
  update: { using: rows, check: rows },
});

/** Which rows an officer's transaction has. */
const OFFICER_ROWS: Readonly<Record<string, Rows>> = {
  conversation: {
    select: { using: seesConversation },
    insert: { check: sql`unit = app_unit() or app_role() = 'head'` },
    update: { using: seesConversation },
  },
  act: all(withThread('act')),
  proposal: {
    ...all(sql`(${withThread('proposal')} or ${seesDraft})`),
    insert: { check: sql`proposer = app_person() and unit = app_unit()` },
  },
  clearance: all(sql`(${withThread('clearance')} or ${withProposalOf('clearance')})`),
  task: all(
    sql`(thread is null or ${withThread('task')} or exists (select 1 from proposal p where p.id = task.proposal_id))`,
  ),
  attachment: {
    select: {
      using: sql`(case when message_id is null
        then uploaded_by = app_person() or exists (select 1 from proposal p where p.attachment_ids @> array[attachment.id])
        else exists (select 1 from act a where a.message_id = attachment.message_id) end)`,
    },
    insert: { check: sql`uploaded_by = app_person() and message_id is null` },
    update: { using: sql`true` },
    delete: { using: sql`uploaded_by = app_person() and message_id is null` },
  },
  attachment_part: {
    select: { using: sql`exists (select 1 from attachment a where a.id = attachment_part.attachment_id)` },
    insert: {
      check: sql`exists (select 1 from attachment a where a.id = attachment_part.attachment_id and a.uploaded_by = app_person() and a.message_id is null)`,
    },
  },
  assignment: {
    select: {
      using: sql`(assignee = app_person() or ${withThread('assignment')} or ${withProposalOf('assignment')})`,
    },
    insert: { check: sql`(${withThread('assignment')} or ${withProposalOf('assignment')})` },
    update: { using: withThread('assignment') },
  },
  reader: {
    select: { using: sql`(${withThread('reader')} or ${withProposalOf('reader')})` },
    insert: { check: sql`true` },
    delete: { using: sql`app_role() = 'head'` },
  },
  break_glass: {
    select: { using: sql`(person = app_person() or ${leads})` },
    insert: { check: sql`person = app_person()` },
    update: { using: sql`(${leads} and person <> app_person())` },
  },
  person: { select: { using: sql`true` } },
  seal_request: {
    insert: { check: sql`exists (select 1 from act a where a.message_id = seal_request.message_id)` },
  },
  inbound: {
    select: { using: sql`exists (select 1 from act a where a.message_id = inbound.id)` },
    update: { using: sql`exists (select 1 from act a where a.message_id = inbound.id)` },
  },
};

/** Others read whole tables, or nothing: the columns they are granted hold nothing of a child. */
const WHOLE: Rows = { select: { using: sql`true` } };

function rowsOf(role: string, table: string): Rows {
  if (role === roleOfAudience.officer) return OFFICER_ROWS[table] ?? {};
  // The log is written by everybody and read by auditors.
  return table === 'audit_entry' && role !== roleOfAudience.auditor ? {} : WHOLE;
}

const FUNCTIONS = [
  ...['person', 'role', 'unit', 'purpose'].map(
    (name) =>
      sql`create function ${sql.id(`app_${name}`)}() returns text language sql stable parallel safe
        as ${sql.lit(`select nullif(current_setting('app.${name}', true), '')`)}`,
  ),
  sql`create function app_now() returns bigint language sql stable parallel safe
    as 'select nullif(current_setting(''app.now'', true), '''')::bigint'`,
  // As the owner of the tables: what they say of a person must not depend on what that person sees.
  sql`create function app_my_threads() returns setof text language sql stable security definer set search_path = public, pg_temp as
    'select thread from assignment where assignee in (app_person(), ''role:'' || app_role() || ''@'' || app_unit())
       and ended_at is null and (until is null or until > app_now())
     union all select thread from break_glass where person = app_person() and expires_at > app_now()'`,
  sql`create function app_my_readings() returns setof text language sql stable security definer set search_path = public, pg_temp as
    'select thread from reader where person = app_person()'`,
];

/** What the functions above read, and what only the owner does. */
const OWNER_READS = ['assignment', 'break_glass', 'reader', 'migration'];

/** Puts up the walls around every table there is; a table that comes later puts up its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of FUNCTIONS) await statement.execute(db);
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace`.execute(
    db,
  );
  for (const { name } of rows) await enclose(db, name);
  for (const name of OWNER_READS) await letOwnerRead(db, name);
  for (const [role, tables] of Object.entries(WORK))
    for (const [table, privileges] of Object.entries(tables)) await openToWork(db, role, table, privileges);
  for (const [role, tables] of Object.entries(PEOPLE)) {
    for (const [table, privileges] of Object.entries(tables)) {
      await openToPeople(db, role, table, { privileges, rows: rowsOf(role, table) });
      if (table === 'audit_entry') await allowAppend(db, role);
    }
  }
  await sql`grant usage on schema public to ${sql.join([...workRoles, ...Object.values(roleOfAudience)].map((role) => sql.id(role)))}`.execute(
    db,
  );
}

/** What people of an endpoint may do with a table, and with which rows of it. */
export interface Opening {
  readonly privileges: string;
  readonly rows: Rows;
}

/** Who may touch a table that comes after these walls, and which rows. */
export interface TableWalls extends Readonly<Partial<Record<Audience, Opening>>> {
  /** Roles of work and their privileges: all rows are theirs. */
  readonly work?: Readonly<Partial<Record<WorkRole, string>>>;
}

/** Puts the walls up around one more table. */
export async function openTable(db: Kysely<unknown>, table: string, walls: TableWalls): Promise<void> {
  await enclose(db, table);
  await openFurther(db, table, walls);
}

/** Opens a table that has its walls to roles that had no part in it. */
export async function openFurther(
  db: Kysely<unknown>,
  table: string,
  { work = {}, ...people }: TableWalls,
): Promise<void> {
  for (const [role, privileges] of Object.entries(work)) await openToWork(db, role, table, privileges);
  for (const audience of audiences) {
    const opening = people[audience];
    if (opening) await openToPeople(db, roleOfAudience[audience], table, opening);
  }
}

/** Lets a role of work do this with every row of a table. */
export async function openToWork(
  db: Kysely<unknown>,
  role: string,
  table: string,
  privileges: string,
): Promise<void> {
  await grant(db, role, table, privileges);
  await sql`create policy ${sql.id(`${role}_works`)} on ${sql.table(table)} to ${sql.id(role)} using (true) with check (true)`.execute(
    db,
  );
}

/** Lets people of an endpoint do this with these rows of a table, if the transaction says who acts and what for. */
export async function openToPeople(
  db: Kysely<unknown>,
  role: string,
  table: string,
  { privileges, rows }: { readonly privileges: string; readonly rows: Rows },
): Promise<void> {
  await grant(db, role, table, privileges);
  await sql`create policy ${sql.id(`${role}_named`)} on ${sql.table(table)} as restrictive to ${sql.id(role)}
    using (app_person() is not null and app_purpose() is not null)`.execute(db);
  await makePolicies(db, role, table, rows);
}

/** Nobody, unless a policy says so; the owner neither. */
export async function enclose(db: Kysely<unknown>, name: string): Promise<void> {
  const table = sql.table(name);
  await sql`alter table ${table} enable row level security`.execute(db);
  await sql`alter table ${table} force row level security`.execute(db);
  await sql`revoke all on ${table} from public`.execute(db);
}

/** Functions that run as the owner read it whatever the person sees. */
export async function letOwnerRead(db: Kysely<unknown>, name: string): Promise<void> {
  await sql`create policy owner_reads on ${sql.table(name)} to ${sql.id(OWNER)} using (true) with check (true)`.execute(
    db,
  );
}

/** An entry may be added by anybody who acts; what was just added may be read back. */
async function allowAppend(db: Kysely<unknown>, role: string): Promise<void> {
  await sql`create policy ${sql.id(`${role}_appends`)} on audit_entry for insert to ${sql.id(role)} with check (idx is null)`.execute(
    db,
  );
  await sql`create policy ${sql.id(`${role}_reads_back`)} on audit_entry for select to ${sql.id(role)} using (idx is null)`.execute(
    db,
  );
}

export async function grant(
  db: Kysely<unknown>,
  role: string,
  table: string,
  privileges: string,
): Promise<void> {
  await sql`grant ${sql.raw(privileges)} on ${sql.table(table)} to ${sql.id(role)}`.execute(db);
}

export async function makePolicies(
  db: Kysely<unknown>,
  role: string,
  table: string,
  rows: Rows,
): Promise<void> {
  for (const [command, { using, check }] of Object.entries(rows)) {
    const parts = [using && sql`using (${using})`, check && sql`with check (${check})`].filter(
      (part) => part !== undefined,
    );
    await sql`create policy ${sql.id(`${role}_${command}`)} on ${sql.table(table)} for ${sql.raw(command)} to ${sql.id(role)}
      ${sql.join(parts, sql` `)}`.execute(db);
  }
}
