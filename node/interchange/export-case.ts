/**
 * A case file leaves as HTCDS, by who decides, with a record of it before a byte does.
 */
import type { Actor } from '../access/actor.ts';
import type { CaseContext } from '../cases/context.ts';
import { readItems } from '../cases/history.ts';
import { readCase } from '../cases/list-cases.ts';
import { readEntries } from '../cases/store.ts';
import { runAs } from '../operation.ts';
import { exportHtcds, type HtcdsExport } from './htcds-export.ts';

/** @throws AccessError NOT_FOUND, NOT_PERMITTED; CaseError CASE_UNKNOWN; VaultError */
export async function exportCase(ctx: CaseContext, actor: Actor, id: string): Promise<HtcdsExport> {
  return runAs(ctx, actor, async (op) => {
    await op.require('case.export', id);
    const row = await readCase(op.trx, actor, id, op.nowMs);
    const entries = (await readEntries(op.trx, op.vault, [id])).get(id)!;
    const exported = exportHtcds(readItems(entries), row.closed_at === null);
    const { role, unit, purpose } = actor;
    const fields = Object.keys(exported.record).length;
    await op.audit('case.exported', {
      case: id,
      format: 'htcds-2.0',
      fields,
      actor: actor.id,
      role,
      unit,
      purpose,
    });
    return exported;
  });
}
