/**
 * Faults 44 to 47 against every endpoint of people as it is mounted: what one request may be, cost and smuggle in. Each limit
 * alone, so that none of them hides behind another.
 */
import { buildSchema, isObjectType } from 'graphql';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printedSchemas } from '#deploy/print-sdl.ts';
import type { Actor } from '#node/access/actor.ts';
import { nameOperations } from '#node/graphql/named-operations.ts';
import { PEOPLE_STATEMENT_MS } from '#node/storage/doors.ts';
import type { GraphqlLimits } from '#platform/http/graphql.ts';
import { limits } from '#schema/protocol/limits.ts';
import { act } from '../../fixtures/act.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { limitCases, longPages } from '../../fixtures/limit-cases.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { type PeoplePath, type PeopleServer, pathOf, servePeople } from '../../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let server: PeopleServer;
/** As for development. */
let open: PeopleServer;
let thread: string;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  server = await servePeople(xa);
  open = await servePeople(xa, { introspection: true });
  ({ thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody() }));
});
afterAll(async () => {
  await Promise.all([server.close(), open.close()]);
  await xa.close();
});

const personOf: Record<PeoplePath, () => Actor> = {
  officer: () => xa.person('ana'),
  guardian: () => xa.person('gus', 'guardian'),
  ministry: () => xa.person('min', 'analyst'),
  auditor: () => xa.person('aud', 'auditor'),
};
const JSON_HEADERS = { 'content-type': 'application/json', 'x-focalnet': '1' };
const SMALL = { aliases: 15, tokens: 1000, cost: 5000, directives: 10 };
/** As each endpoint is configured. */
const limitsOf: Record<PeoplePath, GraphqlLimits> = {
  officer: { depth: 14, aliases: 30, tokens: 4000, cost: 100_000, directives: 10 },
  guardian: { ...SMALL, depth: 8, cost: 100_000 },
  ministry: { ...SMALL, depth: 4 },
  auditor: { ...SMALL, depth: 5, cost: 20_000 },
};
const bodyBytesOf: Record<PeoplePath, number> = {
  officer: 2 * limits.documentBytes,
  guardian: 256 * 1024,
  ministry: 256 * 1024,
  auditor: 256 * 1024,
};
const everywhere = Object.keys(pathOf) as PeoplePath[];

