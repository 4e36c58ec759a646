/**
 * Signed trust lists (PROTOCOL.md, T rules): general JWS JSON (RFC 7515 section 7.2.1) with one signature per
 * authority over one canonical payload. A list is checked against its predecessor, the first one against the
 * anchor. Fetches nothing; whether an expired or stale list still serves is decided where it is used.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import * as z from 'zod';
import { makeEntry } from '#schema/log/entry.ts';
import { LogError } from '#schema/log/log-error.ts';
import { type NoteVerifierKey, parseVkey } from '#schema/log/note.ts';
import { type LogProof, verifyProof } from '#schema/log/proof.ts';
import { decodeHex, encodeBase64Url, encodeHex } from '#schema/protocol/base64.ts';
import { CanonicalError, encodeCanonical, parseCanonical } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { FIRST_PREV } from '#schema/protocol/envelope.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type Anchor, TrustList } from '#schema/protocol/trust-list.ts';
import {
  decodeMember,
  encodeHeader,
  parseHeader,
  parseShape,
  signMembers,
  verifyMembers,
} from './compact.ts';
import type { SigningKey } from './keys.ts';

const TYP = 'focalnet-list+jws';

const ADVICE = {
  TOO_LARGE: 'the list is larger than the protocol allows',
  MALFORMED: 'the text is not a trust list in canonical form; fetch it again',
  WRONG_NETWORK: 'the list belongs to another network; check the anchor',
  ANCHOR_MISMATCH: 'this is not the first list that the anchor names; ask the network authority',
  AUTHORITY_UNKNOWN: 'a signature names a key that is no authority of the list before; do not use the list',
  BAD_SIGNATURE: 'a signature does not verify; fetch the list again',
  THRESHOLD_NOT_MET: 'fewer authorities than the list before asks for have signed; do not use the list',
  ROLLED_BACK: 'the list is older than the one in force; keep the one in force',
  FORKED: 'another list of the same version is signed too: keep both as evidence and raise an alarm',
  NOT_NEXT: 'the list does not follow the one in force; walk the lists between first',
  CHAIN_BROKEN: 'the list does not name the one in force as its predecessor; keep both and raise an alarm',
  TIME_REVERSED: 'the list is dated before its predecessor; ask the network authority',
  FROM_FUTURE: 'the list is dated in the future; check the clock',
  NOT_WITNESSED: 'no proof shows that the list stands in the log the network watches; fetch the proof',
} as const;

export type ListErrorCode = keyof typeof ADVICE;

/** Why a list is not taken. `where` names a field at most. */
export class ListError extends Error {
  override readonly name = 'ListError';
  readonly code: ListErrorCode;
  constructor(code: ListErrorCode, where?: string, options?: ErrorOptions) {
    super(`${code}: ${ADVICE[code]}${where === undefined ? '' : ` (${where})`}`, options);
    this.code = code;
  }
}

/** One authority's signature, with its protected header; both base64url. */
export type ListSignature = { readonly protected: string; readonly signature: string };

declare const stage: unique symbol;

type ReadList<Stage extends string> = {
  readonly [stage]: Stage;
  readonly value: TrustList;
  /** The text as received: what is stored and served on. */
  readonly json: string;
  /**
   * SHA-256 of the canonical payload, lower-case hex: what `prev`, the anchor and the log name. Not of the
   * text, so that a third signature added later makes no second list.
   */
  readonly hash: string;
  /** Key ids that signed. */
  readonly signers: readonly string[];
};

/** Well-formed, but anybody may have written it. */
export type UnverifiedList = ReadList<'unverified'>;
/** `alarm`: taken on the word of all authorities, without the log's witnesses; tell the operator. */
export type VerifiedList = ReadList<'verified'> & { readonly alarm: boolean };

const General = z.strictObject({
  payload: z.string(),
  signatures: z
    .array(z.strictObject({ protected: z.string(), signature: z.string() }))
    .min(1)
    .max(9),
});

/** SHA-256 of a list's canonical payload, lower-case hex. */
export function hashList(list: TrustList): string {
  return encodeHex(sha256(encodeCanonical(list)));
}

/** One authority's signature of a list; authorities sign apart and the signatures are put together. */
export async function signList(list: TrustList, key: SigningKey): Promise<ListSignature> {
  const header = encodeHeader(TYP, key.kid);
  return {
    protected: header,
    signature: await signMembers(header, encodeBase64Url(encodeCanonical(list)), key),
  };
}

/**
 * The list with its signatures, in the one form that is served.
 * @throws ListError `MALFORMED`, `TOO_LARGE`
 */
export function assembleList(list: TrustList, signatures: readonly ListSignature[]): string {
  const sorted = [...signatures].sort((a, b) => (a.protected < b.protected ? -1 : 1));
  const payload = encodeBase64Url(encodeCanonical(list));
  const json = new TextDecoder().decode(encodeCanonical({ payload, signatures: sorted }));
  parseList(json);
  return json;
}

