/**
 * What the endpoints of people are built with: one kind of Pothos builder, with the scalars that all of them have.
 */
import SchemaBuilder from '@pothos/core';
import { GraphQLError } from 'graphql';
import type { Caller } from './people-endpoint.ts';

/** A builder for one audience. Each endpoint has its own, so that no type of one can stand in another. */
export function makePeopleBuilder<Context extends Caller>() {
  const builder = new SchemaBuilder<{
    Context: Context;
    DefaultFieldNullability: false;
    Scalars: { Instant: { Input: number; Output: number } };
  }>({ defaultFieldNullability: false });
  builder.scalarType('Instant', {
    description: 'ISO 8601, UTC, to the millisecond.',
    serialize: (value) => new Date(value as number).toISOString(),
    parseValue: readInstant,
  });
  return builder;
}

export type PeopleBuilder<Context extends Caller> = ReturnType<typeof makePeopleBuilder<Context>>;

/** @throws GraphQLError for what is no time: a request that does not fit the schema */
function readInstant(value: unknown): number {
  const isWhole = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value);
  const ms = isWhole ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new GraphQLError('Give a time as 2027-01-15T08:00:00Z.');
  return ms;
}
