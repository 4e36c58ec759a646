/**
 * The way in: whoever brings about something that waits for a person asks here, in the same transaction, that the person be told.
 * Takes no words, no id of what waits and no State: a notice has no place for them.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../access/actor.ts';
import type { Operation } from '../operation.ts';
import type { NoticeKind } from './tables.ts';

/** Persons by id, or everybody of these roles wherever they are. */
export type Recipients =
  | {
      readonly persons: readonly string[];
      readonly thread?: string | undefined;
      readonly except?: readonly string[];
    }
  | { readonly roles: readonly Role[] }
  | RolesAt;

/** Those of these roles whose conversation, draft or unit it is. */
export interface RolesAt {
  /** A conversation, the draft that would open one, or a case file. Of one for named readers only who may read it is told. */
  readonly at: { readonly thread: string | null; readonly unit?: string | undefined };
  /** The head belongs to every unit; where none of these can be told, the head is. */
  readonly roles: readonly Role[];
  /** Those of these roles too whom the head has named as deputies of the unit. */
  readonly deputies?: boolean;
  /** Who is never told: whom it is about. */
  readonly except?: readonly string[];
}

/**
 * Asks that these people be told that something waits, and who stands in for them. Asked for again before the mail leaves, it stays one mail. Who is disabled,
 * unknown or has no address is left out.
 * @returns how many people who are not away will be told
 */
export async function requestNotice(op: Operation, to: Recipients, kind: NoticeKind): Promise<number> {
  // Functions of the tables' owner: whoever causes a notice need not be able to read addresses, or who sees what.
  const { rows } = await sql<{ told: number }>`select ${call(to, kind, op.nowMs)} as told`.execute(op.trx);
  return rows[0]!.told;
}

function call(to: Recipients, kind: NoticeKind, nowMs: number): RawBuilder<number> {
  if ('at' in to) return callAt(to, kind, nowMs);
  const persons = 'persons' in to ? [...to.persons] : null;
  const roles = 'roles' in to ? [...to.roles] : null;
  const { thread = null, except = [] } = 'persons' in to ? to : {};
  return sql`app_request_notice(${persons}::text[], ${roles}::text[], ${thread}::text, ${[...except]}::text[],
    ${kind}::text, ${nowMs}::bigint)`;
}

function callAt(
  { at, roles, deputies, except }: RolesAt,
  kind: NoticeKind,
  nowMs: number,
): RawBuilder<number> {
  return sql`app_tell_roles(${at.thread}::text, ${at.unit ?? null}::text, ${[...roles]}::text[], ${deputies ?? false}::boolean,
    ${[...(except ?? [])]}::text[], ${kind}::text, ${nowMs}::bigint)`;
}