/**
 * Parses a list without asking who signed it.
 * @throws ListError `TOO_LARGE`, `MALFORMED` (naming the field)
 */
export function parseList(json: string): UnverifiedList {
  if (json.length > limits.listBytes) throw new ListError('TOO_LARGE');
  const general = readGeneral(json);
  const value = asListError(() =>
    parseShape(TrustList, decodeMember(general.payload, 'payload', limits.listBytes)),
  );
  const signers = general.signatures.map(({ protected: header }) =>
    asListError(() => parseHeader(header, TYP)),
  );
  refuseDisorder(general.signatures);
  const fault = findListFault(value);
  if (fault !== null) throw new ListError('MALFORMED', fault);
  return { value, json, hash: hashList(value), signers } as unknown as UnverifiedList;
}

function readGeneral(json: string): z.infer<typeof General> {
  try {
    const value = parseCanonical(new TextEncoder().encode(json), { maxBytes: limits.listBytes, maxDepth: 3 });
    return parseShape(General, value);
  } catch (cause) {
    if (cause instanceof CanonicalError || cause instanceof ProtocolError) {
      throw new ListError('MALFORMED', undefined, { cause });
    }
    throw cause;
  }
}

function asListError<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ListError('MALFORMED', undefined, { cause });
    throw cause;
  }
}

/** Strictly ascending headers: one order for the same signatures, and no authority counted twice. */
function refuseDisorder(signatures: readonly ListSignature[]): void {
  const ascending = signatures.every((one, at) => at === 0 || signatures[at - 1]!.protected < one.protected);
  if (!ascending) throw new ListError('MALFORMED', 'signatures');
}

/** The field of a list that contradicts another, or null. A draft with a fault is no list, whoever signs it. */
export function findListFault(list: TrustList): string | null {
  const { authorities, nodes } = list;
  if (list.exp <= list.iat) return 'exp';
  if ((list.ver === 1) !== (list.prev === FIRST_PREV)) return 'prev';
  if (authorities.threshold > authorities.keys.length) return 'authorities.threshold';
  if (authorities.keys.some(({ kid }) => !kid.startsWith('authority-'))) return 'authorities.keys';
  if (!allDistinct(nodes.map(({ node }) => node))) return 'nodes';
  if (!allDistinct(nodes.flatMap(({ pgp }) => pgp.map(({ fpr }) => fpr)))) return 'nodes.pgp';
  const parties = [{ node: GATEWAY, ...list.gateway }, ...nodes];
  if (parties.some(({ node, sig }) => sig.some(({ kid }) => !kid.startsWith(`${node}#`)))) return 'sig';
  const kids = [...authorities.keys, ...parties.flatMap(({ sig }) => sig)].map(({ kid }) => kid);
  return allDistinct(kids) ? findKeyFault(list, parties) : 'sig';
}

/** Keys are never used for two purposes nor by two parties (PROTOCOL.md, "Parties and keys"). */
function findKeyFault(
  list: TrustList,
  parties: readonly { node: string; sig: TrustList['gateway']['sig']; log: string; wit: string }[],
): string | null {
  const points = [...list.authorities.keys, ...parties.flatMap(({ sig }) => sig)].map(({ jwk }) => jwk.x);
  for (const { node, log, wit } of parties) {
    const name = `${list.net}/${node}`;
    for (const [text, type] of [
      [log, 1],
      [wit, 4],
    ] as const) {
      const key = readVkey(text);
      if (key === null || key.type !== type || key.name !== name) return type === 1 ? 'log' : 'wit';
      points.push(encodeBase64Url(key.publicKey));
    }
  }
  return allDistinct(points) ? null : 'keys';
}

function readVkey(text: string): NoteVerifierKey | null {
  try {
    return parseVkey(text);
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  }
}

function allDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/**
 * Every signature present must be valid and by a distinct authority, and there must be enough of them.
 * @throws ListError `AUTHORITY_UNKNOWN`, `BAD_SIGNATURE`, `THRESHOLD_NOT_MET`
 */
async function requireSignatures(list: UnverifiedList, authorities: TrustList['authorities']): Promise<void> {
  const { payload, signatures } = readGeneral(list.json);
  for (const [at, { protected: header, signature }] of signatures.entries()) {
    const jwk = authorities.keys.find(({ kid }) => kid === list.signers[at])?.jwk;
    if (jwk === undefined) throw new ListError('AUTHORITY_UNKNOWN');
    const valid = await verifyMembers(header, payload, signature, jwk).catch((cause: unknown) => {
      if (cause instanceof ProtocolError) throw new ListError('MALFORMED', 'signature', { cause });
      throw cause;
    });
    if (!valid) throw new ListError('BAD_SIGNATURE');
  }
  // Kids and points of authorities are distinct by parseList, so signatures are as many as signers.
  if (signatures.length < authorities.threshold) throw new ListError('THRESHOLD_NOT_MET');
}

