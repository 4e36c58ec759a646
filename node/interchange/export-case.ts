/**
 * A case file leaves as HTCDS, or what was seen of the child as PFIF, by who decides, with a record of it before a byte does.
 */
import type { Actor } from '../access/actor.ts';
import { CaseError } from '../cases/case-error.ts';
import type { CaseContext } from '../cases/context.ts';
import { type CaseItem, readItems } from '../cases/history.ts';
import { readCase } from '../cases/list-cases.ts';
import { type CaseRow, readEntries } from '../cases/store.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { exportHtcds, type HtcdsExport } from './htcds-export.ts';
import { exportPfif, type PfifExport } from './pfif.ts';

/** @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN, CASE_JOINED; VaultError */
export const exportCase = (ctx: CaseContext, actor: Actor, id: string): Promise<HtcdsExport> =>
  exportAs(ctx, actor, id, 'htcds-2.0', (items, { closed_at }) => {
    const exported = exportHtcds(items, closed_at === null);
    return { exported, fields: Object.keys(exported.record).length };
  });

/** Under a number that is drawn for this export: two exports cannot be put together. @throws as exportCase */
export const exportSightings = (ctx: CaseContext, actor: Actor, id: string): Promise<PfifExport> =>
  exportAs(ctx, actor, id, 'pfif-1.4', (items, _row, op) => {
    const record = `focalnet/${Buffer.from(op.random(12)).toString('hex')}`;
    const exported = exportPfif(items, record, op.nowMs);
    return { exported, fields: Object.keys(exported.person).length + exported.notes.length };
  });

async function exportAs<Exported>(
  ctx: CaseContext,
  actor: Actor,
  id: string,
  format: string,
  write: (
    items: readonly CaseItem[],
    row: Pick<CaseRow, 'closed_at'>,
    op: PersonalOperation,
  ) => { exported: Exported; fields: number },
): Promise<Exported> {
  return runAs(ctx, actor, async (op) => {
    await op.require('case.export', id);
    const row = await readCase(op.trx, actor, id, op.nowMs);
    // Nothing is read with it: as if nothing were known of the child.
    if (row.joined_into !== null) throw new CaseError('CASE_JOINED');
    const entries = (await readEntries(op.trx, op.vault, [id])).get(id)!;
    const { exported, fields } = write(readItems(entries), row, op);
    const { role, unit, purpose } = actor;
    await op.audit('case.exported', { case: id, format, fields, actor: actor.id, role, unit, purpose });
    return exported;
  });
}
