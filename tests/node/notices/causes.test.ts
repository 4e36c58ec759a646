/** What brings about a notice, and that nothing of it is in the mail: two offices, real acts, a real mail server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callOut } from '#node/duty/call-out.ts';
import { tellCalled } from '#node/duty/tell-called.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { noteUndelivered } from '#node/enquiries/note-undelivered.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { openMailer } from '#node/notices/send-mail.ts';
import { sendNotices } from '#node/notices/send-notices.ts';
import type { NoticeKind } from '#node/notices/tables.ts';
import { writeNotice } from '#node/notices/texts.ts';
import { runOperation } from '#node/operation.ts';
import { makeLog } from '#platform/http/log.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { alertBody, calm, enquiryBody, withdrawalBody } from '../../fixtures/act-bodies.ts';
import { type Clock, carry, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import {
  headersOf,
  startMailServer,
  type TakenMail,
  type TestMailServer,
  textOf,
} from '../../fixtures/mail-server.ts';
import { addPerson, FROM, PUBLIC_URL } from '../../fixtures/notice-office.ts';

const DAY_MS = 24 * 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let server: TestMailServer;
let lines: string[];
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  for (const { db } of [xa, xb]) {
    await addPerson(db, 'ofelia');
    await addPerson(db, 'bo', { unit: 'north' });
    await addPerson(db, 'sam', { role: 'supervisor', language: 'fr' });
    await addPerson(db, 'hana', { role: 'head' });
    await addPerson(db, 'lex', { role: 'legal-adviser' });
    await addPerson(db, 'opa', { role: 'operator' });
  }
});
afterAll(() => Promise.all([xa.close(), xb.close()]));
beforeEach(async () => {
  server = await startMailServer();
  lines = [];
});
afterEach(async () => {
  await server.close();
  for (const { db } of [xa, xb])
    for (const table of ['notice', 'notice_state'] as const) await db.deleteFrom(table).execute();
});

async function act(node: LoopNode, proposed: ProposedAct) {
  clock.ms += 1000;
  const made = await proposeAct(node.ctx, node.person('ana'), { safety: calm, ...proposed });
  if (made.messageId) return { ...made, messageId: made.messageId };
  const query = node.db.selectFrom('proposal').select('digest').where('id', '=', made.id);
  const { digest } = await query.executeTakeFirstOrThrow();
  // That it waited for a second person is told elsewhere (waiting-proposal.test.ts).
  await node.db.deleteFrom('notice').where('at', '=', clock.ms).execute();
  const approved = await approveRelease(node.ctx, node.person('sue', 'supervisor'), made.id, digest);
  return { ...made, ...approved };
}
const alert = () =>
  act(xa, { type: 'URG', peer: 'xb', body: alertBody('XB'), safety: { ...calm, childIsHere: 'not-known' } });

/** Sends what is due at a node. @returns the mails */
async function send(node: LoopNode): Promise<TakenMail[]> {
  await sendNotices({
    db: node.db,
    surroundings: node.ctx.surroundings,
    log: makeLog('test', 'debug', { write: (line) => lines.push(line) }),
    signal: new AbortController().signal,
    send: openMailer(server.settings, 'xb.example'),
    settings: {
      server: server.settings,
      from: FROM,
      publicUrl: PUBLIC_URL,
      office: { timeZone: 'UTC', digestAt: '08:00' },
    },
  });
  return server.mails.splice(0);
}
/** Who waits to be told, and how. */
async function told(node: LoopNode): Promise<string[]> {
  const rows = await node.db.selectFrom('notice').select(['person', 'kind']).distinct().execute();
  return rows.map(({ person, kind }) => `${person} ${kind}`).sort();
}
/** Bo works in another unit. */
const toTeam = (...kinds: NoticeKind[]) =>
  ['ofelia', 'sam'].flatMap((id) => kinds.map((kind) => `${id} ${kind}`));
/** Carries what xa sent to xb, where those on duty are called. */
async function arrive(): Promise<void> {
  await carry(xa, xb);
  await callOut({ db: xb.ctx.doors.jobs, surroundings: xb.ctx.surroundings, tell: tellCalled });
}

