/**
 * The way in: whoever brings about something that waits for a person asks here, in the same transaction, that the person be told.
 * Takes no words, no id of what waits and no State: a notice has no place for them.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../access/actor.ts';
import type { Operation } from '../operation.ts';
import type { NoticeKind } from './tables.ts';

/** Persons by id, or everybody of these roles: of one unit, or without a unit of all. */
export type Recipients =
  | { readonly persons: readonly string[] }
  | { readonly roles: readonly Role[]; readonly unit?: string | undefined }
  /** Those who see this conversation: its unit, else the heads; of one for named readers, these and the heads. */
  | { readonly thread: string | null };

/**
 * Asks that these people be told that something waits. Asked for again before the mail leaves, it stays one mail. Who is disabled,
 * unknown or has no address is left out.
 * @returns how many people will be told
 */
export async function requestNotice(op: Operation, to: Recipients, kind: NoticeKind): Promise<number> {
  // Functions of the tables' owner: whoever causes a notice need not be able to read addresses, or who sees what.
  const { rows } = await sql<{ told: number }>`select ${call(to, kind, op.nowMs)} as told`.execute(op.trx);
  return rows[0]!.told;
}

function call(to: Recipients, kind: NoticeKind, nowMs: number): RawBuilder<number> {
  if ('thread' in to) return sql`app_tell_conversation(${to.thread}::text, ${kind}::text, ${nowMs}::bigint)`;
  const persons = 'persons' in to ? [...to.persons] : null;
  const [roles, unit] = 'roles' in to ? [[...to.roles], to.unit ?? null] : [null, null];
  return sql`app_request_notice(${persons}::text[], ${roles}::text[], ${unit}::text, ${kind}::text, ${nowMs}::bigint)`;
}
