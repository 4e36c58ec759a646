/**
 * Who represents a child, from step 03 on: a link covers a case file or conversations, what was entered of it is sealed, what may
 * stand against it is a row, and it ends by itself when the child is an adult by every account. Times are epoch milliseconds.
 *
 * Ends are in the database: no worker, request or clock of the code stands between a guardian and the second their access is over.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { conflictGround, linkKind } from '#schema/vocabulary/representation.ts';
import { taskKinds } from '../enquiries/tables.ts';
import { changeRows } from '../storage/people-walls.ts';
import { OWNER, roleOfAudience } from '../storage/roles.ts';
import { grant, makePolicies, openFurther, openTable, openToWork } from '../storage/walls.ts';
import type { SealedColumns } from '../vault/sealed-columns.ts';
import { linkKey } from '../vault/subjects.ts';

export type LinkKind = (typeof linkKind.codes)[number];
export type ConflictGround = (typeof conflictGround.codes)[number];

/** What may stand against a link, and who said why it does not. */
export interface LinkConflictTable {
  id: string;
  link: string;
  ground: ConflictGround;
  /** Entry of the case file, or message, it was found in; null for what the appointment itself states. */
  about: string | null;
  /** Of the content it was found in: another content is looked at anew. Empty where an entry brought it about. */
  digest: string;
  found_at: number;
  settled_by: string | null;
  settled_at: number | null;
  /** Why it is none, sealed. */
  reason: Buffer | null;
}

/**
 * When the child of a file turns 18: by the earliest plausible account, from which is warned, and by the latest, until which is
 * protected (PRACTICE.md A8). In the open, since the database ends what ends then; it names nobody.
 */
export interface CaseAgeTable {
  case_id: string;
  /** Null where nothing is stated of the birth. */
  first_at: number | null;
  last_at: number | null;
}

/** Somebody was named by who does not see every link over this child. */
export interface GuardianLookTable {
  /** The case file, or the conversation. */
  about: string;
  /** The entry of the file, or the message. */
  entry: string;
  at: number;
}

export interface LinkTables {
  guardian_look: GuardianLookTable;
  guardian_link_conflict: LinkConflictTable;
  case_age: CaseAgeTable;
}

/** All under the link's own key. */
export const sealedLink: SealedColumns<{ id: string }, 'content' | 'shown' | 'revoke_reason'> = {
  table: 'guardian_link',
  columns: ['content', 'shown', 'revoke_reason'],
  row: ({ id }) => id,
  subject: ({ id }) => linkKey(id),
};
export const sealedLinkVersion: SealedColumns<{ link: string; digest: string }, 'content'> = {
  table: 'guardian_link_version',
  columns: ['content'],
  row: ({ link, digest }) => `${link} ${digest}`,
  subject: ({ link }) => linkKey(link),
};
export const sealedConflict: SealedColumns<{ id: string; link: string }, 'reason'> = {
  table: 'guardian_link_conflict',
  columns: ['reason'],
  row: ({ id }) => id,
  subject: ({ link }) => linkKey(link),
};

const OFFICER = roleOfAudience.officer;
const GUARDIAN = roleOfAudience.guardian;
const FOREVER = '9223372036854775807';
const oneOf = (codes: readonly string[]) => sql.join(codes.map((code) => sql.lit(code)));

/** As the owner of the tables (node/storage/walls.ts). */
const asOwner = (signature: string, returns: string, query: string) =>
  sql`create function ${sql.raw(signature)} returns ${sql.raw(returns)} language sql stable security definer
    set search_path = public, pg_temp as ${sql.lit(query)}`;

/** The file a case is read with: itself, or the one it was joined into. */
const READ_WITH = asOwner(
  'app_read_with(of text)',
  'text',
  'select coalesce(joined_into, id) from case_file where id = of',
);

/**
 * When a link ends: by its appointment, or on the latest plausible 18th birthday of its child. Conversations that are in no file
 * say nothing of a birthday; those in files of several children end with the youngest.
 */
