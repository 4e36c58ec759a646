// How often a second something can be done, one after the other, by turns with what it is compared with.
const ROUNDS = 3;
const ROUND_MS = 1_500;

/** Both by turns, so that a machine that slows down slows both. @param roundMs how long each is done in each of three rounds */
export async function inTurns(
  work: Record<'plain' | 'sealed', (i: number) => Promise<unknown>>,
  roundMs = ROUND_MS,
) {
  const rates = { plain: [] as number[], sealed: [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const which of ['plain', 'sealed'] as const) {
      let next = round;
      rates[which].push(await countFor(() => work[which](next++), roundMs));
    }
  const [plain, sealed] = [median(rates.plain), median(rates.sealed)];
  return { plainPerSecond: plain, perSecond: sealed, ratio: sealed / plain };
}

/** The median of three rounds of one thing alone. */
export async function inRounds(work: (i: number) => Promise<unknown>, roundMs = ROUND_MS): Promise<number> {
  const rates: number[] = [];
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) rates.push(await countFor(() => work(next++), roundMs));
  return median(rates);
}

async function countFor(work: () => Promise<unknown>, roundMs: number): Promise<number> {
  const begun = performance.now();
  let done = 0;
  while (performance.now() - begun < roundMs) {
    await work();
    done++;
  }
  return done / ((performance.now() - begun) / 1000);
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
