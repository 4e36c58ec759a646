/**
 * Gathers what the resolvers of one request ask for one by one into one query for each kind of thing, so that the number of
 * queries does not grow with the page. One for each request: nothing is shared between callers.
 */
export type Load<K, V> = (key: K) => Promise<V>;

/** @param fetch gets each key once and answers for all of them; a key it leaves out resolves to undefined */
export function makeBatch<K, V>(
  fetch: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): Load<K, V | undefined> {
  const held = new Map<K, Promise<V | undefined>>();
  let waiting: { keys: K[]; answer: Promise<ReadonlyMap<K, V>> } | null = null;
  const join = (key: K): Promise<ReadonlyMap<K, V>> => {
    waiting ??= startBatch();
    waiting.keys.push(key);
    return waiting.answer;
  };
  const startBatch = () => {
    const keys: K[] = [];
    // After all resolvers of this level have asked: promises first, then this.
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting = null;
      return fetch(keys);
    });
    return { keys, answer };
  };
  return (key) => {
    const known = held.get(key);
    if (known) return known;
    const value = join(key).then((answers) => answers.get(key));
    held.set(key, value);
    return value;
  };
}

/** Rows by what they belong to, in the order given. */
export function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