describe.each(everywhere)('%s', (at) => {
  const post = (body: string, headers: Record<string, string> = JSON_HEADERS) =>
    server.send(personOf[at](), pathOf[at], { method: 'POST', headers, body });
  const codeOf = async (response: Response) => {
    const { code, errors } = (await response.json()) as {
      code?: string;
      errors?: { extensions: { code: string } }[];
    };
    return [response.status, code ?? errors?.[0]?.extensions.code];
  };
  const ask = (query: string, variables = {}) => server.ask(personOf[at](), query, variables, at);

  it('answers who calls', async () => {
    expect((await ask('{ me { id } }')).data).toEqual({ me: { id: personOf[at]().id } });
  });

  it('lets in nobody of another endpoint, with words that say where to go', async () => {
    for (const other of everywhere.filter((one) => one !== at)) {
      const response = await server.send(personOf[other](), pathOf[at], {
        method: 'POST',
        headers: JSON_HEADERS,
        body: '{"query":"{ me { id } }"}',
      });
      expect(await codeOf(response)).toEqual([403, 'WRONG_ENDPOINT']);
    }
    const nobody = await fetch(`${server.url}${pathOf[at]}`, {
      method: 'POST',
      headers: JSON_HEADERS,
      body: '{}',
    });
    expect(nobody.status).toBe(401);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'query={me{id}}'],
    ['plain text', 'text/plain', '{"query":"{ me { id } }"}'],
    ['a GraphQL text', 'application/graphql', '{ me { id } }'],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{me{id}}"}\r\n--x--',
    ],
  ])('refuses %s', async (_what, type, body) => {
    expect(await codeOf(await post(body, { ...JSON_HEADERS, 'content-type': type }))).toEqual([
      415,
      'NOT_JSON',
    ]);
  });

  it('refuses GET, and a POST without the header that no form can send', async () => {
    const get = await server.send(personOf[at](), `${pathOf[at]}?query=%7Bme%7Bid%7D%7D`);
    expect(await codeOf(get)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    const bare = await post('{"query":"{ me { id } }"}', { 'content-type': 'application/json' });
    expect(await codeOf(bare)).toEqual([403, 'CSRF']);
  });

  it('refuses a body by its size, before it is parsed', async () => {
    const most = bodyBytesOf[at];
    const filled = (bytes: number) => `{"query":"{ me { id } }"}${' '.repeat(bytes - 25)}`;
    expect((await post(filled(most))).status).toBe(200);
    expect(await codeOf(await post(filled(most + 1)))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await codeOf(await post(`{"broken":${'['.repeat(most)}`))).toEqual([413, 'BODY_TOO_LARGE']);
    const deep = `{"query":"{ me { id } }","variables":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect((await post(deep)).status).toBeLessThan(500);
  });

  it('refuses a batch', async () => {
    const response = await post('[{"query":"{ me { id } }"},{"query":"{ me { id } }"}]');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(personOf[at]().id);
  });

  it.each([
    ['the operation', '{"query":"{ __typename }","query":"{ me { id } }"}'],
    ['the variables', '{"query":"{ me { id } }","variables":{"a":1},"variables":{"a":2}}'],
    ['a member deep inside', '{"query":"{ me { id } }","variables":{"a":[{"b":1,"\\u0062":2}]}}'],
    ['__proto__', '{"query":"{ me { id } }","variables":{"__proto__":1,"__proto__":{"x":1}}}'],
  ])('refuses %s named twice', async (_what, body) => {
    expect(await codeOf(await post(body))).toEqual([400, 'MEMBER_DOUBLED']);
  });

  it('takes colons and braces in strings for what they are', async () => {
    expect((await post('{"query":"{ me { id } }","variables":{"a":"\\":{\\\\","b":"x:y"}}')).status).toBe(
      200,
    );
  });

  it('takes nothing from a prototype, and gives nothing to one', async () => {
    const variables = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}';
    const response = await post(
      `{"query":"{ me { id } }","variables":${variables},"extensions":${variables}}`,
    );
    expect(response.status).toBe(200);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('refuses members that no request has', async () => {
    expect((await post('{"query":"{ me { id } }","role":"head"}')).status).toBe(400);
  });

  it.each(limitCases(limitsOf[at]))('limits $limit', async ({ keeps, breaks, says }) => {
    const [kept, broken] = [await ask(keeps), await ask(breaks)];
    expect(kept.errors.map(({ message }) => message).join()).not.toMatch(/limit/i);
    expect([broken.data, broken.errors[0]!.extensions.code]).toEqual([null, 'BAD_REQUEST']);
    expect(broken.errors.map(({ message }) => message).join()).toContain(says);
  });

  // What GraphQL itself says would repeat the request; a server for development says it, and so which rule it was.
  it.each([
    ['introspection of the schema', '{ me { id } __schema { types { name } } }', null],
    ['introspection of a type', '{ me { id } __type(name: "Query") { name } }', null],
    ['an unknown directive', '{ me { id @x } }', /Unknown directive "@x"/],
    [
      'a fragment of itself',
      '{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }',
      /Cannot spread fragment "A" within itself via "B"/,
    ],
    ['a field that is not there', '{ me { id secret } }', /Cannot query field "secret"/],
  ])('does not take %s, and says no more than that', async (_what, query, words) => {
    const { data, errors } = await ask(query);
    expect([data, errors[0]!.extensions.code]).toEqual([null, 'BAD_REQUEST']);
    expect(errors[0]!.message).toBe('The operation or its variables do not fit the schema of this endpoint.');
    const told = await open.ask(personOf[at](), query, {}, at);
    if (words === null) expect([told.errors, told.data!.me]).toEqual([[], { id: personOf[at]().id }]);
    else expect(told.errors.map(({ message }) => message).join()).toMatch(words);
  });

  it.each([
    ['directives that are unknown', `{ me { id ${'@x '.repeat(12)} } }`, /Directives limit/],
    [
      'a fragment that grows',
      `{ me { ...A0 } } ${Array.from({ length: 24 }, (_, i) => `fragment A${i} on Me { ${i === 23 ? 'id' : `...A${i + 1} ...A${i + 1}`} }`).join(' ')}`,
      /Cost limit/,
    ],
  ])('refuses %s', async (_what, query, words) => {
    const started = performance.now();
    const { data, errors, text } = await ask(query);
    expect(data).toBeNull();
    expect(errors[0]!.extensions.code).toBe('BAD_REQUEST');
    expect(errors.map(({ message }) => message).join()).toMatch(words);
    expect(text).not.toContain(personOf[at]().id);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('officers', () => {
  const ask = (query: string, variables = {}) => server.ask(xa.person('ana'), query, variables);
  const nest = (levels: number, leaf: string): string =>
    levels === 0 ? leaf : `tasks { conversation { ${nest(levels - 1, leaf)} } }`;

  it('depth', async () => {
    expect((await ask(`{ ${nest(3, 'tasks { id }')} }`)).errors).toEqual([]);
    const { data, errors } = await ask(`{ ${nest(8, 'tasks { id }')} }`);
    expect([data, errors[0]!.message]).toEqual([null, expect.stringMatching(/depth limit/i)]);
  });

  it('cost', async () => {
    const wide = Array.from({ length: 60 }, () => 'id kind thread detail openedAt dueAt overdue').join(' ');
    expect((await ask(`{ tasks { ${wide} } }`)).errors).toEqual([]);
    const { data, errors } = await ask(`{ ${nest(6, `tasks { ${wide} ${wide} }`)} }`);
    expect([data, errors[0]!.message]).toEqual([null, expect.stringMatching(/cost limit/i)]);
  });

  it.each(longPages(28))('a long page asked for $how costs what it is long', async ({ query, variables }) => {
    const { data, errors } = await ask(query, variables);
    expect([data, errors.map(({ message }) => message)]).toEqual([
      null,
      [expect.stringMatching(/^Syntax Error: Query Cost limit of 100000 exceeded, found \d+\.$/)],
    ]);
  });

  it.each(longPages(1))('one page asked for $how is answered', async ({ query, variables }) => {
    expect((await ask(query, variables)).errors).toEqual([]);
  });

  it('short pages cost little, also by a variable', async () => {
    const { query } = longPages(28).find(({ how }) => how === 'by a variable')!;
    expect((await ask(query, { n: 1 })).errors).toEqual([]);
  });

  it('one act in one request', async () => {
    const act = (name: string) => `${name}: markRead(thread: "${thread}")`;
    const audited = () =>
      xa.db
        .selectFrom('audit_entry')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
    const before = await audited();
    for (const query of [
      `mutation { ${act('a')} ${act('b')} }`,
      `mutation { ${act('a')} ... on Mutation { ${act('b')} } }`,
      `mutation { ...F } fragment F on Mutation { ${act('a')} ${act('b')} }`,
    ]) {
      const { data, errors } = await ask(query);
      expect([data, errors[0]!.extensions.code]).toEqual([null, 'ONE_ACT']);
    }
    expect(await audited()).toEqual(before);
  });

  it.each([
    [
      'as an argument',
      'mutation($b: EnquiryBodyInput!) { proposeEnquiry(peer: "xb", body: $b, status: "released") { id } }',
      {},
    ],
    [
      'as a column',
      'mutation($b: EnquiryBodyInput!) { proposeEnquiry(peer: "xb", body: $b) { id } }',
      { approver: 'ana.xa' },
    ],
    [
      'as a column below',
      'mutation($b: EnquiryBodyInput!) { proposeEnquiry(peer: "xb", body: $b) { id } }',
      { handling: { ...enquiryBody().handling, unit: 'north' } },
    ],
    [
      'as a prototype',
      'mutation($b: EnquiryBodyInput!) { proposeEnquiry(peer: "xb", body: $b) { id } }',
      JSON.parse('{"__proto__":{"status":"released"}}'),
    ],
  ])('what nobody may set is refused %s', async (_how, query, more) => {
    const before = await xa.db.selectFrom('proposal').select('id').execute();
    const body = { ...enquiryBody() };
    for (const [key, value] of Object.entries(more))
      Object.defineProperty(body, key, { value, enumerable: true });
    const { data, errors } = await ask(query, { b: body, s: calm });
    expect([data, errors[0]!.extensions.code]).toEqual([null, 'BAD_REQUEST']);
    expect(await xa.db.selectFrom('proposal').select('id').execute()).toEqual(before);
  });
});

describe('SQL', () => {
  const attacks = [
    `' or 1=1 --`,
    `'; drop table act; --`,
    '%',
    '_',
    `x' union select body from act --`,
    '\\',
    `$1`,
    `{"a":1}`,
  ];
  const codes = (answer: { errors: readonly { extensions: { code: string } }[] }) =>
    answer.errors.map(({ extensions }) => extensions.code);

  it.each(attacks)('in filters and ids finds nothing: %s', async (attack) => {
    const ana = xa.person('ana');
    for (const field of ['state', 'peer']) {
      const { data, errors } = await server.ask(
        ana,
        `query($v: [String!]) { inbox(filter: { ${field}: $v }) { edges { cursor } } }`,
        { v: [attack] },
      );
      expect([errors, data]).toEqual([[], { inbox: { edges: [] } }]);
    }
    const unknown = await server.ask(ana, 'query($v: ID!) { conversation(thread: $v) { state } }', {
      v: attack,
    });
    expect(codes(unknown)).toEqual(['CONVERSATION_UNKNOWN']);
    expect(
      codes(await server.ask(ana, 'query($v: ID!) { proposal(id: $v) { status } }', { v: attack })),
    ).toEqual(['PROPOSAL_UNKNOWN']);
    expect(
      (await server.ask(ana, 'query($v: String!) { labels(list: $v) { code } }', { v: attack })).data,
    ).toEqual({ labels: [] });
  });

  it.each(attacks)('in an auditor’s filter finds nothing: %s', async (attack) => {
    const aud = xa.person('aud', 'auditor');
    for (const field of ['types', 'actors']) {
      const { data, errors } = await server.ask(
        aud,
        `query($v: [String!]) { trail(filter: { ${field}: $v }) { entries { id } } }`,
        { v: [attack] },
      );
      expect([errors, data]).toEqual([[], { trail: { entries: [] } }]);
    }
    const range = await server.send(
      aud,
      `/auditor/audit-events?from=${encodeURIComponent(attack)}&to=2030-01-01`,
    );
    expect(range.status).toBe(400);
  });

  it.each(attacks)('in a cursor is refused: %s', async (attack) => {
    const forged = [
      attack,
      Buffer.from(attack).toString('base64url'),
      Buffer.from(`1/${attack}`).toString('base64url'),
    ];
    for (const after of forged) {
      const inbox = await server.ask(
        xa.person('ana'),
        'query($a: String) { inbox(after: $a) { edges { cursor } } }',
        { a: after },
      );
      const trail = await server.ask(
        xa.person('aud', 'auditor'),
        'query($a: String) { trail(after: $a) { hasNextPage } }',
        { a: after },
      );
      expect([codes(inbox), codes(trail)]).toEqual([['CURSOR_INVALID'], ['CURSOR_INVALID']]);
    }
  });

  it('has no place in a sort: no endpoint lets a caller name a column', () => {
    for (const print of Object.values(printedSchemas)) {
      const objects = Object.values(buildSchema(print()).getTypeMap()).filter(isObjectType);
      const args = objects.flatMap((type) => Object.values(type.getFields())).flatMap((field) => field.args);
      expect(
        args.map(({ name }) => name).filter((name) => /sort|order|column|search|where|like/i.test(name)),
      ).toEqual([]);
    }
  });

  it('left everything as it was', async () => {
    expect(await xa.db.selectFrom('act').select('thread').execute()).toEqual([{ thread }]);
  });

  it('of a person ends after ten seconds, and the connection with nothing of it', async () => {
    const started = performance.now();
    const slow = xa.ctx.doors.withActor(xa.person('ana'), (trx) => sql`select pg_sleep(60)`.execute(trx));
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    expect(performance.now() - started).toBeLessThan(3 * PEOPLE_STATEMENT_MS);
    expect((await server.ask(xa.person('ana'), '{ inbox { edges { cursor } } }')).errors).toEqual([]);
  });
});