const LINK_END = asOwner(
  'app_link_end(of_case text, of_threads text[], at bigint)',
  'bigint',
  `select least(at, case
    when of_case is not null then (select last_at from case_age where case_id = app_read_with(of_case))
    else (select case when bool_and(a.last_at is not null) then max(a.last_at) end
      from case_conversation c left join case_age a on a.case_id = app_read_with(c.case_id) where c.thread = any(of_threads)) end)`,
);

/** The same, and at the latest when the file was erased, or the last of the conversations: nothing is left to be followed. */
const LINK_END_OR_ERASED = sql`create or replace function app_link_end(of_case text, of_threads text[], at bigint) returns bigint
  language sql stable security definer set search_path = public, pg_temp as ${sql.lit(
    `select least(at, case
      when of_case is not null then (select least(a.last_at, r.erased_at) from (select app_read_with(of_case) as file) f
        left join case_age a on a.case_id = f.file left join retention r on r.kind = 'case' and r.id = f.file)
      else (select least(case when bool_and(a.last_at is not null) then max(a.last_at) end,
          (select case when bool_and(r.erased_at is not null) then max(r.erased_at) end from unnest(of_threads) as t (thread)
            left join retention r on r.kind = 'conversation' and r.id = t.thread))
        from case_conversation c left join case_age a on a.case_id = app_read_with(c.case_id) where c.thread = any(of_threads)) end)`,
  )}`;

/** A guardian's own links that are in force, and when they end. The same as `isInForce` in node/access/decide.ts. */
const MY_LINKS = asOwner(
  'app_my_links()',
  'table (link text, ends_at bigint)',
  `select l.id, e.ends_at from guardian_link l join person p on p.id = l.person and p.disabled_at is null,
    lateral (select app_link_end(l.case_id, l.threads, l.ends_at) as ends_at) e
    where l.person = app_person() and l.approved_at is not null and l.revoked_at is null
      and (e.ends_at is null or e.ends_at > app_now())`,
);

/**
 * What a guardian follows: a row for each link and conversation (`thread`) and for each link and case file (`case_id`, the file it
 * is read with). Nothing that came to be known after `until` is shown: the earliest freeze of any link that covers the same. A
 * conversation, or a file, that came under the case after a freeze is not there: that it came would be news.
 */
const MY_REPRESENTED = asOwner(
  'app_my_represented()',
  'table (link text, thread text, case_id text, until bigint)',
  `with mine as (select l.id, l.threads, l.case_id, coalesce(l.frozen_at, ${FOREVER}) as until
      from app_my_links() m join guardian_link l on l.id = m.link),
    files as (select m.id as link, f.id, m.until from mine m, lateral (select app_read_with(m.case_id) as file) r
        join case_file f on f.id = r.file or f.joined_into = r.file
      where f.id = m.case_id or not exists (select 1 from case_join j where j.from_case in (f.id, m.case_id)
        and j.undone_at is null and j.approved_at > m.until)),
    covered as (
      select m.id as link, t.thread, null::text as case_id, m.until from mine m, unnest(m.threads) as t (thread)
      union select f.link, c.thread, null, f.until from files f join case_conversation c on c.case_id = f.id and c.linked_at <= f.until
      union select m.id, null, app_read_with(m.case_id), m.until from mine m where m.case_id is not null)
    select link, thread, case_id, min(until) over (partition by thread, case_id) from covered`,
);

/**
 * Links that cover a file or a conversation, in force or not: of a file also those over a conversation of it, of a conversation also
 * those over its files. As the owner: row-level security would look at every link there is.
 */
const LINKS_OVER = asOwner(
  'app_links_over(of_about text)',
  'setof text',
  `with own as (select app_read_with(of_about) as file union select app_read_with(case_id) from case_conversation where thread = of_about),
    files as (select f.id from own join case_file f on f.id = own.file union select f.id from own join case_file f on f.joined_into = own.file),
    threads as (select of_about as thread union select c.thread from case_conversation c join files on files.id = c.case_id
      where exists (select 1 from case_file where id = of_about))
    select l.id from guardian_link l join files on files.id = l.case_id
    union select l.id from threads t join guardian_link l on l.threads @> array[t.thread]`,
);

