/**
 * Assigning a conversation: to a person, or to everybody of one role in a unit. Whoever is assigned sees it, whatever their unit.
 */
import type { Operation } from '../operation.ts';

export interface NewAssignment {
  readonly thread: string;
  /** A person's id, or a pool (standing.ts, poolOf). */
  readonly assignee: string;
  readonly by: string;
  /** Ends by itself then, milliseconds since 1970; null until somebody ends it. */
  readonly untilMs: number | null;
}

/** Assigns in the caller's transaction; who is assigned already stays so, and gets the later end of the two. */
export async function assign(op: Operation, { thread, assignee, by, untilMs }: NewAssignment): Promise<void> {
  const id = `assignment-${Buffer.from(op.random(12)).toString('hex')}`;
  const row = await op.trx
    .insertInto('assignment')
    .values({ id, thread, assignee, given_by: by, given_at: op.nowMs, until: untilMs, ended_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(['assignee', 'thread'])
        .where('ended_at', 'is', null)
        .doUpdateSet((eb) => ({
          until: eb
            .case()
            .when(eb.or([eb('assignment.until', 'is', null), eb('excluded.until', 'is', null)]))
            .then(null)
            .else(eb.fn<number>('greatest', ['assignment.until', 'excluded.until']))
            .end(),
        })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  if (row.id === id) await op.audit('assignment.given', { id, thread, assignee, by, untilMs });
}
