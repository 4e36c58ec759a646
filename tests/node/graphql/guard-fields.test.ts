/** Default deny: what no table names cannot be built, and what a role may not have is refused before it is resolved. */
import { buildSchema, getNamedType, graphql, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type GatewayAccess, gatewayFields } from '#gateway/graphql/field-access.ts';
import { buildGatewaySchema, printGatewaySdl } from '#gateway/graphql/schema.ts';
import type { Actor } from '#node/access/actor.ts';
import { printAuditorSdl } from '#node/graphql/auditor.ts';
import { type FieldTable, guardFields } from '#node/graphql/guard-fields.ts';
import { printGuardianSdl } from '#node/graphql/guardian.ts';
import { printMachineSdl } from '#node/graphql/machine.ts';
import { printMinistrySdl } from '#node/graphql/ministry.ts';
import { printOfficerSdl } from '#node/graphql/officer.ts';
import { officerFields } from '#node/graphql/officer-permissions.ts';
import type { Caller } from '#node/graphql/people-endpoint.ts';
import { accessOfFields, guardEach } from '#platform/http/field-table.ts';

const SDL = 'type Query { conversation: Conversation } type Conversation { thread: String words: String }';
const table: FieldTable = {
  'Query.conversation': 'conversation.read',
  'Conversation.thread': 'conversation.read',
  'Conversation.words': { content: 'conversation.read' },
};

describe('a schema cannot be built', () => {
  it.each([
    ['a root field', SDL.replace('Query {', 'Query { forgotten: String'), 'Query.forgotten'],
    ['a field', SDL.replace('words:', 'forgotten: String words:'), 'Conversation.forgotten'],
    [
      'a type',
      `${SDL} type Forgotten { words: String } extend type Query { x: Forgotten }`,
      'Forgotten.words',
    ],
    ['a mutation', `${SDL} type Mutation { forgotten: String }`, 'Mutation.forgotten'],
    ['a subscription', `${SDL} type Subscription { forgotten: String }`, 'Subscription.forgotten'],
  ])('with %s that no table names', (_what, sdl, place) => {
    const known = place === 'Forgotten.words' ? { ...table, 'Query.x': 'conversation.read' as const } : table;
    expect(() => guardFields(buildSchema(sdl), known)).toThrow(`${place} has no permission`);
  });

  it('with an entry for what is not there, which would one day permit another thing', () => {
    const old = { ...table, 'Conversation.gone': 'conversation.read' as const };
    expect(() => guardFields(buildSchema(SDL), old)).toThrow('Conversation.gone is no field here');
  });

  it('with a name that only looks like one of the table', () => {
    const sdl = SDL.replace('words:', 'constructor: String words:');
    expect(() => guardFields(buildSchema(sdl), table)).toThrow('Conversation.constructor has no permission');
  });
});

describe('before a field is resolved', () => {
  const ask = (role: Actor['role'], source: string) => {
    const noted: string[] = [];
    const context = { actor: { role }, reading: { noteContent: (thread: string) => noted.push(thread) } };
    const rootValue = { conversation: { thread: 't1', words: 'Canary' } };
    const schema = guardFields(buildSchema(SDL), table);
    const contextValue = context as unknown as Caller;
    return graphql({ schema, source, rootValue, contextValue }).then((result) => ({ ...result, noted }));
  };

  it('the role is asked, also below the root', async () => {
    const words = { ...table, 'Conversation.words': 'reader.admit' as const };
    const schema = guardFields(buildSchema(SDL), words);
    const rootValue = { conversation: { thread: 't1', words: 'Canary' } };
    const contextValue = { actor: { role: 'officer' } };
    const { data, errors } = await graphql({
      schema,
      source: '{ conversation { thread words } }',
      rootValue,
      contextValue,
    });
    expect(data).toEqual({ conversation: { thread: 't1', words: null } });
    expect(errors).toMatchObject([
      { path: ['conversation', 'words'], originalError: { code: 'NOT_PERMITTED' } },
    ]);
    expect((await ask('guardian', '{ conversation { thread } }')).data).toEqual({ conversation: null });
  });

  it('content is noted by its conversation, and a list of them is not content', async () => {
    expect((await ask('officer', '{ conversation { words } }')).noted).toEqual(['t1']);
    expect((await ask('officer', '{ conversation { thread } }')).noted).toEqual([]);
  });
});

