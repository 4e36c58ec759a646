/**
 * Who stands around a child, as far as what two States write to each other names them: family, carers, persons seen, spoken to or
 * warned of. A guardian is held against them when a link is approved and again with every act that comes or leaves (PRACTICE.md A7).
 */
import { sql } from 'kysely';
import { familyOf, type Participant } from '../cases/participants.ts';
import { sealedAct } from '../enquiries/tables.ts';
import type { SearchableName } from '../matching/facts.ts';
import type { Operation } from '../operation.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import { freezeAlike, type Written } from './link-conflicts.ts';

/** Fields that name somebody, or an office, in one line. Readers and who heard the child are none of those around it. */
const LINES = ['named', 'doNotInform', 'spokeTo', 'personsSeen', 'heldBy', 'worker', 'office', 'toWhom'];
/** Where nobody around the child is named: readers in either office, the last look before closing. */
const PASSED_OVER = ['handling', 'safetyCheck', 'eyesOnly'];
/** The child, whose own name says who may be kin, and is nobody else's. */
const CHILDREN = ['children', 'people'];

type Found = { names: SearchableName[]; familyNames: SearchableName[]; lines: string[] };

/** One act, whatever its type; a representative who is told of is no participant. Pure. */
export function namedInAct(messageId: string, type: string, body: unknown): Participant[] {
  const found: Found = { names: [], familyNames: [], lines: [] };
  if (type !== 'REP') walk(body, '', false, found);
  const isAnybody = found.names.length + found.familyNames.length + found.lines.length > 0;
  return isAnybody ? [{ entry: messageId, ...found }] : [];
}

function walk(value: unknown, key: string, isOfChild: boolean, found: Found): void {
  if (typeof value === 'string' && LINES.includes(key)) found.lines.push(value);
  if (Array.isArray(value)) for (const one of value) walk(one, key, isOfChild, found);
  else if (isName(value)) {
    if (!isOfChild) found.names.push(value);
    found.familyNames.push(...familyOf(value));
  } else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value))
      if (!PASSED_OVER.includes(name))
        walk(one, name, name === 'names' ? isOfChild : CHILDREN.includes(name), found);
}

const isName = (value: unknown): value is SearchableName =>
  typeof value === 'object' && value !== null && 'parts' in value && 'script' in value;

/** Everybody whom the acts of these conversations name, as far as this person may read them. @throws VaultError */
export async function readNamed(reader: Reader, threads: readonly string[]): Promise<Participant[]> {
  if (threads.length === 0) return [];
  const rows = await reader.trx
    .selectFrom('act')
    .select(['message_id', 'thread', 'notice', 'type', 'body'])
    .where('thread', 'in', [...threads])
    .where(
      sql<boolean>`not exists (select 1 from retention r where r.id = act.thread and r.blocked_at is not null)`,
    )
    .execute();
  const opened = await openRows(reader, sealedAct, rows);
  return opened.flatMap(({ message_id, type, body }) =>
    body ? namedInAct(message_id, type, JSON.parse(body)) : [],
  );
}

/**
 * Holds back, in the transaction that takes or releases an act, whoever represents the child and is like somebody it names: by this
 * conversation, by its file, or by another conversation of that file.
 */
export async function heedNamed(
  op: Operation,
  thread: string,
  participants: readonly Participant[],
): Promise<void> {
  if (participants.length === 0) return;
  const { rows } =
    await sql<Written>`select thread as id, unit, eyes_only from conversation where thread = ${thread}
    union all select id, unit, eyes_only from case_file
      where id in (select app_read_with(c.case_id) from case_conversation c where c.thread = ${thread})`.execute(
      op.trx,
    );
  for (const of of rows) await freezeAlike(op, of, participants);
}