/** How many children a person represents now: links of one file count once, and so do those of one conversation. */
const CHILDREN_OF = asOwner(
  'app_children_of(of_person text)',
  'bigint',
  `select count(distinct coalesce(app_read_with(l.case_id), l.threads[1])) from guardian_link l
    where l.person = of_person and l.approved_at is not null and l.revoked_at is null
      and coalesce(app_link_end(l.case_id, l.threads, l.ends_at), ${FOREVER}) > app_now()`,
);

const withFile = (column: string) =>
  sql`exists (select 1 from case_file f where f.id = app_read_with(${sql.ref(column)}))`;
/** Of a link: who sees its file sees it; of conversations, who sees every one of them. */
const seesLink = sql`(case when guardian_link.case_id is not null then ${withFile('guardian_link.case_id')}
  else not exists (select 1 from unnest(guardian_link.threads) as t (thread)
    where not exists (select 1 from conversation c where c.thread = t.thread)) end)`;
const withLink = sql`exists (select 1 from guardian_link l where l.id = guardian_link_conflict.link)`;

const grantTo = (roles: readonly string[], what: RawBuilder<unknown>) => [
  sql`revoke execute on function ${what} from public`,
  sql`grant execute on function ${what} to ${sql.join(roles.map((role) => sql.id(role)))}`,
];

/** The table as it was holds words in the open: they are kept aside until the node has sealed them (seal-open-links.ts). */
const SEAL = [
  // Row-level security is forced upon the owner too, who has no policy to change rows.
  sql`alter table guardian_link no force row level security`,
  sql`alter table guardian_link_version no force row level security`,
  sql`alter table guardian_link drop column authority, drop column scope, drop column appointed_on, drop column ends_on`,
  sql`alter table guardian_link add column unsealed jsonb, add column shown bytea,
    add column kind text not null default 'guardian' check (kind in (${oneOf(linkKind.codes)})), add column case_id text references case_file`,
  sql`update guardian_link set unsealed = jsonb_build_object('content', content, 'revoke_reason', revoke_reason)`,
  sql`alter table guardian_link drop constraint guardian_link_threads_check, drop column content,
    add constraint guardian_link_covers check ((case_id is null) = (cardinality(threads) > 0))`,
  // The check of those three columns goes with the column.
  sql`alter table guardian_link drop column revoke_reason`,
  sql`alter table guardian_link add column content bytea, add column revoke_reason bytea,
    add constraint guardian_link_sealed check (num_nonnulls(content, unsealed) = 1 and (content is null) = (shown is null)),
    add constraint guardian_link_revoked check (num_nulls(revoked_by, revoked_at) in (0, 2)
      and (unsealed is not null or (revoked_at is null) = (revoke_reason is null)))`,
  sql`alter table guardian_link_version add column unsealed text`,
  sql`update guardian_link_version set unsealed = content`,
  sql`alter table guardian_link_version drop column content`,
  sql`alter table guardian_link_version add column content bytea,
    add constraint guardian_link_version_sealed check (num_nonnulls(content, unsealed) = 1)`,
  sql`alter table guardian_link force row level security`,
  sql`alter table guardian_link_version force row level security`,
  sql`create index guardian_link_case on guardian_link (case_id) where case_id is not null`,
  sql`create index guardian_link_threads on guardian_link using gin (threads)`,
  sql`create index case_file_joined on case_file (joined_into) where joined_into is not null`,
];

const TABLES = [
  sql`create table guardian_link_conflict (
    id text primary key, link text not null references guardian_link, ground text not null check (ground in (${oneOf(conflictGround.codes)})),
    about text, digest text not null, found_at bigint not null, settled_by text, settled_at bigint, reason bytea,
    check (num_nulls(settled_by, settled_at, reason) in (0, 3)))`,
  sql`create unique index guardian_link_conflict_once on guardian_link_conflict (link, ground, coalesce(about, digest))`,
  sql`create table case_age (
    case_id text primary key references case_file, first_at bigint, last_at bigint,
    check ((first_at is null) = (last_at is null)), check (first_at <= last_at))`,
  sql`create index case_age_first on case_age (first_at) where first_at is not null`,
];

