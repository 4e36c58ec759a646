/**
 * Checks an evidence bundle from its bytes and an anchor alone: no network, no database, no clock. It says in plain
 * sentences what is proved, what is not, and where something fails. Whatever in a bundle nothing signed vouches for
 * is refused.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Keyring } from '#schema/jws/keyring.ts';
import { receiptMatches } from '#schema/jws/receipt.ts';
import { parseEntry, verifyEntry } from '#schema/log/entry.ts';
import { leafHash } from '#schema/log/tree.ts';
import { decodeBase64Url, encodeHex } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { MessageEnvelope, Receipt } from '#schema/protocol/envelope.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import {
  type Bundle,
  type BundleMessage,
  type BundleProof,
  type BundleReceipt,
  EvidenceError,
  parseBundle,
} from './bundle.ts';
import { openSeenProof, type SeenCheckpoint } from './listed-logs.ts';
import { formatTime, type Report, startReport, type Verification } from './verdict.ts';
import { shortName, verifyLists } from './verify-lists.ts';
import { codeOfRefusal, readSignedEnvelope, readSignedReceipt, type Signed } from './verify-signed.ts';

export { formatVerdict, type Line, type Verdict, type Verification } from './verdict.ts';

/** What the checks of one bundle share. */
type Reading = {
  readonly net: string;
  readonly keyrings: readonly Keyring[];
  readonly report: Report;
  /** Root of each checkpoint met, by origin and size: two for one size are a fork. */
  readonly roots: Map<string, string>;
};

type SignedMessage = Signed<MessageEnvelope>;

/** When witnesses had seen log entries that speak of something, in seconds since 1970. */
type Sightings = number[];

/**
 * Verifies a bundle. Never throws for anything the bytes hold.
 * @param anchor without it the verdict is `INTERNALLY CONSISTENT` at most
 */
export async function verifyBundle(bytes: Uint8Array, anchor: Anchor | null): Promise<Verification> {
  const report = startReport();
  const position = { where: 'the bundle' };
  try {
    const bundle = parseBundle(bytes);
    const hash = encodeHex(sha256(bytes));
    report.prove(`The bundle is in canonical form: ${bytes.length} bytes, SHA-256 ${hash}.`, 'the bundle');
    const keyrings = await verifyLists(bundle, anchor, report, position);
    await verifyMessages(bundle, { net: bundle.net, keyrings, report, roots: new Map() });
    report.leave('What the messages said: a bundle holds hashes of them, not their content.');
  } catch (error) {
    const { code, message, where } = codeOfRefusal(error);
    report.fail(message, where ?? position.where, code);
  }
  return { verdict: report.verdict(), lines: report.lines };
}

async function verifyMessages(bundle: Bundle, reading: Reading): Promise<void> {
  const envelopes: { envelope: SignedMessage; where: string }[] = [];
  for (const [at, message] of bundle.messages.entries()) {
    const where = `messages[${at}]`;
    const envelope = await attempt(reading, `${where}.envelope`, 'The envelope', () =>
      readSignedEnvelope(message.envelope, reading.keyrings),
    );
    if (envelope === null) continue;
    envelopes.push({ envelope, where: `${where}.envelope` });
    await verifyMessage(message, envelope, reading, where);
  }
  compareEnvelopes(envelopes, reading);
}

/** Runs a check; a refusal becomes a failed line. @returns null where it failed */
async function attempt<T>(
  { report }: Reading,
  where: string,
  subject: string,
  check: () => Promise<T>,
): Promise<T | null> {
  try {
    return await check();
  } catch (error) {
    const { code, message } = codeOfRefusal(error);
    report.fail(`${subject} does not hold. ${message}`, where, code);
    return null;
  }
}

async function verifyMessage(
  message: BundleMessage,
  envelope: SignedMessage,
  reading: Reading,
  where: string,
): Promise<void> {
  const { id, from, to, seq, lane, iat } = envelope.value;
  reading.report.prove(
    `${from} signed message ${id} to ${to}, number ${seq} in lane ${lane}, on ${formatTime(iat)}.`,
    `${where}.envelope`,
  );
  const sightings: Sightings = [];
  await attempt(reading, `${where}.sealed`, `The log entry of ${from}`, () =>
    verifySealed(message.sealed, envelope, reading, where, sightings),
  );
  const receipts: Receipt[] = [];
  const known = new Set<string>();
  for (const [at, item] of message.receipts.entries()) {
    const place = `${where}.receipts[${at}]`;
    const receipt = await attempt(reading, place, 'The receipt', () =>
      verifyReceipt(item, envelope, reading, place, { sightings, known }),
    );
    if (receipt !== null) receipts.push(receipt);
  }
  compareContent(message, receipts, envelope, reading, where);
  sayAge(envelope, `Message ${id}`, sightings, reading, `${where}.envelope`);
  sayWhatIsMissing(receipts, envelope, reading, where);
}

