/**
 * How far the files of messages have come on their way, for people who wait: bytes of sealed parts. In this process's memory only,
 * since it says nothing that must outlive it: whatever goes on after a restart is counted anew from what is stored.
 */

export interface Transfer {
  /** The State at the other end. */
  readonly peer: string;
  readonly direction: 'in' | 'out';
  readonly doneBytes: number;
  /** Null while the message that names its files has not come. */
  readonly totalBytes: number | null;
}

type Listener = (messageId: string, transfer: Transfer) => void;

export interface Transfers {
  readonly note: (messageId: string, transfer: Transfer) => void;
  /** The message is dealt with. */
  readonly end: (messageId: string) => void;
  readonly of: (messageId: string) => Transfer | undefined;
  /** What is coming in and not whole yet, the first begun first. */
  readonly arriving: () => Transfer[];
  /** Hears of each message at most once a second, and when it is whole. @returns ends it */
  readonly listen: (listener: Listener) => () => void;
}

const STEP_MS = 1000;
/** A peer may begin any number of messages and end none: of so many the first begun is forgotten. */
const MOST = 1000;

const isWhole = ({ doneBytes, totalBytes }: Transfer): boolean => doneBytes === totalBytes;

/** @param nowMs clock, milliseconds since 1970 */
export function makeTransfers(nowMs: () => number): Transfers {
  const known = new Map<string, { transfer: Transfer; toldAtMs: number }>();
  const listeners = new Set<Listener>();
  return {
    note: (messageId, transfer) => {
      const before = known.get(messageId);
      const isDue = before === undefined || nowMs() - before.toldAtMs >= STEP_MS || isWhole(transfer);
      known.set(messageId, { transfer, toldAtMs: isDue ? nowMs() : before.toldAtMs });
      const [oldest] = known.keys();
      if (known.size > MOST) known.delete(oldest!);
      if (isDue) for (const listener of listeners) listener(messageId, transfer);
    },
    end: (messageId) => {
      const ended = known.get(messageId);
      if (!known.delete(messageId)) return;
      for (const listener of listeners) listener(messageId, ended!.transfer);
    },
    of: (messageId) => known.get(messageId)?.transfer,
    arriving: () =>
      [...known.values()]
        .map(({ transfer }) => transfer)
        .filter((transfer) => transfer.direction === 'in' && !isWhole(transfer)),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
