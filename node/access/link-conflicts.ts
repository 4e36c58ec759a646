/**
 * What may stand against somebody representing a child: what the appointment states of them, how many children they represent, and
 * whether their name or organisation is like one in the child's file. It decides nothing: a possible conflict stops what comes next
 * until a third person has said why it is none (PRACTICE.md A7).
 */
import { type Selectable, type SqlBool, sql } from 'kysely';
import { nameInLine, type Participant, readParticipants } from '../cases/participants.ts';
import { openTask } from '../enquiries/task.ts';
import { compareWith } from '../matching/compare.ts';
import type { SearchableFacts, SearchableName } from '../matching/facts.ts';
import type { Operation, PersonalOperation } from '../operation.ts';
import { threadsOf } from '../representation/link-threads.ts';
import type { Database } from '../storage/database.ts';
import { type Opened, openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import { findPerson } from './find-person.ts';
import { accessLimits } from './limits.ts';
import { type GuardianAppointment, openLinks, readContent, type SealedLinkRow } from './link-content.ts';
import { type ConflictGround, sealedConflict } from './link-tables.ts';
import { readNamed } from './named-in-acts.ts';
import { readReason } from './read-input.ts';

/** @property about the entry or act it was found in; null for what the appointment states */
export interface Finding {
  readonly ground: ConflictGround;
  readonly about: string | null;
}

const STATED = {
  runsPlaceOfCare: 'runs-place-of-care',
  employedByDecider: 'employed-by-decider',
  paidPerChild: 'paid-per-child',
  knownToParticipant: 'known-to-participant',
} as const satisfies Partial<Record<keyof GuardianAppointment['conflicts'], ConflictGround>>;

/** What an appointment says of conflicts; what is not known is not ruled out. */
export const statedIn = ({ conflicts }: Pick<GuardianAppointment, 'conflicts'>): Finding[] =>
  Object.entries(STATED)
    .filter(([field]) => conflicts[field as keyof typeof STATED] !== 'no')
    .map(([, ground]) => ({ ground, about: null }));

/** Name and organisation of somebody, held against what a file names; across scripts (node/matching). */
export function findAlike(
  who: { readonly names: readonly string[]; readonly organisation: string | undefined },
  participants: readonly Participant[],
): Finding[] {
  const isNamed = alikeTo(who.names.map(nameInLine));
  const own = who.organisation;
  const isOffice = own === undefined ? () => false : alikeTo([nameInLine(own)]);
  return participants.flatMap(({ entry, names, familyNames, lines }) => {
    const written = lines.map(nameInLine);
    const grounds: ConflictGround[] = [];
    if (isNamed([...names, ...written])) grounds.push('name-alike');
    else if (isNamed(familyNames)) grounds.push('family-name-alike');
    if (isOffice([...names, ...written])) grounds.push('organisation-alike');
    return grounds.map((ground) => ({ ground, about: entry }));
  });
}

const factsOf = (names: readonly SearchableName[]): SearchableFacts => ({
  names,
  births: [],
  nationalities: [],
});

function alikeTo(names: readonly SearchableName[]): (others: readonly SearchableName[]) => boolean {
  const compare = compareWith(factsOf(names));
  return (others) =>
    others.some((one) =>
      compare(factsOf([one])).fields.some(({ field, outcome }) => field === 'names' && outcome === 'match'),
    );
}

type LinkOf = Pick<SealedLinkRow, 'id' | 'person' | 'digest' | 'case_id' | 'threads'>;

/** Looks at everything anew and keeps what is found. @returns whether nothing stands against it that nobody has settled */
export async function lookForConflicts(
  op: PersonalOperation,
  link: LinkOf,
  content: GuardianAppointment,
): Promise<boolean> {
  const participants = [
    ...(await readParticipants(op, await filesOf(op, link))),
    ...(await readNamed(op, await threadsOf(op, link.id))),
  ];
  const found = [
    ...statedIn(content),
    ...((await countChildren(op, link.person)) >= accessLimits.childrenPerGuardian
      ? [{ ground: 'many-children' as const, about: null }]
      : []),
    ...findAlike(await whoIs(op, link.person, content), participants),
  ];
  for (const one of found) await keepFinding(op, link, one);
  return (await countOpen(op, link)) === 0;
}

/** Every name under which they are known here, and whom they work for. */
export async function whoIs(
  op: Operation,
  person: string,
  { otherNames = [], organisation }: GuardianAppointment,
): Promise<Parameters<typeof findAlike>[0]> {
  const { name } = await findPerson(op.trx, person);
  return { names: [name, ...otherNames], organisation };
}

/** The file a link covers; of one over conversations, the files these are in. */
async function filesOf(op: Operation, { case_id, threads }: LinkOf): Promise<string[]> {
  const { rows } = await sql<{ file: string | null }>`
    select app_read_with(${case_id}) as file where ${case_id}::text is not null
    union select app_read_with(case_id) from case_conversation where thread = any(${[...threads]}::text[])`.execute(
    op.trx,
  );
  return rows.flatMap(({ file }) => file ?? []);
}

async function countChildren(op: Operation, person: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select app_children_of(${person}) as n`.execute(op.trx);
  return Number(rows[0]!.n);
}

/** @returns whether it was not known before */
async function keepFinding(op: Operation, link: LinkOf, { ground, about }: Finding): Promise<boolean> {
  const id = `conflict-${Buffer.from(op.random(12)).toString('hex')}`;
  const digest = about === null ? link.digest : '';
  const inserted = await op.trx
    .insertInto('guardian_link_conflict')
    .values({ id, link: link.id, ground, about, digest, found_at: op.nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted) await op.audit('guardian-link.noted', { id: link.id, what: 'conflict-found', ground, about });
  return inserted !== undefined;
}

/** Possible conflicts that nobody has settled; of stated ones, those of the content as it is now. */
export async function countOpen(
  op: Operation,
  { id, digest }: Pick<LinkOf, 'id' | 'digest'>,
): Promise<number> {
  const { n } = await op.trx
    .selectFrom('guardian_link_conflict')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('link', '=', id)
    .where('settled_by', 'is', null)
    .where((eb) => eb.or([eb('about', 'is not', null), eb('digest', '=', digest)]))
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Possible conflicts of these links, with why they were found to be none. @throws VaultError */
export async function listConflicts(reader: Reader, links: readonly string[]): Promise<ConflictRow[]> {
  if (links.length === 0) return [];
  const query = reader.trx.selectFrom('guardian_link_conflict').selectAll();
  const rows = await query
    .where('link', 'in', [...links])
    .orderBy('found_at')
    .orderBy('id')
    .execute();
  return openRows(reader, sealedConflict, rows);
}
export type ConflictRow = Opened<Selectable<Database['guardian_link_conflict']>, 'reason'>;

/** Who settled a conflict of a link: none of them approves it. */
export const readSettlers = async (op: Operation, link: string): Promise<string[]> =>
  (
    await op.trx
      .selectFrom('guardian_link_conflict')
      .select('settled_by')
      .where('link', '=', link)
      .where('settled_by', 'is not', null)
      .execute()
  ).map(({ settled_by }) => settled_by!);

/**
 * A third decider, who neither wrote nor approved the link, says why it is none.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, SAME_PERSON, ALREADY_DECIDED, REASON_MISSING
 */
export async function settleIn(
  op: PersonalOperation,
  { id, authors, approver }: Pick<SealedLinkRow, 'id' | 'authors' | 'approver'>,
  conflict: string,
  why: string,
): Promise<void> {
  const by = op.actor.id;
  if (authors.includes(by) || approver === by) throw new AccessError('SAME_PERSON');
  const row = { id: conflict, link: id };
  const sealed = await sealColumns(op, sealedConflict, row, { reason: readReason(why) });
  const settled = await op.trx
    .updateTable('guardian_link_conflict')
    .set({ settled_by: by, settled_at: op.nowMs, ...sealed })
    .where('id', '=', conflict)
    .where('link', '=', id)
    .where('settled_by', 'is', null)
    .returning('ground')
    .executeTakeFirst();
  if (!settled) throw new AccessError('ALREADY_DECIDED');
  await op.audit('guardian-link.noted', { id, what: 'conflict-settled', ...settled, actor: by });
}

/** A file whose entries have just been written, or a conversation with a new act. */
export interface Written {
  readonly id: string;
  readonly unit: string;
  readonly eyes_only: boolean;
}

/**
 * Holds back, in the transaction that names somebody new, whoever represents the child and has a name or organisation like theirs. To
 * them it is as if nothing had happened since; a decider looks at it.
 */
export async function freezeAlike(
  op: Operation | PersonalOperation,
  of: Written,
  participants: readonly Participant[],
): Promise<void> {
  if (participants.length === 0) return;
  const links = await linksInForce(op, of.id);
  if ('actor' in op) await leaveUnseen(op, of, participants);
  for (const link of await openLinks(op, links)) {
    const who = await whoIs(op, link.person, readContent(link.content!));
    let isNew = false;
    for (const one of findAlike(who, participants)) if (await keepFinding(op, link, one)) isNew = true;
    if (isNew) await freezeFor(op, link, of);
  }
}

/** Links that cover this file or conversation now, by itself or by what it is read with. */
export async function linksInForce(op: Operation, about: string): Promise<SealedLinkRow[]> {
  return op.trx
    .selectFrom('guardian_link as l')
    .selectAll()
    .where('approved_at', 'is not', null)
    .where('revoked_at', 'is', null)
    .where(sql<SqlBool>`l.id in (select app_links_over(${about}))`)
    .where(
      sql<SqlBool>`coalesce(app_link_end(l.case_id, l.threads, l.ends_at), ${op.nowMs}::bigint + 1) > ${op.nowMs}::bigint`,
    )
    .orderBy('id')
    .forUpdate()
    .execute();
}

/**
 * A link over conversations is seen by who sees all of them. One that this person does not see is looked at by the work of the node
 * (look-for-unseen.ts), within the minute: who was named, and where, is left for it.
 */
async function leaveUnseen(op: Operation, of: Written, participants: readonly Participant[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`select app_links_over(${of.id}) as id`.execute(op.trx);
  const known = await op.trx
    .selectFrom('guardian_link')
    .select('id')
    .where('id', 'in', [...rows.map(({ id }) => id), ''])
    .execute();
  if (rows.length === known.length) return;
  const looks = participants.map(({ entry }) => ({ about: of.id, entry, at: op.nowMs }));
  await op.trx
    .insertInto('guardian_look')
    .values(looks)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function freezeFor(op: Operation | PersonalOperation, link: LinkOf, of: Written): Promise<void> {
  // Before anything that this very transaction makes showable.
  await freeze(op, link.id, { sinceMs: op.nowMs - 1 });
  await openTask(op, {
    kind: 'guardian-conflict',
    thread: of.id,
    about: link.id,
    ...('actor' in op && { openedBy: op.actor.id }),
    // Of a file for named readers, they alone hear that it is there.
    ...(of.eyes_only ? {} : { unit: of.unit }),
  });
}

/** From now on, or from a time given in milliseconds, nothing new is shown by it; what froze it before stands. */
export async function freeze(
  op: Operation,
  link: string,
  { actor, sinceMs = op.nowMs }: { readonly actor?: string; readonly sinceMs?: number } = {},
): Promise<void> {
  const frozen = await op.trx
    .updateTable('guardian_link')
    .set({ frozen_at: sinceMs })
    .where('id', '=', link)
    .where('frozen_at', 'is', null)
    .executeTakeFirst();
  if (frozen.numUpdatedRows === 1n)
    await op.audit('guardian-link.noted', { id: link, what: 'frozen', actor: actor ?? null });
}