/**
 * The anchor of a network from its first list: what is handed over in person. Checks that the list's own
 * authorities signed it; that they are the right ones only people can say.
 * @throws ListError
 */
export async function makeAnchor(list1Json: string): Promise<Anchor> {
  const list = parseList(list1Json);
  if (list.value.ver !== 1) throw new ListError('ANCHOR_MISMATCH');
  await requireSignatures(list, list.value.authorities);
  return { v: 1, net: list.value.net, list1: list.hash, authorities: list.value.authorities };
}

/**
 * The first list, checked against the anchor.
 * @throws ListError
 */
export async function verifyFirstList(json: string, anchor: Anchor): Promise<VerifiedList> {
  const list = parseList(json);
  if (list.value.net !== anchor.net) throw new ListError('WRONG_NETWORK');
  const sameList = list.value.ver === 1 && list.hash === anchor.list1;
  const sameAuthorities = hashValue(list.value.authorities) === hashValue(anchor.authorities);
  if (!sameList || !sameAuthorities) throw new ListError('ANCHOR_MISMATCH');
  await requireSignatures(list, anchor.authorities);
  return markVerified(list, false);
}

function hashValue(value: unknown): string {
  return encodeHex(sha256(encodeCanonical(value)));
}

/**
 * List n+1, checked against the authorities and witnesses of list n. Without a proof that the list stands in
 * the gateway's watched log, only the signatures of all authorities will do, and that raises an alarm.
 * Does not refuse an expired list: a node that was away walks through some.
 * @param options.nowS seconds since 1970
 * @param options.proof proof of the leaf `makeListEntry` gives, in the gateway's log
 * @throws ListError
 */
export async function verifyNextList(
  json: string,
  previous: VerifiedList,
  { nowS, proof }: { nowS: number; proof?: LogProof },
): Promise<VerifiedList> {
  const list = await verifySignedNext(json, previous, nowS);
  const witnessed = proof !== undefined && (await isWitnessed(list, previous, proof));
  if (!witnessed && list.signers.length < previous.value.authorities.keys.length)
    throw new ListError('NOT_WITNESSED');
  return markVerified(list, !witnessed);
}

/**
 * List n+1 for the gateway alone, which must log a list before witnesses can have seen it. A node that used this would
 * let a gateway show it a list of its own.
 * @param nowS seconds since 1970
 * @throws ListError
 */
export async function verifyListToLog(
  json: string,
  previous: VerifiedList,
  nowS: number,
): Promise<VerifiedList> {
  return markVerified(await verifySignedNext(json, previous, nowS), false);
}

async function verifySignedNext(json: string, previous: VerifiedList, nowS: number): Promise<UnverifiedList> {
  const list = parseList(json);
  const { authorities, net } = previous.value;
  if (list.value.net !== net) throw new ListError('WRONG_NETWORK');
  await requireSignatures(list, authorities);
  requireSuccession(list, previous, nowS);
  return list;
}

function requireSuccession(list: UnverifiedList, previous: VerifiedList, nowS: number): void {
  const { ver, prev, iat } = list.value;
  const before = previous.value;
  if (ver < before.ver) throw new ListError('ROLLED_BACK');
  if (ver === before.ver && list.hash !== previous.hash) throw new ListError('FORKED');
  if (ver !== before.ver + 1) throw new ListError('NOT_NEXT');
  if (prev !== previous.hash) throw new ListError('CHAIN_BROKEN');
  if (iat < before.iat) throw new ListError('TIME_REVERSED');
  if (iat > nowS + limits.skewS) throw new ListError('FROM_FUTURE');
}

/** A proof that fails counts as none: what then decides is how many authorities signed. */
async function isWitnessed(list: UnverifiedList, previous: VerifiedList, proof: LogProof): Promise<boolean> {
  const { gateway, nodes, policy } = previous.value;
  const witnesses = nodes.filter(({ status }) => status === 'active').map(({ wit }) => parseVkey(wit));
  try {
    await verifyProof(proof, makeListEntry(list).leaf, parseVkey(gateway.log), witnesses, policy.quorum);
    return true;
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
}

/**
 * The log entry of a list. All of it follows from the list, so whoever holds the list can check the leaf; the
 * salt hides nothing, since lists are public.
 */
export function makeListEntry(list: { value: TrustList; hash: string }): ReturnType<typeof makeEntry> {
  const { ver, iat } = list.value;
  const detail = { list: list.hash, ver };
  return makeEntry({ type: 'list.published', atMs: iat * 1000, detail, salt: decodeHex(list.hash) });
}

function markVerified(list: UnverifiedList, alarm: boolean): VerifiedList {
  return { ...list, alarm } as unknown as VerifiedList;
}
