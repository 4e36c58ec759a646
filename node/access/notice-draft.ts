/**
 * What another State should be told, ready to be read, corrected and proposed by a person: who represents the child (REP), that the
 * child is an adult by every account (STA). Pure but for reading what the person may see; nothing leaves from here.
 */
import { type SqlBool, sql, type Transaction } from 'kysely';
import { bodyLimits } from '#schema/conversation/bodies/common.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { majorityOf } from '../cases/age.ts';
import { type CaseItem, valuesOf } from '../cases/history.ts';
import type { ValueOf } from '../cases/kinds.ts';
import { compareFacts } from '../matching/compare.ts';
import type { SearchableName } from '../matching/facts.ts';
import type { Database } from '../storage/database.ts';
import type { Reader } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import { findPerson } from './find-person.ts';
import { openLinks, readContent } from './link-content.ts';
import type { LinkChange } from './watch-links.ts';

type LinkReader = Reader & { readonly trx: Transaction<Database> };
/** Children of the enquiry that may be meant; empty where a person must choose. */
type Refs = readonly string[];

/** @throws AccessError NOT_FOUND for a link this person does not see; VaultError */
export async function draftRepresentative(
  reader: LinkReader,
  id: string,
  change: LinkChange,
  children: Refs,
): Promise<BodyOf<'REP'>> {
  const rows = await reader.trx.selectFrom('guardian_link').selectAll().where('id', '=', id).execute();
  const [link] = await openLinks(reader, rows);
  if (!link?.content) throw new AccessError('NOT_FOUND');
  const { kind, authority, number, appointedOn, endsOn, scope } = readContent(link.content);
  const former = change === 'appointed' ? await findFormer(reader.trx, link) : undefined;
  const until = change === 'ended' ? dayOf(await overAt(reader.trx, id)) : endsOn;
  return {
    change: former === undefined ? change : 'changed',
    role: kind === 'guardian' ? 'guardian' : 'lawyer',
    children: [...children],
    from: appointedOn,
    ...(until !== undefined && { until }),
    name: (await findPerson(reader.trx, link.person)).name,
    ...(former !== undefined && { formerName: former }),
    appointedBy: `${authority}, ${number}`.slice(0, bodyLimits.labelChars),
    scope: { text: scope, language: 'und' },
  };
}

const dayOf = (atMs: number | null): string | undefined =>
  atMs === null ? undefined : new Date(atMs).toISOString().slice(0, 10);

async function overAt(trx: Transaction<Database>, id: string): Promise<number | null> {
  const over = sql<number | null>`least(revoked_at, app_link_end(case_id, threads, ends_at))`.as('over');
  const query = trx.selectFrom('guardian_link').select(over).where('id', '=', id);
  return (await query.executeTakeFirstOrThrow()).over;
}

/** Who was there before in the same place, by the last link of the same kind that has ended. */
async function findFormer(
  trx: Transaction<Database>,
  { id, kind, case_id, threads }: { id: string; kind: string; case_id: string | null; threads: string[] },
): Promise<string | undefined> {
  const former = await trx
    .selectFrom('guardian_link')
    .innerJoin('person', 'person.id', 'guardian_link.person')
    .select('person.name')
    .where('guardian_link.id', '!=', id)
    .where('kind', '=', kind as 'guardian')
    .where('approved_at', 'is not', null)
    .where(
      sql<SqlBool>`(app_read_with(case_id) = app_read_with(${case_id}) or threads && ${threads}::text[])`,
    )
    .where(sql<SqlBool>`least(revoked_at, app_link_end(case_id, threads, ends_at)) <= app_now()`)
    .orderBy('approved_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return former?.name;
}

/** @param items of the child's file */
export function draftStatus(items: readonly CaseItem[], children: Refs): BodyOf<'STA'> {
  const majority = majorityOf(items);
  if (majority === null) throw new AccessError('NOT_FOUND');
  const births = valuesOf(items, 'birth').map(({ value }) => value as ValueOf<'birth'>);
  const situations = valuesOf(items, 'situation').map(({ value }) => value as ValueOf<'situation'>);
  const suspect = situations.map(({ careOfSuspect }) => careOfSuspect);
  return {
    status: 'reached-18',
    // Empty where a person must choose: no proposal of it passes.
    child: children.length === 1 ? children[0]! : '',
    on: dayOf(majority.lastMs)!,
    findings: births.flatMap(({ findings }) => findings).slice(0, bodyLimits.findings),
    careOfSuspect: suspect.includes('yes') ? 'yes' : (suspect[0] ?? 'unknown'),
  } as BodyOf<'STA'>;
}

/** Which children of an enquiry may be that of a file: the only one, or those whose names are alike. */
export function childrenAlike(
  { children }: Pick<EnquiryBody, 'children'>,
  items: readonly CaseItem[],
): string[] {
  if (children.length === 1) return [children[0]!.ref];
  const facts = (names: readonly SearchableName[]) => ({ names, births: [], nationalities: [] });
  const known = facts(valuesOf(items, 'name').map(({ value }) => value as ValueOf<'name'>));
  return children
    .filter(({ names }) =>
      compareFacts(known, facts(names)).fields.some(
        ({ field, outcome }) => field === 'names' && outcome === 'match',
      ),
    )
    .map(({ ref }) => ref);
}
