/** From a cause to a mail: limits, bundling, refusals, a server that is away, two senders at once. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendNotices } from '#node/notices/send-notices.ts';
import { startNotices } from '#node/notices/start.ts';
import { mailsPerDay } from '#node/notices/when-due.ts';
import { makeLog } from '#platform/http/log.ts';
import { headersOf, startMailServer, type TestMailServer, textOf } from '../../fixtures/mail-server.ts';
import { type Office, openOffice, PUBLIC_URL } from '../../fixtures/notice-office.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const START_MS = Date.parse('2027-01-15T10:00:00Z');

let office: Office;
let server: TestMailServer;
let round: () => Promise<unknown>;
beforeAll(async () => {
  office = await openOffice(START_MS);
});
beforeEach(async () => {
  await office.reset();
  server = await startMailServer();
  round = office.openSender(server.settings).round;
});
afterEach(() => server.close());
afterAll(() => office.close());

const pass = (ms: number) => {
  office.clock.ms += ms;
};
const urgent = (person = 'ana') => office.request({ persons: [person] }, 'urgent');
const digest = (person = 'ana') => office.request({ persons: [person] }, 'digest');
/** Who got mails since the last look. */
const taken = () => server.mails.splice(0).flatMap((mail) => mail.to);
const waits = async () => (await office.db.selectFrom('notice').select('id').execute()).length;
const stateOf = (person: string, kind: 'urgent' | 'digest' = 'urgent') =>
  office.db
    .selectFrom('notice_state')
    .selectAll()
    .where('person', '=', person)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();
const events = () => office.lines.splice(0).map((line) => JSON.parse(line).msg as string);

