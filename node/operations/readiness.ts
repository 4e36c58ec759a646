/**
 * Whether this node can do its work now (SECURITY.md, Operations): true, or a number that is not 0, for each condition. Says nothing
 * that a stranger may not know.
 */
import { access, constants } from 'node:fs/promises';
import type { Sequencer } from '#platform/log/sequence.ts';
import { commonOffsetMs, isClockRight } from '#platform/operations/clock.ts';
import { readBasics } from '#platform/operations/readiness.ts';
import type { Standing } from '../exchange/trust.ts';
import { migrations } from '../storage/database.ts';
import { readContacts } from './peers.ts';
import type { StatusContext } from './status.ts';

/** With one of these the keys at hand are not those the network knows. */
const WRONG_KEYS: readonly Standing[] = ['unlisted', 'key-not-valid', 'certificate-unlisted'];

/** @param keysPath the key file: without it the next start fails */
export async function readReadiness(
  ctx: StatusContext,
  keysPath: string,
  sequencer: Pick<Sequencer, 'hasFailed'>,
): Promise<Record<string, boolean | number>> {
  const { db, trust, nowMs } = ctx;
  const basics = await readBasics(db, migrations, ctx.dataFolder);
  const contacts = basics.database ? await readContacts(db).catch(() => new Map()) : new Map();
  const offsets = [...contacts.values()].flatMap(({ clock }) => (clock ? [clock] : []));
  return {
    ...basics,
    keys: (await isReadable(keysPath)) && !WRONG_KEYS.includes(trust.standing()),
    clock: isClockRight(commonOffsetMs(offsets, nowMs())),
    list: trust.freshness() === 'expired' ? 0 : trust.version(),
    log: !sequencer.hasFailed(),
  };
}

const isReadable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
