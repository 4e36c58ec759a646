import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { ReportBody } from '#schema/conversation/bodies/report.ts';
import { EnquiryFile } from '#schema/conversation/enquiry-file.ts';
import { factsOf } from '#schema/conversation/facts.ts';
import {
  laneOf,
  messageCodes,
  messageTypes,
  parseWireName,
  personsFor,
  secondMayFollow,
  wireName,
} from '#schema/conversation/message-types.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { limits } from '#schema/protocol/limits.ts';
import { conversationState, messageType } from '#schema/vocabulary/acts.ts';
import { readEnquiryFile } from '#tests/fixtures/scenarios.ts';

test('the table has every type of the vocabulary, and nothing else', () => {
  expect([...messageCodes].sort()).toEqual([...messageType.codes].sort());
});

test('wire names', () => {
  expect(wireName('ENQ')).toBe('ENQ@1');
  expect(parseWireName('ENQ@1')).toBe('ENQ');
  expect(parseWireName('ENQ@2')).toBeUndefined();
  expect(parseWireName('XYZ@1')).toBeUndefined();
});

test('lanes', () => {
  expect((['URG', 'STP', 'MIS', 'WDR'] as const).map((type) => laneOf(type, false))).toEqual(
    Array(4).fill('urgent'),
  );
  expect([laneOf('ACK', true), laneOf('ACK', false)]).toEqual(['urgent', 'routine']);
});

test('who puts a protection up alone does not take it down alone, and what tells nothing needs nobody else', () => {
  const needs = (type: Parameters<typeof personsFor>[0], ...bodies: object[]) =>
    bodies.map((body) => personsFor(type, body));
  expect(needs('STP', { phase: 'ask' }, { phase: 'account' }, { phase: 'lift' })).toEqual([1, 1, 2]);
  expect(needs('MIS', { phase: 'opened' }, { phase: 'updated' }, { phase: 'ended' })).toEqual([1, 1, 2]);
  expect(['raised', 'updated', 'ended'].map((phase) => secondMayFollow('URG', { phase }))).toEqual([
    true,
    true,
    false,
  ]);
  expect(needs('REP', { change: 'ended' }, { change: 'appointed' }, { change: 'changed' })).toEqual([
    1, 2, 2,
  ]);
  expect(needs('STA', { notice: 'care-changed' })).toEqual([2]);
  expect(needs('PRG', { status: 'working' }, { status: 'working', note: {} })).toEqual([1, 2]);
  const looks = (known: string, danger: string) => ({ known, danger });
  expect(
    needs('FLK', looks('cannot-say', 'cannot-say'), looks('known', 'cannot-say'), looks('cannot-say', 'no')),
  ).toEqual([1, 2, 2]);
  expect(secondMayFollow('STP', { phase: 'ask' })).toBe(false);
});

test('an alert leaves with one person; the second follows within a day', () => {
  expect(messageTypes.URG).toMatchObject({ persons: 2, secondWithinHours: 24, alwaysAccepted: true });
});

const ALLOWED = ['object', 'string', 'enum', 'boolean', 'number', 'array', 'optional'];

/** Every schema inside a body. */
function* within(schema: z.core.$ZodType, path: string): Generator<[string, z.core.$ZodType]> {
  yield [path, schema];
  const { def } = schema._zod as unknown as {
    def: {
      type: string;
      shape?: Record<string, z.core.$ZodType>;
      element?: z.core.$ZodType;
      innerType?: z.core.$ZodType;
    };
  };
  for (const [name, field] of Object.entries(def.shape ?? {})) yield* within(field, `${path}.${name}`);
  if (def.element) yield* within(def.element, `${path}[]`);
  if (def.innerType) yield* within(def.innerType, path);
}

describe.each(messageCodes.map((type) => [type, messageTypes[type].body] as const))(
  'body of %s',
  (type, body) => {
    test('is made only of what one GraphQL input type can hold', () => {
      for (const [path, schema] of within(body, type))
        expect({ path, allowed: ALLOWED.includes(schema._zod.def.type) }).toEqual({ path, allowed: true });
    });

    test('names every object, and refuses unknown members', () => {
      for (const [path, schema] of within(body, type)) {
        if (schema._zod.def.type !== 'object') continue;
        expect({ path, id: z.globalRegistry.get(schema)?.id }).toEqual({
          path,
          id: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        });
        expect((schema._zod.def as z.core.$ZodObjectDef).catchall?._zod.def.type).toBe('never');
      }
    });

    test('bounds every list and text', () => {
      for (const [path, schema] of within(body, type)) {
        const kind = schema._zod.def.type;
        const checks = (schema._zod.def.checks ?? []).map((check) => check._zod.def.check);
        const bounds = kind === 'array' ? ['max_length'] : ['max_length', 'string_format'];
        const isBounded = checks.some((check) => bounds.includes(check));
        if (['array', 'string'].includes(kind))
          expect({ path, isBounded }).toEqual({ path, isBounded: true });
      }
    });
  },
);

