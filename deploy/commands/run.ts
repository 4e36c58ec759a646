/**
 * `focalnet node run` and `focalnet gateway run`
 */
import { runGatewayProcess, runNodeProcess } from '../run-process.ts';
import type { Command } from './command.ts';

export const nodeRun: Command = {
  help: `  Configured by the environment; see deploy/node.env.example:
  FOCALNET_KEYS, FOCALNET_VAULT, FOCALNET_ANCHOR, FOCALNET_DATABASE, FOCALNET_GATEWAY, FOCALNET_OFFICER, FOCALNET_MACHINE

  FOCALNET_DATABASE=embedded:/var/lib/focalnet/xa focalnet node run`,
  run: runNodeProcess,
};

export const gatewayRun: Command = {
  help: `  Configured by the environment; see deploy/gateway.env.example:
  FOCALNET_KEYS, FOCALNET_ANCHOR, FOCALNET_LIST, FOCALNET_DATABASE, FOCALNET_LISTEN

  FOCALNET_DATABASE=postgres://gateway@db/gateway focalnet gateway run`,
  run: runGatewayProcess,
};
