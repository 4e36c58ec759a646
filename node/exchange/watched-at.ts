/**
 * When others were last seen to watch the gateway's log. Only that confirms a trust list (PROTOCOL.md, T11): a gateway that gives
 * yesterday's answers again can show the list of yesterday, and no cosignature of today. Fetches nothing, keeps nothing.
 */
import type { Keyring } from '#schema/jws/keyring.ts';
import { openCheckpoint } from '#schema/log/checkpoint.ts';
import { countCosigners } from '#schema/log/cosignature.ts';
import { parseVkey } from '#schema/log/note.ts';
import { limits } from '#schema/protocol/limits.ts';

/**
 * @param note a checkpoint of the gateway's log
 * @param own this State: what it has signed itself counts for the quorum and shows it nothing
 * @returns epoch milliseconds at which a quorum had signed it last; null where too few others have signed
 * @throws LogError of openCheckpoint, countCosigners
 */
export async function watchedAtMs(
  note: string,
  { gateway, nodes, policy }: Pick<Keyring, 'gateway' | 'nodes' | 'policy'>,
  own: string,
  nowMs: number,
): Promise<number | null> {
  await openCheckpoint(note, parseVkey(gateway.log));
  const others = nodes.filter(({ node, status }) => status === 'active' && node !== own);
  const cosigners = await countCosigners(
    note,
    others.map(({ wit }) => parseVkey(wit)),
  );
  const times = cosigners.map(({ timeS }) => timeS * 1000).filter((at) => at <= nowMs + limits.skewS * 1000);
  const at = times.sort((a, b) => b - a)[Math.max(policy.quorum - 1, 1) - 1];
  return at === undefined ? null : Math.min(at, nowMs);
}
