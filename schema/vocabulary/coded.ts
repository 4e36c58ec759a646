/**
 * Schemas of coded values that remember which lists their codes come from, so that whoever shows a value knows its labels. Two
 * lists may hold the very same codes, and one value may take codes of several lists: neither can be told from the codes alone.
 */
import * as z from 'zod';
import type { CodeList } from './code-list.ts';

/** What a value is, where its schema alone does not say it. */
export type Meaning =
  | { readonly kind: 'coded'; readonly lists: readonly CodeList[] }
  /** Which list its code is of depends on the question answered (questions.ts). */
  | { readonly kind: 'answer' | 'answer-item' }
  /** Names a question of the enquiry. */
  | { readonly kind: 'question' }
  | { readonly kind: 'country' | 'language' | 'script' };

const meanings = z.registry<Meaning>();
const made = new Map<CodeList, z.ZodType>();

/** Marks a schema; every schema derived from it by a check or `meta` keeps the mark. */
export function meaning<Schema extends z.ZodType>(schema: Schema, means: Meaning): Schema {
  meanings.add(schema, means);
  return schema;
}

/** What values of a schema are; undefined for words, numbers and structures. */
export const meaningOf = (schema: z.ZodType): Meaning | undefined => meanings.get(schema);

type EnumOf<Code extends string> = z.ZodEnum<{ [Each in Code]: Each }>;

/** An enum of the codes of one list; the same one for the same list. */
export function coded<Code extends string>(list: CodeList<Code>): EnumOf<Code> {
  const known = made.get(list);
  if (known !== undefined) return known as EnumOf<Code>;
  const schema = meaning(z.enum(list.codes), { kind: 'coded', lists: [list] });
  made.set(list, schema);
  return schema as unknown as EnumOf<Code>;
}

/** An enum of the codes of several lists that share none. */
export function codedByAny<Code extends string>(...lists: readonly CodeList<Code>[]): EnumOf<Code> {
  const codes = lists.flatMap((list) => list.codes) as [Code, ...Code[]];
  return meaning(z.enum(codes), { kind: 'coded', lists }) as unknown as EnumOf<Code>;
}
