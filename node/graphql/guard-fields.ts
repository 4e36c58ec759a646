/**
 * What it takes to have a field of an endpoint for people: a permission, which the policy is asked before each resolver, and
 * whether what is shown is content.
 */
import type { GraphQLSchema } from 'graphql';
import * as table from '#platform/http/field-table.ts';
import { type Permission, requirePermission } from '../access/permit.ts';
import type { Caller } from './people-endpoint.ts';

/** What it takes; `content`: what is shown is recorded as content of the conversation it stands in. */
export type Access = Permission | { readonly content: Permission };
export type FieldTable = table.FieldTable<Access>;

/** Entries for several fields of a type. */
export const each = (type: string, access: Access, fields: string): FieldTable =>
  table.each(type, access, fields);

/** Puts the policy before every resolver of the schema, and answers it. @throws UnguardedFieldError */
export const guardFields = (schema: GraphQLSchema, fields: FieldTable): GraphQLSchema =>
  table.guardEach<Access, Caller>(schema, fields, (access, source, { actor, reading }) => {
    if (typeof access === 'string') return requirePermission(actor, access);
    requirePermission(actor, access.content);
    reading.noteContent((source as { thread: string }).thread);
  });
