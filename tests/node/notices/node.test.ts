/** A whole node with and without a mail server, and what of the environment its settings are read from. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePartyKeys } from '#deploy/network/make-keys.ts';
import { type Config, readConfig } from '#node/config.ts';
import { startNode } from '#node/main.ts';
import type { Database } from '#node/storage/database.ts';
import { createKeyFile } from '#node/vault/file-keys.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { createTestDatabase } from '../../fixtures/database.ts';
import { startMailServer } from '../../fixtures/mail-server.ts';
import { makeTestNetwork } from '../../fixtures/network.ts';
import { addPerson } from '../../fixtures/notice-office.ts';

let folder: string;
let base: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-notices-'));
  const put = async (name: string, value: unknown) => {
    await writeFile(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const { anchor } = await makeTestNetwork();
  const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
  await createKeyFile(join(folder, 'vault.json'), random);
  base = {
    FOCALNET_KEYS: await put('keys.json', await makePartyKeys(anchor.net, 'xa', random, Date.now())),
    FOCALNET_ANCHOR: await put('anchor.json', anchor),
    FOCALNET_VAULT: join(folder, 'vault.json'),
    FOCALNET_DATABASE: 'postgres://localhost/nowhere',
    // Nobody listens there: the node waits for its gateway.
    FOCALNET_GATEWAY: 'https://127.0.0.1:9',
    FOCALNET_LOG: 'silent',
    LOGIN: await put('login.json', { user: 'node', password: 'right (invented)' }),
    BAD_LOGIN: await put('bad.json', { user: 'node' }),
  };
});
afterAll(() => rm(folder, { recursive: true }));

const mailEnv = {
  FOCALNET_SMTP: 'smtp://mail.xa.example',
  FOCALNET_MAIL_FROM: 'focalnet@xa.example',
  FOCALNET_PUBLIC_URL: 'https://focalnet.xa.example',
};
const read = (env: Record<string, string | undefined>) => readConfig({ ...base, ...env });

describe('settings', () => {
  it('are none without FOCALNET_SMTP, and else careful ones', () => {
    expect(read({}).mail).toBeNull();
    expect(read(mailEnv).mail).toEqual({
      server: { host: 'mail.xa.example', port: 587, implicitTls: false, tls: 'required', login: null },
      from: 'focalnet@xa.example',
      publicUrl: 'https://focalnet.xa.example/',
      office: { timeZone: 'UTC', digestAt: '08:00' },
    });
    const own = {
      FOCALNET_SMTP: 'smtps://[::1]',
      FOCALNET_SMTP_LOGIN: base.LOGIN,
      FOCALNET_TIME_ZONE: 'Asia/Kathmandu',
      FOCALNET_DIGEST_AT: '07:30',
    };
    expect(read({ ...mailEnv, ...own, NODE_ENV: 'production' }).mail).toMatchObject({
      server: { host: '::1', port: 465, implicitTls: true, tls: 'required', login: { user: 'node' } },
      office: { timeZone: 'Asia/Kathmandu', digestAt: '07:30' },
    });
  });

  it.each([
    ['FOCALNET_SMTP', 'mail.xa.example:587'],
    ['FOCALNET_SMTP', 'https://mail.xa.example'],
    ['FOCALNET_SMTP', 'smtp://node:secret@mail.xa.example'],
    ['FOCALNET_SMTP_TLS', 'off'],
    ['FOCALNET_MAIL_FROM', undefined],
    ['FOCALNET_MAIL_FROM', 'Focal Point <focalnet@xa.example>'],
    ['FOCALNET_MAIL_FROM', 'focalnet@xa.example\r\nBcc: eve@evil.example'],
    ['FOCALNET_PUBLIC_URL', undefined],
    ['FOCALNET_PUBLIC_URL', 'https://focalnet.xa.example/?who=ana'],
    ['FOCALNET_PUBLIC_URL', 'https://focalnet.xa.example/#token'],
    ['FOCALNET_PUBLIC_URL', 'https://ana@focalnet.xa.example/'],
    ['FOCALNET_PUBLIC_URL', 'https://focalnet.xa.example/case/7'],
    ['FOCALNET_PUBLIC_URL', 'javascript:alert(1)'],
    ['FOCALNET_TIME_ZONE', 'Vienna'],
    ['FOCALNET_DIGEST_AT', '24:00'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => read({ ...mailEnv, [name]: value })).toThrow(name);
  });

  it('with a login that is none are refused', () => {
    expect(() => read({ ...mailEnv, FOCALNET_SMTP_LOGIN: base.BAD_LOGIN })).toThrow();
  });

  it.each([
    ['FOCALNET_SMTP_TLS', 'opportunistic'],
    ['FOCALNET_SMTP_TLS', 'none'],
    ['FOCALNET_PUBLIC_URL', 'http://focalnet.xa.example'],
  ])('%s=%s is for development: production does not start', (name, value) => {
    const env = { ...mailEnv, [name]: value };
    expect(read(env).mail).not.toBeNull();
    expect(() => read({ ...env, NODE_ENV: 'production' })).toThrow(name);
  });
});

describe('a node', () => {
  const start = async (mail: Config['mail']) => {
    const database = await createTestDatabase();
    const config = { ...read({}), database: database.config, officer: { host: '127.0.0.1', port: 0 }, mail };
    const node = await startNode(config, 'test');
    const readMails = async () => {
      const ready = (await (await fetch(`${node.officerUrl}/readyz`)).json()) as Record<string, unknown>;
      return ready.mails;
    };
    return { database, readMails, close: () => node.close().finally(() => database.drop()) };
  };

  it('without a mail server runs and says so', async () => {
    const { readMails, close } = await start(null);
    expect(await readMails()).toBe('off');
    await close();
  });

  it('with one tells whom something waits for', async () => {
    const server = await startMailServer();
    const mail = { ...read(mailEnv).mail!, server: server.settings };
    const arrived = new Promise<void>((resolve) => {
      server.beforeAnswer = async () => resolve();
    });
    const { database, readMails, close } = await start(mail);
    const db = openDatabase<Database>(database.config);
    await addPerson(db, 'ana');
    await db.insertInto('notice').values({ person: 'ana', kind: 'urgent', at: Date.now() }).execute();
    await arrived;
    expect(await readMails()).toBe('working');
    expect(server.mails).toMatchObject([{ to: ['ana@office.example'], secure: true, user: 'node' }]);
    await db.destroy();
    await close();
    await server.close();
  });
});
