/**
 * What the exchange tells of for metrics: outcomes as codes, by State and lane. It counts nothing itself.
 */
interface Counted {
  /** Each message of a call that carried some away. `taken`: receipted, or a control message done with. */
  deliveries: {
    peer: string;
    place: 'peer' | 'gateway';
    outcome: 'taken' | 'pending' | 'refused' | 'unreachable';
  };
  /** Why: protocol codes, codes of calls, codes a peer answered. `out`: what we sent; `in`: what was sent to us. */
  refusals: { direction: 'in' | 'out'; code: string };
  /** Receipts for messages of ours. */
  receipts: { peer: string; stage: string };
  /** Messages that came in, each time it was handed over. `failed`: an error of ours while it was applied; it is tried again. */
  received: {
    peer: string;
    lane: string;
    outcome: 'applied' | 'held' | 'rejected' | 'known' | 'contradicts' | 'failed';
  };
}

export type Count = <N extends keyof Counted>(name: N, labels: Counted[N], by?: number) => void;
