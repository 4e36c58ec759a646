/**
 * How one State's node is, for whoever operates it: peers, queues, keys, list, log, storage. States, counts, sizes, codes and times
 * only: no content, no person, no id of a conversation or message.
 */
import type { Kysely } from 'kysely';
import { commonOffsetMs, isClockRight } from '#platform/operations/clock.ts';
import { type LogStatus, readLogStatus } from '#platform/operations/log-status.ts';
import { LEAST_FREE_BYTES, readStorage, type Storage } from '#platform/operations/storage.ts';
import { compareMigrations } from '#platform/postgres/migrate.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import { UNREAD_LIMIT_MS } from '../enquiries/find-unread-urgent.ts';
import type { Standing, Trust } from '../exchange/trust.ts';
import type { Identity } from '../identity.ts';
import { type Database, migrations } from '../storage/database.ts';
import { describeKeys, type KeyStatus } from './keys.ts';
import { type Contact, type PeerStatus, readContacts, readPeers } from './peers.ts';

export interface Status {
  /** Epoch milliseconds; so are all names that end in AtMs. */
  readonly atMs: number;
  readonly state: string;
  readonly net: string;
  readonly standing: Standing;
  readonly list: {
    readonly ver: number;
    readonly freshness: 'fresh' | 'stale' | 'expired';
    readonly confirmedAtMs: number;
    readonly expiresAtMs: number;
  } | null;
  readonly keys: readonly KeyStatus[];
  readonly gateway: Contact;
  readonly peers: readonly PeerStatus[];
  readonly mailbox: {
    readonly readAtMs: number | null;
    readonly failure: string | null;
    /** Messages out of it that could not be taken yet. */
    readonly setAside: number;
  };
  /** How often in a row the office's mail server has failed; 0 also where none is set. */
  readonly mailFailures: number;
  /** Alerts of other States that nobody here has confirmed for half an hour. */
  readonly unheardAlerts: number;
  readonly log: LogStatus;
  readonly storage: Storage;
  /** What others' clocks say, less ours; null where fewer than two have said anything within the hour. */
  readonly clockOffsetMs: number | null;
  readonly migrations: {
    readonly applied: number;
    readonly missing: readonly string[];
    readonly unknown: readonly string[];
  };
  readonly warnings: readonly Warning[];
}

/** What an operator should look at; `about` names a State, a key or a witness. */
export interface Warning {
  readonly code: WarningCode;
  readonly about?: string;
}

export const warningCodes = [
  'STANDING',
  'LIST_STALE',
  'LIST_ENDS',
  'KEY_ENDS',
  'KEY_UNLISTED',
  'PEER_SILENT',
  'QUEUE_OLD',
  'LANE_GAP',
  'MAILBOX_UNREAD',
  'LOG_WAITING',
  'LOG_UNCOSIGNED',
  'WITNESS_SILENT',
  'DISK_FULL',
  'CLOCK',
  'MIGRATIONS',
  'MAILS',
  'ALERT_UNHEARD',
] as const;
export type WarningCode = (typeof warningCodes)[number];

export interface StatusContext {
  readonly db: Kysely<Database>;
  readonly identity: Identity;
  readonly trust: Trust;
  readonly dataFolder: string | null;
  readonly nowMs: () => number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What is late, by lane: an urgent message is telephoned after half an hour (PRACTICE.md A20). */
const QUEUE_OLD_MS = { urgent: 10 * MINUTE_MS, routine: 6 * HOUR_MS } as const;

/** So many failures in a row are no moment's: half a minute and more (node/notices/send-notices.ts). */
const MAILS_FAIL = 3;

/** Reads all of it. @throws what the database throws when it is away */
export async function readStatus(ctx: StatusContext): Promise<Status> {
  const { db, identity, trust } = ctx;
  const nowMs = ctx.nowMs();
  const keyring = trust.version() > 0 ? trust.current() : null;
  const contacts = await readContacts(db);
  const contact = (party: string) => contacts.get(party) ?? NEVER;
  const known = {
    atMs: nowMs,
    state: identity.state as string,
    net: identity.net,
    standing: trust.standing(),
    list: keyring && {
      ver: keyring.ver,
      freshness: trust.freshness(),
      confirmedAtMs: trust.refreshedAtMs(),
      expiresAtMs: keyring.exp * 1000,
    },
    keys: await describeKeys(identity, keyring, nowMs),
    gateway: contact(GATEWAY),
    peers: await readPeers(db, keyring?.nodes.filter(({ node }) => node !== identity.state) ?? [], contacts),
    mailbox: {
      readAtMs: contact('mailbox').reachedAtMs,
      failure: contact('mailbox').failure,
      setAside: await countSetAside(db),
    },
    mailFailures: await countMailFailures(db),
    unheardAlerts: await countUnheard(db, nowMs),
    log: await readLogStatus(db, { origin: identity.origin, nowMs, ...witnessesOf(identity, keyring) }),
    storage: await readStorage(db, ctx.dataFolder),
    clockOffsetMs: commonOffsetMs(
      [...contacts.values()].flatMap(({ clock }) => (clock ? [clock] : [])),
      nowMs,
    ),
    migrations: summarise(await compareMigrations(db, migrations)),
  };
  return { ...known, warnings: findWarnings(known) };
}

const NEVER: Contact = { heardAtMs: null, reachedAtMs: null, failedAtMs: null, failure: null, clock: null };

const summarise = (found: { applied: string[]; missing: string[]; unknown: string[] }) => ({
  ...found,
  applied: found.applied.length,
});

/** Names of those whose cosignatures count for this node's log, and how many are needed. */
export function witnessesOf(
  identity: Identity,
  keyring: Keyring | null,
): { expected: string[]; quorum: number } {
  if (keyring === null) return { expected: [], quorum: 1 };
  const peers = keyring.nodes.filter(({ node, status }) => status === 'active' && node !== identity.state);
  const expected = [GATEWAY, ...peers.map(({ node }) => node)].map((party) => `${keyring.net}/${party}`);
  return { expected, quorum: keyring.policy.quorum };
}

async function countMailFailures(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('mail_server').select('failures').executeTakeFirstOrThrow()).failures;
}

