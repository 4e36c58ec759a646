/**
 * A network for tests of the gateway: keys, a signed list, and gateways on one disposable database. Nodes are
 * clients here, no more: what they would seal is random bytes unless a test seals something itself.
 */
import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import { inventedProfiles, NET } from '#deploy/demo/invented-profiles.ts';
import {
  describeAuthorities,
  makeAuthorityKey,
  makePartyKeys,
  type PartyKeyFile,
  publicKeysOf,
} from '#deploy/network/make-keys.ts';
import { draftFirstList } from '#deploy/network/make-list.ts';
import { type GatewayConfig, GatewayKeyFile } from '#gateway/config.ts';
import { type Gateway, startGateway } from '#gateway/main.ts';
import type { GatewayDatabase } from '#gateway/tables.ts';
import { makePeerAgent } from '#platform/http/peer-request.ts';
import { type SignedClient, signedClient } from '#platform/http/signed-client.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { signEnvelope } from '#schema/jws/envelope.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { importSigningKey, type SigningKey } from '#schema/jws/keys.ts';
import { parseReceipt, signReceipt } from '#schema/jws/receipt.ts';
import { assembleList, makeAnchor, signList, verifyFirstList } from '#schema/jws/trust-list.ts';
import { Envelope, FIRST_PREV, type Lane, Receipt } from '#schema/protocol/envelope.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { createTestDatabase } from '../fixtures/database.ts';

export const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
export const nowS = () => Math.floor(Date.now() / 1000);

export type Party = { code: string; keys: PartyKeyFile; sig: SigningKey; client: SignedClient };
export type Message = {
  id: string;
  envelope: string;
  env: string;
  sealed: string;
  bytes: Buffer;
  value: Envelope;
};
export type Code = 'xa' | 'xb' | 'xc';

export type GatewayNetwork = {
  parties: Record<Code, Party>;
  authorities: SigningKey[];
  list: TrustList;
  json: string;
  keyring: Keyring;
  config: GatewayConfig;
  db: Kysely<GatewayDatabase>;
  /** Starts one more gateway process' worth of gateway on the database. */
  start(): Promise<Gateway>;
  close(): Promise<void>;
};

/** Keys and list of xa, xb and xc, and a database; no gateway runs yet. `quorum`: of the policy. */
export async function makeGatewayNetwork(options: { quorum?: number } = {}): Promise<GatewayNetwork> {
  const nowMs = Date.now();
  const authorityKeys = await Promise.all([1, 2, 3].map((n) => makeAuthorityKey(NET, n, random)));
  const gatewayKeys = await makePartyKeys(NET, 'gateway', random, nowMs);
  const agent = makePeerAgent({ allowLoopbackPeers: true });
  const makeParty = async (code: Code): Promise<Party> => {
    const keys = await makePartyKeys(NET, code, random, nowMs);
    const sig = await importSigningKey(keys.sig.kid, keys.sig.jwk);
    return { code, keys, sig, client: signedClient({ key: sig, agent, nowMs: () => Date.now() }) };
  };
  const parties = { xa: await makeParty('xa'), xb: await makeParty('xb'), xc: await makeParty('xc') };
  const list = draftFirstList({
    net: NET,
    nowMs,
    authorities: describeAuthorities(authorityKeys),
    quorum: options.quorum ?? 1,
    gateway: { url: 'http://127.0.0.1:9', keys: await publicKeysOf(gatewayKeys, nowMs) },
    members: await Promise.all(
      Object.values(parties).map(async ({ code, keys }) => ({
        node: code,
        keys: await publicKeysOf(keys, nowMs),
        urls: [],
        profile: Object.values(inventedProfiles)[0]!,
      })),
    ),
    types: ['ENQ@1'],
  });
  const authorities = await Promise.all(authorityKeys.map(({ kid, jwk }) => importSigningKey(kid, jwk)));
  const json = await signedBy(list, authorities.slice(0, 2));
  const anchor = await makeAnchor(json);
  const database = await createTestDatabase();
  const config: GatewayConfig = {
    keys: GatewayKeyFile.parse(gatewayKeys),
    anchor,
    list: json,
    database: database.config,
    host: '127.0.0.1',
    port: 0,
    operations: { host: '127.0.0.1', port: 0 },
    keysPath: fileURLToPath(import.meta.url),
    dataFolder: null,
    logLevel: 'silent',
  };
  const db = openDatabase<GatewayDatabase>(database.config);
  const running: Gateway[] = [];
  return {
    parties,
    authorities,
    list,
    json,
    keyring: makeKeyring(await verifyFirstList(json, anchor)),
    config,
    db,
    start: async () => {
      const gateway = await startGateway(config);
      running.push(gateway);
      return gateway;
    },
    close: async () => {
      agent.close();
      await Promise.all(running.map((gateway) => gateway.close()));
      await db.destroy();
      await database.drop();
    },
  };
}

/** A list with the signatures of these authorities. */
export async function signedBy(list: TrustList, authorities: readonly SigningKey[]): Promise<string> {
  return assembleList(list, await Promise.all(authorities.map((key) => signList(list, key))));
}

const seqs = new WeakMap<Party, Map<string, number>>();

