/**
 * The demo's network: a gateway and three nodes, each a process with an embedded PostgreSQL of its own, talking HTTP over
 * loopback. xc opens no port for other nodes.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Role } from '#node/access/actor.ts';
import { openDevelopmentTokens } from '#node/access/development-token.ts';
import { claimDemoFolder } from './demo-folder.ts';
import { type Code, codes, foundNetwork } from './found-network.ts';
import { NET } from './invented-profiles.ts';
import { findFreePorts, openProcesses } from './processes.ts';

export interface RunningNode {
  readonly code: Code;
  readonly officerUrl: string;
  readonly machineUrl: string | null;
  /** Health, metrics and status, for whoever operates it. */
  readonly operationsUrl: string;
  readonly pid: number;
  /** What it was started with, for other commands about it. */
  readonly env: Readonly<Record<string, string>>;
  /** Bearer token of an invented person; the same person keeps it when the node is started anew. */
  readonly issueToken: (role: Role, name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface DemoNetwork {
  readonly folder: string;
  readonly anchorPath: string;
  readonly gatewayUrl: string;
  /** @returns the address of its listener for operators */
  readonly startGateway: () => Promise<string>;
  /** A node that was stopped comes back at the same address, with its database. */
  readonly startNode: (code: Code) => Promise<RunningNode>;
  /** Ends every process and removes the databases; at any time, also while something starts. */
  readonly close: () => Promise<void>;
}

/** Claims `folder` and founds a network there; nothing runs yet. `onOutput` gets what the processes print. @throws Error when a demo runs in that folder */
export async function openDemoNetwork(
  folder: string,
  options: { onOutput?: (text: string) => void } = {},
): Promise<DemoNetwork> {
  const claimed = await claimDemoFolder(folder);
  const addresses = await findAddresses();
  const gatewayUrl = `http://${addresses.gateway}`;
  const machineUrls = {
    xa: `http://${addresses.xa.machine}`,
    xb: `http://${addresses.xb.machine}`,
    xc: null,
  };
  const { anchorPath, listPath, keyPaths } = await foundNetwork(folder, gatewayUrl, machineUrls);
  const processes = openProcesses(options.onOutput);
  const common = {
    FOCALNET_ANCHOR: anchorPath,
    FOCALNET_LOG: process.env.FOCALNET_LOG ?? 'error',
    FOCALNET_OPERATIONS: '127.0.0.1:0',
  };
  const secrets = Object.fromEntries(codes.map((code) => [code, randomBytes(32).toString('hex')]));
  return {
    folder,
    anchorPath,
    gatewayUrl,
    startGateway: async () => {
      const { ready } = await processes.start('gateway', {
        ...common,
        FOCALNET_KEYS: keyPaths.gateway,
        FOCALNET_LIST: listPath,
        FOCALNET_LISTEN: addresses.gateway,
        FOCALNET_DATABASE: `embedded:${join(claimed.databases, 'gateway')}`,
      });
      return ready.operationsUrl!;
    },
    startNode: async (code) => {
      const env = {
        ...common,
        FOCALNET_KEYS: keyPaths[code],
        FOCALNET_GATEWAY: gatewayUrl,
        FOCALNET_OFFICER: addresses[code].officer,
        ...(machineUrls[code] === null ? {} : { FOCALNET_MACHINE: addresses[code].machine }),
        FOCALNET_DATABASE: `embedded:${join(claimed.databases, code)}`,
        FOCALNET_ALLOW_LOOPBACK_PEERS: 'yes',
        FOCALNET_DEVELOPMENT_TOKEN_SECRET: secrets[code]!,
      };
      const { ready, pid, stop } = await processes.start('node', env);
      const urls = {
        officerUrl: ready.officerUrl!,
        machineUrl: ready.machineUrl ?? null,
        operationsUrl: ready.operationsUrl!,
      };
      return { code, ...urls, pid, env, issueToken: makeIssuer(code, secrets[code]!), stop };
    },
    close: async () => {
      await processes.stopAll();
      await claimed.release();
    },
  };
}

async function findAddresses() {
  const ports = await findFreePorts(7);
  const at = (index: number) => `127.0.0.1:${ports[index]}`;
  const ofNode = (index: number) => ({ officer: at(index), machine: at(index + 1) });
  return { gateway: at(0), xa: ofNode(1), xb: ofNode(3), xc: ofNode(5) };
}

function makeIssuer(code: Code, tokenSecret: string): RunningNode['issueToken'] {
  const tokens = openDevelopmentTokens({
    tokenSecret,
    origin: `${NET}/${code}`,
    environment: process.env.NODE_ENV,
    nowMs: () => Date.now(),
  });
  const office = `Focal point of ${code} (invented)`;
  return (role, name) =>
    tokens.issue({ id: `${role}.${code}`, name, role, office, unit: 'national', signedInMs: Date.now() });
}