async function countUnheard(db: Kysely<Database>, nowMs: number): Promise<number> {
  const row = await db
    .selectFrom('task')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('kind', '=', 'call-duty-phone')
    .where('detail', '=', 'theirs')
    .where('closed_at', 'is', null)
    .where('opened_at', '<=', nowMs - UNREAD_LIMIT_MS)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

async function countSetAside(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('set_aside')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

function findWarnings(status: Omit<Status, 'warnings'>): Warning[] {
  const { atMs, list, log, mailbox, storage } = status;
  const since = (thenMs: number | null) => (thenMs === null ? 0 : atMs - thenMs);
  const found: (Warning | false)[] = [
    status.standing !== 'active' && { code: 'STANDING', about: status.standing },
    list !== null && list.freshness !== 'fresh' && { code: 'LIST_STALE' },
    list !== null && list.expiresAtMs - atMs < 30 * DAY_MS && { code: 'LIST_ENDS' },
    ...status.keys.map(
      ({ id, warning }): Warning | false =>
        warning !== null && { code: warning === 'ends' ? 'KEY_ENDS' : 'KEY_UNLISTED', about: id },
    ),
    ...status.peers.flatMap((peer) => findPeerWarnings(peer, atMs)),
    since(mailbox.readAtMs) > 10 * MINUTE_MS && { code: 'MAILBOX_UNREAD' },
    since(log.oldestWaitingAtMs) > MINUTE_MS && { code: 'LOG_WAITING' },
    log.cosignedSize < log.size &&
      since(log.cosignedAtMs ?? log.checkpointAtMs) > HOUR_MS && { code: 'LOG_UNCOSIGNED' },
    ...log.witnesses.map(
      ({ name, silent }): Warning | false => silent && { code: 'WITNESS_SILENT', about: name },
    ),
    storage.disk !== null && storage.disk.freeBytes < LEAST_FREE_BYTES && { code: 'DISK_FULL' },
    !isClockRight(status.clockOffsetMs) && { code: 'CLOCK' },
    status.migrations.missing.length + status.migrations.unknown.length > 0 && { code: 'MIGRATIONS' },
    status.mailFailures >= MAILS_FAIL && { code: 'MAILS' },
    status.unheardAlerts > 0 && { code: 'ALERT_UNHEARD' },
  ];
  return found.filter((one) => one !== false);
}

function findPeerWarnings({ state, standing, lanes, contact }: PeerStatus, atMs: number): Warning[] {
  if (standing !== 'active') return [];
  const old = lanes.some(
    ({ lane, oldestAtMs }) => oldestAtMs !== null && atMs - oldestAtMs > QUEUE_OLD_MS[lane],
  );
  const gap = lanes.some(({ gapSinceMs }) => gapSinceMs !== null && atMs - gapSinceMs > HOUR_MS);
  const last = Math.max(contact.heardAtMs ?? 0, contact.reachedAtMs ?? 0);
  const silent = contact.failedAtMs !== null && contact.failedAtMs > last && atMs - last > DAY_MS;
  return [
    ...(old ? [{ code: 'QUEUE_OLD' as const, about: state }] : []),
    ...(gap ? [{ code: 'LANE_GAP' as const, about: state }] : []),
    ...(silent ? [{ code: 'PEER_SILENT' as const, about: state }] : []),
  ];
}
