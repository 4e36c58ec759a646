/**
 * The search in the blind index, as functions of the database: the one of a person takes the place of that of tables.ts, and work of
 * the node gets its own, which looks past the walls.
 */
import { type Kysely, sql } from 'kysely';
import { seesCase } from '../storage/case-walls.ts';
import { tokenKinds } from './tokens.ts';

/** No node has so many cases: what all of them shared would still count for a little. */
const RAREST = 10_000_000;

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

const SIGNATURE = '(kinds smallint[], tokens bytea[], weights float8[], but text, most int)';

async function createFinder(db: Kysely<unknown>, name: string, visible: string): Promise<void> {
  await sql`create or replace function ${sql.id(name)}${sql.raw(SIGNATURE)}
    returns table (case_id text, weight float8) language sql stable security definer set search_path = public, pg_temp
    as ${sql.lit(finder(visible))}`.execute(db);
}

/** @param worker the role of work that looks for the node */
export async function replaceFinders(db: Kysely<unknown>, worker: string): Promise<void> {
  const sees = seesCase.compile(db).sql;
  await createFinder(
    db,
    'app_find_candidates',
    `where exists (select 1 from case_file where case_file.id = hit.case_id and (${sees}))`,
  );
  await createFinder(db, 'app_find_candidates_for_node', '');
  await sql`revoke execute on function app_find_candidates_for_node from public`.execute(db);
  await sql`grant execute on function app_find_candidates_for_node to ${sql.id(worker)}`.execute(db);
}
