/**
 * Logs as the trust lists of a bundle name them: whose checkpoint it is and how many witnesses it needs. Nothing in a
 * checkpoint stays unverified: a signature line that no listed key made is refused, so no byte of it can change.
 */
import { type Checkpoint, parseCheckpoint } from '#schema/log/checkpoint.ts';
import { type Cosigner, countCosigners } from '#schema/log/cosignature.ts';
import { LogError } from '#schema/log/log-error.ts';
import {
  formatNote,
  formatVkey,
  type NoteVerifierKey,
  parseNote,
  parseVkey,
  verifyNote,
} from '#schema/log/note.ts';
import { verifyInclusion } from '#schema/log/tree.ts';
import { decodeHex } from '#schema/protocol/base64.ts';
import type { ListedNode, TrustList } from '#schema/protocol/trust-list.ts';
import { type BundleProof, EvidenceError } from './bundle.ts';

/** What of a trust list, or of its keyring, says who keeps and who watches logs. */
export type LogDirectory = Pick<TrustList, 'gateway' | 'policy'> & { readonly nodes: readonly ListedNode[] };

/** A checkpoint all of whose signatures verify. */
export type SeenCheckpoint = {
  readonly checkpoint: Checkpoint;
  readonly cosigners: readonly Cosigner[];
  /** When the last witness that the quorum needed cosigned, in seconds since 1970; null while it lacks some. */
  readonly witnessedAtS: number | null;
  /** Witnesses that the newest list asks for. */
  readonly quorum: number;
};

type ListedKeys = {
  readonly logs: readonly NoteVerifierKey[];
  readonly witnesses: readonly NoteVerifierKey[];
};

const keysOfLists = new WeakMap<LogDirectory, ListedKeys>();

/** Parsed once per list: a key that is the same value is also imported only once. */
function keysOf(list: LogDirectory): ListedKeys {
  let keys = keysOfLists.get(list);
  if (keys === undefined) {
    const keepers = [list.gateway, ...list.nodes];
    keys = {
      logs: keepers.map(({ log }) => parseVkey(log)),
      witnesses: keepers.map(({ wit }) => parseVkey(wit)),
    };
    keysOfLists.set(list, keys);
  }
  return keys;
}

/** Everyone whose cosignature counts for a log: the gateway and the active States, except the log's own keeper. */
export function witnessesOf(list: LogDirectory, origin: string): NoteVerifierKey[] {
  const counts = (at: number) => at === 0 || list.nodes[at - 1]!.status === 'active';
  return keysOf(list).witnesses.filter(({ name }, at) => counts(at) && name !== origin);
}

/** The keys a log had in these lists, each once. */
function logKeysOf(lists: readonly LogDirectory[], origin: string): NoteVerifierKey[] {
  return keepDistinct(lists.flatMap((list) => keysOf(list).logs)).filter(({ name }) => name === origin);
}

function allWitnesses(lists: readonly LogDirectory[], origin: string): NoteVerifierKey[] {
  return keepDistinct(lists.flatMap((list) => keysOf(list).witnesses)).filter(({ name }) => name !== origin);
}

function keepDistinct(keys: readonly NoteVerifierKey[]): NoteVerifierKey[] {
  return [...new Map(keys.map((key) => [formatVkey(key), key])).values()];
}

/**
 * Verifies a checkpoint with the keys of these lists (oldest first). The quorum is that of any list: a log is not
 * less witnessed because a witness has left since.
 * @throws LogError of note, checkpoint and cosignature; EvidenceError `LOG_UNKNOWN`, `LINE_UNCHECKED`
 */
export async function openSeenCheckpoint(
  note: string,
  origin: string,
  lists: readonly LogDirectory[],
): Promise<SeenCheckpoint> {
  const logKeys = logKeysOf(lists, origin);
  if (logKeys.length === 0) throw new EvidenceError('LOG_UNKNOWN');
  const { text, signers } = await verifyNote(note, logKeys);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new LogError('ORIGIN_MISMATCH');
  const witnesses = allWitnesses(lists, origin);
  const cosigners = await countCosigners(note, witnesses);
  const lines = parseNote(note).signatures.length;
  if (lines !== signers.length + cosigners.length) throw new EvidenceError('LINE_UNCHECKED');
  // Where every witness has had one key only, its name says all, and nothing need be verified twice.
  const renewed = new Set(witnesses.map(({ name }) => name)).size < witnesses.length;
  const cosignersIn = async (list: LogDirectory) => {
    const counted = witnessesOf(list, origin);
    if (renewed) return countCosigners(note, counted);
    return cosigners.filter((cosigner) => counted.some(({ name }) => name === cosigner.name));
  };
  const witnessedAtS = await findWitnessedTime(lists, cosignersIn);
  return { checkpoint, cosigners, witnessedAtS, quorum: lists.at(-1)!.policy.quorum };
}

async function findWitnessedTime(
  lists: readonly LogDirectory[],
  cosignersIn: (list: LogDirectory) => Promise<readonly Cosigner[]>,
): Promise<number | null> {
  for (const list of [...lists].reverse()) {
    const times = (await cosignersIn(list)).map(({ timeS }) => timeS);
    const last = times.sort((a, b) => a - b)[list.policy.quorum - 1];
    if (last !== undefined) return last;
  }
  return null;
}

/**
 * Verifies that a leaf (32 bytes, hex) stands in a log.
 * @throws as `openSeenCheckpoint`; LogError `PROOF_LENGTH`, `INDEX_OUT_OF_TREE`, `ROOT_MISMATCH`
 */
export async function openSeenProof(
  proof: BundleProof,
  leaf: string,
  origin: string,
  lists: readonly LogDirectory[],
): Promise<SeenCheckpoint> {
  const seen = await openSeenCheckpoint(proof.checkpoint, origin, lists);
  const { size, rootHash } = seen.checkpoint;
  verifyInclusion(decodeHex(leaf), proof.index, size, proof.hashes.map(decodeHex), rootHash);
  return seen;
}

/**
 * A checkpoint note with only those signature lines that these lists can verify: what a bundle may hold.
 * @throws LogError where the log's own signature does not verify; EvidenceError `LOG_UNKNOWN`
 */
export async function keepVerifiableLines(
  note: string,
  origin: string,
  lists: readonly LogDirectory[],
): Promise<string> {
  const logKeys = logKeysOf(lists, origin);
  const witnesses = allWitnesses(lists, origin);
  const { text, signatures } = parseNote(note);
  const kept = new Map<string, (typeof signatures)[number]>();
  for (const signature of signatures) {
    const alone = formatNote({ text, signatures: [signature] });
    const key = signature.name === origin ? 'log' : signature.name;
    if (!kept.has(key) && (await isVerifiable(alone, logKeys, witnesses))) kept.set(key, signature);
  }
  const pruned = formatNote({ text, signatures: kept.size === 0 ? signatures : [...kept.values()] });
  await openSeenCheckpoint(pruned, origin, lists);
  return pruned;
}

async function isVerifiable(
  note: string,
  logKeys: readonly NoteVerifierKey[],
  witnesses: readonly NoteVerifierKey[],
): Promise<boolean> {
  try {
    if ((await countCosigners(note, witnesses)).length === 1) return true;
    return (await verifyNote(note, logKeys)).signers.length === 1;
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
}
