/**
 * `focalnet log fsck`: derives a log anew from its database.
 */
import { readFile } from 'node:fs/promises';
import { checkLog, type LogCheck } from '#platform/log/fsck.ts';
import type { LogTables } from '#platform/log/migration.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { readNoteSigner } from '#schema/log/note.ts';
import { type Command, need, print } from './command.ts';
import { DATABASE_HELP, withDatabase } from './database.ts';

export const logFsck: Command = {
  help: `${DATABASE_HELP}, or of the gateway
  --keys FILE     its key file, for the log's name and public key
  --json          the result as JSON

  Exit code 0: the log holds; 1: it does not, and where is said.

  focalnet log fsck --database postgres://focalnet@db/xa --keys xa.keys.json
  focalnet log fsck --database embedded:/var/lib/focalnet/xa --keys xa.keys.json`,
  run: async (values) => {
    const checked = await checkLogOf(need(values, 'database'), need(values, 'keys'));
    if (values.json === true)
      print(JSON.stringify({ ...checked, root: Buffer.from(checked.root ?? []).toString('hex') }));
    else print(sayResult(checked));
    return checked.ok ? 0 : 1;
  },
};

/** Derives the log of a node, or of the gateway. @param database as `withDatabase` takes it @param keys path of its key file */
export async function checkLogOf(database: string, keys: string): Promise<LogCheck> {
  const { log } = JSON.parse(await readFile(keys, 'utf8')) as { log: string };
  const key = await readNoteSigner(log);
  return withDatabase(database, async (config) => {
    const db = openDatabase<LogTables>({ ...config, statement_timeout: 0 });
    return checkLog(db, key, null).finally(() => db.destroy());
  });
}

const sayResult = ({ ok, size, firstBad }: LogCheck): string =>
  ok
    ? `The log holds: ${size} entries, every hash, root and signature as it must be, and no row missing.`
    : `The log does NOT hold: ${sayWhere(firstBad!)}`;

/** `CHECKPOINT_MISSING, first bad entry 20, checkpoint of size 30` */
function sayWhere({ reason, index, what }: NonNullable<LogCheck['firstBad']>): string {
  return [reason, index === null ? null : `first bad entry ${index}`, what].filter(Boolean).join(', ');
}
