import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NET } from '#deploy/demo/invented-profiles.ts';
import { draftNextList } from '#deploy/network/make-list.ts';
import type { Gateway } from '#gateway/main.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import { checkLog } from '#platform/log/fsck.ts';
import { parseList, verifyFirstList, verifyNextList } from '#schema/jws/trust-list.ts';
import { openCheckpoint, parseCheckpoint, signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint, countCosigners } from '#schema/log/cosignature.ts';
import {
  makeSigningKey,
  type NoteSigningKey,
  parseNote,
  parseVkey,
  readNoteSigner,
} from '#schema/log/note.ts';
import type { LogProof } from '#schema/log/proof.ts';
import {
  appendLeaves,
  buildConsistencyProof,
  emptyFrontier,
  type Frontier,
  leafHash,
  rootOf,
  verifyConsistency,
} from '#schema/log/tree.ts';
import { decodeBase64, encodeBase64 } from '#schema/protocol/base64.ts';
import {
  codeOf,
  deliverAll,
  type GatewayNetwork,
  makeGatewayNetwork,
  makeMessage,
  nowS,
  type Party,
  signedBy,
} from './start-network.ts';

let network: GatewayNetwork;
let gateway: Gateway;
let url: string;
let xa: Party;
let xb: Party;
let xc: Party;
const GATEWAY_ORIGIN = `${NET}/gateway`;

beforeAll(async () => {
  network = await makeGatewayNetwork({ quorum: 1 });
  gateway = await network.start();
  url = `${gateway.url}/graphql`;
  ({ xa, xb, xc } = network.parties);
});
afterAll(() => network.close());

type Served = {
  ver: number;
  list: string;
  index: number | null;
  proof: string[] | null;
  checkpoint: string | null;
};
type Posted = { origin: string; size: number; note: string };

/** Unsigned, as anybody may. */
async function askOpenly<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as {
    data: T;
    errors?: { extensions: { code: string } }[];
  };
  if (errors) throw new PeerError(errors[0]!.extensions.code);
  return data;
}

async function readList(ver: number | null = null): Promise<Served | null> {
  const query = 'query($ver: Int) { trustList(ver: $ver) { ver list index proof checkpoint } }';
  return (await askOpenly<{ trustList: Served | null }>(query, { ver })).trustList;
}

const publish = (list: string) =>
  askOpenly<{ publishList: number }>('mutation($list: String!) { publishList(list: $list) }', { list });

async function checkpoints(by: Party): Promise<Posted[]> {
  const answer = await by.client.graphql<{ checkpoints: Posted[] }>(
    url,
    '{ checkpoints { origin size note } }',
  );
  return answer.checkpoints;
}

async function checkpointOf(by: Party, origin: string): Promise<Posted> {
  const found = (await checkpoints(by)).find((one) => one.origin === origin);
  if (!found) throw new Error('no checkpoint yet');
  return found;
}

/** A party cosigns a note and posts the line. */
async function cosign(by: Party, { origin, size, note }: Posted): Promise<number> {
  const line = await cosignCheckpoint(note, await readNoteSigner(by.keys.wit), nowS());
  return postLine(by, origin, size, line);
}

async function postLine(by: Party, origin: string, size: number, line: string): Promise<number> {
  const query =
    'mutation($origin: String!, $size: Float!, $line: String!) { postCosignature(origin: $origin, size: $size, line: $line) }';
  const variables = { origin, size, line };
  const answer = await by.client.graphql<{ postCosignature: boolean }>(url, query, variables);
  return answer.postCosignature ? 1 : 0;
}

/** Resolves at the first checkpoint of the gateway's own log with at least that size. */
async function untilGatewaySize(minSize: number): Promise<Posted> {
  const aborter = new AbortController();
  const look = async () => {
    const found = (await checkpoints(xa)).find(
      ({ origin, size }) => origin === GATEWAY_ORIGIN && size >= minSize,
    );
    if (found) aborter.abort();
    return found ?? null;
  };
  let found: Posted | null = null;
  let opened: () => void = () => {};
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const options = { signal: aborter.signal, onOpen: () => opened() };
  const events = xa.client.subscribe(url, 'subscription { checkpointChanged }', options);
  const following = (async () => {
    for await (const _ of events) found ??= await look();
  })();
  await open;
  found ??= await look();
  await following;
  return found!;
}