/** The sender's log entry: it commits to this very message before it left. */
async function verifySealed(
  sealed: BundleMessage['sealed'],
  envelope: SignedMessage,
  reading: Reading,
  where: string,
  sightings: Sightings,
): Promise<void> {
  const { id, from, to, lane, seq } = envelope.value;
  const place = `${where}.sealed`;
  if (sealed === null) {
    reading.report.leave(`When the log of ${from} took in message ${id}: only ${from} can show that.`, place);
    return;
  }
  const bytes = encodeCanonical(sealed.entry);
  const atS = requireType(bytes, 'message.sealed');
  const seen = await openProof(sealed.proof, bytes, `${reading.net}/${from}`, reading);
  if (sealed.opening === null) {
    reading.report.prove(
      `The log of ${from} holds the entry of some sealing on ${formatTime(atS)}.`,
      `${place}.entry`,
    );
    reading.report.leave(
      `That this entry is about message ${id}: salt and detail are erased.`,
      `${place}.opening`,
      'ERASED',
    );
  } else {
    const expected = { id, to, lane, seq, env: envelope.hash, sealed: envelope.value.sealed.sha256 };
    openEntry(bytes, sealed.opening, expected);
    reading.report.prove(
      `The log of ${from} holds, as entry ${sealed.proof.index}, that it sealed this message on ${formatTime(atS)}.`,
      place,
    );
    if (seen.witnessedAtS !== null) sightings.push(seen.witnessedAtS);
  }
  sayWitnesses(seen, from, reading, `${place}.proof.checkpoint`);
}

/**
 * The time of an entry in seconds since 1970.
 * @throws EvidenceError `LEAF_OF_OTHER` for an entry of another type; LogError `ENTRY_MALFORMED`
 */
function requireType(entry: Uint8Array, type: string): number {
  const parsed = parseEntry(entry);
  if (parsed.type !== type) throw new EvidenceError('LEAF_OF_OTHER');
  return Math.floor(parsed.atMs / 1000);
}

/**
 * Requires that an entry commits to a detail, and that the detail says what is expected.
 * @throws LogError `COMMITMENT_MISMATCH`; EvidenceError `LEAF_OF_OTHER`
 */
function openEntry(
  entry: Uint8Array,
  { salt, detail }: { salt: string; detail: Readonly<Record<string, unknown>> },
  expected: Readonly<Record<string, unknown>>,
): void {
  verifyEntry(entry, { salt: decodeBase64Url(salt), detail });
  for (const [member, value] of Object.entries(expected)) {
    if (detail[member] !== value) throw new EvidenceError('LEAF_OF_OTHER');
  }
}

async function openProof(
  proof: BundleProof,
  entry: Uint8Array,
  origin: string,
  reading: Reading,
): Promise<SeenCheckpoint> {
  return openLeafProof(proof, encodeHex(leafHash(entry)), origin, reading);
}

async function openLeafProof(
  proof: BundleProof,
  leaf: string,
  origin: string,
  reading: Reading,
): Promise<SeenCheckpoint> {
  const seen = await openSeenProof(proof, leaf, origin, reading.keyrings);
  const at = `${origin} ${seen.checkpoint.size}`;
  const root = encodeHex(seen.checkpoint.rootHash);
  if ((reading.roots.get(at) ?? root) !== root) throw new EvidenceError('LOG_FORKED');
  reading.roots.set(at, root);
  return seen;
}

function sayWitnesses(seen: SeenCheckpoint, owner: string, { report }: Reading, where: string): void {
  const { cosigners, witnessedAtS, quorum, checkpoint } = seen;
  const names = cosigners.map(({ name }) => shortName(name)).join(', ');
  const what = `the log of ${owner} at ${checkpoint.size} entries`;
  if (witnessedAtS !== null) {
    report.prove(`${names} had seen ${what} by ${formatTime(witnessedAtS)}.`, where);
    return;
  }
  const so = names === '' ? 'nobody has cosigned' : `only ${names} cosigned`;
  report.leave(
    `Not yet witnessed: ${so} ${what}; the network asks for ${quorum} witnesses.`,
    where,
    'NOT_YET_WITNESSED',
  );
}