/** Kinds of tasks that came later than the table. */
const KINDS = sql`alter table task drop constraint task_kind, add constraint task_kind check (kind in (${oneOf(taskKinds)}))`;

const TRIGGERS = [
  // Three persons: who enters a link, who says why a possible conflict is none, who approves.
  sql`create function refuse_conflict() returns trigger language plpgsql security definer set search_path = public, pg_temp as ${sql.lit(`begin
    if exists (select 1 from guardian_link_conflict c where c.link = new.id and (c.about is not null or c.digest = new.digest)
      and (c.settled_by is null or c.settled_by = new.approver)) then
      raise exception 'a possible conflict of interest stands, or was settled by who approves' using errcode = 'insufficient_privilege',
        constraint = 'guardian_link_conflict_settled';
    end if;
    return new;
  end`)}`,
  sql`create trigger guardian_link_conflict_free before update of approver on guardian_link
    for each row when (new.approver is not null and old.approver is null) execute function refuse_conflict()`,
  sql`create function refuse_own_conflict() returns trigger language plpgsql security definer set search_path = public, pg_temp as ${sql.lit(`begin
    if exists (select 1 from guardian_link l where l.id = new.link and (new.settled_by = any (l.authors) or new.settled_by = l.approver)) then
      raise exception 'who wrote or approved a link settles no conflict of it' using errcode = 'insufficient_privilege',
        constraint = 'guardian_link_conflict_third_person';
    end if;
    return new;
  end`)}`,
  sql`create trigger guardian_link_conflict_by_third before update on guardian_link_conflict
    for each row execute function refuse_own_conflict()`,
];

/** Changes the tables and puts up their walls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy app_guardian_select on milestone`.execute(db);
  await sql`drop function app_my_represented()`.execute(db);
  await sql`drop policy app_guardian_select on guardian_link`.execute(db);
  for (const statement of [...SEAL, ...TABLES, KINDS]) await statement.execute(db);
  for (const table of ['person', 'case_conversation', 'case_join'])
    await sql`create policy links_owner_reads on ${sql.table(table)} for select to ${sql.id(OWNER)} using (true)`.execute(
      db,
    );
  await openTables(db);
  for (const make of [READ_WITH, LINK_END, MY_LINKS, MY_REPRESENTED, LINKS_OVER, CHILDREN_OF])
    await make.execute(db);
  for (const statement of [
    ...grantTo([OFFICER, 'app_jobs', 'app_exchange'], sql`app_read_with`),
    ...grantTo([OFFICER, 'app_jobs', 'app_exchange'], sql`app_link_end`),
    ...grantTo([OFFICER, 'app_exchange'], sql`app_links_over`),
    ...grantTo([OFFICER], sql`app_children_of`),
  ])
    await statement.execute(db);
  await openLinks(db);
  for (const statement of TRIGGERS) await statement.execute(db);
}

async function openTables(db: Kysely<unknown>): Promise<void> {
  await openTable(db, 'guardian_link_conflict', {
    officer: {
      privileges: 'select, insert, update (settled_by, settled_at, reason)',
      rows: {
        select: { using: withLink },
        insert: { check: sql`settled_by is null and ${withLink}` },
        update: {
          using: sql`app_role() in ('supervisor', 'head') and settled_by is null and ${withLink}`,
          check: sql`settled_by = app_person()`,
        },
      },
    },
  });
  const ofFile = sql`exists (select 1 from case_file f where f.id = case_age.case_id)`;
  await openTable(db, 'case_age', {
    work: { app_jobs: 'select, insert' },
    officer: {
      privileges: 'select, insert, update (first_at, last_at)',
      rows: { select: { using: ofFile }, insert: { check: ofFile }, update: { using: ofFile } },
    },
  });
  for (const table of ['guardian_link_conflict', 'case_age'])
    await sql`create policy owner_reads on ${sql.table(table)} for select to ${sql.id(OWNER)} using (true)`.execute(
      db,
    );
}

/** Who may touch which link, and how a guardian comes to what is theirs. */
async function openLinks(db: Kysely<unknown>): Promise<void> {
  await changeRows(db, 'guardian_link', {
    select: { using: seesLink },
    insert: {
      check: sql`authors = array[app_person()] and approver is null and frozen_at is null and ${seesLink}`,
    },
    update: { using: seesLink, check: seesLink },
  });
  await sql`grant select (kind, case_id, shown) on guardian_link to ${sql.id(GUARDIAN)}`.execute(db);
  const isMine = sql`guardian_link.id in (select link from app_my_links())`;
  await makePolicies(db, GUARDIAN, 'guardian_link', { select: { using: isMine } });
  await makePolicies(db, GUARDIAN, 'milestone', {
    select: {
      using: sql`exists (select 1 from app_my_represented() w where w.thread = milestone.thread and milestone.noted_at <= w.until)`,
    },
  });
  // The keys of their own links, and no other: nothing else is sealed under these.
  await openFurther(db, 'data_key', {
    guardian: {
      privileges: 'select (subject, wrapped, wrap_key)',
      rows: { select: { using: sql`subject in (select 'link:' || link from app_my_links())` } },
    },
  });
  // What a State says of its own representative is looked at against ours; what time brings about is put before somebody.
  await openFurther(db, 'guardian_link', {
    work: {
      app_exchange:
        'select (id, person, kind, case_id, threads, authors, approver, approved_at, revoked_at, ends_at, frozen_at), update (frozen_at)',
      app_jobs: 'select, update (unsealed, content, shown, revoke_reason)',
    },
  });
  await openFurther(db, 'guardian_link_version', {
    work: { app_jobs: 'select, update (unsealed, content)' },
  });
  for (const role of ['app_jobs', 'app_exchange']) {
    await sql`grant select on case_file, case_conversation to ${sql.id(role)}`.execute(db);
    for (const table of ['case_file', 'case_conversation'])
      await sql`create policy ${sql.id(`${role}_reads_of_links`)} on ${sql.table(table)} for select to ${sql.id(role)} using (true)`.execute(
        db,
      );
  }
  await sql`grant select on case_entry to app_jobs`.execute(db);
  await sql`create policy app_jobs_reads_of_links on case_entry for select to app_jobs using (true)`.execute(
    db,
  );
}

