/** One mail on its way to a real SMTP server: what stands in it, TLS, logins, and addresses that lie. */
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  isPlainAddress,
  type Mail,
  MailError,
  type MailServer,
  openMailer,
} from '#node/notices/send-mail.ts';
import { writeNotice } from '#node/notices/texts.ts';
import { languages } from '#schema/vocabulary/code-list.ts';
import { headersOf, startMailServer, type TestMailServer, textOf } from '../../fixtures/mail-server.ts';
import { makeSelfSigned } from '../../fixtures/self-signed.ts';

let server: TestMailServer;
afterEach(() => server.close());

const mail = (change: Partial<Mail> = {}): Mail => ({
  from: 'focalnet@xa.example',
  to: 'ana@office.example',
  messageId: `<${'0f'.repeat(16)}@xa.example>`,
  atMs: 1_800_000_000_000,
  ...writeNotice('urgent', 'en', 'https://xa.example/'),
  ...change,
});
const open = (change: Partial<MailServer> = {}) =>
  openMailer({ ...server.settings, ...change }, 'xa.example');
const send = (change: Partial<Mail> = {}, settings: Partial<MailServer> = {}) =>
  open(settings)(mail(change), new AbortController().signal);
/** How the sending failed. */
const failureOf = (sending: Promise<void>): Promise<MailError> =>
  sending.then(
    () => Promise.reject(new Error('the mail went')),
    (error: MailError) => error,
  );

describe('a mail', () => {
  it('comes by STARTTLS, after a login, with these headers and no other', async () => {
    server = await startMailServer();
    await send();
    const [taken] = server.mails;
    expect(taken).toMatchObject({
      secure: true,
      user: 'node',
      greeting: 'xa.example',
      from: 'focalnet@xa.example',
      to: ['ana@office.example'],
    });
    expect(server.logins).toMatchObject([{ secure: true }]);
    expect(headersOf(taken!)).toEqual({
      from: 'Focalnet <focalnet@xa.example>',
      to: 'ana@office.example',
      subject: 'Focalnet: please sign in now',
      date: 'Fri, 15 Jan 2027 08:00:00 +0000',
      'message-id': `<${'0f'.repeat(16)}@xa.example>`,
      'auto-submitted': 'auto-generated',
      'mime-version': '1.0',
      'content-type': 'text/plain; charset=utf-8',
      'content-transfer-encoding': expect.any(String),
    });
    expect(taken!.raw).not.toContain(hostname());
  });

  it.each(languages)('arrives in %s as it was written', async (language) => {
    server = await startMailServer();
    const { subject, text } = writeNotice('digest', language, 'https://xa.example/');
    await send({ subject, text });
    expect(headersOf(server.mails[0]!).subject).toBe(subject);
    expect(textOf(server.mails[0]!).trimEnd()).toBe(text.trimEnd());
  });

  it('goes to letters of other scripts', async () => {
    server = await startMailServer();
    await send({ to: 'анна@büro.example' });
    expect(server.mails[0]!.to).toEqual(['анна@büro.example']);
  });
});

describe('TLS', () => {
  it('taken out of the greeting by somebody on the line: no login and no mail', async () => {
    server = await startMailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    expect(await failureOf(send())).toMatchObject({ whose: 'server', code: 'ETLS' });
    expect([server.mails, server.logins]).toEqual([[], []]);
  });

  it('with a certificate nobody vouches for: no login and no mail', async () => {
    server = await startMailServer();
    expect(await failureOf(send({}, { ca: undefined }))).toMatchObject({
      whose: 'server',
      status: undefined,
    });
    expect([server.mails, server.logins]).toEqual([[], []]);
  });

  it('with the certificate of another server: no login and no mail', async () => {
    const other = makeSelfSigned('other.example');
    server = await startMailServer(other);
    expect(await failureOf(send({}, { ca: other.cert }))).toMatchObject({
      whose: 'server',
      status: undefined,
    });
    expect([server.mails, server.logins]).toEqual([[], []]);
  });

  it('from the first byte', async () => {
    server = await startMailServer({ secure: true });
    await send();
    expect(server.mails).toMatchObject([{ secure: true, user: 'node' }]);
  });

  it.each([
    ['opportunistic', { hideSTARTTLS: true }, false],
    ['opportunistic', {}, true],
    ['none', {}, false],
  ] as const)('%s, set for development, with %o: secure %s', async (tls, options, secure) => {
    server = await startMailServer(options);
    await send({}, { tls, login: null });
    expect(server.mails).toMatchObject([{ secure }]);
  });
});

