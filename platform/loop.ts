/**
 * A worker that looks at its work when woken or when a time comes, one round at a time, and never for nothing.
 */
export interface Loop {
  /** Asks for a round; several asks during a round make one more. */
  readonly wake: () => void;
  /** Ends after the round under way. */
  readonly close: () => Promise<void>;
}

/**
 * @param round does all work there is and returns the milliseconds after which to look again unasked, or null
 * @param onError gets what a round threw; the next round comes after `retryMs`
 * @param options.minGapMs pause after each round, however often somebody wakes it
 */
export function startLoop(
  round: () => Promise<number | null>,
  onError: (error: unknown) => void,
  { retryMs = 1000, minGapMs = 0 }: { retryMs?: number; minGapMs?: number } = {},
): Loop {
  let wanted = true;
  let closed = false;
  let rouse = () => {};
  let endGap = () => {};
  const gap = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, minGapMs);
      endGap = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const sleep = (ms: number | null) =>
    new Promise<void>((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, Math.max(0, ms));
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async () => {
    while (!closed) {
      wanted = false;
      const again = await round().catch((error) => {
        onError(error);
        return retryMs;
      });
      if (minGapMs > 0 && !closed) await gap();
      if (!wanted && !closed) await sleep(again);
    }
  };
  const ended = run();
  return {
    wake: () => {
      wanted = true;
      rouse();
    },
    close: async () => {
      closed = true;
      endGap();
      rouse();
      await ended;
    },
  };
}
