/**
 * A node's configuration: the only reader of the environment. Everything else gets the frozen value.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { LogLevel } from '#platform/http/log.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { SignInFile, type SignInSettings } from './access/sign-in/settings.ts';
import { KeyFile } from './identity.ts';

export interface Config {
  readonly keys: KeyFile;
  readonly anchor: Anchor;
  readonly database: pg.PoolConfig;
  readonly gatewayUrl: string;
  /** The unit of this office that gets what other States open here. */
  readonly intakeUnit: string;
  readonly officer: { readonly host: string; readonly port: number };
  /** The endpoint for other nodes; null for a node that opens no port and lives on its mailbox. */
  readonly machine: { readonly host: string; readonly port: number } | null;
  /** Peers on this machine: demo and tests only. */
  readonly allowLoopbackPeers: boolean;
  /** How people sign in; null where no identity provider is set up yet, so that nobody can. */
  readonly signIn: SignInSettings | null;
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
    intakeUnit: env.FOCALNET_INTAKE_UNIT ?? 'national',
    officer: readAddress(env.FOCALNET_OFFICER ?? '127.0.0.1:8400', 'FOCALNET_OFFICER'),
    machine: env.FOCALNET_MACHINE ? readAddress(env.FOCALNET_MACHINE, 'FOCALNET_MACHINE') : null,
    allowLoopbackPeers: env.FOCALNET_ALLOW_LOOPBACK_PEERS === 'yes',
    signIn: env.FOCALNET_SIGN_IN ? readSignIn(env) : null,
    logLevel: (env.FOCALNET_LOG ?? 'info') as LogLevel,
  };
  refuseDemoInProduction(config, env.NODE_ENV);
  return Object.freeze(config);
}

/** What only the demo and tests may use never starts in production. @throws ConfigError NOT_IN_PRODUCTION */
export function refuseDemoInProduction(config: Config, nodeEnv: string | undefined): void {
  if (nodeEnv !== 'production') return;
  if (config.signIn?.allowHttp) {
    throw new ConfigError(
      'NOT_IN_PRODUCTION',
      'unset FOCALNET_ALLOW_HTTP_SIGN_IN: signing in by plain HTTP is for the demo and tests',
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

/** The file about the identity provider; by https alone, unless this is the demo or a test. */
function readSignIn(env: Environment): SignInSettings {
  const { caFile, ...file } = SignInFile.parse(readJson(env, 'FOCALNET_SIGN_IN'));
  const allowHttp = env.FOCALNET_ALLOW_HTTP_SIGN_IN === 'yes';
  if (!allowHttp && [file.issuer, file.address].some((url) => !url.startsWith('https:')))
    throw new ConfigError('INVALID', 'issuer and address in FOCALNET_SIGN_IN must be https');
  return {
    ...file,
    allowHttp,
    ca: caFile === undefined ? null : readText(caFile, 'caFile in FOCALNET_SIGN_IN'),
  };
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError('UNREADABLE', `${name} must name a file that this process can read`);
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