describe('who is told', () => {
  it('people by name, of a role, or of a role in a unit; nobody who is disabled or has no address', async () => {
    await office.addPerson('ana');
    await office.addPerson('bo', { unit: 'north' });
    await office.addPerson('sam', { role: 'supervisor' });
    await office.addPerson('gone', { disabled_at: START_MS });
    await office.addPerson('mute', { email: null });
    expect(
      await office.request({ at: { thread: null, unit: 'national' }, roles: ['officer'] }, 'urgent'),
    ).toBe(1);
    await round();
    expect(taken()).toEqual(['ana@office.example']);
    expect(await office.request({ roles: ['officer', 'supervisor'] }, 'digest')).toBe(3);
    pass(DAY_MS);
    await round();
    expect(taken().sort()).toEqual(['ana@office.example', 'bo@office.example', 'sam@office.example']);
    expect(await office.request({ persons: ['gone', 'mute', 'nobody'] }, 'urgent')).toBe(0);
    expect(await office.request({ persons: [] }, 'urgent')).toBe(0);
  });

  it('nobody who was disabled or lost the address since the cause, also not between look and sending', async () => {
    for (const id of ['ana', 'bo', 'cy']) await office.addPerson(id);
    await office.request({ persons: ['ana', 'bo', 'cy'] }, 'urgent');
    await office.db.updateTable('person').set({ disabled_at: START_MS }).where('id', '=', 'ana').execute();
    await office.db.updateTable('person').set({ email: null }).where('id', '=', 'bo').execute();
    const { ctx } = office.openSender(server.settings);
    await office.addPerson('dee');
    await urgent('dee');
    let sent = 0;
    await sendNotices({
      ...ctx,
      send: async (mail, signal) => {
        // The first mail goes; meanwhile the next person is disabled.
        if (sent++ === 0)
          await office.db
            .updateTable('person')
            .set({ disabled_at: START_MS })
            .where('id', '=', 'dee')
            .execute();
        return ctx.send(mail, signal);
      },
    });
    expect(taken()).toEqual(['cy@office.example']);
    await round();
    expect([taken(), await waits()]).toEqual([[], 0]);
  });

  it('nobody who has signed in since, by a session that may have ended', async () => {
    await office.addPerson('ana');
    await office.see('ana');
    await urgent();
    await digest();
    pass(2 * MINUTE_MS);
    await office.see('ana');
    await round();
    expect([taken(), await waits()]).toEqual([[], 0]);
    await urgent();
    await round();
    expect(taken()).toEqual(['ana@office.example']);
  });

  it('who was seen within a minute is told all the same: the cause may not have been visible yet', async () => {
    await office.addPerson('ana');
    await urgent();
    pass(MINUTE_MS);
    await office.see('ana');
    await round();
    expect(taken()).toHaveLength(1);
  });

  it('nobody of a cause whose transaction was rolled back', async () => {
    await office.addPerson('ana');
    const failing = office.db.transaction().execute(async (trx) => {
      await trx.insertInto('notice').values({ person: 'ana', kind: 'urgent', at: START_MS }).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await round();
    expect(taken()).toEqual([]);
  });
});

describe('what they get', () => {
  it('is the same for every person of a language and kind, but for the address', async () => {
    for (const language of ['en', 'fr', 'ru', 'ar', 'uk'])
      for (const n of [1, 2]) await office.addPerson(`${language}-${n}`, { language });
    await office.request({ roles: ['officer'] }, 'urgent');
    await office.request({ roles: ['officer'] }, 'digest');
    await round();
    pass(DAY_MS);
    await round();
    const read = server.mails.map((mail) => JSON.stringify([headersOf(mail).subject, textOf(mail)]));
    expect(read).toHaveLength(20);
    expect(new Set(read).size).toBe(8);
    for (const mail of server.mails) {
      expect(textOf(mail)).toContain(`\r\n${PUBLIC_URL}\r\n`);
      expect(mail.raw + textOf(mail)).not.toMatch(/canar/i);
    }
    const ids = server.mails.map((mail) => headersOf(mail)['message-id']);
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^<[0-9a-f]{32}@xa\.example>$/);
  });

  it('is one mail for several causes', async () => {
    await office.addPerson('ana');
    for (let n = 0; n < 5; n++) await urgent();
    await round();
    await round();
    expect(taken()).toHaveLength(1);
  });
});

describe('limits', () => {
  it('urgent: one in ten minutes, for what came since; at once if the person has signed in between', async () => {
    await office.addPerson('ana');
    await urgent();
    await round();
    pass(MINUTE_MS);
    await urgent();
    await round();
    expect(taken()).toHaveLength(1);
    pass(9 * MINUTE_MS);
    await round();
    await round();
    expect(taken()).toHaveLength(1);
    pass(MINUTE_MS);
    await office.see('ana');
    await urgent();
    await round();
    expect(taken()).toHaveLength(1);
  });

  it('urgent: so many on one day, then a line for the operator, and the rest the day after', async () => {
    await office.addPerson('ana');
    for (let n = 0; n < mailsPerDay.urgent + 5; n++) {
      await urgent();
      await round();
      pass(10 * MINUTE_MS);
    }
    expect(taken()).toHaveLength(mailsPerDay.urgent);
    expect(events()).toEqual(['notice-limit-reached']);
    // Of an alert the same person is told all the same, before anybody hears of anything else.
    await office.addPerson('bo');
    await urgent('bo');
    await office.request({ persons: ['ana'] }, 'alert');
    await round();
    expect(taken()).toEqual(['ana@office.example', 'bo@office.example']);
    office.clock.ms = Date.parse('2027-01-16T00:00:00Z');
    await round();
    expect(taken()).toHaveLength(1);
  });

  it('digest: bundled, once a day at its time, nothing if nothing waits', async () => {
    await office.addPerson('ana');
    for (let n = 0; n < 3; n++) {
      await digest();
      await round();
      pass(MINUTE_MS);
    }
    expect(taken()).toEqual([]);
    office.clock.ms = Date.parse('2027-01-16T08:00:00Z');
    await round();
    expect(taken()).toHaveLength(1);
    await digest();
    await round();
    expect(taken()).toEqual([]);
    pass(DAY_MS);
    await round();
    expect(taken()).toHaveLength(1);
    pass(DAY_MS);
    await round();
    expect([taken(), await waits()]).toEqual([[], 0]);
  });

  it('a digest holds up nothing urgent, and urgent ones go first', async () => {
    for (const id of ['ana', 'bo']) await office.addPerson(id);
    await digest('ana');
    pass(DAY_MS);
    await urgent('bo');
    await urgent('ana');
    await round();
    const subjects = server.mails.map((mail) => headersOf(mail).subject);
    expect(subjects.map((subject) => subject?.includes('now'))).toEqual([true, true, false]);
  });
});

describe('refusals', () => {
  it('for now are tried again with growing pauses that outlive the process', async () => {
    await office.addPerson('ana');
    await office.addPerson('bo');
    server.refusals.set('ana@office.example', 450);
    await office.request({ persons: ['ana', 'bo'] }, 'urgent');
    await round();
    expect(taken()).toEqual(['bo@office.example']);
    for (const waitMs of [MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS]) {
      const again = office.openSender(server.settings).round;
      pass(waitMs - 1);
      await again();
      const { attempts } = await stateOf('ana');
      pass(1);
      await again();
      expect((await stateOf('ana')).attempts).toBe(attempts + 1);
    }
    server.refusals.clear();
    pass(8 * MINUTE_MS);
    await round();
    expect(taken()).toEqual(['ana@office.example']);
    expect(events()).toEqual(Array(4).fill('notice-refused'));
  });

  it('for good are given up, said once without the address, and hold up nobody', async () => {
    await office.addPerson('ana');
    await office.addPerson('evil', { email: 'eve@evil.example\r\nBcc: mallory@evil.example' });
    await office.addPerson('bo');
    server.refusals.set('ana@office.example', 550);
    await office.request({ persons: ['ana', 'evil', 'bo'] }, 'urgent');
    await round();
    pass(DAY_MS);
    await round();
    expect([taken(), await waits()]).toEqual([['bo@office.example'], 0]);
    expect(office.lines.join('')).not.toMatch(/ana|evil|office\.example|Canary|Bcc/);
    expect(office.lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 50, msg: 'notice-given-up', code: 'EENVELOPE', status: 550 },
      { level: 50, msg: 'notice-given-up', code: 'ADDRESS_UNUSABLE' },
    ]);
    expect(await stateOf('ana')).toMatchObject({ gave_up_code: '550', gave_up_at: START_MS });
    // Something new is tried anew: the address may have been mended.
    server.refusals.clear();
    await urgent('ana');
    await round();
    expect(taken()).toEqual(['ana@office.example']);
    expect(await stateOf('ana')).toMatchObject({ gave_up_code: null, gave_up_at: null });
  });
});