describe('an alert from another State', () => {
  it('is told at once to the officers of the unit it reached, later to the others, and to those who sent it', async () => {
    await alert();
    // The team to ring, and who decides to look at what one person sent.
    expect(await told(xa)).toEqual(['hana urgent', ...toTeam('urgent')]);
    await arrive();
    expect(await told(xb)).toEqual(['ofelia alert', 'ofelia digest', 'sam digest']);
    expect((await send(xb)).flatMap((mail) => mail.to)).toEqual(['ofelia@office.example']);
  });

  it('leaves no trace in any mail: not who, where, which State, which child, which conversation, how many', async () => {
    const { thread, messageId } = await alert();
    await alert();
    await arrive();
    const urgent = await send(xb);
    clock.ms += DAY_MS;
    const digests = await send(xb);
    expect([urgent.length, digests.length]).toEqual([1, 2]);
    for (const mail of [...urgent, ...digests]) {
      // Nothing but these words and headers, whatever happened.
      const kind = urgent.includes(mail) ? 'urgent' : 'digest';
      const language = mail.to[0]!.startsWith('sam') ? 'fr' : 'en';
      const { subject, text } = writeNotice(kind, language, PUBLIC_URL);
      expect(textOf(mail).trimEnd()).toBe(text.trimEnd());
      const { date, 'message-id': id, ...headers } = headersOf(mail);
      expect(headers).toEqual({
        from: `Focalnet <${FROM}>`,
        to: mail.to[0],
        subject,
        'auto-submitted': 'auto-generated',
        'mime-version': '1.0',
        'content-type': 'text/plain; charset=utf-8',
        'content-transfer-encoding': expect.any(String),
      });
      const whole = `${mail.raw}\n${textOf(mail)}\n${JSON.stringify(headersOf(mail))}`;
      for (const canary of [
        thread,
        messageId,
        'Canar',
        'INVENTED',
        'Yusuf',
        'يوسف',
        'Юсуф',
        'alert',
        'child',
      ])
        expect(whole).not.toContain(canary);
      // Base64 may spell anything: State codes are looked for in what a reader reads.
      expect(`${textOf(mail)} ${subject}`.replaceAll(PUBLIC_URL, '')).not.toMatch(/\bx[abc]\b|State/i);
    }
    expect(lines.join('')).not.toMatch(/office\.example|Canar|ofelia/);
  });

  it('is kept in no table of notices but as a person, a kind and a time', async () => {
    await alert();
    await carry(xa, xb);
    const rows = await xb.db.selectFrom('notice').selectAll().execute();
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(['at', 'id', 'kind', 'person']);
      expect(row.at).toBe(clock.ms);
    }
  });
});

describe('tasks', () => {
  it('whose second approval is late become an incident and are told once more', async () => {
    await alert();
    await xa.db.deleteFrom('notice').execute();
    clock.ms += DAY_MS + 1;
    await raiseOverdue(xa.ctx);
    expect(await told(xa)).toEqual(['hana urgent', 'sam urgent']);
    await carry(xa, xb);
  });

  it('after a withdrawal are urgent on both sides: a safety review and an account', async () => {
    const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    await carry(xa, xb);
    // An enquiry as such waits for the digest.
    expect([await told(xa), await told(xb)]).toEqual([[], toTeam('digest')]);
    await act(xa, { type: 'WDR', thread, body: withdrawalBody() });
    expect(await told(xa)).toEqual(['hana urgent', 'sam urgent']);
    await carry(xa, xb);
    expect(await told(xb)).toEqual(toTeam('digest', 'urgent'));
  });

  it('of a named person are told to that person; to the others if that person can get no mail', async () => {
    await addPerson(xa.db, 'ana.xa');
    const fail = async () => {
      const { messageId } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
      await runOperation(xa.db, xa.ctx.surroundings, (op) =>
        noteUndelivered(xa.ctx, op, messageId as MessageId, 'expired', true),
      );
    };
    await fail();
    expect(await told(xa)).toEqual(['ana.xa digest']);
    await xa.db.deleteFrom('notice').execute();
    await xa.db.updateTable('person').set({ disabled_at: clock.ms }).where('id', '=', 'ana.xa').execute();
    await fail();
    expect(await told(xa)).toEqual(toTeam('digest'));
  });
});
