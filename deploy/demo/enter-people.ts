/**
 * Enters the invented people of a demo into their node, as an office enters its own by `focalnet person add`.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import * as z from 'zod';
import { AccessError } from '#node/access/access-error.ts';
import { enterPerson, Person } from '#node/access/people.ts';
import { openWork } from '#node/storage/doors.ts';
import { closedVault } from '#node/vault/vault.ts';

/**
 * Those who are entered already stay as they are.
 * @param path FOCALNET_DEMO_PEOPLE, written by the demo
 * @throws Error in production
 */
export async function enterDemoPeople(
  path: string,
  database: pg.PoolConfig,
  environment: string | undefined,
): Promise<void> {
  if (environment === 'production') throw new Error('unset FOCALNET_DEMO_PEOPLE: it is for the demo');
  const people = z.array(Person).parse(JSON.parse(await readFile(path, 'utf8')));
  const db = openWork(database, 'app_people');
  const surroundings = {
    nowMs: Date.now,
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
    vault: closedVault,
  };
  try {
    for (const person of people)
      await enterPerson({ db, surroundings }, person).catch((error: unknown) => {
        if (!(error instanceof AccessError && error.code === 'PERSON_EXISTS')) throw error;
      });
  } finally {
    await db.destroy();
  }
}