describe('a server that is away', () => {
  it('loses nothing: it is left alone with growing pauses, then everything goes', async () => {
    for (const id of ['ana', 'bo', 'cy']) await office.addPerson(id);
    await office.request({ roles: ['officer'] }, 'urgent');
    await server.close();
    await round();
    await round();
    // One try, whoever waits.
    expect(events()).toEqual(['mail-server-failed']);
    pass(10_000);
    const again = office.openSender(server.settings).round;
    await again();
    pass(10_000);
    await again();
    expect(events()).toEqual(['mail-server-failed']);
    expect(await waits()).toBe(3);
    server = await startMailServer({}, server.settings.port);
    pass(10_000);
    // Nobody vouches for the server that is there now: another certificate.
    expect(await again()).toMatchObject({ isServerUp: false });
    expect([taken(), events()]).toEqual([[], ['mail-server-failed']]);
    pass(5 * MINUTE_MS);
    expect(await office.openSender(server.settings).round()).toMatchObject({ isServerUp: true });
    expect(taken()).toHaveLength(3);
    expect(await waits()).toBe(0);
    // The next failure begins with the first pause again.
    expect(await office.db.selectFrom('mail_server').select('failures').execute()).toEqual([{ failures: 0 }]);
  });

  it('is tried at least every five minutes', async () => {
    await office.addPerson('ana');
    await urgent();
    await server.close();
    for (let n = 0; n < 12; n++) {
      await round();
      pass(5 * MINUTE_MS);
    }
    expect(events()).toHaveLength(12);
    server = await startMailServer();
    await office.openSender(server.settings).round();
    expect(taken()).toHaveLength(1);
  });
});

