/** Duty telephones to print: for whoever is signed in, in every direction of writing, and from a list without any node. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inventedProfiles } from '#deploy/demo/invented-profiles.ts';
import { AccessError } from '#node/access/access-error.ts';
import { telephoneRoute } from '#node/duty/telephone-route.ts';
import { gatherTelephones, telephoneTexts, telephoneWords, writeTelephones } from '#node/duty/telephones.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { run } from '../../deploy/run-command.ts';
import { makeTestNetwork, signTestList, type TestNetwork } from '../../fixtures/network.ts';

vi.setConfig({ testTimeout: 120_000 });

let network: TestNetwork;
let list: TrustList | null;
let served: Served;
beforeAll(async () => {
  network = await makeTestNetwork();
  const changed = network.list.nodes.map((node) => ({
    ...node,
    profile: inventedProfiles[node.node as 'xa' | 'xb' | 'xc'],
  }));
  const [xa, xb, xc] = changed as [(typeof changed)[0], (typeof changed)[0], (typeof changed)[0]];
  const arabic = { number: '+44 1632 960003', hours: '<b>يوميا من 07:00 إلى 22:00</b>', languages: ['ar'] };
  list = {
    ...network.list,
    nodes: [
      { ...xc, profile: { ...xc.profile, dutyPhones: [arabic] } },
      { ...xa, status: 'left' },
      { ...xb, status: 'suspended' },
    ],
  };
  const authenticate = async ({ headers }: { headers: Record<string, string | undefined> }) => {
    if (headers.cookie !== 'signed-in') throw new AccessError('SIGN_IN_NEEDED');
    return {} as never;
  };
  const routes = [telephoneRoute({ list: () => list, authenticate: authenticate as never })];
  served = await serve({ host: '127.0.0.1', port: 0, routes, log: makeLog('test', 'silent') });
});
afterAll(() => served.close());

const get = (headers: Record<string, string> = { cookie: 'signed-in' }) =>
  fetch(`${served.url}/duty-telephones`, { headers });

describe('the page', () => {
  it('shows every State that takes part or is suspended, and by which list, to whoever is signed in', async () => {
    expect((await get({})).status).toBe(401);
    // A browser is shown the way in, in its language, and comes back here.
    const wayIn = await get({ accept: 'text/html', 'accept-language': 'fr' });
    expect([wayIn.status, wayIn.headers.get('refresh')]).toEqual([
      401,
      '0;url=/sign-in?return=%2Fduty-telephones',
    ]);
    expect(await wayIn.text()).toContain('Connectez-vous');
    const page = await get();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('<html lang="en" dir="ltr">');
    const issued = new Date(network.list.iat * 1000).toISOString().slice(0, 10);
    expect(text).toContain(`By trust list 1, of <bdi dir="ltr">${issued}</bdi>`);
    expect(text).toMatch(
      /Invented State B \(XB\)<\/bdi> \(suspended[\s\S]*\+44 1632 960002[\s\S]*\+44 1632 960012[\s\S]*XC/,
    );
    expect(text).toContain('Child Protection Directorate of xb (invented)');
    expect(text).toContain('Monday to Friday 09:00 to 18:00 (UTC+3)');
    expect(text).not.toContain('960001');
  });

  it('keeps numbers in order beside Arabic, and whatever an office wrote is text', async () => {
    const text = await (await get({ cookie: 'signed-in', 'accept-language': 'ar' })).text();
    expect(text).toContain('<html lang="ar" dir="rtl">');
    expect(text).toContain('<bdi dir="ltr">+44 1632 960003</bdi>');
    expect(text).toContain('<bdi>&lt;b&gt;يوميا من 07:00 إلى 22:00&lt;/b&gt;</bdi>');
    expect(text).toContain(telephoneTexts.labels('title').ar.text);
    // States and languages by their names, not by codes.
    expect(text).toMatch(/<bdi>دولة مخترعة ج \(XC\)<\/bdi>[\s\S]*<td><bdi>العربية<\/bdi><\/td>/);
    const chosen = await fetch(`${served.url}/duty-telephones?language=ru`, {
      headers: { cookie: 'signed-in' },
    });
    expect(await chosen.text()).toMatch(/<html lang="ru"[\s\S]*<bdi>русский, арабский<\/bdi>/);
  });

  it('before the first list says to use what was printed', async () => {
    const kept = list;
    list = null;
    const answer = await get();
    list = kept;
    expect([answer.status, (await answer.json()).code]).toEqual([503, 'LIST_MISSING']);
  });

  it('is the same as plain text', async () => {
    const plain = await get({ cookie: 'signed-in', accept: 'text/plain', 'accept-language': 'fr' });
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await plain.text()).toBe(writeTelephones(gatherTelephones(list!), 'fr'));
  });
});

it('the command prints the same from a signed list in a file, while no node runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-telephones-'));
  const file = join(folder, 'list.json');
  await writeFile(file, await signTestList(list!, network.authorities));
  const printed = await run(['list', 'telephones', '--list', file, '--language', 'ru']);
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(printed.out).toBe(`${writeTelephones(gatherTelephones(list!), 'ru')}\n`);
  expect(printed.out).toContain(`${telephoneWords('ru')('telephone')}: \u2066+44 1632 960002\u2069`);
  const session = { FOCALNET_SESSION: 'INVENTED' };
  const both = await run(['list', 'telephones', '--list', file, '--node', served.url], session);
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('either') });
  // Of a node it asks as whoever is signed in; nobody is here.
  const asked = await run(['list', 'telephones', '--node', served.url], session);
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('sign') });
  await rm(folder, { recursive: true });
});
