/**
 * The demo's network: a gateway and three nodes, each a process with an embedded PostgreSQL of its own, talking HTTP over
 * loopback. xc opens no port for other nodes.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDemoFolder } from './demo-folder.ts';
import { type Code, codes, foundNetwork } from './found-network.ts';
import { inventedPeople } from './invented-people.ts';
import { findFreePorts, openProcesses } from './processes.ts';
import { acrs, type InventedClient, startInventedProvider } from './provider/start-provider.ts';

export interface RunningNode {
  readonly code: Code;
  readonly officerUrl: string;
  readonly machineUrl: string | null;
  /** Health, metrics and status, for whoever operates it. */
  readonly operationsUrl: string;
  readonly pid: number;
  /** What it was started with, for other commands about it. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

export interface DemoNetwork {
  readonly folder: string;
  readonly anchorPath: string;
  readonly gatewayUrl: string;
  /** The identity provider of all three States. */
  readonly providerUrl: string;
  /** @returns the address of its listener for operators */
  readonly startGateway: () => Promise<string>;
  /** A node that was stopped comes back at the same address, with its database. */
  readonly startNode: (code: Code) => Promise<RunningNode>;
  /** Ends every process and removes the databases; at any time, also while something starts. */
  readonly close: () => Promise<void>;
}

/**
 * Claims `folder` and founds a network there. Only its identity provider runs yet, in this process.
 * @param options.onOutput gets what the processes print
 * @throws Error when a demo runs in that folder
 */
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
  const { anchorPath, listPath, keyPaths, vaultPaths } = await foundNetwork(folder, gatewayUrl, machineUrls);
  const processes = openProcesses(options.onOutput);
  const common = {
    FOCALNET_ANCHOR: anchorPath,
    FOCALNET_LOG: process.env.FOCALNET_LOG ?? 'error',
    FOCALNET_OPERATIONS: '127.0.0.1:0',
  };
  const clients = codes.map((code) => describeClient(code, addresses));
  const provider = await startInventedProvider({ port: addresses.provider, clients });
  const signIn = await Promise.all(clients.map((client) => writeSignIn(folder, provider.issuer, client)));
  return {
    folder,
    anchorPath,
    gatewayUrl,
    providerUrl: provider.issuer,
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
        FOCALNET_VAULT: vaultPaths[code],
        FOCALNET_GATEWAY: gatewayUrl,
        FOCALNET_OFFICER: addresses[code].officer,
        ...(machineUrls[code] === null ? {} : { FOCALNET_MACHINE: addresses[code].machine }),
        FOCALNET_DATABASE: `embedded:${join(claimed.databases, code)}`,
        FOCALNET_ALLOW_LOOPBACK_PEERS: 'yes',
        FOCALNET_NO_INFORMATION_STEP_MS: '2000',
        FOCALNET_ALLOW_HTTP_SIGN_IN: 'yes',
        ...signIn[codes.indexOf(code)],
      };
      const { ready, pid, stop } = await processes.start('node', env);
      const urls = {
        officerUrl: ready.officerUrl!,
        machineUrl: ready.machineUrl ?? null,
        operationsUrl: ready.operationsUrl!,
      };
      return { code, ...urls, pid, env, stop };
    },
    close: async () => {
      await processes.stopAll();
      await provider.close();
      await claimed.release();
    },
  };
}

async function findAddresses() {
  const ports = await findFreePorts(8);
  const at = (index: number) => `127.0.0.1:${ports[index]}`;
  const ofNode = (index: number) => ({ officer: at(index), machine: at(index + 1) });
  return { gateway: at(0), xa: ofNode(1), xb: ofNode(3), xc: ofNode(5), provider: ports[7]! };
}

type Client = InventedClient & { readonly code: Code };

function describeClient(code: Code, addresses: Awaited<ReturnType<typeof findAddresses>>): Client {
  const issuer = `http://127.0.0.1:${addresses.provider}`;
  return {
    code,
    clientId: `focalnet-${code}`,
    clientSecret: randomBytes(32).toString('hex'),
    address: `http://${addresses[code].officer}`,
    people: inventedPeople(code, issuer),
  };
}

/** What a node must know to let its people sign in, and who they are. @returns variables of its environment */
async function writeSignIn(
  folder: string,
  issuer: string,
  { code, clientId, clientSecret, address, people }: Client,
): Promise<Record<string, string>> {
  const [signInPath, peoplePath] = [
    join(folder, `${code}.sign-in.json`),
    join(folder, `${code}.people.json`),
  ];
  const acr = [acrs.password, acrs.twoFactors];
  const file = { issuer, clientId, clientSecret, address, acr, stepUpAcr: [acrs.twoFactors] };
  await writeFile(signInPath, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  await writeFile(peoplePath, `${JSON.stringify(people, null, 2)}\n`);
  return { FOCALNET_SIGN_IN: signInPath, FOCALNET_DEMO_PEOPLE: peoplePath };
}
