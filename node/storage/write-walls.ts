/**
 * Writes that would let somebody read: the second wall holds for them too. A file stays with who brought it, a case file with its unit,
 * and who may be assigned by whom is what node/access/assign-conversation.ts and the calls for a second person ask for.
 */
import { type Kysely, sql } from 'kysely';
import { mayWriteIn } from './case-walls.ts';
import { changeRows } from './people-walls.ts';
import { roleOfAudience } from './roles.ts';

const OFFICER = sql.id(roleOfAudience.officer);

/** Columns that people's transactions change; nobody changes the others. */
const CHANGEABLE = {
  attachment: ['bytes', 'sha256', 'name', 'message_id', 'position'],
  case_file: ['eyes_only', 'updated_at', 'n', 'closed_at', 'closed_by', 'closing', 'joined_into'],
  assignment: ['until', 'ended_at'],
};

const seesFile = sql`(case when message_id is null
  then uploaded_by = app_person() or exists (select 1 from proposal p where p.attachment_ids @> array[attachment.id])
  else exists (select 1 from act a where a.message_id = attachment.message_id) end)`;

/** The same rule as `seesCase` (case-walls.ts), without what was only opened in need. */
const mayChangeCase = sql`(app_role() = 'head' or case when eyes_only then id in (select app_my_readings())
  else (unit = app_unit() and app_role() in ('officer', 'supervisor')) or id in (select app_my_assigned()) end)`;

/** Whose it is: the conversation's unit, the draft's, or the case file's. */
const isOfMyUnit = sql`(app_role() = 'head'
  or exists (select 1 from conversation c where c.thread = assignment.thread and c.unit = app_unit())
  or exists (select 1 from proposal p where p.thread = assignment.thread and p.opens and p.unit = app_unit())
  or exists (select 1 from case_file f where f.id = assignment.thread and f.unit = app_unit()))`;
const isMine = sql`(exists (select 1 from conversation c where c.thread = assignment.thread)
  or exists (select 1 from proposal p where p.thread = assignment.thread)
  or exists (select 1 from case_file f where f.id = assignment.thread))`;
/** Not by who only opened it in need. */
const mayAdd = sql`(thread not in (select app_my_needs()) or thread in (select app_my_assigned())
  or (app_role() in ('officer', 'supervisor', 'head') and ${isOfMyUnit}))`;
/** Who decides in its unit lets anybody in; all others those alone who may be the second person, for a time, and never themselves. */
const isSecond = (alsoOf = sql`false`) => sql`((assignee like 'role:legal-adviser@%' and until is not null)
  or (assignee <> app_person() and exists (select 1 from deputy d where d.person = assignee and d.ended_at is null and d.until > app_now()
    and (d.unit in (select c.unit from conversation c where c.thread = assignment.thread)
      or d.unit in (select p.unit from proposal p where p.thread = assignment.thread and p.opens) or ${alsoOf}))))`;
const mayAssign = (
  second = isSecond(),
) => sql`((${isMine} and ${mayAdd} and ((app_role() in ('supervisor', 'head') and ${isOfMyUnit}) or ${second}))
  or (assignee = app_person() and app_my_new_case(thread)))`;

/** Puts up these walls; tables and older walls are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await letChange(db, CHANGEABLE);
  await changeRows(db, 'attachment', { update: { using: seesFile } });
  await changeRows(db, 'case_file', { update: { using: mayChangeCase } });
  await changeRows(db, 'assignment', {
    insert: { check: sql`given_by = app_person() and ${mayAssign()}` },
    update: { using: mayAssign() },
  });
}

/** A deputy of the unit is put before who represents the child of a file as well: the second person is theirs to be there too. */
export async function upDeputies(db: Kysely<unknown>): Promise<void> {
  const ofFile = sql`(assignment.until is not null
    and d.unit in (select f.unit from case_file f where f.id = assignment.thread and not f.eyes_only))`;
  const rule = mayAssign(isSecond(ofFile));
  await changeRows(db, 'assignment', {
    insert: { check: sql`given_by = app_person() and ${rule}` },
    update: { using: rule },
  });
}

