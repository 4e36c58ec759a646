/**
 * What auditors get over HTTP: the trail, counts, proofs that hold without this node, openings, the policy, FHIR; and that
 * reading is recorded of them too. T9 at this level: what somebody changes in SQL, the proofs and the check give away.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { isPermitted, permissions } from '#node/access/permit.ts';
import { acceptCosignature } from '#platform/log/collect-cosignatures.ts';
import { checkLog } from '#platform/log/fsck.ts';
import { type Sequencer, startSequencer } from '#platform/log/sequence.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { verifyEntry } from '#schema/log/entry.ts';
import { makeSigningKey } from '#schema/log/note.ts';
import { parseProof, verifyProof } from '#schema/log/proof.ts';
import { leafHash } from '#schema/log/tree.ts';
import { act } from '../../fixtures/act.ts';
import { enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { ORIGIN, type PeopleServer, servePeople } from '../../fixtures/people-client.ts';
import { AUDIT_EVENT_RULES, faultsOf } from './fhir-rules.ts';

const clock: Clock = { ms: START_MS };
const key = await makeSigningKey(ORIGIN, 1, new Uint8Array(32).fill(1));
const witness = await makeSigningKey('witness.example', 4, new Uint8Array(32).fill(2));
let xa: LoopNode;
let xb: LoopNode;
let server: PeopleServer;
let sequencer: Sequencer;
let threads: string[];
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  server = await servePeople(xa);
  sequencer = startSequencer({
    connection: xa.config,
    key,
    clock: () => clock.ms,
    askLastCosigned: async () => null,
    onCheckpoint: () => {},
    onError: (error) => {
      throw error;
    },
  });
  threads = [];
  for (let i = 0; i < 3; i++) {
    const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() });
    await carry(xa, xb);
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await carry(xb, xa);
    threads.push(thread);
    clock.ms += 3_600_000;
  }
  for (const thread of threads)
    for (const name of ['ana', 'bo'])
      await server.ask(
        xa.person(name),
        'query($t: ID!) { conversation(thread: $t) { acts { body { __typename } } } }',
        { t: thread },
      );
  await server.ask(xa.person('lea', 'legal-adviser'), '{ inbox { edges { cursor } } }');
});
afterAll(async () => {
  await sequencer.stop();
  await server.close();
  await Promise.all([xa.close(), xb.close()]);
});

const auditor = (): Actor => xa.person('aud', 'auditor');
const ask = async <T = Record<string, unknown>>(query: string, variables = {}) => {
  const answer = await server.ask(auditor(), query, variables);
  expect(answer.errors).toEqual([]);
  return answer.data as unknown as T;
};
type Entry = {
  id: string;
  place: number | null;
  type: string;
  at: string;
  actor: string | null;
  role: string | null;
  purpose: string | null;
  threads: string[];
  counts: { what: string; rows: number }[];
};
const TRAIL = `query($filter: TrailFilter, $first: Int, $after: String) { trail(filter: $filter, first: $first, after: $after) {
  hasNextPage endCursor entries { id place type at actor role unit purpose fields threads counts { what rows } } } }`;
const trail = async (filter = {}, page = {}) =>
  (await ask(TRAIL, { filter, ...page })).trail as {
    entries: Entry[];
    hasNextPage: boolean;
    endCursor: string;
  };

/** Every entry has its place, and a witness has signed the last checkpoint. */
async function settle(): Promise<void> {
  const { rows } = await sql<{ id: number }>`select max(id) as id from audit_entry`.execute(xa.db);
  const { size, note } = (await sequencer.waitForCover([rows[0]!.id], 20_000))!;
  const line = await cosignCheckpoint(note, witness, Math.floor(clock.ms / 1000));
  await acceptCosignature(xa.db, { origin: ORIGIN, size, line, witness, nowMs: clock.ms });
}