const STAGE_TEXT = {
  relayed: (to: string) => `that it holds the message for ${to}`,
  delivered: (to: string) => `that the message was delivered to ${to}`,
  opened: (to: string) => `that a person at ${to} opened the message`,
  rejected: (to: string, code?: string) => `that ${to} rejected the message with code ${code}`,
} as const;

async function verifyReceipt(
  item: BundleReceipt,
  envelope: SignedMessage,
  reading: Reading,
  where: string,
  { sightings, known }: { sightings: Sightings; known: Set<string> },
): Promise<Receipt> {
  const { signed, verified } = await readSignedReceipt(item.receipt, reading.keyrings);
  const receipt = signed.value;
  if (!receiptMatches(verified, envelope)) throw new EvidenceError('RECEIPT_OF_OTHER');
  if (receipt.log.origin !== `${reading.net}/${receipt.from}`) throw new EvidenceError('LOG_UNKNOWN');
  if (known.has(signed.hash)) throw new EvidenceError('DUPLICATE');
  known.add(signed.hash);
  const said = STAGE_TEXT[receipt.stage](envelope.value.to, receipt.code);
  reading.report.prove(
    `${receipt.from} signed on ${formatTime(receipt.at)} ${said}, naming exactly these bytes.`,
    `${where}.receipt`,
  );
  const dated: Sightings = [];
  const seen = await verifyReceiptProof(item, receipt, reading, where);
  const opened = verifyReceiptLeaf(item, receipt, reading, where);
  if (opened && seen !== null && seen.witnessedAtS !== null) dated.push(seen.witnessedAtS);
  if (item.taken !== null) await verifyTaken(item.taken, signed, envelope, reading, where, dated);
  sayAge(signed, `The receipt ${receipt.id}`, dated, reading, `${where}.receipt`);
  // A receipt dates the message it names only with a key that nobody else can have used.
  if (signed.revokedAtS === null) sightings.push(...dated);
  return receipt;
}

/** Where the entry that the receipt names stands in its signer's log. */
async function verifyReceiptProof(
  { proof }: BundleReceipt,
  { from, log }: Receipt,
  reading: Reading,
  where: string,
): Promise<SeenCheckpoint | null> {
  const place = `${where}.proof`;
  if (proof === null) {
    reading.report.leave(
      `That the log of ${from} holds the entry this receipt names: no proof is here.`,
      place,
    );
    return null;
  }
  const seen = await openLeafProof(proof, log.leaf, log.origin, reading);
  reading.report.prove(
    `The log of ${from} holds the entry this receipt names, as entry ${proof.index}.`,
    place,
  );
  sayWitnesses(seen, from, reading, `${place}.checkpoint`);
  return seen;
}

/** What the signer's own entry says, where the signer shows it. @returns whether it could be opened */
function verifyReceiptLeaf(
  { leaf }: BundleReceipt,
  receipt: Receipt,
  { report }: Reading,
  where: string,
): boolean {
  if (leaf === null) return false;
  const { from, stage, re, to, lane, seq, env, sealed, code, doc } = receipt;
  const bytes = encodeCanonical(leaf.entry);
  const atS = requireType(bytes, `message.${stage}`);
  if (encodeHex(leafHash(bytes)) !== receipt.log.leaf) throw new EvidenceError('LEAF_OF_OTHER');
  if (leaf.opening === null) {
    report.leave(
      `What the entry of ${from} says beyond its type and time: salt and detail are erased.`,
      `${where}.leaf.opening`,
      'ERASED',
    );
    return false;
  }
  openEntry(bytes, leaf.opening, { re, from: to, lane, seq, stage, env, sealed, code, doc });
  report.prove(
    `That entry of ${from}, of ${formatTime(atS)}, says the same as the receipt.`,
    `${where}.leaf`,
  );
  return true;
}

