/**
 * `focalnet log fsck`: derives a log anew from its database.
 */
import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { checkLog, type LogCheck } from '#platform/log/fsck.ts';
import type { LogTables } from '#platform/log/migration.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { readNoteSigner } from '#schema/log/note.ts';
import { type Command, need, print } from './command.ts';

export const logFsck: Command = {
  help: `  --database URL  the database of the node or gateway
  --keys FILE     its key file, for the log's name and public key
  --json          the result as JSON

  focalnet log fsck --database postgres://focalnet@db/xa --keys xa.keys.json`,
  run: async (values) => {
    const { log } = JSON.parse(await readFile(need(values, 'keys'), 'utf8')) as { log: string };
    const address = need(values, 'database');
    const config: pg.PoolConfig = address.startsWith('{')
      ? JSON.parse(address)
      : { connectionString: address };
    const db = openDatabase<LogTables>({ ...config, statement_timeout: 0 });
    try {
      const checked = await checkLog(db, await readNoteSigner(log), null);
      if (values.json === true)
        print(JSON.stringify({ ...checked, root: Buffer.from(checked.root ?? []).toString('hex') }));
      else if (checked.ok)
        print(
          `The log holds: ${checked.size} entries, every hash, root and signature as it must be, and no row missing.`,
        );
      else print(`The log does NOT hold: ${sayWhere(checked.firstBad!)}`);
      return checked.ok ? 0 : 1;
    } finally {
      await db.destroy();
    }
  },
};

/** `CHECKPOINT_MISSING, first bad entry 20, checkpoint of size 30` */
function sayWhere({ reason, index, what }: NonNullable<LogCheck['firstBad']>): string {
  return [reason, index === null ? null : `first bad entry ${index}`, what].filter(Boolean).join(', ');
}