describe('the trail', () => {
  it('says who was shown what kind of thing, in which role and for what, and not what it said', async () => {
    const { entries } = await trail({ types: ['reading.answered'], actors: ['bo.xa'] });
    expect(entries).toHaveLength(3);
    expect(entries[0]).toMatchObject({
      actor: 'bo.xa',
      role: 'officer',
      purpose: 'case-work',
      threads: [threads[2]],
      fields: ['conversation'],
    });
    const [list] = (await trail({ actors: ['lea.xa'] })).entries;
    expect(list).toMatchObject({
      role: 'legal-adviser',
      purpose: 'legal-advice',
      threads: [],
      counts: [{ what: 'conversation' }],
    });
    const all = await server.ask(auditor(), TRAIL, { first: 500 });
    expect(all.text).not.toMatch(/invented|Yusuf|[\u0400-\u06ff]|Office of/i);
  });

  it('finds an actor under every name that entries give one', async () => {
    const types = async (actor: string) =>
      new Set((await trail({ actors: [actor] }, { first: 500 })).entries.map(({ type }) => type));
    expect(await types('sam.xa')).toContain('act.released');
    expect(await types('ana.xa')).toContain('act.proposed');
  });

  it('comes in pages: each entry once, newest first, whatever is added meanwhile', async () => {
    const filter = { to: new Date(clock.ms + 1).toISOString() };
    const { rows } = await sql<{ id: number }>`select id from audit_entry order by at desc, id desc`.execute(
      xa.db,
    );
    const seen: string[] = [];
    let after: string | null = null;
    do {
      clock.ms += 10;
      const page: Awaited<ReturnType<typeof trail>> = await trail(filter, { first: 7, after });
      seen.push(...page.entries.map(({ id }) => id));
      after = page.hasNextPage ? page.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(rows.map(({ id }) => String(id)));
  });

  it('is cut by time', async () => {
    const from = new Date(START_MS + 3_600_000).toISOString();
    const to = new Date(START_MS + 2 * 3_600_000).toISOString();
    const { entries } = await trail({ from, to }, { first: 500 });
    expect(entries.length).toBeGreaterThan(3);
    expect(entries.every(({ at }) => at >= from && at < to)).toBe(true);
  });

  it('holds that an auditor reads it', async () => {
    await trail({}, { first: 5 });
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({
      actor: 'aud.xa',
      role: 'auditor',
      purpose: 'audit',
      fields: ['trail'],
      rows: { 'audit-entry': 5 },
    });
  });

  it('is not answered where the record of reading it cannot be written', async () => {
    await sql`revoke insert on audit_entry from app_auditor`.execute(xa.db);
    const { text, errors } = await server.ask(auditor(), TRAIL, {});
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL']);
    expect(text).not.toContain('act.proposed');
    const events = await server.send(auditor(), '/auditor/audit-events?from=2027-01-01&to=2030-01-01');
    expect([events.status, (await events.text()).includes('AuditEvent')]).toEqual([500, false]);
    await sql`grant insert on audit_entry to app_auditor`.execute(xa.db);
  });
});

describe('counts', () => {
  it('say how many conversations each person was shown, by hour and purpose', async () => {
    const range = {
      from: new Date(START_MS).toISOString(),
      to: new Date(clock.ms + 3_600_000).toISOString(),
    };
    const { readings } = await ask(
      'query($from: Instant!, $to: Instant!) { readings(from: $from, to: $to) { actor purpose hour readings conversations } }',
      range,
    );
    const rows = readings as {
      actor: string;
      purpose: string;
      hour: string;
      readings: number;
      conversations: number;
    }[];
    expect(rows.find(({ actor }) => actor === 'bo.xa')).toMatchObject({
      purpose: 'case-work',
      readings: 3,
      conversations: 3,
    });
    expect(rows.find(({ actor }) => actor === 'lea.xa')).toMatchObject({ readings: 1, conversations: 0 });
    expect(rows.every(({ hour }) => hour.endsWith(':00:00.000Z'))).toBe(true);
    const long = await server.ask(
      auditor(),
      '{ readings(from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z") { actor } }',
    );
    expect(long.errors[0]!.extensions.code).toBe('RANGE_TOO_LONG');
    const none = await server.ask(
      auditor(),
      '{ readings(from: "2027-02-01T00:00:00Z", to: "2027-01-01T00:00:00Z") { actor } }',
    );
    expect(none.errors[0]!.extensions.code).toBe('RANGE_INVALID');
    const bad = await server.ask(
      auditor(),
      '{ readings(from: "yesterday", to: "2027-01-01T00:00:00Z") { actor } }',
    );
    expect(bad.errors[0]!.extensions.code).toBe('BAD_REQUEST');
  });
});

const PROOF =
  'query($place: Int!, $size: Int) { proof(place: $place, size: $size) { entry proof opening { detail salt } } }';
type Shown = { entry: string; proof: string; opening: { detail: string; salt: string } | null };

/** With nothing but what was answered and the two public keys. */
async function verify({ entry, proof, opening }: Shown) {
  const bytes = Buffer.from(entry, 'base64');
  const { checkpoint } = await verifyProof(parseProof(proof), leafHash(bytes), key, [witness], 1);
  const said =
    opening &&
    verifyEntry(bytes, { salt: Buffer.from(opening.salt, 'base64'), detail: JSON.parse(opening.detail) });
  return { size: checkpoint.size, type: said?.type ?? null };
}

describe('proofs', () => {
  it('hold without this node: entry, commitment, tree, signature, witness', async () => {
    await settle();
    const { entries } = await trail({ types: ['act.released'] });
    for (const { place } of entries) {
      const { proof } = await ask<{ proof: Shown }>(PROOF, { place });
      expect(await verify(proof)).toMatchObject({ type: 'act.released' });
    }
    const { checkpoints } = await ask('{ checkpoints(first: 3) { size root witnesses note } }');
    const signed = (checkpoints as { size: number; witnesses: string[] }[]).filter(
      ({ witnesses }) => witnesses.length > 0,
    );
    expect(signed[0]!.witnesses).toEqual(['witness.example']);
    const { proof } = await ask<{ proof: Shown }>(PROOF, { place: 0, size: signed[0]!.size });
    expect(await verify(proof)).toMatchObject({ size: signed[0]!.size });
  });

  it('of what is not there are refused', async () => {
    for (const variables of [
      { place: 1_000_000 },
      { place: -1 },
      { place: 5, size: 3 },
      { place: 0, size: 999_999 },
    ]) {
      const { errors } = await server.ask(auditor(), PROOF, variables);
      expect(errors[0]!.extensions.code).toBe('NO_SUCH_ENTRY');
    }
  });

  it('of an erased entry still hold, without its detail', async () => {
    await settle();
    const { entries } = await trail({ types: ['act.proposed'] });
    const { place } = entries.at(-1)!;
    await sql`update audit_entry set salt = null, detail = null where idx = ${place}`.execute(xa.db);
    const { proof } = await ask<{ proof: Shown }>(PROOF, { place });
    expect(proof.opening).toBeNull();
    expect(await verify(proof)).toMatchObject({ type: null });
    expect((await checkLog(xa.db, key, null)).ok).toBe(true);
  });

  it.each([
    [
      'the detail',
      (place: number) =>
        sql`update audit_entry set detail = replace(detail, 'sam.xa', 'ana.xa') where idx = ${place}`,
    ],
    ['the time', (place: number) => sql`update audit_entry set at = at + '1 hour' where idx = ${place}`],
    ['the kind', (place: number) => sql`update audit_entry set type = 'act.read' where idx = ${place}`],
    [
      'what the log publishes',
      (place: number) =>
        sql`update audit_entry set bytes = (select bytes from audit_entry where idx = 0) where idx = ${place}`,
    ],
    ['the row: it is gone', (place: number) => sql`delete from audit_entry where idx = ${place}`],
  ])('give away a change of %s, and the check names the entry', async (_what, tamper) => {
    await settle();
    const { place } = (await trail({ types: ['act.released'] })).entries[0]!;
    const before = await xa.db
      .selectFrom('audit_entry')
      .selectAll()
      .where('idx', '=', place)
      .executeTakeFirstOrThrow();
    await tamper(place!).execute(xa.db);
    const { data } = await server.ask(auditor(), PROOF, { place });
    const held = data && (await verify(data.proof as Shown).catch(() => null));
    // Time and kind are columns beside the entry: the proof of the entry itself still says the truth.
    if (held) expect(held.type).toBe('act.released');
    expect(await checkLog(xa.db, key, null)).toMatchObject({ ok: false, firstBad: { index: place } });
    await xa.db.deleteFrom('audit_entry').where('idx', '=', place).execute();
    const { id, ...row } = before;
    await sql`insert into audit_entry overriding system value select * from jsonb_populate_record(null::audit_entry, ${JSON.stringify({ id, ...asJson(row) })}::jsonb)`.execute(
      xa.db,
    );
    expect((await checkLog(xa.db, key, null)).ok).toBe(true);
  });
});

/** Bytes as PostgreSQL reads them from JSON. */
function asJson(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array
        ? `\\x${Buffer.from(value).toString('hex')}`
        : name === 'at'
          ? new Date(value as number).toISOString()
          : value,
    ]),
  );
}

