/**
 * `focalnet keys vault|rotate-wrapping|retire-wrapping`: the keys that wrap the keys of what a node keeps (node/vault). Not the
 * node's own keys: those sign and seal what travels.
 */
import { randomBytes } from 'node:crypto';
import { prepareDatabase } from '#node/storage/database.ts';
import { openWork } from '#node/storage/doors.ts';
import { createKeyFile } from '#node/vault/file-keys.ts';
import { openKeyProvider } from '#node/vault/open-key-provider.ts';
import { type RotationContext, retireWrapping, rotateWrapping } from '#node/vault/rotate-keys.ts';
import { closedVault } from '#node/vault/vault.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';
import { DATABASE_HELP, withDatabase } from './database.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

export const keysVault: Command = {
  help: `  --out FILE      a new file of wrapping keys (mode 0600; never overwritten), or
  --vault FILE    settings of a token, in which the first wrapping key is made:
                  {"v":1, "kind":"pkcs11", "module":"/usr/lib/softhsm/libsofthsm2.so", "token":"focalnet-xa",
                   "pinFile":"/etc/focalnet/token.pin"}

  FOCALNET_VAULT names either to the node. Whoever has neither the file nor its sealed backup, nor the token, opens nothing of
  what the node keeps.

  focalnet keys vault --out xa.vault.json`,
  run: async (values) => {
    if ((values.out === undefined) === (values.vault === undefined))
      throw new UsageError('say --out for a file, or --vault for a token');
    if (values.out !== undefined) {
      await createKeyFile(need(values, 'out'), random);
      print('Written. Make a sealed backup now: focalnet keys backup.');
      return 0;
    }
    await withProvider(values, async (provider) => {
      if ((await provider.keyIds()).length > 0) throw new Error('the token has wrapping keys already');
      print(`Made ${await provider.makeNext()} in the token. Keep a copy of the token as its maker says.`);
    });
    return 0;
  },
};

export const keysRotateWrapping: Command = {
  help: `  --vault FILE    as in FOCALNET_VAULT
${DATABASE_HELP}

  Makes the next wrapping key and wraps every data key under it, while the node runs. What was stopped goes on when called again.
  The former key stays, for backups: see retire-wrapping. Make a sealed backup of the file before and afterwards.

  focalnet keys rotate-wrapping --vault xa.vault.json --database postgres://focalnet@db/xa`,
  run: (values) =>
    withRotation(values, async (ctx) => {
      const rotation = await rotateWrapping(ctx);
      if (values.json === true) print(JSON.stringify(rotation));
      else print(`${rotation.keyId} wraps now; ${rotation.rewrapped} data keys went over to it.`);
      if (rotation.unopened === 0) return 0;
      print(
        `${rotation.unopened} data keys are opened by no wrapping key at hand: look for the one they need.`,
      );
      return 1;
    }),
};

export const keysRetireWrapping: Command = {
  help: `  --vault FILE    as in FOCALNET_VAULT
  --id KEY        the wrapping key, e.g. wrap-1
${DATABASE_HELP}

  Removes a former wrapping key for good. Backups from before the rotation open no more: wait until the last of them is gone, 35
  days at most.

  focalnet keys retire-wrapping --vault xa.vault.json --id wrap-1 --database postgres://focalnet@db/xa`,
  run: (values) =>
    withRotation(values, async (ctx) => {
      const id = need(values, 'id');
      await retireWrapping(ctx, id);
      print(`${id} is gone.`);
      return 0;
    }),
};

async function withProvider<T>(
  values: Values,
  work: (provider: RotationContext['provider']) => Promise<T>,
): Promise<T> {
  const provider = await openKeyProvider(need(values, 'vault'), random);
  try {
    return await work(provider);
  } finally {
    await provider.close();
  }
}

const withRotation = (values: Values, work: (ctx: RotationContext) => Promise<number>): Promise<number> =>
  withProvider(values, (provider) =>
    withDatabase(need(values, 'database'), async (config) => {
      await prepareDatabase(config);
      const db = openWork(config, 'app_vault');
      try {
        return await work({ db, surroundings: { nowMs: Date.now, random, vault: closedVault }, provider });
      } finally {
        await db.destroy();
      }
    }),
  );
