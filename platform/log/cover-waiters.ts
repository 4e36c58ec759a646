/**
 * Who waits in this process for a checkpoint over which entries. Keeps no database; is told what was covered.
 */
import type { SignedCheckpoint } from '#platform/log/read-log.ts';

type Waiter = { left: Set<number>; settle(checkpoint: SignedCheckpoint | null): void };

export type CoverWaiters = {
  /** Fulfils with the checkpoint once all ids were reported covered, with null after `timeoutMs` or `giveUp`. */
  wait(ids: readonly number[], timeoutMs: number): Promise<SignedCheckpoint | null>;
  /** Ids that somebody still waits for. */
  pendingIds(): number[];
  /** Reports that a checkpoint covers these entries. */
  report(ids: readonly number[], checkpoint: SignedCheckpoint): void;
  /** Ends all waiting with null. */
  giveUp(): void;
};

/** Starts with nobody waiting. */
export function makeCoverWaiters(): CoverWaiters {
  const byId = new Map<number, Set<Waiter>>();

  const forget = (waiter: Waiter): void => {
    for (const id of waiter.left) {
      const others = byId.get(id);
      others?.delete(waiter);
      if (others?.size === 0) byId.delete(id);
    }
  };

  const wait = (ids: readonly number[], timeoutMs: number): Promise<SignedCheckpoint | null> =>
    new Promise((resolve) => {
      const waiter: Waiter = {
        left: new Set(ids),
        settle: (checkpoint) => {
          clearTimeout(timer);
          forget(waiter);
          resolve(checkpoint);
        },
      };
      const timer = setTimeout(() => waiter.settle(null), timeoutMs);
      for (const id of waiter.left) byId.set(id, (byId.get(id) ?? new Set()).add(waiter));
    });

  const report = (ids: readonly number[], checkpoint: SignedCheckpoint): void => {
    for (const id of ids) {
      const waiters = byId.get(id) ?? [];
      byId.delete(id);
      for (const waiter of waiters) {
        waiter.left.delete(id);
        if (waiter.left.size === 0) waiter.settle(checkpoint);
      }
    }
  };

  const giveUp = (): void => {
    for (const waiter of new Set([...byId.values()].flatMap((waiters) => [...waiters]))) waiter.settle(null);
  };

  return { wait, pendingIds: () => [...byId.keys()], report, giveUp };
}
