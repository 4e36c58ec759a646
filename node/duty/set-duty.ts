/**
 * The duty roster of a unit: who is called first, who stands in. Set by the unit's supervisors and the head.
 */
import type { Selectable } from 'kysely';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import { type Personal, type PersonalOperation, runAs } from '../operation.ts';
import { DutyError } from './duty-error.ts';
import type { DutyShiftTable } from './tables.ts';

export type Shift = Selectable<DutyShiftTable>;

export interface NewShift {
  readonly person: string;
  /** 1 is called first, 2 stands in. */
  readonly rank: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Without it the unit of who sets it. */
  readonly unit?: string | undefined;
}

const isRank = (rank: number): boolean => rank === 1 || rank === 2;

/** The longest shift, in milliseconds: a roster somebody forgot must not go on for ever. */
export const LONGEST_SHIFT_MS = 31 * 24 * 3_600_000;

/** @returns the shift's id. @throws AccessError NOT_PERMITTED; DutyError PERSON_UNSUITABLE, RANK_INVALID, TIMES_INVALID */
export async function setDuty(ctx: Personal, actor: Actor, shift: NewShift): Promise<string> {
  return runAs(ctx, actor, async (op) => {
    const unit = shift.unit ?? actor.unit;
    requireLead(op, unit);
    if (!isRank(shift.rank)) throw new DutyError('RANK_INVALID');
    const { fromMs, untilMs } = shift;
    if (untilMs <= fromMs || untilMs <= op.nowMs || untilMs - fromMs > LONGEST_SHIFT_MS)
      throw new DutyError('TIMES_INVALID');
    const person = await op.trx
      .selectFrom('person')
      .select('id')
      .where('id', '=', shift.person)
      .where('role', 'in', ['officer', 'supervisor', 'head'])
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (!person) throw new DutyError('PERSON_UNSUITABLE');
    const id = `shift-${Buffer.from(op.random(12)).toString('hex')}`;
    const times = { from_at: fromMs, until_at: untilMs, set_by: actor.id, set_at: op.nowMs, ended_at: null };
    await op.trx
      .insertInto('duty_shift')
      .values({ id, unit, person: person.id, rank: shift.rank, ...times })
      .execute();
    await op.audit('duty.set', {
      id,
      unit,
      person: person.id,
      rank: shift.rank,
      fromMs,
      untilMs,
      actor: actor.id,
    });
    return id;
  });
}

/** @throws AccessError NOT_PERMITTED; DutyError SHIFT_UNKNOWN */
export async function endDuty(ctx: Personal, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const shift = await op.trx
      .selectFrom('duty_shift')
      .select('unit')
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    if (!shift) throw new DutyError('SHIFT_UNKNOWN');
    requireLead(op, shift.unit);
    await op.trx.updateTable('duty_shift').set({ ended_at: op.nowMs }).where('id', '=', id).execute();
    await op.audit('duty.ended', { id, unit: shift.unit, actor: actor.id });
  });
}

/** The head sets every roster, a supervisor that of the own unit. */
function requireLead({ actor, nowMs }: PersonalOperation, unit: string): void {
  requireAllowed(actor, 'duty.set', {}, nowMs);
  if (actor.role !== 'head' && actor.unit !== unit) throw new AccessError('NOT_PERMITTED');
}