/** Of an uploaded file: who brought it, or sees a draft that it goes with. Found by the index: within the walls each draft would be looked at for each file. */
const seesUpload = sql`(uploaded_by = app_person()
  or exists (select 1 from proposal p where p.id = any(array(select app_drafts_with(attachment.id)))))`;

/** Files of drafts are found by the index, however many drafts there are. */
export async function upDraftFiles(db: Kysely<unknown>): Promise<void> {
  await sql`create index proposal_files on proposal using gin (attachment_ids)`.execute(db);
  // As the owner of the tables: ids alone, of drafts that are then asked for within the walls.
  await sql`create function app_drafts_with(file text) returns setof text language sql stable security definer set search_path = public, pg_temp as
    'select id from proposal where attachment_ids @> array[file]'`.execute(db);
  await sql`revoke execute on function app_drafts_with from public`.execute(db);
  await sql`grant execute on function app_drafts_with to ${OFFICER}`.execute(db);
  const sees = sql`(case when message_id is null then ${seesUpload}
    else exists (select 1 from act a where a.message_id = attachment.message_id) end)`;
  await changeRows(db, 'attachment', { select: { using: sees }, update: { using: sees } });
}

/** Files of case files: seen with the case, and nobody's alone any more. */
export async function upCaseFiles(db: Kysely<unknown>): Promise<void> {
  await sql`alter table attachment add column case_id text references case_file,
    add constraint attachment_of_one check (case_id is null or message_id is null)`.execute(db);
  await sql`create index attachment_case on attachment (case_id) where case_id is not null`.execute(db);
  await letChange(db, { attachment: [...CHANGEABLE.attachment, 'case_id'] });
  const sees = sql`(case when message_id is not null then exists (select 1 from act a where a.message_id = attachment.message_id)
    when case_id is not null then exists (select 1 from case_file f where f.id = app_read_with(attachment.case_id))
    else ${seesUpload} end)`;
  const isOwn = sql`uploaded_by = app_person() and message_id is null and case_id is null`;
  await changeRows(db, 'attachment', {
    select: { using: sees },
    insert: { check: isOwn },
    update: {
      using: sees,
      check: sql`(${sees} and (case_id is null or ${mayWriteIn('attachment.case_id')}))`,
    },
    delete: { using: isOwn },
  });
  await changeRows(db, 'attachment_part', {
    insert: {
      check: sql`exists (select 1 from attachment a where a.id = attachment_part.attachment_id and a.uploaded_by = app_person()
        and a.message_id is null and a.case_id is null)`,
    },
  });
}

/** What people's transactions change of a conversation: not for whom it is. What a warning of another State has closed, no reader opens. */
const CHANGEABLE_CONVERSATION = [
  ...['unit', 'state', 'purpose', 'urgency', 'danger', 'awaiting_us', 'unread', 'urgent_unread'],
  ...['due_at', 'alarm_at', 'updated_at', 'last_read_at'],
];

/** What is for named readers is opened to the others by no reader: a case file by who decides in its unit, as conversations are moved. */
export async function upReaders(db: Kysely<unknown>): Promise<void> {
  await letChange(db, { conversation: CHANGEABLE_CONVERSATION });
  await sql`create trigger case_file_opens before update of eyes_only on case_file
    for each row when (old.eyes_only and not new.eyes_only) execute function refuse_move()`.execute(db);
}

/** Of each table these columns and no others, by people's transactions on the officers' endpoint. */
export async function letChange(
  db: Kysely<unknown>,
  tables: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, columns] of Object.entries(tables)) {
    const table = sql.table(name);
    await sql`revoke update on ${table} from ${OFFICER}`.execute(db);
    await sql`grant update (${sql.join(columns.map((one) => sql.ref(one)))}) on ${table} to ${OFFICER}`.execute(
      db,
    );
  }
}
