/**
 * A node's configuration: the only reader of the environment. Everything else gets the frozen value.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { LogLevel } from '#platform/http/log.ts';
import { type Address, parseOperationsAddress } from '#platform/operations/address.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { KeyFile } from './identity.ts';

export interface Config {
  readonly keys: KeyFile;
  readonly anchor: Anchor;
  readonly database: pg.PoolConfig;
  readonly gatewayUrl: string;
  readonly officer: { readonly host: string; readonly port: number };
  /** The endpoint for other nodes; null for a node that opens no port and lives on its mailbox. */
  readonly machine: { readonly host: string; readonly port: number } | null;
  /** Peers on this machine: demo and tests only. */
  readonly allowLoopbackPeers: boolean;
  /** Until people sign in: a secret with which the demo and tests name an actor. Never in production. */
  readonly development: { readonly tokenSecret: string } | null;
  /** The listener for the operator's own tools; null: none. */
  readonly operations: Address | null;
  /** Where the keys were read: whether they still can be is part of being ready. */
  readonly keysPath: string;
  /** Folder of the database, where it is on this machine: its disk is watched. */
  readonly dataFolder: string | null;
  readonly logLevel: LogLevel;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: 'MISSING' | 'UNREADABLE' | 'NOT_IN_PRODUCTION' | 'INVALID';
  constructor(code: ConfigError['code'], advice: string) {
    super(`${code}: ${advice}`);
    this.code = code;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration. @throws ConfigError that names the variable and says what to put there */
export function readConfig(env: Environment = process.env): Config {
  const config: Config = {
    keys: KeyFile.parse(readJson(env, 'FOCALNET_KEYS')),
    anchor: Anchor.parse(readJson(env, 'FOCALNET_ANCHOR')),
    database: readDatabase(env),
    gatewayUrl: need(env, 'FOCALNET_GATEWAY').replace(/\/$/, ''),
    officer: readAddress(env.FOCALNET_OFFICER ?? '127.0.0.1:8400', 'FOCALNET_OFFICER'),
    machine: env.FOCALNET_MACHINE ? readAddress(env.FOCALNET_MACHINE, 'FOCALNET_MACHINE') : null,
    allowLoopbackPeers: env.FOCALNET_ALLOW_LOOPBACK_PEERS === 'yes',
    development: env.FOCALNET_DEVELOPMENT_TOKEN_SECRET
      ? { tokenSecret: env.FOCALNET_DEVELOPMENT_TOKEN_SECRET }
      : null,
    operations: readOperations(env),
    keysPath: need(env, 'FOCALNET_KEYS'),
    dataFolder: env.FOCALNET_DATA ?? null,
    logLevel: (env.FOCALNET_LOG ?? 'info') as LogLevel,
  };
  refuseDemoInProduction(config, env.NODE_ENV);
  return Object.freeze(config);
}

/** What only the demo and tests may use never starts in production. @throws ConfigError NOT_IN_PRODUCTION */
export function refuseDemoInProduction(config: Config, nodeEnv: string | undefined): void {
  if (nodeEnv !== 'production') return;
  if (config.development) {
    throw new ConfigError(
      'NOT_IN_PRODUCTION',
      'unset FOCALNET_DEVELOPMENT_TOKEN_SECRET: development tokens are for the demo and tests',
    );
  }
  if (config.allowLoopbackPeers) {
    throw new ConfigError(
      'NOT_IN_PRODUCTION',
      'unset FOCALNET_ALLOW_LOOPBACK_PEERS: peers on this machine are for the demo and tests',
    );
  }
  if (!config.gatewayUrl.startsWith('https://'))
    throw new ConfigError('NOT_IN_PRODUCTION', 'FOCALNET_GATEWAY must be https');
}

function readOperations(env: Environment): Address | null {
  try {
    return parseOperationsAddress(env.FOCALNET_OPERATIONS);
  } catch (error) {
    throw new ConfigError('INVALID', (error as Error).message);
  }
}

function need(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new ConfigError('MISSING', `set ${name}: see deploy/node.env.example`);
  return value;
}

function readJson(env: Environment, name: string): unknown {
  const path = need(env, name);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new ConfigError('UNREADABLE', `${name} must name a JSON file that this process can read`);
  }
}

/** A connection string, or for the embedded PostgreSQL a JSON object of connection settings. */
function readDatabase(env: Environment): pg.PoolConfig {
  const value = need(env, 'FOCALNET_DATABASE');
  return value.startsWith('{') ? (JSON.parse(value) as pg.PoolConfig) : { connectionString: value };
}

function readAddress(text: string, name: string): { host: string; port: number } {
  const match = /^(.+):([0-9]{1,5})$/.exec(text);
  if (!match || Number(match[2]) > 65_535)
    throw new ConfigError('INVALID', `${name} must be host:port, e.g. 127.0.0.1:8400`);
  return { host: match[1]!, port: Number(match[2]) };
}