describe('the directory', () => {
  it('serves the list in force to anyone', async () => {
    expect(await readList()).toMatchObject({ ver: 1, list: network.json });
    expect(await readList(1)).toMatchObject({ ver: 1 });
    expect(await readList(2)).toBeNull();
    const ready = await fetch(`${gateway.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { database: true, migrations: true, disk: true, keys: true, clock: true, list: 1, log: true },
    ]);
  });

  it('takes the next list, and serves it with a proof once a witness has seen it in the log', async () => {
    const first = await verifyFirstList(network.json, network.config.anchor);
    // Two witnesses of an older checkpoint must not stand in for one that has seen the new list.
    await deliverAll(gateway.url, xa, [await makeMessage(xa, 'xb')]);
    const early = await untilGatewaySize(1);
    expect([await cosign(xb, early), await cosign(xc, early)]).toEqual([1, 1]);
    const second = draftNextList(network.list, network.list.nodes, Date.now());
    const json = await signedBy(second, network.authorities.slice(1));
    expect(await publish(json)).toEqual({ publishList: 2 });
    // Brought once more, by somebody who did not hear the answer.
    expect(await publish(json)).toEqual({ publishList: 2 });
    const entry = await network.db
      .selectFrom('list')
      .select('audit_id')
      .where('ver', '=', 2)
      .executeTakeFirstOrThrow();
    const { idx } = await network.db
      .selectFrom('audit_entry')
      .select('idx')
      .where('id', '=', entry.audit_id as never)
      .executeTakeFirstOrThrow();
    const later = await untilGatewaySize((idx === null ? early.size : Number(idx)) + 1);
    await cosign(xb, later);
    const served = (await readList())!;
    expect(served).toMatchObject({ ver: 2, list: json });
    const proof: LogProof = {
      index: served.index!,
      hashes: served.proof!.map((hash) => decodeBase64(hash)),
      checkpoint: served.checkpoint!,
    };
    const options = { nowS: nowS(), proof };
    expect((await verifyNextList(json, first, options)).alarm).toBe(false);
    await expect(verifyNextList(json, first, { nowS: nowS() })).rejects.toMatchObject({
      code: 'NOT_WITNESSED',
    });
  });

  it('refuses lists of too few authorities, versions passed over, and second ones', async () => {
    const current = parseList((await readList())!.list).value;
    const next = draftNextList(current, current.nodes, Date.now());
    const code = async (list: typeof next, authorities = network.authorities.slice(0, 2)) =>
      codeOf(publish(await signedBy(list, authorities)));
    expect(await code(next, network.authorities.slice(0, 1))).toBe('THRESHOLD_NOT_MET');
    expect(await code({ ...next, ver: current.ver + 2 })).toBe('NOT_NEXT');
    expect(await code({ ...next, prev: 'f'.repeat(64) })).toBe('CHAIN_BROKEN');
    for (const _ of ['first', 'again']) {
      expect(await code({ ...current, exp: current.exp + 1 })).toBe('FORKED');
    }
    const forks = await network.db.selectFrom('forked_list').select('ver').execute();
    expect(forks).toEqual([{ ver: current.ver }]);
    const told = await network.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'list.forked')
      .execute();
    expect(told).toHaveLength(1);
    expect(await codeOf(publish(network.json))).toBe('ROLLED_BACK');
    expect(await codeOf(publish('{}'))).toBe('MALFORMED');
    expect((await readList())!.ver).toBe(current.ver);
  });

  it('adds the signatures of authorities who signed the list in force later', async () => {
    const { list: json } = (await readList())!;
    const { value } = parseList(json);
    const all = await signedBy(value, network.authorities);
    expect(await publish(all)).toEqual({ publishList: value.ver });
    expect(parseList((await readList())!.list).signers).toHaveLength(3);
    expect(await publish(json)).toEqual({ publishList: value.ver });
    expect((await readList())!.list).toBe(all);
  });

  it('starts again with an old list in its configuration', async () => {
    const again = await network.start();
    const response = await fetch(`${again.url}/readyz`);
    expect(await response.json()).toMatchObject({ list: 2 });
  });
});

/** A log in memory, as some node would keep it. */
function makeLog(key: NoteSigningKey) {
  const nodes = new Map<string, Uint8Array>();
  const frontiers: Frontier[] = [emptyFrontier()];
  const readNodes = async (places: readonly { level: number; index: number }[]) =>
    places.map(({ level, index }) => nodes.get(`${level}/${index}`)!);
  return {
    grow: (count: number) => {
      for (let i = 0; i < count; i++) {
        const grown = appendLeaves(frontiers.at(-1)!, [leafHash(randomBytes(20))]);
        for (const { level, index, hash } of grown.nodes) nodes.set(`${level}/${index}`, hash);
        frontiers.push(grown.frontier);
      }
    },
    sign: (size = frontiers.length - 1) =>
      signCheckpoint({ origin: key.name, size, rootHash: rootOf(frontiers[size]!), extensions: [] }, key),
    prove: async (oldSize: number, newSize = frontiers.length - 1) =>
      (await buildConsistencyProof(oldSize, newSize, readNodes)).map((hash) => encodeBase64(hash)),
  };
}

type Witnessed = { cosignature: string | null; storedSize: number | null };

async function post(by: Party, note: string, oldSize: number, proof: string[]): Promise<Witnessed> {
  const query =
    'mutation($note: String!, $oldSize: Float!, $proof: [String!]!) { postCheckpoint(note: $note, oldSize: $oldSize, proof: $proof) { cosignature storedSize } }';
  return (await by.client.graphql<{ postCheckpoint: Witnessed }>(url, query, { note, oldSize, proof }))
    .postCheckpoint;
}

describe('the witness', () => {
  it('cosigns a log that only grows, step by step, and shows the way to others', async () => {
    const key = await readNoteSigner(xa.keys.log);
    const log = makeLog(key);
    const gatewayWitness = parseVkey(network.list.gateway.wit);
    log.grow(3);
    const first = await log.sign();
    const { cosignature } = await post(xa, first, 0, []);
    expect((await countCosigners(first + cosignature, [gatewayWitness])).map(({ name }) => name)).toEqual([
      GATEWAY_ORIGIN,
    ]);
    log.grow(4);
    expect(await post(xa, await log.sign(), 0, [])).toEqual({ cosignature: null, storedSize: 3 });
    expect((await post(xa, await log.sign(), 3, await log.prove(3))).cosignature).not.toBeNull();
    // A lost answer costs nothing.
    expect((await post(xa, await log.sign(), 3, await log.prove(3))).cosignature).not.toBeNull();
    const posted = await checkpointOf(xb, key.name);
    expect(posted.size).toBe(7);
    expect(await cosign(xb, posted)).toBe(1);
    const known = await checkpointOf(xa, key.name);
    const witnesses = network.list.nodes.map(({ wit }) => parseVkey(wit));
    const cosigners = await countCosigners(known.note, [gatewayWitness, ...witnesses]);
    expect(cosigners.map(({ name }) => name).sort()).toEqual([GATEWAY_ORIGIN, `${NET}/xb`]);
    const steps = await xb.client.graphql<{ logSteps: { oldSize: number; newSize: number; note: string }[] }>(
      url,
      'query($origin: String!) { logSteps(origin: $origin, fromSize: 0) { oldSize newSize note } }',
      { origin: key.name },
    );
    expect(steps.logSteps.map(({ oldSize, newSize }) => [oldSize, newSize])).toEqual([
      [0, 3],
      [3, 7],
    ]);
    for (const step of steps.logSteps) await openCheckpoint(step.note, parseVkey(network.list.nodes[0]!.log));
    const lines = await xa.client.graphql<{ cosignatures: { size: number; line: string }[] }>(
      url,
      'query($origin: String!) { cosignatures(origin: $origin, fromSize: 7) { size line } }',
      { origin: key.name },
    );
    expect(lines.cosignatures).toHaveLength(2);
  });

  it('refuses the log of another, a forked one, a false proof, and keeps what proves a fork', async () => {
    const key = await readNoteSigner(xb.keys.log);
    const log = makeLog(key);
    log.grow(5);
    const note = await log.sign();
    expect(await codeOf(post(xa, note, 0, []))).not.toBeNull();
    await post(xb, note, 0, []);
    const fork = makeLog(key);
    fork.grow(5);
    expect(await codeOf(post(xb, await fork.sign(), 0, []))).toBe('LOG_FORKED');
    const { n } = await network.db
      .selectFrom('fork_evidence')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('origin', '=', key.name)
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(1);
    fork.grow(2);
    expect(await codeOf(post(xb, await fork.sign(), 5, await fork.prove(5)))).toBe('ROOT_MISMATCH');
    expect(await codeOf(post(xb, await log.sign(4), 5, []))).toBe('OLD_SIZE_TOO_LARGE');
  });

  it('keeps no cosignature of an unknown checkpoint or by another key', async () => {
    const key = await readNoteSigner(xc.keys.log);
    const log = makeLog(key);
    log.grow(2);
    await post(xc, await log.sign(), 0, []);
    const posted = await checkpointOf(xa, key.name);
    expect(await cosign(xa, { ...posted, size: 1 })).toBe(0);
    const strangers = await cosignCheckpoint(posted.note, await readNoteSigner(xb.keys.wit), nowS());
    expect(await postLine(xa, posted.origin, posted.size, strangers)).toBe(0);
    const other = await log.sign(1);
    const wrong = await cosignCheckpoint(other, await readNoteSigner(xa.keys.wit), nowS());
    expect(await codeOf(postLine(xa, posted.origin, posted.size, wrong))).toBe('SIGNATURE_INVALID');
    const { note } = await checkpointOf(xa, key.name);
    expect(parseNote(note).signatures.map(({ name }) => name)).toEqual([key.name, GATEWAY_ORIGIN]);
  });

  it('proves its own log consistent from any size a peer holds', async () => {
    const old = await untilGatewaySize(1);
    await deliverAll(gateway.url, xa, [await makeMessage(xa, 'xb')]);
    await untilGatewaySize(old.size + 1);
    const { logSteps } = await xb.client.graphql<{
      logSteps: { newSize: number; note: string; proof: string[] }[];
    }>(
      url,
      'query($origin: String!, $from: Float!) { logSteps(origin: $origin, fromSize: $from) { newSize note proof } }',
      { origin: GATEWAY_ORIGIN, from: old.size },
    );
    const [step] = logSteps;
    const { rootHash } = parseCheckpoint(parseNote(old.note).text);
    const checkpoint = await openCheckpoint(step!.note, parseVkey(network.list.gateway.log));
    const proof = step!.proof.map((hash) => decodeBase64(hash));
    verifyConsistency(old.size, rootHash, checkpoint.size, checkpoint.rootHash, proof);
  });

  it('keeps what the full check passes: its own log, cosignatures, steps, evidence of a fork', async () => {
    const { logSteps } = await xb.client.graphql<{ logSteps: unknown[] }>(
      url,
      'query($origin: String!) { logSteps(origin: $origin, fromSize: 0) { newSize } }',
      { origin: `${NET}/xa` },
    );
    expect(logSteps.length).toBeGreaterThan(1);
    const key = parseVkey(network.list.gateway.log);
    expect(await checkLog(network.db, key, null)).toMatchObject({ ok: true, firstBad: null });
    const said = await network.db
      .selectFrom('audit_entry')
      .select('id')
      .where('type', '=', 'log.forked')
      .execute();
    expect(said).toHaveLength(1);
  });

  it('shows all logs, however large one says it is, and refuses sizes that are none', async () => {
    const size = 2 ** 40;
    const huge = { origin: `${NET}/huge`, size, rootHash: new Uint8Array(32), extensions: [] };
    const note = await signCheckpoint(huge, await makeSigningKey(huge.origin, 1, randomBytes(32)));
    await sql`insert into witnessed (origin, size, root, note) values (${huge.origin}, ${size}, ${huge.rootHash}, ${note})`.execute(
      network.db,
    );
    expect((await checkpointOf(xb, huge.origin)).size).toBe(size);
    expect(await codeOf(post(xc, note, -1, []))).toBe('SIZE_INVALID');
    expect(await codeOf(post(xc, note, 0.5, []))).toBe('SIZE_INVALID');
  });

  it('serves its log as tiles', async () => {
    const response = await fetch(`${gateway.url}/log/checkpoint`);
    const { size } = await openCheckpoint(await response.text(), parseVkey(network.list.gateway.log));
    expect(size).toBeGreaterThan(0);
    const tile = await fetch(`${gateway.url}/log/tile/0/000.p/${size}`);
    expect((await tile.arrayBuffer()).byteLength).toBe(32 * size);
    expect((await fetch(`${gateway.url}/log/nothing`)).status).toBe(404);
  });
});