describe('openings in need', () => {
  it('are shown with what came of their review, and not of whom or why', async () => {
    await xa.db
      .insertInto('person')
      .values({
        id: 'ned.xa',
        issuer: 'i',
        subject: 's',
        name: 'Invented',
        role: 'officer',
        unit: 'north',
        office: 'o',
        email: null,
        language: 'en',
        created_at: 0,
        disabled_at: null,
      })
      .execute();
    const opening = {
      thread: threads[0]!,
      person: 'ned.xa',
      category: 'danger-to-child' as const,
      reason: Buffer.from('Canary: a call at night'),
      opened_at: clock.ms,
      expires_at: clock.ms + 3_600_000,
      review_due_at: clock.ms + 86_400_000,
    };
    await xa.db
      .insertInto('break_glass')
      .values([
        { ...opening, id: 'glass-1', reviewed_by: null, reviewed_at: null, finding: null },
        { ...opening, id: 'glass-2', reviewed_by: 'sam.xa', reviewed_at: clock.ms, finding: 'justified' },
      ])
      .execute();
    const query = 'query($u: Boolean) { openings(unreviewed: $u) { id person category reviewedBy finding } }';
    expect((await ask(query, { u: false })).openings).toHaveLength(2);
    expect((await ask(query, { u: true })).openings).toEqual([
      { id: 'glass-1', person: 'ned.xa', category: 'danger-to-child', reviewedBy: null, finding: null },
    ]);
    const denied = xa.ctx.doors.withActor(auditor(), (trx) =>
      trx.selectFrom('break_glass').select('reason').execute(),
    );
    await expect(denied).rejects.toThrow(/permission denied/);
  });
});