describe('several senders', () => {
  it('two at once send each mail once', async () => {
    for (let n = 0; n < 12; n++) await office.addPerson(`p${n}`);
    const others = [1, 2, 3].map(() => office.openSender(server.settings).round);
    for (let n = 0; n < 4; n++) {
      await office.request({ roles: ['officer'] }, 'urgent');
      await Promise.all([round, ...others].map((one) => one()));
      pass(10 * MINUTE_MS);
    }
    const sent = taken();
    expect(sent).toHaveLength(48);
    expect(new Set(sent).size).toBe(12);
    expect(await waits()).toBe(0);
  });

  it('what one holds another leaves alone', async () => {
    await office.addPerson('ana');
    await urgent();
    const other = office.openSender(server.settings);
    server.beforeAnswer = async () => {
      server.beforeAnswer = async () => {};
      await other.round();
    };
    await round();
    expect(taken()).toHaveLength(1);
  });

  it('one that dies between sending and marking leaves the mail to another: twice, never lost', async () => {
    await office.addPerson('ana');
    await urgent();
    const dying = office.openSender(server.settings);
    server.beforeAnswer = () => dying.ctx.db.destroy();
    await expect(dying.round()).rejects.toThrow();
    server.beforeAnswer = async () => {};
    expect([taken().length, await waits()]).toEqual([1, 1]);
    pass(2 * MINUTE_MS);
    await round();
    expect([taken().length, await waits()]).toEqual([1, 0]);
  });

  it('a cause that comes while the mail is on its way is told by the next', async () => {
    await office.addPerson('ana');
    await urgent();
    server.beforeAnswer = async () => void (await urgent());
    await round();
    server.beforeAnswer = async () => {};
    expect([taken().length, await waits()]).toEqual([1, 1]);
    pass(10 * MINUTE_MS);
    await round();
    expect([taken().length, await waits()]).toEqual([1, 0]);
  });
});

describe('the loop', () => {
  const start = (settings: Parameters<typeof startNotices>[0]['settings']) => {
    const { db, surroundings } = office.openSender(server.settings).ctx;
    const log = makeLog('test', 'info', { write: (line) => office.lines.push(line) });
    return startNotices({ db, surroundings, log, settings });
  };

  it('sends until it is closed, and says how it is', async () => {
    await office.addPerson('ana');
    await urgent();
    const arrived = new Promise<void>((resolve) => {
      server.beforeAnswer = async () => resolve();
    });
    const notices = start(office.openSender(server.settings).ctx.settings);
    await arrived;
    expect(notices.state()).toBe('working');
    await notices.close();
    expect(taken()).toEqual(['ana@office.example']);
  });

  it('closed while a mail is under way, it ends at once; another sends it', async () => {
    await office.addPerson('ana');
    await urgent();
    const arrived = new Promise<void>((resolve) => {
      server.beforeAnswer = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const notices = start(office.openSender(server.settings).ctx.settings);
    await arrived;
    await notices.close();
    expect(events()).toEqual([]);
    server.beforeAnswer = async () => {};
    taken();
    await round();
    expect(taken()).toEqual(['ana@office.example']);
  });

  it('without a mail server says so once and lets causes not pile up', async () => {
    await office.addPerson('ana');
    await urgent();
    pass(DAY_MS + 1);
    await digest();
    const notices = start(null);
    expect(notices.state()).toBe('off');
    await notices.close();
    expect(events()).toEqual(['mails-off']);
    const left = await office.db.selectFrom('notice').select('kind').execute();
    expect(left).toEqual([{ kind: 'digest' }]);
    expect(taken()).toEqual([]);
  });
});
