/**
 * The disclosure register: every act that left for another State, with who released it, on which legal basis and what for.
 * Written with the release, so that none can leave without it; read by deciders, and by the child's side once it asks, unless
 * telling is lawfully deferred. A deferral has a ground, a reason and a day on which it is looked at again.
 */
import type { Selectable } from 'kysely';
import { sealedAct } from '../enquiries/tables.ts';
import { type Operation, runAs } from '../operation.ts';
import { type Opened, openRow, sealColumns } from '../vault/sealed-columns.ts';
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import type { AccessContext } from './context.ts';
import { accessLimits } from './limits.ts';
import { type DeferralGround, type DisclosureTable, sealedDisclosure } from './people-tables.ts';
import { readFuture, readReason } from './read-input.ts';
import { settleAbout } from './settle-about.ts';

export type DisclosureRow = Opened<Selectable<DisclosureTable>, 'deferred_reason'>;

interface Released {
  readonly messageId: string;
  readonly thread: string;
  readonly peer: string;
  readonly type: string;
  readonly proposer: string;
  readonly approver: string | null;
}

const NOT_DEFERRED = {
  deferred_ground: null,
  deferred_reason: null,
  deferred_by: null,
  deferred_at: null,
  review_at: null,
};

/** Enters a release in its own transaction; the act is stored already. */
export async function recordDisclosure(op: Operation, released: Released): Promise<void> {
  const { messageId, ...rest } = released;
  const sealed = await op.trx
    .selectFrom('act')
    .select(['message_id', 'thread', 'notice', 'body'])
    .where('thread', '=', released.thread)
    .where('type', '=', 'ENQ')
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  const enquiry = await openRow(op, sealedAct, sealed);
  const { legalBasis = [], purpose = null } = enquiry?.body
    ? (JSON.parse(enquiry.body) as { legalBasis?: string[]; purpose?: string })
    : {};
  await op.trx
    .insertInto('disclosure')
    .values({
      message_id: messageId,
      ...rest,
      at: op.nowMs,
      legal_basis: legalBasis,
      purpose,
      ...NOT_DEFERRED,
    })
    .execute();
}

export interface Deferral {
  readonly ground: DeferralGround;
  readonly reason: string;
  /** When it is looked at again: ISO 8601, within ninety days. */
  readonly review: string;
}

/**
 * The child's side is not told of this disclosure for now; null: it may be told again. Repeated, it is a new decision with a new
 * day.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, REASON_MISSING, TIME_INVALID, ALREADY_DECIDED
 */
export async function deferDisclosure(
  ctx: AccessContext,
  actor: Actor,
  messageId: string,
  deferral: Deferral | null,
): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx
      .selectFrom('disclosure')
      .select(['thread', 'deferred_at'])
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    await op.require('register.defer', row.thread);
    if (deferral === null && row.deferred_at === null) throw new AccessError('ALREADY_DECIDED');
    const set = deferral ? describe(op.nowMs, actor, deferral) : NOT_DEFERRED;
    const about = { message_id: messageId, thread: row.thread };
    const { deferred_reason } = set;
    const sealed = await sealColumns(op, sealedDisclosure, about, { deferred_reason });
    await op.trx
      .updateTable('disclosure')
      .set({ ...set, ...sealed })
      .where('message_id', '=', messageId)
      .execute();
    await settleAbout(
      op,
      ['deferral-review'],
      messageId,
      deferral ? 'deferred again' : 'not deferred any more',
    );
    const { deferred_ground: ground, review_at: reviewAtMs } = set;
    await op.audit('disclosure.deferred', { messageId, ground, reviewAtMs, actor: actor.id });
  });
}

const describe = (nowMs: number, actor: Actor, { ground, reason, review }: Deferral) => ({
  deferred_ground: ground,
  deferred_reason: readReason(reason),
  deferred_by: actor.id,
  deferred_at: nowMs,
  review_at: readFuture(review, nowMs, accessLimits.longestDeferralMs),
});
