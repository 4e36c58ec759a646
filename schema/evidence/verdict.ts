/**
 * What a verifier says of a bundle: sentences for people, each proved, not proved or failed, and one verdict over all.
 */

/** One thing said. `ok`: true proved; null not proved, which contradicts nothing; false failed. */
export type Line = {
  readonly ok: boolean | null;
  /** A plain sentence. Never personal data: a bundle holds none. */
  readonly what: string;
  /** Path in the bundle, e.g. `messages[0].receipts[1].proof`, or `byte 123`. */
  readonly where?: string;
  /** Stable code of what is missing or wrong. */
  readonly code?: string;
};

/**
 * `PROVED`: all holds, from the anchor on. `INTERNALLY CONSISTENT`: nothing contradicts, but the authorities come from
 * the bundle itself, or a revoked key's signature could not be dated. `FAILED`: something does not hold.
 */
export type Verdict = 'PROVED' | 'INTERNALLY CONSISTENT' | 'FAILED';

export type Verification = { readonly verdict: Verdict; readonly lines: readonly Line[] };

/** Collects lines while a bundle is read. */
export type Report = {
  readonly lines: readonly Line[];
  readonly prove: (what: string, where: string) => void;
  /** Says what stays open. */
  readonly leave: (what: string, where?: string, code?: string) => void;
  /** As `leave`, for something without which nothing is proved. */
  readonly leaveEssential: (what: string, where: string, code?: string) => void;
  readonly fail: (what: string, where: string, code: string) => void;
  readonly verdict: () => Verdict;
};

export function startReport(): Report {
  const lines: Line[] = [];
  let essentialOpen = false;
  const add = (ok: boolean | null, what: string, where?: string, code?: string) => {
    lines.push({
      ok,
      what,
      ...(where === undefined ? {} : { where }),
      ...(code === undefined ? {} : { code }),
    });
  };
  return {
    lines,
    prove: (what, where) => add(true, what, where),
    leave: (what, where, code) => add(null, what, where, code),
    leaveEssential: (what, where, code) => {
      essentialOpen = true;
      add(null, what, where, code);
    },
    fail: (what, where, code) => add(false, what, where, code),
    verdict: () => {
      if (lines.some(({ ok }) => ok === false)) return 'FAILED';
      return essentialOpen ? 'INTERNALLY CONSISTENT' : 'PROVED';
    },
  };
}

/** A verification as text: a line for each thing said, the verdict last. Ends with a newline. */
export function formatVerdict({ verdict, lines }: Verification): string {
  const label = { true: 'proved', null: 'not proved', false: 'FAILED' } as const;
  const rows = lines.map(({ ok, what, where, code }) => {
    const place =
      ok === false || code !== undefined ? [code, where].filter((part) => part !== undefined) : [];
    const suffix = place.length === 0 ? '' : ` [${place.join(', ')}]`;
    return `${label[`${ok}`].padEnd(12)}${what}${suffix}\n`;
  });
  return `${rows.join('')}\n${verdict}\n`;
}

/** A time for people, in UTC, e.g. `2026-11-23 10:00:01 UTC`. @param timeS seconds since 1970 */
export function formatTime(timeS: number): string {
  if (timeS > 253_402_300_799) return `second ${timeS}`;
  return `${new Date(timeS * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
