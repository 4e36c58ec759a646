/**
 * What is given of a child to a body of this State that has no account here, such as the police or a court: one way, entered by who
 * decides, on a ground of law, as codes and without a word (DOMAIN.md section 4). A second person agrees before it is given; in
 * imminent danger afterwards. Immigration enforcement gets nothing (P2), and whoever tries is heard of.
 *
 * Questions that were put to a local service stand in the same register (recordLocalService).
 */
import type { Selectable } from 'kysely';
import { insertTask, openTask } from '../enquiries/task.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { accessLimits } from './limits.ts';
import { callDeputies } from './name-deputy.ts';
import {
  type OutsideBody,
  type OutsideClass,
  type OutsideDisclosureTable,
  type OutsideGround,
  REFUSED_BODY,
} from './people-tables.ts';
import { readPast } from './read-input.ts';
import { settleAbout } from './settle-about.ts';

export type OutsideDisclosureRow = Selectable<OutsideDisclosureTable>;

export interface AskedDisclosure {
  readonly thread: string;
  readonly body: OutsideBody;
  readonly ground: OutsideGround;
  readonly given: readonly OutsideClass[];
  /** It was given already, because waiting would have endangered somebody. */
  readonly imminent: boolean;
  /** When it was given, where it was: ISO 8601; without it, now. */
  readonly at?: string | undefined;
}

/**
 * Enters it, and opens the task of the second person.
 * @returns its id
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED, STEP_UP_NEEDED, INPUT_INVALID, TIME_INVALID, FIREWALL
 */
export async function discloseOutside(
  ctx: AccessContext,
  actor: Actor,
  asked: AskedDisclosure,
): Promise<string> {
  const id = await runAs(ctx, actor, async (op) => {
    await op.require('disclosure.outside', asked.thread);
    if (asked.body === REFUSED_BODY) return refuse(op, asked);
    return enter(op, asked);
  });
  // Thrown after the commit: that somebody tried stays.
  if (id === null) throw new AccessError('FIREWALL');
  return id;
}

async function refuse(op: PersonalOperation, { thread, ground }: AskedDisclosure): Promise<null> {
  const actor = op.actor.id;
  await insertTask(op, {
    kind: 'incident',
    thread,
    detail: REFUSED_BODY,
    except: [actor],
    auditors: true,
  });
  await op.audit('disclosure.refused', { thread, body: REFUSED_BODY, ground, actor });
  return null;
}

async function enter(op: PersonalOperation, asked: AskedDisclosure): Promise<string> {
  const { thread, body, ground, imminent } = asked;
  const given = [...new Set(asked.given)];
  // What nobody has given yet has no time; danger that is no ground is none.
  if (given.length === 0 || (!imminent && asked.at !== undefined)) throw new AccessError('INPUT_INVALID');
  if (ground === 'asked-by-enquiry' || (imminent && ground !== 'imminent-danger'))
    throw new AccessError('INPUT_INVALID');
  const givenAtMs = imminent ? readPast(asked.at ?? new Date(op.nowMs).toISOString(), op.nowMs) : null;
  const id = await store(op, { thread, body, ground, given, imminent, given_at: givenAtMs });
  const dueAtMs = op.nowMs + accessLimits.outsideMs;
  await callDeputies(op, {
    thread,
    draftUnit: null,
    action: 'disclosure.approve-outside',
    by: op.actor.id,
    untilMs: dueAtMs,
  });
  const except = [op.actor.id];
  await openTask(op, { kind: 'disclosure-waits', thread, about: id, openedBy: op.actor.id, dueAtMs, except });
  await op.audit('disclosure.outside', { id, thread, body, ground, given, imminent, actor: op.actor.id });
  return id;
}

async function store(
  op: PersonalOperation,
  row: Pick<OutsideDisclosureRow, 'thread' | 'body' | 'ground' | 'given' | 'imminent' | 'given_at'>,
): Promise<string> {
  const id = `outside-${Buffer.from(op.random(12)).toString('hex')}`;
  const undecided = { approver: null, approved_at: null, withdrawn_by: null, withdrawn_at: null };
  await op.trx
    .insertInto('outside_disclosure')
    .values({ id, ...row, ...undecided, stated_by: op.actor.id, stated_at: op.nowMs })
    .execute();
  return id;
}

/** Questions of an enquiry were given to a local service (node/local-services): its own entry says which. */
export async function recordLocalService(op: PersonalOperation, thread: string): Promise<void> {
  await store(op, {
    thread,
    body: 'local-service',
    ground: 'asked-by-enquiry',
    given: ['questions', 'identity'],
    imminent: false,
    given_at: op.nowMs,
  });
}

/**
 * A second person agrees: from then on it may be given. Of what was given in danger they say that they have looked at it.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED, ALREADY_DECIDED
 */
export async function approveOutside(ctx: AccessContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await find(op, id);
    await op.require('disclosure.approve-outside', row.thread, row.stated_by);
    requireOpen(row);
    const set = { approver: actor.id, approved_at: op.nowMs, given_at: row.given_at ?? op.nowMs };
    await change(op, id, set);
    await settleAbout(op, ['disclosure-waits'], id, 'approved');
    await op.audit('disclosure.outside-approved', { id, thread: row.thread, approver: actor.id });
  });
}

/**
 * It is not given after all: by who stated it, or by the second person, who does not agree. What was given cannot be taken back.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, ALREADY_DECIDED
 */
export async function withdrawOutside(ctx: AccessContext, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await find(op, id);
    await op.require('disclosure.outside', row.thread);
    requireOpen(row);
    if (row.given_at !== null) throw new AccessError('ALREADY_DECIDED');
    const set = { withdrawn_by: actor.id, withdrawn_at: op.nowMs };
    await change(op, id, set);
    await settleAbout(op, ['disclosure-waits'], id, 'withdrawn');
    await op.audit('disclosure.outside-withdrawn', { id, thread: row.thread, actor: actor.id });
  });
}

async function find(op: PersonalOperation, id: string): Promise<OutsideDisclosureRow> {
  const query = op.trx.selectFrom('outside_disclosure').selectAll().where('id', '=', id);
  const row = await query.executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
  return row;
}

/** Whoever comes second changes nothing: decided rows are out of reach of an update (people-walls.ts). */
async function change(op: PersonalOperation, id: string, set: Partial<OutsideDisclosureRow>): Promise<void> {
  const query = op.trx.updateTable('outside_disclosure').set(set).where('id', '=', id);
  const { numUpdatedRows } = await query.executeTakeFirst();
  if (numUpdatedRows === 0n) throw new AccessError('ALREADY_DECIDED');
}

function requireOpen(row: OutsideDisclosureRow): void {
  if (row.approver !== null || row.withdrawn_at !== null || row.body === 'local-service')
    throw new AccessError('ALREADY_DECIDED');
}
