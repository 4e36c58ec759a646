/**
 * Table of the blind index: which cases have which tokens (node/matching/blind-index.ts). It holds no name and no date, but how
 * often each token occurs and which cases share one, so that its rows are seen with their case and deleted with its data key.
 */
import { type Kysely, sql } from 'kysely';
import { mayWriteIn, seesCase, withCase } from '../storage/case-walls.ts';
import { roleOfAudience, type WorkRole } from '../storage/roles.ts';
import { letOwnerRead, openTable } from '../storage/walls.ts';
import { tokenKinds } from './tokens.ts';

export interface SearchTokenTable {
  /** From `tokenKinds`. */
  kind: number;
  /** Three bytes. */
  token: Uint8Array;
  case_id: string;
}

export interface MatchingTables {
  search_token: SearchTokenTable;
}

/** No node has so many cases: what all of them shared would still count for a little. */
const RAREST = 10_000_000;

/**
 * Cases that share a token of a name with what is asked, the likeliest first. A token counts by how rare it is, as in a likelihood
 * ratio; births move up whom a name has found. It runs as the owner of the table, and looks at a case only when it would be
 * returned: a policy on the rows would look at the case of every row, some 30,000 for a common name, and was measured to take ten
 * times as long. Nobody else needs to read tokens at all.
 */
const finder = (visible: string) => `
  with asked as materialized (
    select a.kind, a.token, a.weight * ln(${RAREST}::float8 / (1 + (
      select count(*) from search_token o where o.kind = a.kind and o.token = a.token))) as weight
    from unnest(kinds, tokens, weights) as a (kind, token, weight)),
  hit as materialized (
    select t.case_id, sum(a.weight) as weight from asked a join search_token t on t.kind = a.kind and t.token = a.token
    where t.case_id <> but group by t.case_id having bool_or(t.kind < ${tokenKinds.birthYear})
    order by sum(a.weight) desc, t.case_id)
  select hit.case_id, hit.weight from hit ${visible} limit most`;

const OFFICER = roleOfAudience.officer;

/** Creates the table of the blind index and the search in it, with their walls. Cases have theirs already. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table search_token (
    kind smallint not null check (kind between 1 and 6), token bytea not null check (octet_length(token) = 3),
    case_id text not null, primary key (kind, token, case_id))`.execute(db);
  await sql`create index search_token_case on search_token (case_id)`.execute(db);
  // Of the tokens a person reads none: deleting those of a case takes its column only.
  await openTable(db, 'search_token', {
    officer: {
      privileges: 'select (case_id), insert, delete',
      rows: {
        select: { using: withCase('search_token.case_id') },
        insert: { check: mayWriteIn('search_token.case_id') },
        delete: { using: mayWriteIn('search_token.case_id') },
      },
    },
  });
  await letOwnerRead(db, 'search_token');
  const sees = seesCase.compile(db).sql;
  await createFinder(
    db,
    'app_find_candidates',
    OFFICER,
    `where exists (
    select 1 from case_file where case_file.id = hit.case_id and (${sees}))`,
  );
}

/** The same for a role of work, which sees every case. */
export const createNodeFinder = (db: Kysely<unknown>, role: WorkRole): Promise<void> =>
  createFinder(db, 'app_find_candidates_for_node', role, '');

async function createFinder(db: Kysely<unknown>, name: string, role: string, visible: string): Promise<void> {
  await sql`create function ${sql.id(name)}(kinds smallint[], tokens bytea[], weights float8[], but text, most int)
    returns table (case_id text, weight float8) language sql stable security definer set search_path = public, pg_temp
    as ${sql.lit(finder(visible))}`.execute(db);
  await sql`revoke execute on function ${sql.id(name)} from public`.execute(db);
  await sql`grant execute on function ${sql.id(name)} to ${sql.id(role)}`.execute(db);
}