/** Ends of links come to know of erasures. */
export const upEnds = async (db: Kysely<unknown>): Promise<void> => {
  await LINK_END_OR_ERASED.execute(db);
};

/** Whoever takes a message holds who represents the child against what it says: under every name, and against everybody it names. */
export async function upNamed(db: Kysely<unknown>): Promise<void> {
  await grant(db, 'app_exchange', 'guardian_link', 'select');
  await openToWork(db, 'app_exchange', 'guardian_link_conflict', 'select, insert');
}

/** Nobody who represents a child comes to work on it: links end first, whoever changes the role. */
export async function upRoles(db: Kysely<unknown>): Promise<void> {
  await sql`create function refuse_role_of_guardian() returns trigger language plpgsql security definer set search_path = public, pg_temp
    as ${sql.lit(`begin
    if exists (select 1 from guardian_link l where l.person = new.id and l.approved_at is not null and l.revoked_at is null
      and coalesce(app_link_end(l.case_id, l.threads, l.ends_at), ${FOREVER}) > extract(epoch from now()) * 1000) then
      raise exception 'represents a child' using errcode = 'insufficient_privilege', constraint = 'person_represents';
    end if;
    return new;
  end`)}`.execute(db);
  await sql`create trigger person_represents before update of role on person
    for each row when (old.role = 'guardian' and new.role <> 'guardian') execute function refuse_role_of_guardian()`.execute(
    db,
  );
}

/** What is left for the work of the node to look at; nobody can look anything up in it. */
export async function upLooks(db: Kysely<unknown>): Promise<void> {
  await sql`create table guardian_look (about text not null, entry text not null, at bigint not null, primary key (about, entry))`.execute(
    db,
  );
  await openTable(db, 'guardian_look', {
    work: { app_jobs: 'select, delete' },
    officer: { privileges: 'insert', rows: { insert: { check: sql`true` } } },
  });
  await grant(db, 'app_jobs', 'guardian_link', 'update (frozen_at)');
  await openToWork(db, 'app_jobs', 'guardian_link_conflict', 'select, insert');
}
