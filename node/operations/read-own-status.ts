/**
 * The status of a node by its database and keys alone, also while the node does not run. Reads; brings no database up to date.
 */
import { compareMigrations } from '#platform/postgres/migrate.ts';
import type { Config } from '../config.ts';
import { openTrust } from '../exchange/trust.ts';
import { openIdentity } from '../identity.ts';
import { migrations } from '../storage/database.ts';
import { openWork } from '../storage/doors.ts';
import { closedVault } from '../vault/vault.ts';
import { readStatus, type Status } from './status.ts';

/** @throws Error where the database is not one of this version, or is away */
export async function readOwnStatus(config: Config): Promise<Status> {
  const identity = await openIdentity(config.keys);
  const db = openWork({ ...config.database, application_name: 'focalnet-status' }, 'app_operations');
  try {
    const found = await compareMigrations(db, migrations).catch(() => null);
    if (found === null)
      throw new Error('the database is away, or no node of this version has ever run on it');
    if (found.missing.length > 0)
      throw new Error(
        `the database is of an older version (${found.missing.join(', ')} missing): start this node first`,
      );
    const surroundings = { nowMs: () => Date.now(), random: () => new Uint8Array(), vault: closedVault };
    const trust = await openTrust(db, config.anchor, identity, surroundings);
    return await readStatus({
      db,
      identity,
      trust,
      dataFolder: config.dataFolder,
      nowMs: surroundings.nowMs,
    });
  } finally {
    await db.destroy();
  }
}
