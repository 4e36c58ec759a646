/**
 * Fault 60 beyond GraphQL: where the record of a reading cannot be written, no file, no bundle of evidence and no audit trail
 * leaves, not one byte of it.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { attachmentRoutes } from '#node/attachments/routes.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { evidenceRoute } from '#node/evidence/routes.ts';
import { auditorRoutes } from '#node/graphql/auditor.ts';
import { makeLog } from '#platform/http/log.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { stagesOf, startNetwork, type TestNetwork } from '../../fixtures/exchange-network.ts';

const CANARY = 'INVENTED canary of a note';
let network: TestNetwork;
let served: Served;
const people = new Map<string, Actor>();
const ids = { thread: '', attachment: '' };
beforeAll(async () => {
  network = await startNetwork(false, { slices: true });
  const { enquiries, ctx, person } = network.a;
  for (const actor of [person('ana'), person('sam', 'supervisor'), person('aud', 'auditor')])
    people.set(actor.id, actor);
  const log = makeLog('test', 'silent');
  const authenticate = async ({ headers }: HttpRequest) => people.get(headers['x-who'] ?? '')!;
  const routes = [
    ...attachmentRoutes({ ...enquiries, authenticate }),
    evidenceRoute({ ...ctx, doors: enquiries.doors }, authenticate),
    ...auditorRoutes(enquiries, ctx.identity.origin, { authenticate, log }),
  ];
  served = await serve({ host: '127.0.0.1', port: 0, routes, log });
  await releaseWithFile();
}, 120_000);
afterAll(async () => {
  await served.close();
  await network.close();
});

async function releaseWithFile(): Promise<void> {
  const { enquiries, person, db } = network.a;
  const file = await fetch(`${served.url}/attachments`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-focalnet': '1', 'x-who': 'ana.xa' },
    body: CANARY,
  });
  ids.attachment = ((await file.json()) as { id: string }).id;
  const proposed = await proposeAct(enquiries, person('ana'), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody({ attachments: [{ index: 0, kind: 'document' }] as never }),
    attachmentIds: [ids.attachment],
    safety: calm,
  });
  const query = db.selectFrom('proposal').select('digest').where('id', '=', proposed.id);
  const { digest } = await query.executeTakeFirstOrThrow();
  const { messageId } = await approveRelease(enquiries, person('sam', 'supervisor'), proposed.id, digest);
  await network.a.until(() => stagesOf(network.a, messageId!).includes('delivered'));
  ids.thread = proposed.thread;
}

/** Neither people nor the node itself can add to the log meanwhile. */
async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  const roles = sql.raw('app_officer, app_auditor, app_exchange');
  await sql`revoke insert on audit_entry from ${roles}`.execute(network.a.db);
  try {
    return await work();
  } finally {
    await sql`grant insert on audit_entry to ${roles}`.execute(network.a.db);
  }
}

it('a bundle is of what the person’s own role of the database sees, whatever the code finds', async () => {
  const { db } = network.a;
  const ask = () => fetch(`${served.url}/evidence/${ids.thread}`, { headers: { 'x-who': 'sam.xa' } });
  await sql`create policy closed on act as restrictive for select to app_officer using (false)`.execute(db);
  const refused = await ask().finally(() => sql`drop policy closed on act`.execute(db));
  expect([refused.status, await refused.json()]).toMatchObject([404, { code: 'NOTHING_TO_EXPORT' }]);
  expect((await ask()).status).toBe(200);
});

const EXPORTED = () => ({
  thread: ids.thread,
  messages: 1,
  actor: 'sam.xa',
  role: 'supervisor',
  purpose: 'supervision',
});
async function lastExport(): Promise<unknown> {
  const query = network.a.db
    .selectFrom('audit_entry')
    .select('detail')
    .where('type', '=', 'evidence.exported');
  return JSON.parse((await query.orderBy('id', 'desc').executeTakeFirstOrThrow()).detail!);
}

it.each([
  ['an attachment', 'ana.xa', () => `/attachments/${ids.attachment}`, CANARY],
  ['evidence', 'sam.xa', () => `/evidence/${ids.thread}`, 'focalnet-evidence'],
  [
    'the audit trail',
    'aud.xa',
    () => '/auditor/audit-events?from=2020-01-01&to=2040-01-01',
    '"resourceType":"AuditEvent"',
  ],
])('%s does not leave without its record', async (what, who, path, content) => {
  const take = async () => {
    const response = await fetch(`${served.url}${path()}`, { headers: { 'x-who': who } });
    const { headers, status } = response;
    return { status, name: headers.get('content-disposition'), text: await response.text() };
  };
  const count = async () => {
    const query = network.a.db.selectFrom('audit_entry').select((eb) => eb.fn.countAll<number>().as('n'));
    const taken = query.where('type', 'in', ['attachment.read', 'evidence.exported', 'reading.answered']);
    return (await taken.executeTakeFirstOrThrow()).n;
  };
  const before = await count();
  expect(await take()).toMatchObject({ status: 200, text: expect.stringContaining(content) });
  expect(await count()).toBe(before + 1);
  if (what === 'evidence') expect(await lastExport()).toMatchObject(EXPORTED());
  const refused = await whileAway(take);
  expect(refused).toMatchObject({ status: 500, name: null });
  expect(Object.keys(JSON.parse(refused.text)).sort()).toEqual(['code', 'correlationId', 'message']);
  expect(refused.text).not.toContain(content);
  expect(await count()).toBe(before + 1);
  expect((await take()).status).toBe(200);
});
