/**
 * The node's own keys as the list in force knows them, and when they end. Public halves only.
 */
import type { Keyring } from '#schema/jws/keyring.ts';
import { formatVkey } from '#schema/log/note.ts';
import type { Identity } from '../identity.ts';

export interface KeyStatus {
  readonly purpose: 'sig' | 'pgp' | 'log' | 'wit';
  /** Key id, fingerprint, or name in the log. */
  readonly id: string;
  /** The key this node uses now; the others of the list are former ones or come later. */
  readonly inUse: boolean;
  readonly listed: boolean;
  readonly fromMs: number | null;
  /** Null for what the list sets no end to. */
  readonly endsMs: number | null;
  readonly warning: 'ends' | 'unlisted' | null;
}

/** New keys are listed 14 days before use and overlap for 14: who is told then still has the time (PROTOCOL.md, T16). */
export const WARN_BEFORE_MS = 30 * 24 * 3_600_000;

export async function describeKeys(
  identity: Identity,
  keyring: Keyring | null,
  nowMs: number,
): Promise<KeyStatus[]> {
  const self = keyring?.node(identity.state);
  const sig = (self?.sig ?? []).map(({ kid, from, exp, revoked }): KeyStatus => {
    const endsMs = (revoked?.since ?? exp) * 1000;
    const inUse = kid === identity.sig.kid;
    const warning = inUse && endsMs - nowMs < WARN_BEFORE_MS ? 'ends' : null;
    return { purpose: 'sig', id: kid, inUse, listed: true, fromMs: from * 1000, endsMs, warning };
  });
  const endless = (
    purpose: KeyStatus['purpose'],
    id: string,
    inUse: boolean,
    listed: boolean,
  ): KeyStatus => ({
    purpose,
    id,
    inUse,
    listed,
    fromMs: null,
    endsMs: null,
    warning: inUse && keyring !== null && !listed ? 'unlisted' : null,
  });
  const unlisted = sig.some(({ inUse }) => inUse) ? [] : [endless('sig', identity.sig.kid, true, false)];
  const pgp = identity.sealing.map(({ fingerprint }, at) =>
    endless('pgp', fingerprint, at === 0, self?.pgp.some(({ fpr }) => fpr === fingerprint) ?? false),
  );
  const notes = (['log', 'wit'] as const).map((purpose) =>
    endless(purpose, identity[purpose].name, true, self?.[purpose] === formatVkey(identity[purpose])),
  );
  return [...unlisted, ...sig, ...pgp, ...notes];
}
