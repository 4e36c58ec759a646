import { afterAll, beforeAll, expect, it } from 'vitest';
import { healthRoutes, lookOnceASecond } from '#platform/http/health.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';

// A word, whichever, makes nothing unready.
const conditions = { database: true, list: 3, log: true, mails: 'off' };
let served: Served;
beforeAll(async () => {
  const routes = healthRoutes(async () => conditions);
  served = await serve({ host: '127.0.0.1', port: 0, routes, log: makeLog('test', 'silent') });
});
afterAll(() => served.close());

it('looks once a second, however many ask', async () => {
  let looks = 0;
  let nowMs = 5_000;
  const look = lookOnceASecond(
    async () => {
      looks += 1;
      return { looks };
    },
    () => nowMs,
  );
  expect(await Promise.all([look(), look(), look()])).toEqual(
    Array.from({ length: 3 }, () => ({ looks: 1 })),
  );
  nowMs += 999;
  expect(await look()).toEqual({ looks: 1 });
  nowMs += 1;
  expect(await look()).toEqual({ looks: 2 });
});

it.each([
  ['database', false],
  ['list', 0],
  ['log', false],
])('is not ready without %s, and lives all the same', async (name, value) => {
  expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
  const whole = { ...conditions };
  Object.assign(conditions, { [name]: value });
  const response = await fetch(`${served.url}/readyz`);
  expect([response.status, await response.json()]).toEqual([503, { ...whole, [name]: value }]);
  expect((await fetch(`${served.url}/livez`)).status).toBe(200);
  Object.assign(conditions, whole);
});
