/**
 * `focalnet node status`: how this State's node is, from its database and keys, whether it runs or not.
 */
import { readConfig } from '#node/config.ts';
import { readOwnStatus } from '#node/operations/read-own-status.ts';
import { reachPostgres } from '../run-process.ts';
import { type Command, print } from './command.ts';
import { formatStatus } from './format-status.ts';

export const nodeStatus: Command = {
  help: `  --json          as JSON
  Configured by the same environment as \`node run\`; reads only.
  Exit code 1 where something needs a look.

  FOCALNET_DATABASE=embedded:/var/lib/focalnet/xa focalnet node status`,
  run: async (values) => {
    const postgres = await reachPostgres(process.env);
    try {
      const status = await readOwnStatus(readConfig(postgres.env));
      print(values.json === true ? JSON.stringify(status) : formatStatus(status));
      return status.warnings.length === 0 ? 0 : 1;
    } finally {
      await postgres.stop();
    }
  },
};
