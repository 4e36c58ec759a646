/** What the database refuses to people on their own connection, whatever the code asks: writes that would let somebody read, and a second person who is none. */
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveGuardianLink, proposeGuardianLink, revokeGuardianLink } from '#node/access/guardian-link.ts';
import { nameDeputy } from '#node/access/name-deputy.ts';
import { openInNeed } from '#node/access/open-in-need.ts';
import { proposeJoin } from '#node/cases/join-cases.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { proposeDecision } from '#node/retention/decide.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf } from '../../fixtures/appointment.ts';
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

describe('what hides a warning of a case file', () => {
  it('is done by nobody alone: an entry is read with its file, and files are joined by two', async () => {
    const [id, other] = [await openFile('ana'), await openFile('ana')];
    const value = { code: 'do-not-contact-family', about: [] };
    const from = { source: 'document', confidence: 'verified' };
    const WRITE = `mutation ($id: ID!, $value: CaseWarningInput!, $from: ProvenanceInput!) {
      writeCaseWarning(case: $id, value: $value, provenance: $from) { entry { id } } }`;
    expect((await ask('ana', WRITE, { id, value, from })).codes).toEqual([]);
    for (const name of ['bo', 'sam', 'hana'] as const) {
      expect(await write(name, sql`update case_entry set file_id = ${other} where case_id = ${id}`)).toBe(
        'refused',
      );
      expect(await write(name, sql`update case_file set joined_into = ${other} where id = ${id}`)).toBe(
        'refused',
      );
    }
    await proposeJoin(xa.ctx, office.as('sam'), { from: id, into: other });
    expect(await write('sid', sql`update case_file set joined_into = ${other} where id = ${id}`)).toBe(
      'refused',
    );
    const close = (name: Name) =>
      write(
        name,
        sql`update case_file set closed_at = ${clock.ms}, closed_by = ${office.id(name)}, closing = 'deceased' where id = ${id}`,
      );
    expect([await close('bo'), await close('sam')]).toEqual(['refused', 1n]);
  });
});

