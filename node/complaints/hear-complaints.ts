/**
 * What children said, for those who hear it: the head and supervisors who had no part in who represents the child, or deputies of the unit
 * where there is none of these. They answer the
 * child, and may hold back whoever is complained of (node/representation/freeze-link.ts).
 */
import { type Selectable, sql } from 'kysely';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import type { AccessContext } from '../access/context.ts';
import { decide } from '../access/decide.ts';
import { settleAbout } from '../access/settle-about.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { type Opened, openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import { type ComplaintTable, sealedComplaint } from './tables.ts';
import { Words } from './take-complaint.ts';

type Row = Selectable<ComplaintTable> & { readonly involved: boolean };
export type HeardComplaint = Opened<Row, 'words' | 'answer'>;

const INVOLVED = sql<boolean>`app_person() in (select app_involved_in(about))`.as('involved');

/** Those not answered first, then the last; at most 100. @throws VaultError */
export async function listComplaints(reader: Reader, actor: Actor, nowMs: number): Promise<HeardComplaint[]> {
  const rows = await reader.trx
    .selectFrom('complaint')
    .selectAll()
    .select(INVOLVED)
    .orderBy((eb) => eb('answered_at', 'is not', null))
    .orderBy('given_at', 'desc')
    .limit(100)
    .execute();
  // The first wall; the policy of the table is the second.
  const heard = rows.filter(({ involved }) => decide(actor, 'complaint.hear', { involved }, nowMs).allow);
  return openRows(reader, sealedComplaint, heard);
}

export const readWords = ({ words }: Pick<HeardComplaint, 'words'>): Words => Words.parse(JSON.parse(words));

/**
 * Answers the child, once; what was asked of the deciders is done with it.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, REASON_MISSING for an answer of fewer than ten characters, ALREADY_DECIDED
 */
export async function answerComplaint(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  text: string,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await lockComplaint(op, id);
    if (row.answered_at !== null) throw new AccessError('ALREADY_DECIDED');
    const answer = text.trim();
    if (answer.length < 10) throw new AccessError('REASON_MISSING');
    const sealed = await sealColumns(op, sealedComplaint, { id }, { answer });
    await op.trx
      .updateTable('complaint')
      .set({ ...sealed, answered_by: actor.id, answered_at: op.nowMs })
      .where('id', '=', id)
      .execute();
    await settleAbout(op, ['child-complaint'], id, 'answered');
  });
}

async function lockComplaint(op: PersonalOperation, id: string): Promise<Row> {
  const query = op.trx.selectFrom('complaint').selectAll().select(INVOLVED).where('id', '=', id);
  const row = await query.forUpdate().executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
  const decision = decide(op.actor, 'complaint.hear', { involved: row.involved }, op.nowMs);
  if (!decision.allow) throw new AccessError(decision.code);
  return row;
}
