/** What the database refuses to people on their own connection, whatever the code asks: writes that would let somebody read. */
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameDeputy } from '#node/access/name-deputy.ts';
import { openInNeed } from '#node/access/open-in-need.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let here: OfficerServer;
let office: Office;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
}, 120_000);
afterAll(async () => {
  await here.close();
  await xa.close();
});

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
/** How many rows the person's own role changed; `refused` where the database says that it may not. */
async function write(name: Name, statement: RawBuilder<unknown>): Promise<bigint | 'refused' | 'checked'> {
  try {
    const done = await xa.ctx.doors.withActor(office.as(name), (trx) => statement.execute(trx));
    return done.numAffectedRows ?? 0n;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '42501') return 'refused';
    if (code === '23514') return 'checked';
    throw error;
  }
}
const upload = async (name: Name): Promise<string> => {
  const headers = { ...(await here.headers(office.as(name))), 'content-type': 'text/plain' };
  const sent = await fetch(`${here.url}/attachments`, { method: 'POST', headers, body: 'INVENTED note' });
  return ((await sent.json()) as { id: string }).id;
};
const file = async (name: Name, id: string): Promise<number> =>
  (await fetch(`${here.url}/attachments/${id}`, { headers: await here.headers(office.as(name)) })).status;
const need = (name: Name, thread: string) =>
  openInNeed(xa.ctx, office.as(name), {
    thread,
    category: 'danger-to-child',
    reason: 'INVENTED: somebody may be in danger',
  });
const openFile = async (name: Name): Promise<string> =>
  (await ask(name, 'mutation { openCase }')).data.openCase as string;
/** An assignment as its columns; `by` says who gave it. */
const assignment = (thread: string, assignee: string, by: string, until: number | null = null) =>
  sql`insert into assignment (id, thread, assignee, given_by, given_at, until)
    values (${`forged-${thread}-${assignee}-${by}`}, ${thread}, ${assignee}, ${by}, ${clock.ms}, ${until})`;

describe('a file', () => {
  it('stays with who brought it', async () => {
    const id = await upload('eva');
    expect(await write('bo', sql`update attachment set uploaded_by = ${office.id('bo')}`)).toBe('refused');
    expect(await write('bo', sql`update attachment set media = 'text/plain'`)).toBe('refused');
    // Rows of others are no rows to an update that reads none.
    expect(await write('bo', sql`update attachment set message_id = null`)).toBe(0n);
    expect([await file('bo', id), await file('eva', id)]).toEqual([404, 200]);
  });

  it('of a conversation is asked for at the policy, also by who brought it', async () => {
    const id = await upload('ana');
    const thread = await office.enquire('eva');
    await xa.db
      .updateTable('attachment')
      .set({
        message_id: (
          await xa.db
            .selectFrom('act')
            .select('message_id')
            .where('thread', '=', thread)
            .executeTakeFirstOrThrow()
        ).message_id,
      })
      .where('id', '=', id)
      .execute();
    expect([await file('ana', id), await file('eva', id)]).toEqual([404, 200]);
  });
});

describe('a case file', () => {
  it('opened in need stays with its unit, and is not written in', async () => {
    const id = await openFile('eva');
    await need('bo', id);
    expect(await write('bo', sql`update case_file set unit = 'national' where id = ${id}`)).toBe('refused');
    expect(await write('bo', sql`update case_file set updated_at = 1 where id = ${id}`)).toBe(0n);
    expect(await write('eva', sql`update case_file set updated_at = updated_at where id = ${id}`)).toBe(1n);
    clock.ms += 2 * 3_600_000;
    const { codes } = await ask('bo', 'query($id: ID!) { case(id: $id) { id } }', { id });
    expect(codes).toEqual(['CASE_UNKNOWN']);
  });

  it('is not made a new one, which lets in who opened it', async () => {
    const id = await openFile('eva');
    expect(await write('eva', sql`update case_file set opened_by = 'eva.xa' where id = ${id}`)).toBe(
      'refused',
    );
  });
});

describe('an assignment', () => {
  it('is not given by who opened it in need: not to themselves, not to others', async () => {
    const of = [await office.enquire('eva'), await openFile('eva')];
    const { bo, cas } = { bo: office.id('bo'), cas: office.id('cas') };
    for (const thread of of) {
      await need('bo', thread);
      for (const assignee of [bo, cas, 'role:officer@national', 'role:legal-adviser@national'])
        expect([assignee, await write('bo', assignment(thread, assignee, bo, clock.ms + 1))]).toEqual([
          assignee,
          'refused',
        ]);
      await need('sam', thread);
      expect(await write('sam', assignment(thread, office.id('sam'), office.id('sam')))).toBe('refused');
    }
  });

  it('is given by who decides in the unit, in their own name', async () => {
    const thread = await office.enquire('eva');
    expect(await write('sue', assignment(thread, office.id('cas'), office.id('eva')))).toBe('refused');
    expect(await write('eva', assignment(thread, office.id('cas'), office.id('eva')))).toBe('refused');
    expect(await write('sue', assignment(thread, office.id('cas'), office.id('sue')))).toBe(1n);
    // Who only works on it lets nobody in, and stays no longer.
    expect(await write('cas', assignment(thread, office.id('cor'), office.id('cas')))).toBe('refused');
    expect(await write('cas', sql`update assignment set assignee = ${office.id('cor')}`)).toBe('refused');
    expect(await write('cas', sql`update assignment set until = null where thread = ${thread}`)).toBe(0n);
    const pool = assignment(thread, 'role:legal-adviser@national', office.id('cas'));
    expect(await write('cas', pool)).toBe('refused');
  });

  it('of who may be the second person is given by anybody who asks for one, to others than themselves', async () => {
    const thread = await office.enquire('eva');
    const until = days(clock.ms, 30);
    const { sid, eva } = { sid: office.id('sid'), eva: office.id('eva') };
    expect(await write('eva', assignment(thread, sid, eva))).toBe('refused');
    await nameDeputy(xa.ctx, office.as('hana'), { person: sid, unit: 'east', until });
    expect(await write('eva', assignment(thread, sid, eva))).toBe(1n);
    expect(await write('sid', sql`update assignment set until = null where thread = ${thread}`)).toBe(0n);
    const pool = assignment(thread, 'role:legal-adviser@national', eva, clock.ms + 1);
    expect(await write('eva', pool)).toBe(1n);
  });
});
