/**
 * Whether this gateway can do its work now (SECURITY.md, Operations): true, or a number that is not 0, for each condition. Says
 * nothing that a stranger may not know.
 */
import { access, constants } from 'node:fs/promises';
import { isClockRight, watchJumps } from '#platform/operations/clock.ts';
import { readBasics } from '#platform/operations/readiness.ts';
import { isKeyGood, type Keyring } from '#schema/jws/keyring.ts';
import type { GatewayContext } from '../context.ts';
import { migrations } from '../tables.ts';

/** Starts watching the clock: nobody but the nodes could tell this process the time. */
export function makeReadiness(
  running: Pick<GatewayContext, 'db' | 'nowMs' | 'sequencer' | 'sig'> & {
    keyring: () => Keyring | null;
    keysPath: string;
    dataFolder: string | null;
  },
): () => Promise<Record<string, boolean | number>> {
  const { db, nowMs, sequencer, sig, keyring, keysPath, dataFolder } = running;
  const jumpMs = watchJumps(nowMs);
  return async () => {
    const list = keyring();
    return {
      ...(await readBasics(db, migrations, dataFolder)),
      keys:
        (await isReadable(keysPath)) &&
        (list === null || isKeyGood(list, sig.kid, Math.floor(nowMs() / 1000))),
      clock: isClockRight(jumpMs()),
      list: list === null || list.exp * 1000 < nowMs() ? 0 : list.ver,
      log: !sequencer.hasFailed(),
    };
  };
}

const isReadable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
