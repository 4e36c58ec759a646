/**
 * What follows at once from new entries of a case file, in the transaction that writes them: somebody who is named may be close to
 * whoever represents the child, and a birth says when the child is an adult.
 */
import { type SqlBool, sql } from 'kysely';
import { freezeAlike } from '../access/link-conflicts.ts';
import type { PersonalOperation } from '../operation.ts';
import { keepMajorities } from './age.ts';
import type { CaseEntry } from './history.ts';
import { participantsOf, readParticipants } from './participants.ts';

/** @param written entries of one file or several, which the caller has just added */
export async function followEntries(op: PersonalOperation, written: readonly CaseEntry[]): Promise<void> {
  const born = written.filter(({ kind }) => kind === 'birth').map(({ caseId }) => caseId);
  if (born.length > 0) await keepMajorities(op, [...new Set(born)]);
  for (const file of await findRepresented(op, [...new Set(written.map(({ caseId }) => caseId))]))
    await freezeAlike(op, file, participantsOf(written.filter(({ caseId }) => caseId === file.id)));
}

/** After files or conversations were put together or taken apart: everybody whom this file names now. */
export async function followFile(op: PersonalOperation, id: string): Promise<void> {
  for (const file of await findRepresented(op, [id]))
    await freezeAlike(op, file, await readParticipants(op, [id]));
}

/** Those of these files whose child somebody was appointed for. */
function findRepresented({ trx }: PersonalOperation, files: readonly string[]) {
  return trx
    .selectFrom('case_file')
    .select(['id', 'unit', 'eyes_only'])
    .where('id', 'in', [...files])
    .where(
      sql<SqlBool>`exists (select 1 from guardian_link l where l.id in (select app_links_over(case_file.id))
        and l.approved_at is not null and l.revoked_at is null)`,
    )
    .execute();
}