describe('failures', () => {
  it('of a login are the server’s', async () => {
    server = await startMailServer();
    const failure = await failureOf(send({}, { login: { user: 'node', password: 'wrong' } }));
    expect(failure).toMatchObject({ whose: 'server', code: 'EAUTH', status: 535 });
    // Set to log in, it does not send without.
    await server.close();
    server = await startMailServer({ disabledCommands: ['AUTH'] });
    expect(await failureOf(send())).toMatchObject({ whose: 'server', code: 'EAUTH' });
    expect(server.mails).toEqual([]);
  });

  it.each([
    [450, 'address', false],
    [452, 'address', false],
    [550, 'address', true],
    [553, 'address', true],
    [421, 'server', false],
    [530, 'server', false],
  ] as const)('%i to an address is of the %s, for good: %s', async (status, whose, isFinal) => {
    server = await startMailServer();
    server.refusals.set('ana@office.example', status);
    const failure = await failureOf(send());
    expect(failure).toMatchObject({ whose, isFinal, status });
    expect(JSON.stringify(failure) + failure.message + failure.stack).not.toContain('ana@');
  });

  it('of the sender’s address are the server’s: everybody’s mail waits, none is given up', async () => {
    const refuse = Object.assign(new Error('no'), { responseCode: 550 });
    server = await startMailServer({ onMailFrom: (_address, _session, done) => done(refuse) });
    expect(await failureOf(send())).toMatchObject({ whose: 'server', status: 550, isFinal: false });
  });

  it('where nobody listens, or nobody speaks', async () => {
    server = await startMailServer();
    await server.close();
    expect(await failureOf(send())).toMatchObject({ whose: 'server', isFinal: false });
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(server.settings.port, '127.0.0.1', resolve));
    const abort = new AbortController();
    silent.once('connection', () => abort.abort());
    expect(await failureOf(open()(mail(), abort.signal))).toMatchObject({ whose: 'server' });
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('addresses that lie', () => {
  it.each([
    'ana@office.example\r\nBcc: eve@evil.example',
    'ana@office.example\nRCPT TO:<eve@evil.example>',
    'ana@office.example\r',
    'ana@office.example, eve@evil.example',
    'Ana <ana@office.example>',
    '"ana@evil.example"@office.example',
    'friends:ana@office.example;',
    'ana@office.example>',
    'ana@office.example\u2028Bcc: eve@evil.example',
    '\u202eana@office.example',
    'an\u200ba@office.example',
    'ana\0@office.example',
    'ana@office.example@evil.example',
    'ana office.example',
    '@office.example',
    'ana@',
    '',
    `${'a'.repeat(65)}@office.example`,
  ])('%j is refused before anything leaves', async (to) => {
    server = await startMailServer();
    expect(await failureOf(send({ to }))).toMatchObject({
      whose: 'address',
      isFinal: true,
      code: 'ADDRESS_UNUSABLE',
    });
    expect(server.logins).toEqual([]);
  });

  it('whatever stands in the table, one mail goes to one address or none goes', async () => {
    server = await startMailServer();
    const parts = fc.constantFrom(
      'a',
      'ü',
      'ع',
      '@',
      '.',
      ' ',
      '\r\n',
      '\n',
      '<',
      '>',
      ',',
      ';',
      ':',
      '"',
      '(',
      ')',
      '\\',
      '[',
      '\u202e',
      '=?utf-8?q?=0d=0a?=',
      'x.example',
    );
    const address = fc.array(parts, { maxLength: 8 }).map((found) => `${found.join('')}@x.example`);
    await fc.assert(
      fc.asyncProperty(address, async (to) => {
        server.mails.length = 0;
        const outcome = await send({ to }).catch((error: unknown) => error);
        if (!isPlainAddress(to)) {
          expect(server.mails).toEqual([]);
          return;
        }
        // A plain address may still be one that the server does not take.
        if (outcome !== undefined) {
          expect(outcome).toBeInstanceOf(MailError);
          return;
        }
        expect(server.mails).toHaveLength(1);
        expect(server.mails[0]!.to).toHaveLength(1);
        expect(Object.keys(headersOf(server.mails[0]!)).sort()).toEqual([...HEADERS]);
      }),
      { numRuns: 60 },
    );
  });
});

const HEADERS = [
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];