test('two objects of one name are one object', () => {
  const named = new Map<string, z.core.$ZodType>();
  for (const type of messageCodes) {
    for (const [, schema] of within(messageTypes[type].body, type)) {
      const id = z.globalRegistry.get(schema)?.id;
      if (id === undefined) continue;
      expect(named.get(id) ?? schema).toBe(schema);
      named.set(id, schema);
    }
  }
  expect(named.size).toBeGreaterThan(40);
});

describe('what a body refuses', () => {
  const valid = readEnquiryFile('01-main-journey.json').body;
  const changed = (change: (body: EnquiryBody) => void) => {
    const body = structuredClone(valid);
    change(body);
    return EnquiryBody.safeParse(body).success;
  };
  const text = (value: string) =>
    changed((body) => {
      body.reasons.text = value;
    });

  test('text that another node could not store', () => {
    expect([text('ok\n'), text('\u0000'), text('\ud800'), text('x'.repeat(8001)), text('')]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
  test('references to nobody, and one reference for two', () => {
    expect(
      changed((body) => {
        body.questions[0]!.about = ['p9'];
      }),
    ).toBe(false);
    expect(
      changed((body) => {
        body.persons[0]!.ref = 'c1';
      }),
    ).toBe(false);
  });
  test('days that do not exist and intervals that run backwards', () => {
    expect(
      changed((body) => {
        body.neededBy = '2027-02-30';
      }),
    ).toBe(false);
    expect(
      changed((body) => {
        body.children[0]!.birth.earliest = '2012-01-01';
      }),
    ).toBe(false);
  });
  test('urgency without a reason, eyes-only without names, a question that is neither coded nor free', () => {
    expect(
      changed((body) => {
        body.urgency = 'urgent';
      }),
    ).toBe(false);
    expect(
      changed((body) => {
        body.handling.readers = 'eyes-only';
      }),
    ).toBe(false);
    expect(
      changed((body) => {
        delete body.questions[0]!.code;
      }),
    ).toBe(false);
  });
  test('members nobody knows', () => {
    expect(EnquiryBody.safeParse({ ...valid, asylum: 'pending' }).success).toBe(false);
  });
  test('a deferral without its day, and a day on what ends', () => {
    const fits = (refusal: object) => messageTypes.REF.body.safeParse(refusal).success;
    const deferral = { form: 'deferral', code: 'translation-missing' };
    expect(fits(deferral)).toBe(false);
    expect(fits({ ...deferral, until: '2027-02-01' })).toBe(true);
    expect(fits({ form: 'ground', code: 'no-competence', until: '2027-02-01' })).toBe(false);
  });
  test('a refused answer without ground, and an answer without provenance', () => {
    const answer = {
      question: 'q1',
      status: 'refused',
      codes: [],
      each: [],
      dates: [],
      persons: [],
      list: [],
    };
    const element = ReportBody.shape.children.element.shape.answers.element;
    expect(element.safeParse(answer).success).toBe(false);
    expect(element.safeParse({ ...answer, status: 'answered' }).success).toBe(false);
    expect(element.safeParse({ ...answer, refusalGround: 'court-leave-required' }).success).toBe(true);
  });
});

test('"no information" has exactly one byte form', () => {
  const [one, ...rest] = messageTypes.NIC.body.shape.statement.options;
  expect(rest).toEqual([]);
  expect(Object.keys(messageTypes.NIC.body.shape)).toEqual(['statement']);
  expect(encodeCanonical({ statement: one }).length).toBeLessThan(100);
});

test('an enquiry fits a sealed document with room to spare', () => {
  expect(encodeCanonical(readEnquiryFile('09-wants-home-now.json').body).length).toBeLessThan(
    limits.documentBytes / 4,
  );
});

test('facts of an enquiry identify nobody', () => {
  const facts = factsOf('ENQ', readEnquiryFile('07-locate-as-a-weapon.json').body);
  expect(facts).toEqual({ questions: ['q1', 'q2', 'q3'], urgency: 'urgent', childMissing: true });
});

test('states are those of the vocabulary', () => {
  expect(conversationState.codes).toEqual(
    expect.arrayContaining(['DRAFT', 'SENT', 'ON_HOLD_SAFETY', 'TRANSFERRED_OUTSIDE', 'ALERT']),
  );
});

test('an enquiry file says which field is wrong', () => {
  const file = {
    invented: true,
    title: 'INVENTED',
    from: 'xa',
    to: 'xb',
    body: { children: [] },
    caseFacts: { childIsHere: 'yes', asylum: [], clearances: [] },
    attachments: [],
  };
  const issues = EnquiryFile.safeParse(file).error!.issues.map((issue) => issue.path.join('.'));
  expect(issues).toEqual(expect.arrayContaining(['body.children', 'body.reasons']));
});
