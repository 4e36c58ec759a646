/**
 * The floor under an exchange: the same cryptographic operations on as many bytes, with node:crypto alone, and the same rows
 * committed to one PostgreSQL with fsync on, 64 messages to a statement. No HTTP, no GraphQL, no OpenPGP, no parsing, no
 * checking, no queue, no waiting for another process: nobody exchanges messages with these proofs in less time on one core
 * beside a database. Two batches are under way at a time, so that one commits while the other computes.
 *
 * For each message: inner signature, ephemeral X25519, AES-256-GCM over a padded document of 4 KB, signed envelope; all that
 * undone and verified; a signed receipt, verified; the hashes that the documents name; three leaves of the log. For each
 * batch: seven commits (release, seal, its log; receive and receipt, its log; receipt taken, its log), each log with its
 * tree nodes and a signed checkpoint.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { limits, paddingClasses } from '#schema/protocol/limits.ts';
import { makeBenchContent } from './content.ts';

const BATCH = limits.envelopesPerRequest;
const BATCHES_UNDER_WAY = 2;
const WARM_UP_MS = 1_500;
const MEASURED_MS = 8_000;
/** Compact JWS of an envelope or a receipt, and what one leaf of the log keeps beside its hash, in characters. */
const JWS_LENGTH = 700;
const DETAIL_LENGTH = 350;

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

