/**
 * The gateway's configuration: the only reader of the environment. Everything else gets the frozen value.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import * as z from 'zod';
import type { LogLevel } from '#platform/http/log.ts';
import { type Address, parseOperationsAddress } from '#platform/operations/address.ts';
import { PrivateJwk } from '#schema/jws/keys.ts';
import { Kid } from '#schema/protocol/ids.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';

/** The gateway's keys, as `focalnet keys` writes them. There is none to open anything with. */
export const GatewayKeyFile = z.strictObject({
  v: z.literal(1),
  net: z.string(),
  party: z.literal('gateway'),
  sig: z.strictObject({ kid: Kid, jwk: PrivateJwk }),
  log: z.string(),
  wit: z.string(),
});

export interface GatewayConfig {
  readonly keys: z.infer<typeof GatewayKeyFile>;
  readonly anchor: Anchor;
  /** The signed list to publish at start, if it is newer than the one in force. */
  readonly list: string | null;
  readonly database: pg.PoolConfig;
  readonly host: string;
  readonly port: number;
  /** The listener for the operator's own tools; null: none. */
  readonly operations: Address | null;
  /** Where the keys were read: whether they still can be is part of being ready. */
  readonly keysPath: string;
  /** Folder of the database, where it is on this machine: its disk is watched. */
  readonly dataFolder: string | null;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration. @throws Error that names the variable and says what to put there */
export function readGatewayConfig(env: Environment = process.env): GatewayConfig {
  const { host, port } = splitAddress(env.FOCALNET_LISTEN ?? '127.0.0.1:8300');
  const database = need(env, 'FOCALNET_DATABASE');
  return Object.freeze({
    keys: GatewayKeyFile.parse(JSON.parse(readText(env, 'FOCALNET_KEYS'))),
    anchor: Anchor.parse(JSON.parse(readText(env, 'FOCALNET_ANCHOR'))),
    list: env.FOCALNET_LIST ? readText(env, 'FOCALNET_LIST').trim() : null,
    database: database.startsWith('{')
      ? (JSON.parse(database) as pg.PoolConfig)
      : { connectionString: database },
    host,
    port,
    operations: parseOperationsAddress(env.FOCALNET_OPERATIONS),
    keysPath: need(env, 'FOCALNET_KEYS'),
    dataFolder: env.FOCALNET_DATA ?? null,
    logLevel: (env.FOCALNET_LOG ?? 'info') as LogLevel,
  });
}

function need(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`set ${name}: see deploy/gateway.env.example`);
  return value;
}

const readText = (env: Environment, name: string): string => readFileSync(need(env, name), 'utf8');

/** `host:port`, an IPv6 host in brackets. */
function splitAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:\[?)([^[\]]+?)(?:\]?):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new Error('FOCALNET_LISTEN must be host:port, e.g. 127.0.0.1:8300 or [::1]:8300');
  return { host, port: Number(port) };
}
