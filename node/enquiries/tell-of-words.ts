/**
 * What a guardian said becomes somebody's work: the guardian's own role can open no task. Runs with what time alone brings about.
 */
import { runOperation } from '../operation.ts';
import type { WordKind } from '../representation/shown-tables.ts';
import type { EnquiryContext } from './context.ts';
import { insertTask } from './task.ts';

const HOUR_MS = 3_600_000;
/** How long each may wait; nothing is asked of anybody by an agreement. */
const WAITS: Readonly<Record<WordKind, number | null>> = {
  pause: 2 * HOUR_MS,
  objection: 24 * HOUR_MS,
  request: 3 * 24 * HOUR_MS,
  view: 3 * 24 * HOUR_MS,
  agreement: null,
};

type Told = { readonly id: string; readonly thread: string; readonly kind: WordKind };

/** Those of which nobody has been told yet. */
export function findUntoldWords({ doors }: Pick<EnquiryContext, 'doors'>): Promise<Told[]> {
  return doors.jobs
    .selectFrom('guardian_word as w')
    .select(['w.id', 'w.thread', 'w.kind'])
    .where('w.kind', '<>', 'agreement')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('task')
            .select('task.id')
            .where('task.kind', '=', 'guardian-said')
            .whereRef('task.about', '=', 'w.id'),
        ),
      ),
    )
    .execute();
}

export async function tellOfWord(ctx: EnquiryContext, { id, thread, kind }: Told): Promise<void> {
  await runOperation(ctx.doors.jobs, ctx.surroundings, async (op) => {
    const dueAtMs = op.nowMs + (WAITS[kind] ?? 0);
    const task = {
      kind: 'guardian-said',
      once: `guardian-said ${id}`,
      thread,
      about: id,
      detail: kind,
      dueAtMs,
    } as const;
    if (await insertTask(op, task)) op.afterCommit(() => ctx.changes.publish(thread));
  });
}