/** Messages a second. */
export async function measureFloor(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  await chmod(folder, 0o711); // run by root, PostgreSQL is another account and must pass through
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  try {
    const db = openDatabase<Database>(postgres.config);
    await prepareDatabase(postgres.config);
    await makeTables(db);
    await db.destroy();
    const clients = Array.from({ length: BATCHES_UNDER_WAY }, () => new pg.Client(postgres.config));
    await Promise.all(clients.map((client) => client.connect()));
    const parties = makeParties();
    await runFor(WARM_UP_MS, clients, parties);
    const { messages, elapsedMs } = await runFor(MEASURED_MS, clients, parties);
    await Promise.all(clients.map((client) => client.end()));
    return (messages / elapsedMs) * 1000;
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeTables(db: Kysely<Database>): Promise<void> {
  await sql`create table bench_document (id text primary key, content text not null)`.execute(db);
}

async function runFor(ms: number, clients: readonly pg.Client[], parties: Parties) {
  const startedMs = performance.now();
  let messages = 0;
  const work = async (client: pg.Client) => {
    while (performance.now() - startedMs < ms) {
      await exchangeBatch(client, parties);
      messages += BATCH;
    }
  };
  await Promise.all(clients.map(work));
  return { messages, elapsedMs: performance.now() - startedMs };
}

type Parties = ReturnType<typeof makeParties>;

function makeParties() {
  return {
    inner: generateKeyPairSync('ed25519'),
    outer: generateKeyPairSync('ed25519'),
    receiver: generateKeyPairSync('ed25519'),
    log: generateKeyPairSync('ed25519'),
    sealing: generateKeyPairSync('x25519'),
  };
}

type Message = ReturnType<typeof sealOne>;

function sealOne(parties: Parties) {
  const id = randomBytes(16).toString('hex');
  const content = JSON.stringify({ id, nonce: randomBytes(32).toString('base64url'), ...makeBenchContent() });
  const plain = Buffer.from(content.padEnd(paddingClasses[0]));
  const innerSignature = sign(null, createHash('sha512').update(plain).digest(), parties.inner.privateKey);
  const ephemeral = generateKeyPairSync('x25519');
  const key = deriveKey(
    diffieHellman({ privateKey: ephemeral.privateKey, publicKey: parties.sealing.publicKey }),
  );
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([
    cipher.update(plain),
    cipher.update(innerSignature),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const envelope = JSON.stringify({ id, doc: hex(sha256(plain)), sealed: hex(sha256(sealed)) }).padEnd(
    JWS_LENGTH,
  );
  const signature = sign(null, Buffer.from(envelope), parties.outer.privateKey);
  return {
    id,
    content,
    sealed,
    ephemeral: ephemeral.publicKey,
    nonce,
    envelope,
    signature,
    leaf: makeLeaf(),
  };
}

/** @returns the signed receipt */
function openOne(parties: Parties, message: Message) {
  const { sealed, envelope } = message;
  insist(verify(null, Buffer.from(envelope), parties.outer.publicKey, message.signature));
  const key = deriveKey(
    diffieHellman({ privateKey: parties.sealing.privateKey, publicKey: message.ephemeral }),
  );
  insist(envelope.includes(hex(sha256(sealed))));
  const decipher = createDecipheriv('aes-256-gcm', key, message.nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const opened = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const plain = opened.subarray(0, paddingClasses[0]);
  const digest = createHash('sha512').update(plain).digest();
  insist(verify(null, digest, parties.inner.publicKey, opened.subarray(paddingClasses[0])));
  const receipt = JSON.stringify({
    re: message.id,
    env: hex(sha256(envelope)),
    doc: hex(sha256(plain)),
  }).padEnd(JWS_LENGTH);
  return {
    receipt,
    signature: sign(null, Buffer.from(receipt), parties.receiver.privateKey),
    leaf: makeLeaf(),
  };
}

type Receipt = ReturnType<typeof openOne>;

function takeReceipt(parties: Parties, { receipt, signature }: Receipt) {
  insist(verify(null, Buffer.from(receipt), parties.receiver.publicKey, signature));
  return { hash: hex(sha256(receipt)), leaf: makeLeaf() };
}

const deriveKey = (secret: Buffer) => Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'bench', 32));
const hex = (bytes: Buffer) => bytes.toString('hex');

/** An entry of the log: salted commitment to its detail, and the leaf hash of the whole. */
function makeLeaf() {
  const salt = randomBytes(32);
  const detail = hex(randomBytes(DETAIL_LENGTH / 2));
  const bytes = Buffer.from(
    JSON.stringify({
      type: 'message',
      at: 0,
      commitment: hex(sha256(Buffer.concat([salt, Buffer.from(detail)]))),
    }),
  );
  return { salt, detail, bytes, hash: sha256(bytes) };
}

type Leaf = ReturnType<typeof makeLeaf>;

function insist(holds: boolean): void {
  if (!holds) throw new Error('the floor measures something that does not hold');
}

async function exchangeBatch(client: pg.Client, parties: Parties): Promise<void> {
  const messages = Array.from({ length: BATCH }, () => sealOne(parties));
  const ids = messages.map(({ id }) => id);
  await commit(client, () => insertRequests(client, messages));
  const sealedEntries = await commit(client, async () => {
    await client.query('delete from seal_request where message_id = any($1)', [ids]);
    const entries = await insertEntries(
      client,
      messages.map(({ leaf }) => leaf),
    );
    await insertOutbox(client, messages, entries);
    return entries;
  });
  await placeEntries(client, parties, sealedEntries);
  const receipts = messages.map((message) => openOne(parties, message));
  const receivedEntries = await commit(client, async () => {
    const entries = await insertEntries(
      client,
      receipts.map(({ leaf }) => leaf),
    );
    await insertInbound(client, messages, receipts, entries);
    return entries;
  });
  await placeEntries(client, parties, receivedEntries);
  const taken = receipts.map((receipt) => takeReceipt(parties, receipt));
  const takenEntries = await commit(client, async () => {
    const rows = [ids, receipts.map(({ receipt }) => receipt)];
    await client.query(
      `update outbox set receipt = new.receipt, state = 'delivered'
       from unnest($1::text[], $2::text[]) as new (id, receipt) where outbox.id = new.id`,
      rows,
    );
    return insertEntries(
      client,
      taken.map(({ leaf }) => leaf),
    );
  });
  await placeEntries(client, parties, takenEntries);
}

async function commit<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  const result = await work();
  await client.query('commit');
  return result;
}

function insertRequests(client: pg.Client, messages: readonly Message[]) {
  return client.query(
    `insert into seal_request (message_id, thread, peer, lane, content, attachment_ids, approved_until, requested_at)
     select id, id, 'xb', 'routine', convert_to(content, 'UTF8'), '{}', 0, 0 from unnest($1::text[], $2::text[]) as new (id, content)`,
    [messages.map(({ id }) => id), messages.map(({ content }) => content)],
  );
}

async function insertEntries(client: pg.Client, leaves: readonly Leaf[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `insert into audit_entry (type, at, bytes, leaf, salt, detail)
     select 'message', now(), * from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[]) returning id`,
    [
      leaves.map(({ bytes }) => bytes),
      leaves.map(({ hash }) => hash),
      leaves.map(({ salt }) => salt),
      leaves.map(({ detail }) => detail),
    ],
  );
  return rows.map(({ id }) => id);
}

function insertOutbox(client: pg.Client, messages: readonly Message[], entries: readonly string[]) {
  return client.query(
    `insert into outbox (id, peer, class, lane, seq, envelope, env, sealed, doc, audit_id, state, sealed_at, approved_until,
       expires_at, next_attempt_at)
     select id, 'xb', 'msg', 'routine', audit_id, envelope, env, sealed, env, audit_id, 'ready', 0, 0, 0, 0
     from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[]) as new (id, envelope, env, sealed, audit_id)`,
    [
      messages.map(({ id }) => id),
      messages.map(({ envelope }) => envelope),
      messages.map(({ envelope }) => hex(sha256(envelope))),
      messages.map(({ sealed }) => sealed),
      entries,
    ],
  );
}

async function insertInbound(
  client: pg.Client,
  messages: readonly Message[],
  receipts: readonly Receipt[],
  entries: readonly string[],
): Promise<void> {
  await client.query(
    'insert into bench_document (id, content) select * from unnest($1::text[], $2::text[])',
    [messages.map(({ id }) => id), messages.map(({ content }) => content)],
  );
  await client.query(
    `insert into inbound (peer, id, lane, seq, env, envelope, state, received_at, receipt, audit_id)
     select 'xa', id, 'routine', audit_id, env, envelope, 'applied', 0, receipt, audit_id
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) as new (id, env, envelope, receipt, audit_id)`,
    [
      messages.map(({ id }) => id),
      messages.map(({ envelope }) => hex(sha256(envelope))),
      messages.map(({ envelope }) => envelope),
      receipts.map(({ receipt }) => receipt),
      entries,
    ],
  );
}

/** Gives entries their place, adds the nodes of the tree (two for each leaf in the long run) and a signed checkpoint. */
async function placeEntries(client: pg.Client, parties: Parties, ids: readonly string[]): Promise<void> {
  await commit(client, async () => {
    const { rows } = await client.query<{ size: string }>(
      'update log_head set size = size + $1 returning size - $1 as size',
      [ids.length],
    );
    const size = Number(rows[0]!.size);
    await client.query(
      `update audit_entry set idx = $2::bigint + placed.place - 1
       from unnest($1::bigint[]) with ordinality as placed (id, place) where audit_entry.id = placed.id`,
      [ids, size],
    );
    const nodes = Array.from({ length: 2 * ids.length }, (_, n) => ({
      level: n % 2,
      idx: size + Math.floor(n / 2),
      hash: sha256(`${size} ${n}`),
    }));
    await client.query(
      'insert into log_node (level, idx, hash) select * from unnest($1::int[], $2::bigint[], $3::bytea[])',
      [nodes.map(({ level }) => level), nodes.map(({ idx }) => idx), nodes.map(({ hash }) => hash)],
    );
    const root = sha256(`${size}`);
    const note = `${size}\n${sign(null, root, parties.log.privateKey).toString('base64')}`;
    await client.query(
      'insert into log_checkpoint (size, old_size, root, note, at) values ($1, $2, $3, $4, now())',
      [size + ids.length, size, root, note],
    );
  });
}
