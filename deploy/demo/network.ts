/**
 * The demo's network: keys, anchor and first list made anew, then a gateway and three nodes, each a process with an embedded
 * PostgreSQL of its own. xc opens no port for other nodes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDevelopmentTokens } from '#node/access/development-token.ts';
import { messageCodes, wireName } from '#schema/conversation/message-types.ts';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, signList } from '#schema/jws/trust-list.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  type PartyKeyFile,
  publicKeysOf,
} from '../network/make-keys.ts';
import { draftFirstList } from '../network/make-list.ts';
import type { Ready } from '../run-process.ts';
import { inventedProfiles, NET } from './invented-profiles.ts';

export type Code = 'xa' | 'xb' | 'xc';
export const codes: readonly Code[] = ['xa', 'xb', 'xc'];

const CLI = fileURLToPath(new URL('../../bin/focalnet.mjs', import.meta.url));
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

export interface RunningNode {
  readonly code: Code;
  readonly officerUrl: string;
  readonly machineUrl: string | null;
  readonly pid: number;
  /** Bearer token of an invented person. */
  readonly tokenOf: (
    name: string,
    role: 'officer' | 'supervisor' | 'legal-adviser' | 'head',
  ) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface DemoNetwork {
  readonly folder: string;
  readonly anchorPath: string;
  readonly gatewayUrl: string;
  readonly start: (code: Code) => Promise<RunningNode>;
  readonly close: () => Promise<void>;
}

/** Makes keys and list below `folder` and starts the gateway. Databases live in a temporary folder that `close` removes. */
export async function startDemoNetwork(folder: string): Promise<DemoNetwork> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const databases = await mkdtemp(join(tmpdir(), 'focalnet-demo-'));
  // Run by root, PostgreSQL is another account and must be able to pass through.
  await chmod(databases, 0o711);
  const ports = await freePorts(7);
  const gatewayUrl = `http://127.0.0.1:${ports[0]}`;
  const addresses = Object.fromEntries(
    codes.map((code, i) => [code, { officer: ports[1 + 2 * i]!, machine: ports[2 + 2 * i]! }]),
  );
  const keys = await makeKeys();
  const { anchorPath, listPath } = await writeNetwork(folder, keys, { gatewayUrl, addresses });
  const children = new Set<ChildProcess>();
  const common = { FOCALNET_ANCHOR: anchorPath, FOCALNET_LOG: process.env.FOCALNET_LOG ?? 'error' };
  const gatewayEnv = {
    ...common,
    FOCALNET_KEYS: await writeSecret(folder, 'gateway.keys.json', keys.gateway),
    FOCALNET_LIST: listPath,
    FOCALNET_LISTEN: `127.0.0.1:${ports[0]}`,
    FOCALNET_DATABASE: `embedded:${join(databases, 'gateway')}`,
  };
  const stopGateway = (await startProcess(children, 'gateway', gatewayEnv)).stop;
  return {
    folder,
    anchorPath,
    gatewayUrl,
    start: async (code) => {
      const secret = randomBytes(32).toString('hex');
      const { ready, pid, stop } = await startProcess(children, 'node', {
        ...common,
        FOCALNET_KEYS: await writeSecret(folder, `${code}.keys.json`, keys.nodes[code]!),
        FOCALNET_GATEWAY: gatewayUrl,
        FOCALNET_OFFICER: `127.0.0.1:${addresses[code]!.officer}`,
        ...(code === 'xc' ? {} : { FOCALNET_MACHINE: `127.0.0.1:${addresses[code]!.machine}` }),
        FOCALNET_DATABASE: `embedded:${join(databases, code)}`,
        FOCALNET_ALLOW_LOOPBACK_PEERS: 'yes',
        FOCALNET_DEVELOPMENT_TOKEN_SECRET: secret,
      });
      const tokens = openDevelopmentTokens({
        tokenSecret: secret,
        origin: `${NET}/${code}`,
        environment: process.env.NODE_ENV,
        nowMs: () => Date.now(),
      });
      const office = `Focal point of ${code} (invented)`;
      return {
        code,
        officerUrl: ready.officerUrl!,
        machineUrl: ready.machineUrl ?? null,
        pid,
        tokenOf: (name, role) =>
          tokens.issue({ id: `${code}-${name.toLowerCase().replaceAll(' ', '-')}`, name, role, office }),
        stop,
      };
    },
    close: async () => {
      await Promise.all([...children].map((child) => stopProcess(child)));
      await stopGateway();
      await rm(databases, { recursive: true, force: true });
    },
  };
}

interface Keys {
  authorities: Awaited<ReturnType<typeof makeAuthorityKey>>[];
  gateway: PartyKeyFile;
  nodes: Partial<Record<Code, PartyKeyFile>>;
}

async function makeKeys(): Promise<Keys> {
  const nowMs = Date.now();
  const nodes: Keys['nodes'] = {};
  for (const code of codes) nodes[code] = await makePartyKeys(NET, code, random, nowMs);
  return {
    authorities: await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random))),
    gateway: await makePartyKeys(NET, 'gateway', random, nowMs),
    nodes,
  };
}

/** Two of the three authorities sign the first list; its hash becomes the anchor. */
async function writeNetwork(
  folder: string,
  keys: Keys,
  { gatewayUrl, addresses }: { gatewayUrl: string; addresses: Record<string, { machine: number }> },
): Promise<{ anchorPath: string; listPath: string }> {
  const nowMs = Date.now();
  const members = codes.map(async (code) => ({
    node: code,
    keys: await publicKeysOf(keys.nodes[code]!, nowMs),
    urls: code === 'xc' ? [] : [`http://127.0.0.1:${addresses[code]!.machine}`],
    profile: inventedProfiles[code],
  }));
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(keys.authorities),
    quorum: 2,
    gateway: { url: gatewayUrl, keys: await publicKeysOf(keys.gateway, nowMs) },
    members: await Promise.all(members),
    types: messageCodes.map(wireName),
  });
  const signers = await Promise.all(
    keys.authorities.slice(0, 2).map(({ kid, jwk }) => importSigningKey(kid, jwk)),
  );
  const json = assembleList(list, await Promise.all(signers.map((key) => signList(list, key))));
  const anchorPath = join(folder, 'anchor.json');
  const listPath = join(folder, 'list-1.json');
  await writeFile(anchorPath, `${JSON.stringify(await makeAnchor(json), null, 2)}\n`);
  await writeFile(listPath, json);
  return { anchorPath, listPath };
}

async function writeSecret(folder: string, name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value), { mode: 0o600 });
  return path;
}

async function startProcess(
  children: Set<ChildProcess>,
  command: 'node' | 'gateway',
  env: Record<string, string>,
) {
  const child = spawn(process.execPath, [CLI, command, 'run'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C in a terminal goes to the demo alone, which then stops its children in order.
    detached: true,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready));
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${command} ended before it was ready (exit ${code}); see what it printed above`)),
    );
  });
  return { ready, pid: child.pid!, stop: () => stopProcess(child) };
}

/** Asks a process to end and waits for it; a process that does not within 15 s is killed, its database then stops itself. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

/** Ports that were free a moment ago: the list must name addresses before the nodes start. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
