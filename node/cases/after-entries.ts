/**
 * What follows at once from new entries of a case file, in the transaction that writes them and however they came: somebody who is
 * named may be close to whoever represents the child, a birth says when the child is an adult, and what endangers the child becomes
 * somebody's task.
 */
import { type SqlBool, sql } from 'kysely';
import { freezeAlike } from '../access/link-conflicts.ts';
import { isHeldOrAccused } from '../enquiries/alarm.ts';
import { openTask } from '../enquiries/task.ts';
import { tellThatMissing } from '../enquiries/tell-other-peers.ts';
import type { PersonalOperation } from '../operation.ts';
import { keepMajorities } from './age.ts';
import { callAdvisers } from './call-advisers.ts';
import type { CaseEntry } from './history.ts';
import type { ValueOf } from './kinds.ts';
import { participantsOf, readParticipants } from './participants.ts';
import { filesOf } from './store.ts';

/** @param written entries of one file or several, which the caller has just added */
export async function followEntries(op: PersonalOperation, written: readonly CaseEntry[]): Promise<void> {
  const born = written.filter(({ kind }) => kind === 'birth').map(({ caseId }) => caseId);
  if (born.length > 0) await keepMajorities(op, [...new Set(born)]);
  for (const entry of written) await raiseAlarm(op, entry);
  for (const file of await findRepresented(op, [...new Set(written.map(({ caseId }) => caseId))]))
    await freezeAlike(op, file, participantsOf(written.filter(({ caseId }) => caseId === file.id)));
}

async function raiseAlarm(op: PersonalOperation, entry: CaseEntry): Promise<void> {
  const { id: about, caseId: thread } = entry;
  if (isAgainstChild(entry)) {
    await openTask(op, { kind: 'measure-against-child', thread, about });
    const file = await readFile(op, thread);
    if (!file.eyes_only) await callAdvisers(op, file);
  }
  // Whoever is controlled withdraws too: somebody looks at it (PRACTICE.md A13). Until then nothing leaves that rested on agreement
  // (node/enquiries/require-agreement.ts); figures hurt nobody.
  if (isWithdrawn(entry)) {
    const { purpose } = entry.value as ValueOf<'consent'>;
    const detail = purpose === 'statistics' ? {} : { detail: `agreement-withdrawn:${purpose}` };
    await openTask(op, { kind: 'safety-review', thread, about, ...detail });
  }
  // A visit to the family that night may be fatal (PRACTICE.md A16).
  if (saysMissing(entry)) {
    const { eyes_only } = await readFile(op, thread);
    await tellThatMissing(op, await readThreads(op, thread), eyes_only ? thread : null);
  }
}

const readFile = ({ trx }: PersonalOperation, id: string) =>
  trx
    .selectFrom('case_file')
    .select(['id', 'unit', 'eyes_only'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

/** The child is held, accused or fined for what it was made to do: a person looks at it, the legal adviser first (PRACTICE.md A22). */
function isAgainstChild({ kind, value }: CaseEntry): boolean {
  if (value === null) return false;
  return kind === 'measure' || (kind === 'situation' && isHeldOrAccused(value as ValueOf<'situation'>));
}

const isWithdrawn = ({ kind, value }: CaseEntry): boolean =>
  kind === 'consent' && (value as ValueOf<'consent'> | null)?.state === 'withdrawn';

function saysMissing({ kind, value }: CaseEntry): boolean {
  if (kind === 'situation') return (value as ValueOf<'situation'> | null)?.missing === 'missing';
  if (kind !== 'missing' || value === null) return false;
  const { status, until } = value as ValueOf<'missing'>;
  return status === 'missing' && until === undefined;
}

/** Conversations about this child that the person sees, also of files that are read with this one. */
async function readThreads({ trx }: PersonalOperation, file: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('case_conversation')
    .select('thread')
    .distinct()
    .where('case_id', 'in', filesOf(trx, file))
    .execute();
  return rows.map(({ thread }) => thread);
}

/** After files or conversations were put together or taken apart: everybody whom this file names now. */
export async function followFile(op: PersonalOperation, id: string): Promise<void> {
  for (const file of await findRepresented(op, [id]))
    await freezeAlike(op, file, await readParticipants(op, [id]));
}

/** Those of these files whose child somebody was appointed for, whether or not this person sees that link. */
function findRepresented({ trx }: PersonalOperation, files: readonly string[]) {
  return trx
    .selectFrom('case_file')
    .select(['id', 'unit', 'eyes_only'])
    .where('id', 'in', [...files])
    .where(sql<SqlBool>`exists (select app_links_over(case_file.id))`)
    .execute();
}
