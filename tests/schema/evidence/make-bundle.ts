/**
 * Bundles of an invented exchange in a network whose keys the test holds: honest ones, and what an insider could make.
 */
import { createHash } from 'node:crypto';
import { type Bundle, type BundleProof, toBundleEntry, toBundleProof } from '#schema/evidence/bundle.ts';
import { signEnvelope } from '#schema/jws/envelope.ts';
import { signReceipt } from '#schema/jws/receipt.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { makeEntry } from '#schema/log/entry.ts';
import { addSignatureLines } from '#schema/log/note.ts';
import { appendLeaves, buildInclusionProof, emptyFrontier, rootOf } from '#schema/log/tree.ts';
import { FIRST_PREV, type MessageEnvelope, type Receipt } from '#schema/protocol/envelope.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import { FOUNDED_S, NET, type TestNetwork } from '#tests/fixtures/network.ts';

/** When the invented message is sealed, in seconds since 1970. */
export const SENT_S = FOUNDED_S + 10_000;

export const hash = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
export const bytesOf = (name: string, length = 32): Uint8Array =>
  new Uint8Array(createHash('sha256').update(name).digest()).subarray(0, length);

type LogEntry = ReturnType<typeof makeEntry>;

/** One entry, with its salt, as the party's log holds it. */
export type KeptEntry = { made: LogEntry; salt: string; detail: unknown };

export function keepEntry(type: string, detail: Record<string, unknown>, atS = SENT_S): KeptEntry {
  const salt = bytesOf(`${type} ${JSON.stringify(detail)}`);
  const made = makeEntry({ type, atMs: atS * 1000, detail, salt });
  return { made, salt: Buffer.from(salt).toString('base64url'), detail };
}

export const describe = ({ made, salt, detail }: KeptEntry) => ({
  entry: toBundleEntry(made.bytes),
  opening: { salt, detail },
});

/** The proof of an entry in a log of exactly these entries, cosigned by these witnesses at a time in seconds. */
export async function proveIn(
  network: TestNetwork,
  owner: string,
  entries: readonly KeptEntry[],
  index: number,
  witnesses: readonly string[] = ['gateway'],
  atS = SENT_S + 60,
): Promise<BundleProof> {
  const { frontier, nodes } = appendLeaves(
    emptyFrontier(),
    entries.map(({ made }) => made.leaf),
  );
  const stored = new Map(nodes.map((node) => [`${node.level} ${node.index}`, node.hash]));
  const hashes = await buildInclusionProof(index, entries.length, async (wanted) =>
    wanted.map((at) => stored.get(`${at.level} ${at.index}`)!),
  );
  const rootHash = rootOf(frontier);
  const checkpoint = { origin: `${NET}/${owner}`, size: entries.length, rootHash, extensions: [] };
  const note = await signCheckpoint(checkpoint, network.parties[owner]!.log);
  const lines = await Promise.all(
    witnesses.map((name) => cosignCheckpoint(note, network.parties[name]!.wit, atS)),
  );
  return toBundleProof({ index, hashes, checkpoint: addSignatureLines(note, lines) });
}

export type Exchange = {
  envelope: MessageEnvelope;
  jws: string;
  receipt: Receipt;
  receiptJws: string;
  sealed: KeptEntry;
  delivered: KeptEntry;
  taken: KeptEntry;
};

const DOC = hash('the sealed document');

/** A message of xa to xb and its receipt. `change` alters what is signed, as its signer could. */
export async function makeExchange(
  network: TestNetwork,
  options: { seq?: number; prev?: string; name?: string; list?: number; receipt?: Partial<Receipt> } = {},
): Promise<Exchange> {
  const { seq = 1, prev = FIRST_PREV, name = `message ${seq}`, list = 1 } = options;
  const id = makeMessageId(SENT_S * 1000, bytesOf(name, 10));
  const envelope = {
    v: 1,
    class: 'msg',
    id,
    from: 'xa',
    to: 'xb',
    lane: 'routine',
    seq,
    prev,
    iat: SENT_S,
    exp: SENT_S + 3600,
    list,
    sealed: { fmt: 'openpgp', profile: 'p4', bytes: 5000, sha256: hash(`blob of ${name}`) },
  } as MessageEnvelope;
  const jws = await signEnvelope(envelope, network.parties.xa!.sig);
  const env = hash(jws);
  const common = { lane: envelope.lane, seq, env, sealed: envelope.sealed.sha256, doc: DOC };
  const sealed = keepEntry('message.sealed', { id, to: 'xb', ...common });
  const facts = { re: id, stage: 'delivered' as const, ...common, ...options.receipt };
  const delivered = keepEntry('message.delivered', { ...facts, from: 'xa' });
  const receipt = {
    v: 1,
    id: makeMessageId(SENT_S * 1000 + 1, bytesOf(`receipt of ${name}`, 10)),
    from: 'xb',
    to: 'xa',
    at: SENT_S + 1,
    log: { origin: `${NET}/xb`, leaf: Buffer.from(delivered.made.leaf).toString('hex') },
    ...facts,
  } as Receipt;
  const receiptJws = await signReceipt(receipt, network.parties.xb!.sig);
  const taken = keepEntry('receipt.taken', { re: id, stage: receipt.stage, env, receipt: hash(receiptJws) });
  return { envelope, jws, receipt, receiptJws, sealed, delivered, taken };
}

/** What both sides together could show of exchanges, all in one log per State. */
export async function makeBundle(
  network: TestNetwork,
  exchanges: readonly Exchange[],
  options: { lists?: Bundle['lists']; witnesses?: readonly string[]; witnessedAtS?: number } = {},
): Promise<Bundle> {
  const ofSender = exchanges.flatMap(({ sealed, taken }) => [sealed, taken]);
  const ofRecipient = exchanges.map(({ delivered }) => delivered);
  const prove = (owner: string, entries: readonly KeptEntry[], index: number) =>
    proveIn(network, owner, entries, index, options.witnesses, options.witnessedAtS);
  const messages = await Promise.all(
    exchanges.map(async ({ jws, receiptJws, sealed, delivered, taken }, at) => ({
      envelope: jws,
      sealed: { ...describe(sealed), proof: await prove('xa', ofSender, 2 * at) },
      receipts: [
        {
          receipt: receiptJws,
          leaf: describe(delivered),
          proof: await prove('xb', ofRecipient, at),
          taken: { ...describe(taken), proof: await prove('xa', ofSender, 2 * at + 1) },
        },
      ],
    })),
  );
  const lists = options.lists ?? [{ list: network.json, proof: null }];
  return { v: 1, kind: 'focalnet-evidence', net: NET, lists, messages } as Bundle;
}
