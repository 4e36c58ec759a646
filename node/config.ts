/**
 * A node's configuration: the only reader of the environment. Everything else gets the frozen value.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import * as z from 'zod';
import type { LogLevel } from '#platform/http/log.ts';
import { type Address, parseOperationsAddress } from '#platform/operations/address.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { SignInFile, type SignInSettings } from './access/sign-in/settings.ts';
import { OperationFile } from './graphql/named-operations.ts';
import { KeyFile } from './identity.ts';
import type { NoticeSettings } from './notices/context.ts';
import { isPlainAddress, type MailServer } from './notices/send-mail.ts';
import { defaultPolicy, RetentionFile, type RetentionPolicy } from './retention/policy.ts';

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
  /** Stands for the working days after which "no information" leaves, in milliseconds; null: those days. Demo and tests only. */
  readonly noInformationStepMs: number | null;
  /** How people sign in; null where no identity provider is set up yet, so that nobody can. */
  readonly signIn: SignInSettings | null;
  /** Mails that say "sign in"; null for a node that sends none. */
  readonly mail: NoticeSettings | null;
  /** The listener for the operator's own tools; null: none. */
  readonly operations: Address | null;
  /** Where the keys were read: whether they still can be is part of being ready. */
  readonly keysPath: string;
  /** Wrapping keys of what is kept at rest: their file, or the settings of the token that holds them (vault/). */
  readonly vaultPath: string;
  /** How long this State keeps what, where it has set that. */
  readonly retention: RetentionPolicy;
  /** Folder of the database, where it is on this machine: its disk is watched. */
  readonly dataFolder: string | null;
  /** The only operations that endpoints for people take; null for any. */
  readonly namedOperations: OperationFile | null;
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
    noInformationStepMs: env.FOCALNET_NO_INFORMATION_STEP_MS
      ? Number(env.FOCALNET_NO_INFORMATION_STEP_MS)
      : null,
    signIn: env.FOCALNET_SIGN_IN ? readSignIn(env) : null,
    mail: env.FOCALNET_SMTP ? readMail(env, env.FOCALNET_SMTP) : null,
    operations: readOperations(env),
    keysPath: need(env, 'FOCALNET_KEYS'),
    vaultPath: needVault(env),
    retention: env.FOCALNET_RETENTION
      ? RetentionFile.parse(readJson(env, 'FOCALNET_RETENTION'))
      : defaultPolicy,
    dataFolder: env.FOCALNET_DATA ?? null,
    namedOperations: env.FOCALNET_NAMED_OPERATIONS
      ? OperationFile.parse(readJson(env, 'FOCALNET_NAMED_OPERATIONS'))
      : null,
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
  if (config.noInformationStepMs !== null) {
    throw new ConfigError(
      'NOT_IN_PRODUCTION',
      'unset FOCALNET_NO_INFORMATION_STEP_MS: an answer that must not betray by its time leaves after working days',
    );
  }
  if (!config.gatewayUrl.startsWith('https://'))
    throw new ConfigError('NOT_IN_PRODUCTION', 'FOCALNET_GATEWAY must be https');
  if (config.mail && config.mail.server.tls !== 'required')
    throw new ConfigError('NOT_IN_PRODUCTION', 'unset FOCALNET_SMTP_TLS: mails leave by TLS or not at all');
  if (config.mail && !config.mail.publicUrl.startsWith('https://'))
    throw new ConfigError('NOT_IN_PRODUCTION', 'FOCALNET_PUBLIC_URL must be https');
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

function needVault(env: Environment): string {
  const path = env.FOCALNET_VAULT;
  if (path) return path;
  throw new ConfigError(
    'MISSING',
    'set FOCALNET_VAULT to the file of wrapping keys, or to the settings of a token: without it nothing may be kept. `focalnet keys vault` makes one; see deploy/RUNBOOK.md',
  );
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

/** Everything about mails; `FOCALNET_SMTP` is `smtp://host:587` (STARTTLS) or `smtps://host:465`. */
function readMail(env: Environment, smtp: string): NoticeSettings {
  const from = need(env, 'FOCALNET_MAIL_FROM');
  if (!isPlainAddress(from)) throw new ConfigError('INVALID', 'FOCALNET_MAIL_FROM must be one mail address');
  return {
    server: readMailServer(env, smtp),
    from,
    publicUrl: readOrigin(need(env, 'FOCALNET_PUBLIC_URL'), 'FOCALNET_PUBLIC_URL'),
    office: readOfficeTime(env),
  };
}

const Login = z.strictObject({ user: z.string().min(1), password: z.string().min(1) });

function readMailServer(env: Environment, smtp: string): MailServer {
  const url = parseUrl(smtp);
  const implicitTls = url?.protocol === 'smtps:';
  if (!url || !(implicitTls || url.protocol === 'smtp:') || url.username || url.hostname === '')
    throw new ConfigError('INVALID', 'FOCALNET_SMTP must be smtp://host:port or smtps://host:port');
  const tls = z.enum(['required', 'opportunistic', 'none']).safeParse(env.FOCALNET_SMTP_TLS ?? 'required');
  if (!tls.success)
    throw new ConfigError('INVALID', 'FOCALNET_SMTP_TLS must be unset or required in production');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (implicitTls ? 465 : 587),
    implicitTls,
    tls: tls.data,
    login: env.FOCALNET_SMTP_LOGIN ? Login.parse(readJson(env, 'FOCALNET_SMTP_LOGIN')) : null,
  };
}

const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

/** Scheme, host and port, and nothing that could tell one reader from another. */
function readOrigin(text: string, name: string): string {
  const url = parseUrl(text);
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin)
    throw new ConfigError(
      'INVALID',
      `${name} must be an address without path, e.g. https://focalnet.example`,
    );
  return url.href;
}

function readOfficeTime(env: Environment): NoticeSettings['office'] {
  const timeZone = env.FOCALNET_TIME_ZONE ?? 'UTC';
  const digestAt = env.FOCALNET_DIGEST_AT ?? '08:00';
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new ConfigError('INVALID', 'FOCALNET_TIME_ZONE must be a name such as Europe/Vienna');
  }
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(digestAt))
    throw new ConfigError('INVALID', 'FOCALNET_DIGEST_AT must be a time of day such as 08:00');
  return { timeZone, digestAt };
}
