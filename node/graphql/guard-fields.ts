/**
 * Default deny: every object type of an endpoint's schema, and every field of it, stands in the endpoint's table with what it
 * takes to have it. A field that does not cannot be built, and before each resolver the policy is asked.
 */
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { type Permission, requirePermission } from '../access/permit.ts';
import type { Caller } from './people-endpoint.ts';

/** What it takes; `content`: what is shown is recorded as content of the conversation it stands in. */
export type Access = Permission | { readonly content: Permission };
/** By `Type.field`, or by `Type` where a field more could show nothing else. */
export type FieldTable<A = Access> = Readonly<Record<string, A>>;

export class UnguardedFieldError extends Error {
  override readonly name = 'UnguardedFieldError';
  readonly code: 'FIELD_NOT_GUARDED' | 'GUARD_WITHOUT_FIELD';
  constructor(code: UnguardedFieldError['code'], place: string) {
    super(
      code === 'FIELD_NOT_GUARDED'
        ? `${place} has no permission: add it to the table of its endpoint.`
        : `${place} is no field here: take it out of the table of its endpoint.`,
    );
    this.code = code;
  }
}

/** Entries for several fields of a type. */
export const each = (type: string, access: Access, fields: string): FieldTable =>
  Object.fromEntries(fields.split(' ').map((field) => [`${type}.${field}`, access]));

/** What it takes to have each field, by `Type.field`. @throws UnguardedFieldError for one that the table does not know, or knows in vain */
export function accessOfFields<A>(schema: GraphQLSchema, table: FieldTable<A>): ReadonlyMap<string, A> {
  const found = new Map<string, A>();
  const used = new Set<string>();
  for (const { type, field } of fieldsOf(schema)) {
    const place = `${type.name}.${field}`;
    const key = [place, type.name].find((name) => Object.hasOwn(table, name));
    if (key === undefined) throw new UnguardedFieldError('FIELD_NOT_GUARDED', place);
    used.add(key);
    found.set(place, table[key]!);
  }
  const vain = Object.keys(table).find((key) => !used.has(key));
  if (vain !== undefined) throw new UnguardedFieldError('GUARD_WITHOUT_FIELD', vain);
  return found;
}

/** Puts the policy before every resolver of the schema, and answers it. @throws UnguardedFieldError */
export function guardFields(schema: GraphQLSchema, table: FieldTable): GraphQLSchema {
  const access = accessOfFields(schema, table);
  for (const { type, field } of fieldsOf(schema)) {
    const config = type.getFields()[field]!;
    const needed = access.get(`${type.name}.${field}`)!;
    config.resolve = guard(needed, config.resolve ?? defaultFieldResolver);
    if (config.subscribe) config.subscribe = guard(needed, config.subscribe);
  }
  return schema;
}

function fieldsOf(schema: GraphQLSchema): { type: GraphQLObjectType; field: string }[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => ({ type, field })));
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

function guard(access: Access, resolve: Resolver): Resolver {
  if (typeof access === 'string') {
    return (source, args, ctx, info) => {
      requirePermission((ctx as Caller).actor, access);
      return resolve(source, args, ctx, info);
    };
  }
  return (source, args, ctx, info) => {
    const { actor, reading } = ctx as Caller;
    requirePermission(actor, access.content);
    reading.noteContent((source as { thread: string }).thread);
    return resolve(source, args, ctx, info);
  };
}
