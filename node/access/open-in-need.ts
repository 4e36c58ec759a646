/**
 * Breaking the glass: one conversation of another unit, for an hour, to read and not to send, for a reason that is written down
 * and looked at by another person. Never what is for named readers.
 *
 * Whoever does it names the conversation by its id, as a colleague, a court or another State's officer told it by telephone: it
 * stands on the screen and on every print of it. Nothing here lists, searches or confirms: an id that names nothing, one that is
 * for named readers and one mistyped get the same NOT_FOUND, and each try leaves an entry.
 */
import { addLimit, calendarOf } from '#schema/conversation/calendar.ts';
import { openTask } from '../enquiries/task.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { decidesIn, requireAllowed, sees } from './decide.ts';
import { accessLimits } from './limits.ts';
import { readReason } from './read-input.ts';
import { settleAbout } from './settle-about.ts';
import { readStandings } from './standing.ts';
import { type BreakGlassTable, sealedNeed } from './tables.ts';

export interface Opened {
  readonly id: string;
  readonly expiresAtMs: number;
}

type Need = {
  readonly thread: string;
  readonly category: BreakGlassTable['category'];
  readonly reason: string;
};

/** @throws AccessError NOT_PERMITTED, STEP_UP_NEEDED, REASON_MISSING, NOT_FOUND, ALREADY_YOURS */
export async function openInNeed(ctx: AccessContext, actor: Actor, need: Need): Promise<Opened> {
  requireAllowed(actor, 'glass.break', {}, ctx.surroundings.nowMs());
  const reason = readReason(need.reason);
  try {
    return await runAs(ctx, actor, (op) => open(op, { ...need, reason }));
  } catch (error) {
    if (!(error instanceof AccessError) || error.code !== 'NOT_FOUND') throw error;
    // Somebody who tries one id after the other is seen. What they tried is theirs to say: it may be any text.
    await runAs(ctx, actor, (op) =>
      op.audit('need.not-found', { actor: actor.id, unit: actor.unit, category: need.category }),
    );
    throw error;
  }
}

async function open(op: PersonalOperation, { thread, category, reason }: Need): Promise<Opened> {
  const { actor } = op;
  const before = (await readStandings(op.trx, [thread])).get(thread);
  if (before && sees(actor, before)) throw new AccessError('ALREADY_YOURS');
  const id = `need-${Buffer.from(op.random(12)).toString('hex')}`;
  const expiresAtMs = op.nowMs + accessLimits.needMs;
  const amount = accessLimits.needReviewDays;
  const dueAtMs = addLimit(op.nowMs, { amount, unit: 'working-days' }, calendarOf(undefined));
  const times = { opened_at: op.nowMs, expires_at: expiresAtMs, review_due_at: dueAtMs };
  const sealed = await sealColumns(op, sealedNeed, { id, thread }, { reason });
  const unreviewed = { reviewed_by: null, reviewed_at: null, finding: null };
  const { unit } = await op.trx
    .insertInto('break_glass')
    // The unit is the conversation's; the database fills it in, or there is nothing to open (people-walls.ts).
    .values({ id, thread, person: actor.id, category, ...sealed, ...times, ...unreviewed })
    .returning('unit')
    .executeTakeFirstOrThrow()
    .catch(sayNotFound);
  await op.require('conversation.read', thread);
  await openTask(op, {
    kind: 'need-review',
    thread,
    unit,
    about: id,
    openedBy: actor.id,
    dueAtMs,
    except: [actor.id],
  });
  await op.audit('need.opened', { id, thread, unit, actor: actor.id, role: actor.role, category });
  return { id, expiresAtMs };
}

function sayNotFound(error: unknown): never {
  if ((error as { code?: string }).code === 'P0002') throw new AccessError('NOT_FOUND', { cause: error });
  throw error;
}

/**
 * Another person, who decides in the unit of the conversation, says whether there was need. Where there was not, an incident
 * opens.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, ALREADY_DECIDED
 */
export async function reviewNeed(
  ctx: AccessContext,
  actor: Actor,
  id: string,
  finding: 'justified' | 'not-justified',
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx.selectFrom('break_glass').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row || (row.person !== actor.id && !decidesIn(actor, row.unit))) throw new AccessError('NOT_FOUND');
    requireAllowed(actor, 'glass.review', { proposer: row.person }, op.nowMs);
    const { numUpdatedRows } = await op.trx
      .updateTable('break_glass')
      .set({ reviewed_by: actor.id, reviewed_at: op.nowMs, finding })
      .where('id', '=', id)
      .where('reviewed_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new AccessError('ALREADY_DECIDED');
    await settleAbout(op, ['need-review', 'need-overdue'], id, finding);
    const { thread, unit } = row;
    if (finding === 'not-justified')
      await openTask(op, {
        kind: 'incident',
        thread,
        unit,
        about: id,
        detail: 'need-not-justified',
        except: [row.person],
      });
    await op.audit('need.reviewed', { id, thread, finding, actor: actor.id });
  });
}