describe('every endpoint', () => {
  const sdls = {
    officer: printOfficerSdl,
    guardian: printGuardianSdl,
    ministry: printMinistrySdl,
    auditor: printAuditorSdl,
  };
  it.each(Object.entries(sdls))('%s: is built with its whole table', (_name, print) => {
    expect(print().length).toBeGreaterThan(100);
  });

  it('names every field of the officers: content by itself, bodies as their schemas derive them', () => {
    const schema = buildSchema(printOfficerSdl());
    const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
    const derived = objects
      .map(({ name }) => name)
      .filter((name) => !(name in handWritten) && !name.startsWith('__'));
    const access = accessOfFields(schema, officerFields(derived));
    expect(access.get('Act.body')).toEqual({ content: 'conversation.read' });
    expect(access.get('Mutation.grantClearance')).toBe('clearance.grant');
    expect(derived).toContain('EnquiryBody');
    expect(derived).not.toContain('Conversation');
  });

  const handWritten = Object.fromEntries(
    Object.keys(officerFields([])).map((place) => [place.split('.')[0]!, true]),
  );

  it('shows to nobody else what officers see', () => {
    const forbidden =
      /conversation\(|\bacts?\b|\bbody\b|warning|proposal|peer|attachment|telephone|question|child\b/i;
    const names = (print: () => string) =>
      Object.values(buildSchema(print()).getTypeMap())
        .filter(isObjectType)
        .filter(({ name }) => !name.startsWith('__'))
        .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
    const ofOfficers = (print: () => string) =>
      names(print).filter((name) => forbidden.test(name.split('.')[1]!));
    for (const print of [printMinistrySdl, printAuditorSdl]) expect(ofOfficers(print)).toEqual([]);
    // Copies of questions made for guardians, and what is read with the child.
    expect(ofOfficers(printGuardianSdl).sort()).toEqual([
      'AskedQuestion.question',
      'FollowedConversation.forChild',
      'FollowedConversation.questions',
      'Mutation.agreeToQuestions',
      'Mutation.objectToQuestion',
      'QuestionRound.questions',
      'RoundQuestion.question',
      'Said.question',
    ]);
    expect(names(printMachineSdl)).toHaveLength(7);
  });
});

describe('the gateway’s endpoint', () => {
  const ask = (caller: string | null, status: string | undefined, source: string) => {
    const gateway = { keyring: () => ({ node: () => (status === undefined ? undefined : { status }) }) };
    const contextValue = { gateway, caller };
    return graphql({ schema: buildGatewaySchema(), source, contextValue }).then(({ errors }) =>
      errors?.map(({ originalError }) => (originalError as { code?: string } | undefined)?.code),
    );
  };

  it('is in its table, field by field: one more cannot be built, nor one that is gone', () => {
    const schema = () => buildSchema(printGatewaySdl());
    const without = Object.entries(gatewayFields).slice(1);
    const build = (table: Record<string, GatewayAccess>) => () => guardEach(schema(), table, () => {});
    expect(build(gatewayFields)).not.toThrow();
    expect(build(Object.fromEntries(without))).toThrow('has no permission');
    expect(build({ ...gatewayFields, 'Query.gone': 'anybody' })).toThrow('Query.gone is no field here');
  });

  it('gives nothing of a node’s own to who has not signed, and no mail to who takes no part', async () => {
    const open = /^(?:trustList|checkpoints|cosignatures|logSteps|publishList)$/;
    const schema = buildGatewaySchema();
    const roots = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ type, field })),
    );
    expect(roots.length).toBeGreaterThan(9);
    for (const { type, field } of roots.filter(({ field: { name } }) => !open.test(name))) {
      const given = field.args.map((arg) => `${arg.name}: ${EXAMPLES[String(arg.type)]}`).join(', ');
      const selection = isObjectType(getNamedType(field.type)) ? '{ __typename }' : '';
      const source = `${type.name.toLowerCase()} { ${field.name}(${given}) ${selection} }`;
      expect([source, await ask(null, undefined, source)]).toEqual([source, ['SIGNATURE_MISSING']]);
    }
    const mail = '{ mailbox(afterUrgent: 0, afterRoutine: 0, first: 1) { trimmed } }';
    expect(await ask('xa', 'suspended', mail)).toEqual(['SENDER_SUSPENDED']);
    expect(await ask('xa', undefined, mail)).toEqual(['SENDER_SUSPENDED']);
  });
  const EXAMPLES: Record<string, string> = {
    'Int!': '1',
    'Float!': '1',
    'String!': '"x"',
    '[String!]!': '[]',
    '[DeliveryInput!]!': '[]',
  };
});