describe('the policy', () => {
  it('is the table that the code asks', async () => {
    const { policy } = await ask('{ policy { permission roles } }');
    const rows = policy as { permission: (typeof permissions)[number]; roles: Actor['role'][] }[];
    expect(rows.map(({ permission }) => permission)).toEqual(permissions);
    expect(rows.find(({ permission }) => permission === 'reader.admit')).toEqual({
      permission: 'reader.admit',
      roles: ['head'],
    });
    for (const { permission, roles } of rows)
      expect(roles.every((role) => isPermitted(role, permission))).toBe(true);
  });
});

describe('the export', () => {
  const take = (from: string, to: string, person = auditor()) =>
    server.send(person, `/auditor/audit-events?from=${from}&to=${to}`);

  it('is every entry as a FHIR R4 AuditEvent, one a line, oldest first', async () => {
    const { count } = await xa.db
      .selectFrom('audit_entry')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const response = await take('2026-01-01', '2030-01-01');
    expect(response.headers.get('content-type')).toBe('application/fhir+ndjson; fhirVersion=4.0');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(count);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const event of events) expect(faultsOf(event, AUDIT_EVENT_RULES)).toEqual([]);
    const times = events.map(({ recorded }) => recorded as string);
    expect(times).toEqual([...times].sort());
    expect(new Set(events.map(({ id }) => id)).size).toBe(count);
    expect(lines.join()).not.toMatch(/invented|Yusuf|[\u0400-\u06ff]/i);
    const read = events.findLast(
      (event) => JSON.stringify(event).includes('"bo.xa"') && event.action === 'R',
    );
    expect(read).toMatchObject({
      type: { code: '110112' },
      subtype: [{ system: 'urn:focalnet:audit-event', code: 'reading.answered' }],
      outcome: '0',
      agent: [
        {
          who: { identifier: { system: 'urn:focalnet:person', value: 'bo.xa' } },
          role: [{ coding: [{ code: 'officer' }] }],
          requestor: true,
          purposeOfUse: [{ coding: [{ code: 'case-work' }] }],
        },
      ],
      source: { observer: { identifier: { value: ORIGIN } } },
      entity: [{ what: { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${threads[2]}` } } }],
    });
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({
      fields: ['auditEvents'],
      rows: { 'audit-entry': count },
    });
  });

  it('takes a range, to the millisecond', async () => {
    const [from, to] = [START_MS + 3_600_000, START_MS + 7_200_000].map((ms) => new Date(ms).toISOString());
    const text = await (await take(from!, to!)).text();
    const times = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { recorded: string }).recorded);
    expect(times.length).toBeGreaterThan(3);
    expect(times.every((at) => at >= from! && at < to!)).toBe(true);
    expect(await (await take('2020-01-01', '2020-01-02')).text()).toBe('');
  });

  it('is refused to everybody else, and without a range', async () => {
    const code = async (response: Response) => [
      response.status,
      ((await response.json()) as { code: string }).code,
    ];
    expect(await code(await take('2026-01-01', '2030-01-01', xa.person('hed', 'head')))).toEqual([
      403,
      'WRONG_ENDPOINT',
    ]);
    for (const [from, to] of [
      ['2030-01-01', '2026-01-01'],
      ['', ''],
      ['2026', '2027'],
      ['2026-13-41', '2027-01-01'],
    ])
      expect(await code(await take(from!, to!))).toEqual([400, 'RANGE_INVALID']);
  });
});