type MessageOptions = {
  lane?: Lane;
  class?: 'msg' | 'ctl';
  bytes?: Buffer;
  seq?: number;
  id?: string;
  lifeS?: number;
  iat?: number;
};

/** The next message of a party to another: an envelope over a blob, random unless given. */
export async function makeMessage(from: Party, to: string, options: MessageOptions = {}): Promise<Message> {
  const lane = options.lane ?? 'routine';
  const own = seqs.get(from) ?? new Map<string, number>();
  seqs.set(from, own);
  const seq = options.seq ?? (own.get(`${to}/${lane}`) ?? 0) + 1;
  if (options.class !== 'ctl' && options.seq === undefined) own.set(`${to}/${lane}`, seq);
  const bytes = options.bytes ?? randomBytes(1500);
  const iat = options.iat ?? nowS();
  const numbered = { class: 'msg', lane, seq, prev: seq === 1 ? FIRST_PREV : sha256(`${from.code}${seq}`) };
  const value = Envelope.parse({
    v: 1,
    id: options.id ?? makeMessageId(Date.now(), random(10)),
    from: from.code,
    to,
    iat,
    exp: iat + (options.lifeS ?? 3600),
    list: 1,
    sealed: { fmt: 'openpgp', profile: 'p4', bytes: bytes.length, sha256: sha256(bytes) },
    ...(options.class === 'ctl' ? { class: 'ctl' } : numbered),
  });
  const envelope = await signEnvelope(value, from.sig);
  return { id: value.id, envelope, env: sha256(envelope), sealed: bytes.toString('base64'), bytes, value };
}

/** A receipt for a message as its recipient would sign it. */
export function makeReceipt(
  by: Party,
  message: Pick<Message, 'value' | 'env'>,
  stage: 'delivered' | 'rejected' = 'delivered',
): Promise<string> {
  if (message.value.class !== 'msg') throw new Error('control messages get no receipt');
  const { id: re, from: to, lane, seq, sealed } = message.value;
  const payload = Receipt.parse({
    v: 1,
    id: makeMessageId(Date.now(), random(10)),
    re,
    from: by.code,
    to,
    lane,
    seq,
    stage,
    ...(stage === 'rejected' ? { code: 'CANNOT_DECRYPT' } : { doc: sha256('document') }),
    env: message.env,
    sealed: sealed.sha256,
    at: nowS(),
    log: { origin: `${NET}/${by.code}`, leaf: sha256('leaf') },
  });
  return signReceipt(payload, by.sig);
}

export type DeliveryResult = {
  id: string | null;
  receipt: string | null;
  code: string | null;
  message: string | null;
  retryAfterS: number | null;
};

/** Calls `deliver`. */
export async function deliver(
  url: string,
  from: Party,
  messages: readonly Message[],
): Promise<DeliveryResult[]> {
  const input = messages.map(({ envelope, sealed }) => ({ envelope, sealed }));
  const { deliver: results } = await from.client.graphql<{ deliver: DeliveryResult[] }>(
    `${url}/graphql`,
    'mutation($messages: [DeliveryInput!]!) { deliver(messages: $messages) { id receipt code message retryAfterS } }',
    { messages: input },
  );
  return results;
}

/** Calls `deliver` until every message has a receipt; throws where one is refused. */
export async function deliverAll(url: string, from: Party, messages: readonly Message[]): Promise<string[]> {
  const results = await deliver(url, from, messages);
  if (results.some(({ code }) => code === 'PENDING')) return deliverAll(url, from, messages);
  return results.map(({ receipt, code }) => {
    if (receipt === null) throw new Error(`refused: ${code}`);
    return receipt;
  });
}

export type Item = {
  cursor: number;
  lane: Lane;
  kind: 'envelope' | 'receipt';
  envelope: string | null;
  sealed: string | null;
  receipt: string | null;
};

/** Calls `mailbox`. */
export async function pull(
  url: string,
  party: Party,
  after: { urgent?: number; routine?: number } = {},
  first = 64,
): Promise<{ trimmed: boolean; items: Item[] }> {
  const { mailbox } = await party.client.graphql<{ mailbox: { trimmed: boolean; items: Item[] } }>(
    `${url}/graphql`,
    `query($u: Int!, $r: Int!, $first: Int!) { mailbox(afterUrgent: $u, afterRoutine: $r, first: $first) {
      trimmed items { cursor lane kind envelope sealed receipt } } }`,
    { u: after.urgent ?? 0, r: after.routine ?? 0, first },
  );
  return mailbox;
}

/** Calls `postReceipts`. */
export async function postReceipts(
  url: string,
  party: Party,
  receipts: readonly string[],
): Promise<(string | null)[]> {
  const { postReceipts: results } = await party.client.graphql<{ postReceipts: { code: string | null }[] }>(
    `${url}/graphql`,
    'mutation($receipts: [String!]!) { postReceipts(receipts: $receipts) { code } }',
    { receipts },
  );
  return results.map(({ code }) => code);
}

/** Stable code a promise was refused with; `null` if it was not. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => (error as { code?: unknown }).code,
  );

/** The message a relayed receipt is about. */
export const reOf = (receipt: string): string => parseReceipt(receipt).value.re;
