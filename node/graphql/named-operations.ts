/**
 * Operations that are known beforehand. A browser runs nothing else: what could be planted in one cannot ask what it likes. A program
 * that a person signed in may, unless a file of operations is configured: endpoints for people then take these from everybody.
 */
import { createHash } from 'node:crypto';
import { type GraphQLSchema, parse, validate } from 'graphql';
import * as z from 'zod';
import { type Audience, audiences } from '../access/actor.ts';

/** Texts of operations, by whose endpoint takes them; an endpoint without any takes none. */
export const OperationFile = z.partialRecord(z.enum(audiences), z.array(z.string().min(1)));
export type OperationFile = z.infer<typeof OperationFile>;

/** The operations of one endpoint by the hex SHA-256 of their text. @throws OperationError for one that does not fit the schema */
export type NamedOperations = (audience: Audience, schema: GraphQLSchema) => ReadonlyMap<string, string>;

export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code = 'OPERATION_MISFIT';
  constructor(audience: Audience, hash: string) {
    super(`Operation ${hash} of ${audience} does not fit that endpoint's schema: build the console anew.`);
  }
}

export function nameOperations(file: OperationFile): NamedOperations {
  return (audience, schema) =>
    new Map(
      (file[audience] ?? []).map((text) => {
        const hash = createHash('sha256').update(text).digest('hex');
        if (!fits(schema, text)) throw new OperationError(audience, hash);
        return [hash, text];
      }),
    );
}

function fits(schema: GraphQLSchema, text: string): boolean {
  try {
    return validate(schema, parse(text)).length === 0;
  } catch {
    return false;
  }
}
