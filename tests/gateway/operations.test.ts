/** What a gateway tells its operator: what is held, what was refused, how long relaying takes; and nothing else. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gateway } from '#gateway/main.ts';
import {
  deliver,
  deliverAll,
  type GatewayNetwork,
  makeGatewayNetwork,
  makeMessage,
  makeReceipt,
  postReceipts,
} from './start-network.ts';

let network: GatewayNetwork;
let gateway: Gateway;
beforeAll(async () => {
  network = await makeGatewayNetwork({ quorum: 1 });
  gateway = await network.start();
});
afterAll(() => network.close());

const get = (path: string) => fetch(`${gateway.operationsUrl}${path}`);
const readLines = async () =>
  (await (await get('/metrics')).text()).split('\n').filter((line) => /^focalnet/.test(line));
const seriesOf = (lines: readonly string[]) =>
  lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();

/** As strangers do: nothing of it is signed by a listed key. */
async function knock(text: string): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'x-focalnet': '1',
    signature: text,
    'signature-input': text,
  };
  const body = JSON.stringify({ query: `{ ${text} }` });
  await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
  await fetch(`${gateway.url}/parts/${text}/${text}/${text}`, { method: 'PUT', body, headers });
  await fetch(`${gateway.url}/${text}?name=${text}`);
}

it('shows what is held for whom and takes it out when the receipt has come, with how long that took', async () => {
  const { xa, xb } = network.parties;
  const message = await makeMessage(xa, 'xb', { lane: 'urgent' });
  await deliverAll(gateway.url, xa, [message]);
  expect(await readLines()).toEqual(
    expect.arrayContaining([
      'focalnet_mailbox_held_items{recipient="xb",lane="urgent",kind="message"} 1',
      `focalnet_mailbox_held_bytes{recipient="xb"} ${message.bytes.length}`,
      `focalnet_quota_used_bytes{sender="xa"} ${message.bytes.length}`,
      'focalnet_list_version 1',
      `focalnet_key_expires_timestamp_seconds{purpose="sig"} ${network.list.gateway.sig[0]!.exp}`,
      'focalnet_sequencer_failed 0',
    ]),
  );
  expect(await postReceipts(gateway.url, xb, [await makeReceipt(xb, message)])).toEqual([null]);
  const lines = await readLines();
  expect(lines).toContain('focalnet_relay_seconds_count{lane="urgent"} 1');
  expect(
    lines.find((line) => line.startsWith('focalnet_relay_seconds_bucket{le="30",lane="urgent"}')),
  ).toMatch(/ 1$/);
});

it('counts refusals by code, and what strangers invent makes no series and is not shown', async () => {
  const { xa, xc } = network.parties;
  const [other] = await deliver(gateway.url, xc, [await makeMessage(xa, 'xb')]);
  expect(other!.code).toBe('SENDER_UNKNOWN');
  await knock('first');
  const before = await readLines();
  expect(before.find((line) => line.startsWith('focalnet_refusals_total{code="SENDER_UNKNOWN"}'))).toMatch(
    / [1-9]/,
  );
  expect(
    before.find((line) => line.startsWith('focalnet_refusals_total{code="SIGNATURE_MALFORMED"}')),
  ).toMatch(/ [1-9]/);
  const canaries = Array.from({ length: 40 }, () => `canary${randomUUID().replaceAll('-', '')}`);
  for (const canary of canaries) await knock(canary);
  const after = await readLines();
  expect(seriesOf(after)).toEqual(seriesOf(before));
  expect(after.join()).not.toContain('canary');
});

it('is ready on both listeners, with a reason for each condition', async () => {
  const ready = { database: true, migrations: true, disk: true, keys: true, clock: true, list: 1, log: true };
  expect(await (await get('/readyz')).json()).toEqual(ready);
  expect(await (await fetch(`${gateway.url}/readyz`)).json()).toEqual(ready);
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
});