/** The sender's entry of having taken the receipt: the sender's log position dates the receipt. */
async function verifyTaken(
  { entry, opening, proof }: NonNullable<BundleReceipt['taken']>,
  { value, hash }: Signed<Receipt>,
  envelope: SignedMessage,
  reading: Reading,
  where: string,
  dated: Sightings,
): Promise<void> {
  const { from } = envelope.value;
  const place = `${where}.taken`;
  const bytes = encodeCanonical(entry);
  const atS = requireType(bytes, 'receipt.taken');
  const seen = await openProof(proof, bytes, `${reading.net}/${from}`, reading);
  openEntry(bytes, opening, { re: value.re, stage: value.stage, env: value.env, receipt: hash });
  reading.report.prove(
    `The log of ${from} holds, as entry ${proof.index}, that it took this receipt on ${formatTime(atS)}.`,
    place,
  );
  sayWitnesses(seen, from, reading, `${place}.proof.checkpoint`);
  if (seen.witnessedAtS !== null) dated.push(seen.witnessedAtS);
}

/**
 * A key revoked later: whoever holds it can date things back, so the signature counts only where witnesses had seen
 * it in a log before.
 */
function sayAge<T>(
  signed: Signed<T>,
  subject: string,
  sightings: Sightings,
  { report }: Reading,
  where: string,
): void {
  if (signed.revokedAtS === null) return;
  const seenAtS = Math.min(...sightings);
  const revoked = `the key ${signed.kid} is revoked from ${formatTime(signed.revokedAtS)} on`;
  if (seenAtS < signed.revokedAtS) {
    report.prove(
      `${subject} is older than that ${revoked}: witnesses had seen its log entry by ${formatTime(seenAtS)}.`,
      where,
    );
  } else {
    report.leaveEssential(
      `That ${subject} is really that old: ${revoked}, and no witness saw it in a log before.`,
      where,
      'REVOKED_KEY_UNDATED',
    );
  }
}

/** Whether what the sender sealed is what the recipient says it opened. */
function compareContent(
  message: BundleMessage,
  receipts: readonly Receipt[],
  { value: { from, to } }: SignedMessage,
  { report }: Reading,
  where: string,
): void {
  const doc = message.sealed?.opening?.detail.doc;
  const opened = receipts.filter((receipt) => receipt.doc !== undefined);
  if (doc === undefined || opened.length === 0) return;
  if (opened.every((receipt) => receipt.doc === doc)) {
    report.prove(`${to} opened exactly the content that the log of ${from} commits to.`, `${where}.receipts`);
  } else {
    report.leave(
      `That ${to} opened what ${from} sealed: the receipt and the log of ${from} name different content.`,
      `${where}.receipts`,
      'CONTENT_DISPUTED',
    );
  }
}

function sayWhatIsMissing(
  receipts: readonly Receipt[],
  { value: { id, to } }: SignedMessage,
  { report }: Reading,
  where: string,
): void {
  const stages = new Set(receipts.filter(({ from }) => from !== GATEWAY).map(({ stage }) => stage));
  const place = `${where}.receipts`;
  if (stages.size === 0)
    report.leave(`That ${to} received message ${id}: no receipt of ${to} is here.`, place);
  if (!stages.has('opened')) report.leave(`That a person at ${to} read message ${id}.`, place);
  else report.leave(`Who at ${to} read message ${id}, and what they made of it.`, place);
}

/** Messages of one bundle must not contradict one another. */
function compareEnvelopes(
  envelopes: readonly { envelope: SignedMessage; where: string }[],
  { report }: Reading,
): void {
  const byId = new Map<string, SignedMessage>();
  const byNumber = new Map<string, SignedMessage>();
  const laneOf = ({ from, to, lane }: MessageEnvelope) => `${from} ${to} ${lane}`;
  for (const { envelope, where } of envelopes) {
    const { id, from, seq } = envelope.value;
    const number = `${laneOf(envelope.value)} ${seq}`;
    const other = byId.get(`${from} ${id}`) ?? byNumber.get(number);
    byId.set(`${from} ${id}`, envelope);
    byNumber.set(number, envelope);
    if (other === undefined) continue;
    const code = other.hash === envelope.hash ? 'DUPLICATE' : 'EQUIVOCATION';
    report.fail(`Message ${id} of ${from}. ${new EvidenceError(code).message}`, where, code);
  }
  for (const { envelope, where } of envelopes) {
    const { id, from, seq, prev } = envelope.value;
    const before = byNumber.get(`${laneOf(envelope.value)} ${seq - 1}`);
    if (before === undefined) continue;
    if (prev === before.hash)
      report.prove(`Message ${id} follows number ${seq - 1} of ${from} directly.`, where);
    else
      report.fail(
        `Message ${id} of ${from}. ${new EvidenceError('CHAIN_BROKEN').message}`,
        where,
        'CHAIN_BROKEN',
      );
  }
}
