/**
 * Acts of appointment that stood in the open, from before they were sealed: sealed once, when the node starts. A migration has no
 * keys. What PostgreSQL keeps of old row versions goes with its next vacuum.
 */
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { sealVersion, shownOfContent } from './link-content.ts';
import { sealedLink } from './link-tables.ts';

/** Repeating it changes nothing. @returns how many links it sealed @throws VaultError */
export async function sealOpenLinks(ctx: {
  readonly doors: Pick<Doors, 'jobs'>;
  readonly surroundings: Surroundings;
}): Promise<number> {
  return runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const links = await op.trx
      .selectFrom('guardian_link')
      .select(['id', 'unsealed'])
      .where('unsealed', 'is not', null)
      .forUpdate()
      .execute();
    for (const { id, unsealed } of links) {
      const { content, revoke_reason } = unsealed!;
      const words = { content, shown: shownOfContent(content), revoke_reason };
      const sealed = await sealColumns(op, sealedLink, { id }, words);
      await op.trx
        .updateTable('guardian_link')
        .set({ ...sealed, unsealed: null })
        .where('id', '=', id)
        .execute();
    }
    await sealVersions(op);
    return links.length;
  });
}

async function sealVersions(op: Operation): Promise<void> {
  const versions = await op.trx
    .selectFrom('guardian_link_version')
    .select(['link', 'digest', 'unsealed'])
    .where('unsealed', 'is not', null)
    .execute();
  for (const { link, digest, unsealed } of versions)
    await op.trx
      .updateTable('guardian_link_version')
      .set({ ...(await sealVersion(op, { link, digest }, unsealed!)), unsealed: null })
      .where('link', '=', link)
      .where('digest', '=', digest)
      .execute();
}
