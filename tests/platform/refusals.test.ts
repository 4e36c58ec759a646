/** Refusals counted: one entry and one line for each code, no more, and nothing lost while the database is away. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { makeLog } from '#platform/http/log.ts';
import { startRefusals } from '#platform/refusals.ts';
import { AT_MS, createLogDatabase } from './log/log-database.ts';

const { db } = await createLogDatabase();

it('are summed up by code, in the log and as lines', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = makeLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const random = (bytes: number) => new Uint8Array(bytes);
  const refusals = startRefusals({ db, nowMs: () => AT_MS, random, log });
  refusals.count('MALFORMED');
  refusals.count('BAD_SIGNATURE');
  await sql`alter table audit_entry rename to out_of_reach`.execute(db);
  await refusals.summarise();
  expect(lines.map(({ msg }) => msg)).toEqual(['refusals-failed']);
  await sql`alter table out_of_reach rename to audit_entry`.execute(db);
  refusals.count('MALFORMED');
  await refusals.summarise();
  await refusals.close();
  const entries = await db.selectFrom('audit_entry').select(['type', 'detail']).execute();
  expect(entries).toEqual([{ type: 'refused.hourly', detail: '{"BAD_SIGNATURE":1,"MALFORMED":2}' }]);
  expect(lines.slice(1).map(({ msg, code, count }) => [msg, code, count])).toEqual([
    ['refused-hourly', 'MALFORMED', 2],
    ['refused-hourly', 'BAD_SIGNATURE', 1],
  ]);
});