describe('what is for named readers', () => {
  it('is opened to the others by no reader, in a conversation by nobody', async () => {
    const thread = await office.enquire('ana');
    const id = await openFile('ana');
    await xa.db.updateTable('conversation').set({ eyes_only: true }).where('thread', '=', thread).execute();
    await xa.db.updateTable('case_file').set({ eyes_only: true }).where('id', '=', id).execute();
    const reads = (of: string, name: Name) => ({
      thread: of,
      person: office.id(name),
      admitted_by: office.id('hana'),
      admitted_at: clock.ms,
    });
    await xa.db
      .insertInto('reader')
      .values([reads(thread, 'ana'), reads(id, 'ana'), reads(id, 'sam')])
      .execute();
    const opened = sql`update conversation set eyes_only = false where thread = ${thread}`;
    for (const who of ['ana', 'hana'] as const) expect(await write(who, opened)).toBe('refused');
    const unlocked = sql`update case_file set eyes_only = false where id = ${id}`;
    expect([await write('ana', unlocked), await write('bo', unlocked)]).toEqual(['refused', 0n]);
    expect(await write('sam', unlocked)).toBe(1n);
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

describe('an act', () => {
  const COLUMNS = [
    ...[
      'message_id',
      'thread',
      'side',
      'n',
      'seen',
      'type',
      'version',
      'lane',
      'body',
      'facts',
      'author_name',
    ],
    ...['author_office', 'at', 'stage', 'proposal_id'],
  ];
  type Row = Readonly<Record<string, unknown>>;
  const insert = (row: Row) =>
    sql`insert into act (${sql.raw(COLUMNS.join())}) values (${sql.join(COLUMNS.map((one) => row[one]))})`;

  it('is what was proposed and released, word for word and under the name of who wrote it', async () => {
    const thread = await office.enquire('ana', aboutChild('Forged Invented'));
    const other = await office.enquire('ana', aboutChild('Other Invented'));
    const { id } = await proposeAct(xa.ctx, office.as('ana'), {
      ...{ type: 'SUP', thread, safety: calm },
      body: {
        ...{ phase: 'correct', questions: [], children: [], attachments: [] },
        text: { text: 'INVENTED: another name', language: 'en' },
      },
    });
    const read = xa.db.selectFrom('proposal').selectAll().where('id', '=', id);
    const { version, lane, proposer_name, office: of } = await read.executeTakeFirstOrThrow();
    const row: Row = {
      ...{ message_id: 'forged', thread, side: 'requester', n: 2, seen: 0, type: 'SUP', version, lane },
      ...{ body: Buffer.from('x'), facts: '{}', author_name: proposer_name, author_office: of, at: clock.ms },
      ...{ stage: 'queued', proposal_id: id },
    };
    const forged: Row[] = [
      { author_name: office.as('bo').name },
      { author_office: 'Another office' },
      { type: 'CLS' },
      { thread: other },
      { version: version + 1 },
      { side: 'requested' },
      // As if it had come from the other State, or had arrived.
      { proposal_id: null },
      { stage: null, proposal_id: null },
      { stage: null },
      { stage: 'delivered' },
    ];
    const released = (
      act: Row,
    ) => sql`with released as (update proposal set status = 'released', message_id = 'forged',
      approver = ${office.id('sam')}, approver_role = 'supervisor', approved_at = 1 where id = ${id}) ${insert(act)}`;
    for (const change of forged)
      expect([change, await write('sam', released({ ...row, ...change }))]).toEqual([change, 'refused']);
    // Nor by one person who does not release it: what the proposal says is asked when the transaction ends.
    for (const who of ['ana', 'sam'] as const) expect(await write(who, insert(row))).toBe('refused');
    expect(await write('ana', released(row))).toBe('refused');
    expect(await write('sam', released(row))).toBe(1n);
    expect(await write('sam', insert({ ...row, message_id: 'again', n: 3 }))).toBe('refused');
  });

  it('is proposed under one’s own name, role and office', async () => {
    const { id } = await proposeAct(xa.ctx, office.as('ana'), {
      ...{ type: 'ENQ', peer: 'xb', body: enquiryBody(aboutChild('Named Invented')), safety: calm },
    });
    const columns = Object.keys(
      await xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    ).filter((name) => !['id', 'proposer_name', 'proposer_role', 'office'].includes(name));
    const again = (name: string, role: string, of: string) =>
      sql`insert into proposal (id, proposer_name, proposer_role, office, ${sql.raw(columns.join())})
        select ${`again ${name}`}, ${name}, ${role}, ${of}, ${sql.raw(columns.join())} from proposal where id = ${id}`;
    const { name, role, office: of } = office.as('ana');
    expect(await write('ana', again(office.as('bo').name, role, of))).toBe('refused');
    expect(await write('ana', again(name, 'supervisor', of))).toBe('refused');
    expect(await write('ana', again(name, role, 'Another office'))).toBe('refused');
    expect(await write('ana', again(name, role, of))).toBe(1n);
  });
});

describe('what somebody did', () => {
  it('stands under their own name, and stays', async () => {
    const thread = await office.enquire('ana', aboutChild('Signed Invented'));
    const { bo, sid } = { bo: office.id('bo'), sid: office.id('sid') };
    const of = (set: RawBuilder<unknown>) => sql`update act set ${set} where thread = ${thread}`;
    expect(await write('ana', of(sql`read_by = ${bo}, read_at = 1`))).toBe('refused');
    expect(await write('ana', of(sql`recalled_by = ${bo}`))).toBe('refused');
    expect(await write('ana', of(sql`read_by = ${office.id('ana')}, read_at = 1`))).toBe(1n);
    expect(await write('bo', of(sql`read_by = ${bo}`))).toBe('refused');
    expect(await write('bo', of(sql`read_by = null`))).toBe('refused');
    await need('eva', thread);
    const review = (set: RawBuilder<unknown>) => sql`update break_glass set ${set} where thread = ${thread}`;
    const seen = (who: Name) => sql`reviewed_by = ${office.id(who)}, reviewed_at = 1, finding = 'justified'`;
    expect(await write('sam', review(seen('sid')))).toBe('refused');
    expect(await write('sam', review(sql`expires_at = ${clock.ms + 1}`))).toBe('refused');
    expect(await write('sam', review(sql`person = ${bo}`))).toBe('refused');
    expect(await write('sam', review(seen('sam')))).toBe(1n);
    expect(await write('sid', review(sql`finding = 'not-justified', reviewed_by = ${sid}`))).toBe('refused');
    const entered = sql`insert into disclosure (message_id, thread, peer, type, at, proposer, legal_basis)
      select 'forged', thread, 'xb', 'ENQ', 1, ${bo}, '{}' from act where thread = ${thread}`;
    expect(await write('ana', entered)).toBe('refused');
  });

  it('is not decided by one in the name of two: what is kept or erased', async () => {
    const thread = await office.enquire('ana', aboutChild('Kept Invented'));
    const hold = {
      kind: 'hold',
      authority: 'court',
      ground: 'complaint',
      until: days(clock.ms, 30),
    } as const;
    const id = await proposeDecision(xa.ctx, office.as('sam'), thread, { ...hold, reason: 'INVENTED: 1/27' });
    const of = (set: RawBuilder<unknown>) => sql`update retention_decision set ${set} where id = ${id}`;
    const approved = (who: Name) => sql`approver = ${office.id(who)}, approved_at = 1`;
    expect(await write('sam', of(approved('sid')))).toBe('refused');
    expect(await write('sam', of(approved('sam')))).toBe('checked');
    expect(await write('sid', of(approved('sid')))).toBe(1n);
    expect(await write('hana', of(approved('hana')))).toBe('refused');
  });
});

describe('what is erased', () => {
  it('is what two people decided, and no clock is moved by one', async () => {
    const thread = await office.enquire('ana', aboutChild('Erased Invented'));
    const running = await office.enquire('ana', aboutChild('Running Invented'));
    await xa.db.updateTable('conversation').set({ state: 'CLOSED' }).where('thread', '=', thread).execute();
    const clockOf = (of: string) => sql`insert into retention (kind, id, ground, closed_at, erase_at)
      values ('conversation', ${of}, 'court-order', 1, 1)`;
    await xa.db
      .insertInto('retention')
      .values({
        ...{ kind: 'conversation', id: running, rule: 'own-conversation', ground: null, closed_at: 1 },
        ...{ block_at: null, warn_at: null, erase_at: 9e14, warned_at: null },
        ...{ blocked_at: null, erased_at: null, answer: null },
      })
      .execute();
    for (const who of ['sam', 'hana'] as const) {
      expect(await write(who, clockOf(thread))).toBe('refused');
      for (const set of [sql`erase_at = 1`, sql`rule = null, ground = 'court-order', erase_at = 1`])
        expect(await write(who, sql`update retention set ${set} where id = ${running}`)).toBe('refused');
    }
    const id = await proposeDecision(xa.ctx, office.as('sam'), thread, {
      ...{ kind: 'erase', ground: 'court-order', reason: 'INVENTED: 2/27' },
    });
    for (const who of ['sam', 'sid'] as const) expect(await write(who, clockOf(thread))).toBe('refused');
    await write(
      'sid',
      sql`update retention_decision set approver = ${office.id('sid')}, approved_at = 1 where id = ${id}`,
    );
    expect(await write('sam', clockOf(thread))).toBe('refused');
    expect(await write('sid', clockOf(running))).toBe('refused');
    expect(await write('sid', clockOf(thread))).toBe(1n);
  });
});

describe('the second person', () => {
  const approval = (who: Name, role: string) =>
    sql`approver = ${office.id(who)}, approver_role = ${role}, approved_at = ${clock.ms}`;
  const propose = async (name: Name): Promise<string> => {
    const asked = { type: 'ENQ' as const, peer: 'xb', body: enquiryBody(), safety: calm };
    return (await proposeAct(xa.ctx, office.as(name), asked)).id;
  };

  it('of a proposal is who approves it, in their own name and role, and the proposal stays what it was', async () => {
    const ofAna = await propose('ana');
    const ofSam = await propose('sam');
    const of = (id: string, set: RawBuilder<unknown>) => sql`update proposal set ${set} where id = ${id}`;
    const forbidden: [Name, RawBuilder<unknown>][] = [
      ['ana', of(ofAna, sql`${approval('sid', 'supervisor')}, status = 'released', message_id = 'forged'`)],
      ['ana', of(ofAna, approval('ana', 'supervisor'))],
      ['bo', of(ofAna, approval('bo', 'supervisor'))],
      ['sam', of(ofSam, sql`proposer = ${office.id('bo')}, ${approval('sam', 'supervisor')}`)],
      ['sam', of(ofAna, sql`digest = 'another'`)],
      ['sam', of(ofAna, sql`body = 'another', ${approval('sam', 'supervisor')}`)],
      ['sam', of(ofAna, sql`peer = 'xc'`)],
    ];
    for (const [who, statement] of forbidden)
      expect([who, await write(who, statement)]).toEqual([who, 'refused']);
    expect(await write('sam', of(ofSam, approval('sam', 'supervisor')))).toBe('checked');
    expect(await write('sam', of(ofAna, approval('sam', 'supervisor')))).toBe(1n);
    // Nor is another put in the place of who approved, nor the time changed.
    expect(await write('sid', of(ofAna, sql`approver = ${office.id('hana')}`))).toBe('refused');
    expect(await write('sid', of(ofAna, sql`approved_at = 1`))).toBe('refused');
  });

  it('is not written with the proposal', async () => {
    const id = await propose('ana');
    const columns = sql.raw(
      Object.keys(
        await xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
      )
        .filter((name) => !['id', 'approver', 'approver_role', 'approved_at'].includes(name))
        .join(),
    );
    const again = sql`insert into proposal (id, approver, approver_role, approved_at, ${columns})
      select 'again', ${office.id('sam')}, 'supervisor', 1, ${columns} from proposal where id = ${id}`;
    expect(await write('ana', again)).toBe('refused');
  });

  it('of a clearance is who grants it', async () => {
    const proposal = await propose('ana');
    const thread = (
      await xa.db.selectFrom('proposal').select('thread').where('id', '=', proposal).executeTakeFirstOrThrow()
    ).thread;
    const grounds = 'INVENTED: the child has asked for it';
    const asked = { kind: 'family-contact' as const, proposal, grounds, expiresAtMs: clock.ms + 3_600_000 };
    const id = await askClearance(xa.ctx, office.as('ana'), asked);
    const grant = (who: Name, role: string) => sql`update clearance set granted_by = ${office.id(who)},
      granted_name = ${office.as(who).name}, granted_role = ${role}, granted_at = 1 where id = ${id}`;
    expect(await write('ana', grant('sam', 'supervisor'))).toBe('refused');
    expect(await write('ana', grant('ana', 'officer'))).toBe('checked');
    expect(await write('sam', sql`update clearance set asked_by = ${office.id('bo')} where id = ${id}`)).toBe(
      'refused',
    );
    const forged = sql`insert into clearance (id, kind, proposal_id, thread, peer, grounds, asked_by, asked_name, asked_role, asked_at, expires_at)
      values ('forged', 'family-contact', ${proposal}, ${thread}, 'xb', '', ${office.id('bo')}, 'x', 'officer', 1, 2)`;
    expect(await write('ana', forged)).toBe('refused');
    const named = sql`update clearance set granted_by = ${office.id('sam')}, granted_name = 'Somebody else',
      granted_role = 'supervisor', granted_at = 1 where id = ${id}`;
    expect(await write('sam', named)).toBe('refused');
    expect(await write('sam', grant('sam', 'supervisor'))).toBe(1n);
    expect(await write('sid', grant('sid', 'supervisor'))).toBe('refused');
    const revoked = (by: Name) => sql`update clearance set revoked_by = ${office.id(by)}, revoked_at = 1,
      revoked_name = ${office.as(by).name} where id = ${id}`;
    expect(await write('sam', revoked('sid'))).toBe('refused');
  });

  it('of a guardian’s link is none of its authors, who stay', async () => {
    const thread = await office.enquire('ana', aboutChild('Followed Invented'));
    const appointment = appointmentOf({ person: office.id('gil'), threads: [thread] });
    const id = await proposeGuardianLink(xa.ctx, office.as('ana'), appointment);
    const of = (set: RawBuilder<unknown>) => sql`update guardian_link set ${set} where id = ${id}`;
    const approved = (who: Name) => sql`approver = ${office.id(who)}, approved_at = ${clock.ms}`;
    const forbidden: [Name, RawBuilder<unknown>][] = [
      ['ana', of(approved('sam'))],
      ['sam', of(sql`authors = array['somebody']`)],
      ['ana', of(sql`authors = array[${office.id('bo')}]`)],
      ['ana', of(sql`authors = authors || array[${office.id('bo')}]`)],
      ['sam', of(sql`digest = 'another', ${approved('sam')}`)],
    ];
    for (const [who, statement] of forbidden)
      expect([who, await write(who, statement)]).toEqual([who, 'refused']);
    expect(await write('ana', of(approved('ana')))).toBe('checked');
    expect(
      await write('bo', of(sql`authors = authors || array[${office.id('bo')}], digest = 'another'`)),
    ).toBe(1n);
    expect(await write('bo', of(approved('bo')))).toBe('checked');
    expect(await write('sam', of(approved('sam')))).toBe(1n);
  });

  it('of a guardian’s link approves all of it: before that its authors change it, afterwards nobody does', async () => {
    const [thread, other] = [
      await office.enquire('ana', aboutChild('Linked Invented')),
      await office.enquire('ana', aboutChild('Unlinked Invented')),
    ];
    const appointment = appointmentOf({ person: office.id('gil'), threads: [thread] });
    const id = await proposeGuardianLink(xa.ctx, office.as('ana'), appointment);
    const of = (set: RawBuilder<unknown>) => sql`update guardian_link set ${set} where id = ${id}`;
    const parts = [
      sql`person = ${office.id('gus')}`,
      sql`threads = array[${other}]`,
      sql`kind = 'legal-adviser'`,
      sql`ends_at = 1`,
      sql`content = 'another'`,
      sql`shown = 'another'`,
      sql`proposed_at = ${clock.ms + 1}`,
    ];
    for (const part of parts) expect(await write('bo', of(part))).toBe('refused');
    for (const part of parts)
      expect(await write('bo', of(sql`${part}, authors = authors || array[${office.id('bo')}]`))).toBe(1n);
    // What says one thing in the open and another in what is approved is approved by nobody.
    const { digest } = await xa.db
      .selectFrom('guardian_link')
      .select('digest')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const honest = await proposeGuardianLink(xa.ctx, office.as('ana'), appointment);
    const set = (change: RawBuilder<unknown>) => sql`update guardian_link set ${change} where id = ${honest}`;
    for (const [change, back] of [
      [sql`person = ${office.id('gus')}`, sql`person = ${office.id('gil')}`],
      [sql`threads = array[${other}]`, sql`threads = array[${thread}]`],
      [sql`ends_at = ${clock.ms + 1}`, sql`ends_at = null`],
    ] as const) {
      expect(await write('ana', set(change))).toBe(1n);
      const approve = approveGuardianLink(xa.ctx, office.as('sam'), honest, digest);
      await expect(approve).rejects.toMatchObject({ code: 'DIGEST_DIFFERS' });
      expect(await write('ana', set(back))).toBe(1n);
    }
    await approveGuardianLink(xa.ctx, office.as('sam'), honest, digest);
    for (const part of parts)
      for (const who of ['ana', 'sam', 'hana'] as const) expect(await write(who, set(part))).toBe('refused');
    expect(await write('sid', set(sql`approver = ${office.id('sid')}, approved_at = 2`))).toBe('refused');
    expect(await write('ana', set(sql`frozen_at = 1`))).toBe(1n);
    expect(await write('ana', set(sql`frozen_at = null`))).toBe('refused');
    await revokeGuardianLink(xa.ctx, office.as('ana'), honest, 'INVENTED: it has ended');
    for (const who of ['ana', 'sam'] as const)
      expect(await write(who, set(sql`revoked_at = null, revoked_by = null, revoke_reason = null`))).toBe(
        'refused',
      );
  });

  it('of a join of case files is who confirms it; of a disclosure, who released the act', async () => {
    const [from, into] = [await openFile('ana'), await openFile('ana')];
    const id = await proposeJoin(xa.ctx, office.as('ana'), { from, into });
    const of = (who: Name) =>
      sql`update case_join set approver = ${office.id(who)}, approved_at = 1 where id = ${id}`;
    expect(await write('ana', of('sam'))).toBe('refused');
    expect(await write('sam', sql`update case_join set proposer = ${office.id('bo')} where id = ${id}`)).toBe(
      'refused',
    );
    expect(await write('sam', of('sam'))).toBe(1n);
    const thread = await office.enquire('ana');
    expect(
      await write('sid', sql`update disclosure set approver = 'somebody' where thread = ${thread}`),
    ).toBe('refused');
  });

  it('finds the act as it left: nobody changes its words, author or number', async () => {
    const thread = await office.enquire('ana');
    for (const set of [
      sql`author_name = 'Somebody else'`,
      sql`body = ''`,
      sql`n = 7`,
      sql`thread = 'another'`,
      sql`at = 1`,
    ])
      for (const who of ['ana', 'sam', 'hana'] as const)
        expect(await write(who, sql`update act set ${set} where thread = ${thread}`)).toBe('refused');
  });
});
