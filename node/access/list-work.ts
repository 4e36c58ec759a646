/**
 * Who works on what: lists for those who give work and those who have it. Each reads in the person's own transaction, and the
 * database leaves out what they may not see; who shows it asks the policy as well.
 */
import type { Transaction } from 'kysely';
import { sealedProposal } from '../enquiries/tables.ts';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import type { Actor } from './actor.ts';
import { sealedHandOver } from './people-tables.ts';
import { poolOf } from './standing.ts';

type Trx = Transaction<Database>;
type WorkReader = Reader & { readonly trx: Trx };

/** Open assignments, of one conversation or of all that the person sees. */
function openAssignments(trx: Trx, nowMs: number) {
  return trx
    .selectFrom('assignment')
    .selectAll()
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', nowMs)]))
    .orderBy('given_at')
    .orderBy('id');
}

export const listAssignments = (trx: Trx, thread: string, nowMs: number) =>
  openAssignments(trx, nowMs).where('thread', '=', thread).execute();

/** The person, and everybody whose work they do now. */
export async function whoseWork(trx: Trx, actor: Actor, nowMs: number): Promise<string[]> {
  const rows = await trx
    .selectFrom('hand_over')
    .select('from_person')
    .where('to_person', '=', actor.id)
    .where('ended_at', 'is', null)
    .where('until', '>', nowMs)
    .execute();
  return [actor.id, ...rows.map((row) => row.from_person)];
}

/** Assigned to the person, to their role in their unit, or to somebody they stand in for. */
export async function listMyAssignments(trx: Trx, actor: Actor, nowMs: number) {
  const mine = [...(await whoseWork(trx, actor, nowMs)), poolOf(actor.role, actor.unit)];
  return openAssignments(trx, nowMs).where('assignee', 'in', mine).limit(500).execute();
}

/** Open tasks assigned to the person or to somebody they stand in for, the most pressing first. */
export async function listMyTasks(trx: Trx, actor: Actor, nowMs: number) {
  return trx
    .selectFrom('task')
    .selectAll()
    .where('closed_at', 'is', null)
    .where('assigned_to', 'in', await whoseWork(trx, actor, nowMs))
    .orderBy('due_at')
    .orderBy('id')
    .limit(200)
    .execute();
}

/** Proposals by the person or by somebody they stand in for that have not left, the oldest first. */
export async function listMyProposals(reader: WorkReader, actor: Actor, nowMs: number) {
  const rows = await reader.trx
    .selectFrom('proposal')
    .selectAll()
    .where('status', 'in', ['stopped', 'waiting', 'stale'])
    .where('proposer', 'in', await whoseWork(reader.trx, actor, nowMs))
    .orderBy('proposed_at')
    .orderBy('id')
    .limit(200)
    .execute();
  return openRows(reader, sealedProposal, rows);
}

/** Hand-overs that hold now: of the person's own work, and of others' to them. */
export const listMyStandIns = async (reader: WorkReader, actor: Actor, nowMs: number) => {
  const rows = await reader.trx
    .selectFrom('hand_over')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('until', '>', nowMs)
    .where((eb) => eb.or([eb('from_person', '=', actor.id), eb('to_person', '=', actor.id)]))
    .orderBy('given_at')
    .execute();
  return openRows(reader, sealedHandOver, rows);
};

export const listReaders = (trx: Trx, thread: string) =>
  trx.selectFrom('reader').selectAll().where('thread', '=', thread).orderBy('admitted_at').execute();

export const listDeputies = (trx: Trx, nowMs: number) =>
  trx
    .selectFrom('deputy')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('until', '>', nowMs)
    .orderBy('unit')
    .orderBy('given_at')
    .execute();
