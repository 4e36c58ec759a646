/** Every list of the endpoints for people stands in a page of which the number of queries is counted, or asks the database nothing. */
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { exchangePages, officePages, registerPages } from '../../fixtures/counted-pages.ts';
import type { PeoplePath } from '../../fixtures/people-client.ts';

/** What is read whole with the row it stands in: words of people, by their schemas. */
const WHOLE = ['ActBody', 'CaseValue', 'GuardianAppointment', 'SafetyStatement', 'NoticeDraft'];

/** What is in memory: code lists, the trust list, files on their way; what one act answers; two proposals that are compared. */
const ASKS_NOTHING: Readonly<Record<PeoplePath, readonly string[]>> = {
  officer: [
    ...['Query.arriving', 'Subscription.arrivingChanged', 'Query.labels', 'Query.questions', 'Query.peers'],
    ...['Peer.designations', 'Peer.dutyPhones', 'Peer.mustTell'],
    ...['Given.children', 'Given.questions', 'Mutation.confirmAlert', 'Query.proposalDifferences'],
  ],
  guardian: [],
  ministry: ['Query.definitions'],
  auditor: ['Query.policy'],
};

const schemaOf = (name: string) =>
  buildSchema(readFileSync(new URL(`../../../schema/${name}.graphql`, import.meta.url), 'utf8'));

/** Lists of one object or more, as Type.field. */
function listsOf(schema: GraphQLSchema): string[] {
  const whole = new Set<string>();
  const enter = (name: string): void => {
    const type = schema.getType(name);
    if (!type || whole.has(name)) return;
    whole.add(name);
    if (isUnionType(type)) for (const one of type.getTypes()) enter(one.name);
    if (isObjectType(type))
      for (const field of Object.values(type.getFields())) enter(getNamedType(field.type).name);
  };
  for (const name of WHOLE) enter(name);
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__') || whole.has(type.name)) return [];
    return Object.values(type.getFields()).flatMap((field) => {
      const shown = isNonNullType(field.type) ? field.type.ofType : field.type;
      const isRow = isListType(shown) && !isLeafType(getNamedType(shown));
      return isRow ? [`${type.name}.${field.name}`] : [];
    });
  });
}

function fieldsIn(schema: GraphQLSchema, query: string): string[] {
  const found: string[] = [];
  const info = new TypeInfo(schema);
  const enter = { Field: () => void found.push(`${info.getParentType()?.name}.${info.getFieldDef()?.name}`) };
  visit(parse(query), visitWithTypeInfo(info, enter));
  return found;
}

describe('lists of the endpoints for people', () => {
  it.each(Object.keys(ASKS_NOTHING) as PeoplePath[])('are counted: %s', (at) => {
    const schema = schemaOf(at);
    const pages = [exchangePages, officePages, registerPages].flatMap((some) => Object.values(some));
    const counted = new Set(
      pages.filter((page) => page.at === at).flatMap((page) => fieldsIn(schema, page.query)),
    );
    const lists = listsOf(schema);
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.filter((field) => !counted.has(field)).sort()).toEqual([...ASKS_NOTHING[at]].sort());
  });
});