describe('named operations', () => {
  const known = '{ me { id } }';
  it('once configured, are all an endpoint takes; by their hash', async () => {
    const named = nameOperations({ officer: [known] });
    const strict = await servePeople(xa, { operations: named });
    const post = async (body: object, person = xa.person('ana'), at: PeoplePath = 'officer') => {
      const init = { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(body) };
      return (await (await strict.send(person, pathOf[at], init)).json()) as {
        data?: unknown;
        errors?: { extensions: { code: string } }[];
      };
    };
    const [hash] = named('officer', buildSchema('type Query { me: Me } type Me { id: ID }')).keys();
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
    expect((await post({ extensions })).data).toEqual({ me: { id: 'ana.xa' } });
    const refused = [
      { query: known },
      { query: '{ me { name } }', extensions },
      { extensions: { persistedQuery: { sha256Hash: 'constructor' } } },
      { extensions: { persistedQuery: { sha256Hash: ['x'] } } },
      {},
    ];
    for (const body of refused)
      expect((await post(body)).errors?.[0]?.extensions.code).toBe('OPERATION_UNKNOWN');
    const elsewhere = await post({ extensions }, xa.person('gus', 'guardian'), 'guardian');
    expect(elsewhere.errors?.[0]?.extensions.code).toBe('OPERATION_UNKNOWN');
    await strict.close();
  });

  it('are all that is taken from a browser, none where none are configured; a program asks what it likes', async () => {
    const browser = { ...xa.person('bea'), browser: true as const };
    const program = xa.person('ana');
    const open = await servePeople(xa);
    for (const [at, role] of [
      ['officer', 'officer'],
      ['guardian', 'guardian'],
      ['ministry', 'analyst'],
      ['auditor', 'auditor'],
    ] as const) {
      const { errors } = await open.ask({ ...xa.person(`${role}-b`, role), browser: true }, known, {}, at);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['OPERATION_UNKNOWN']);
      expect((await open.ask(xa.person(`${role}-p`, role), known, {}, at)).errors).toEqual([]);
    }
    await open.close();
    const demo = await servePeople(xa, { anyFromBrowsers: true });
    for (const one of [browser, program]) expect((await demo.ask(one, known)).errors).toEqual([]);
    await demo.close();
    const named = nameOperations({ officer: [known] });
    const strict = await servePeople(xa, { operations: named, anyFromBrowsers: true });
    expect((await strict.ask(browser, known)).errors[0]!.extensions.code).toBe('OPERATION_UNKNOWN');
    await strict.close();
  });

  it('that do not fit the schema stop the start', () => {
    const schema = buildSchema('type Query { me: String }');
    expect(() => nameOperations({ officer: ['{ you }'] })('officer', schema)).toThrow(/does not fit/);
    expect(() => nameOperations({ officer: ['{'] })('officer', schema)).toThrow(/does not fit/);
  });
});
