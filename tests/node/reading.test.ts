/**
 * A request holds its transaction for as long as it reads and no longer: whatever resolvers go on to do once the answer is out.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { openReading } from '#node/reading.ts';
import { calm, enquiryBody } from '../fixtures/act-bodies.ts';
import { auditTypes, type Clock, type LoopNode, START_MS, startLoopNode } from '../fixtures/loopback.ts';
import { type PeopleServer, servePeople } from '../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let server: PeopleServer;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  server = await servePeople(xa);
  const asked = { type: 'ENQ' as const, peer: 'xb', body: enquiryBody(), safety: calm };
  await proposeAct(xa.ctx, xa.person('ana'), asked);
}, 120_000);
afterAll(async () => {
  await server.close();
  await xa.close();
});

/** Transactions of people that nobody ends. */
const open = async () => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`.execute(xa.db);
  return rows[0]!.n;
};

describe('an answer that is out with its first error', () => {
  // The proposal is refused by one query; what waits needs several, and its resolvers go on.
  const LATE = '{ x: proposal(id: "nope") { id } waitingProposals { rendered { label } clearances { id } } }';

  it('leaves no connection behind, however often it is asked for', async () => {
    // More often than there are connections.
    for (let i = 0; i < 12; i++) {
      const { data, errors } = await server.ask(xa.person('sam', 'supervisor'), LATE);
      expect([data, errors.map(({ extensions }) => extensions.code)]).toEqual([null, ['PROPOSAL_UNKNOWN']]);
    }
    await expect.poll(open, { timeout: 5_000 }).toBe(0);
    const { errors } = await server.ask(xa.person('bo'), '{ inbox(first: 1) { edges { cursor } } }');
    expect(errors).toEqual([]);
  }, 60_000);
});

describe('a reading that is over', () => {
  const reading = () => openReading(xa.ctx, xa.person('ana'));
  const over = { code: 'READING_OVER' };

  it('begins nothing more', async () => {
    const recorded = reading();
    await recorded.trx();
    await recorded.finish(['inbox']);
    await expect(recorded.trx()).rejects.toMatchObject(over);
    const unused = reading();
    await unused.abandon();
    await expect(unused.reader()).rejects.toMatchObject(over);
    expect(await open()).toBe(0);
  });

  it('ends what was about to begin', async () => {
    const before = await auditTypes(xa);
    const given = reading();
    const begun = given.trx();
    await given.abandon();
    expect((await begun).isTransaction).toBe(true);
    await expect((await begun).selectFrom('conversation').select('thread').execute()).rejects.toThrow();
    expect(await open()).toBe(0);
    expect(await auditTypes(xa)).toEqual(before);
  });

  it('ends what was about to begin when its record comes first', async () => {
    const given = reading();
    void given.trx();
    await given.finish(['inbox']);
    expect([await open(), (await auditTypes(xa)).at(-1)]).toEqual([0, 'reading.answered']);
  });
});
