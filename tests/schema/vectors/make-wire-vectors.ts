/**
 * Makes schema/vectors/wire.json: texts that a second implementation must take, and texts it must refuse, with
 * the code. Everything follows from fixed seeds; Ed25519 is deterministic, so the file is too.
 */

import { parseEnvelope, signEnvelope } from '#schema/jws/envelope.ts';
import { generateSigningJwk, importSigningKey, type SigningKey } from '#schema/jws/keys.ts';
import { parseReceipt, signReceipt } from '#schema/jws/receipt.ts';
import { signRequest } from '#schema/jws/request.ts';
import { makeListEntry, parseList, signList } from '#schema/jws/trust-list.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { addSignatureLines } from '#schema/log/note.ts';
import { formatProof } from '#schema/log/proof.ts';
import { appendLeaves, emptyFrontier, rootOf } from '#schema/log/tree.ts';
import { encodeBase64, encodeBase64Url } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { Envelope, FIRST_PREV, Receipt } from '#schema/protocol/envelope.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { FOUNDED_S, makeTestNetwork, NET, signTestList, type TestNetwork } from '#tests/fixtures/network.ts';
import { canonicalText, forgeCompact } from '../jws/forge.ts';

const NOW_S = FOUNDED_S + 1000;
const idOf = (n: number) => makeMessageId(NOW_S * 1000, new Uint8Array(10).fill(n));

export type Valid = { name: string; text: string; atS: number; hash: string };
export type Invalid = { name: string; text: string; atS: number; code: string };
export type RequestVector = {
  name: string;
  method: string;
  authority: string;
  path: string;
  query: string;
  body: string;
  headers: Record<string, string>;
  atS: number;
};
export type ControlVector = { name: string; text: string };
export type ListVector = { name: string; text: string; atS: number; proof?: string };

export type WireVectors = {
  about: string;
  keys: Record<string, unknown>;
  anchor: unknown;
  list1: string;
  envelope: { valid: Valid[]; invalid: Invalid[] };
  receipt: { valid: Valid[]; invalid: Invalid[] };
  /** The member `control` of a sealed control document. */
  control: { valid: ControlVector[]; invalid: ControlVector[] };
  /** A sealed message document without its padding: shape alone. */
  document: { valid: ControlVector[]; invalid: ControlVector[] };
  list: {
    valid: (ListVector & { hash: string; alarm: boolean })[];
    invalid: (ListVector & { code: string })[];
  };
  request: { valid: (RequestVector & { party: string })[]; invalid: (RequestVector & { code: string })[] };
};

const envelopePayload = {
  v: 1,
  id: idOf(1),
  from: 'xa',
  to: 'xb',
  class: 'msg',
  lane: 'routine',
  seq: 1,
  prev: FIRST_PREV,
  iat: NOW_S,
  exp: NOW_S + 3600,
  list: 1,
  sealed: { fmt: 'openpgp', profile: 'p4', bytes: 4449, sha256: 'ab'.repeat(32) },
};
const header = (typ: string, change: object = {}) => ({
  alg: 'Ed25519',
  crit: ['focalnet'],
  focalnet: 1,
  kid: 'xa#sig-1',
  typ: `focalnet-${typ}+jws`,
  ...change,
});

/** All vectors; the same in every run. */
export async function makeWireVectors(): Promise<WireVectors> {
  const network = await makeTestNetwork();
  const keys = Object.fromEntries(
    Object.entries(network.parties).map(([party, { jwk, sig }]) => [party, { kid: sig.kid, jwk }]),
  );
  const envelope = await makeEnvelopes(network);
  return {
    about:
      'Vectors of the wire of focalnet/1. All keys are for tests only. Times are seconds since 1970. ' +
      'Envelopes and receipts are judged on arrival at atS by list1; list2 follows list1. ' +
      'A text of `valid` is taken; a text of `invalid` is refused with that code (requests: HTTP 401; ' +
      'a sealed document with such a `control`, or such members: DOCUMENT_INVALID).',
    keys,
    anchor: network.anchor,
    list1: network.json,
    envelope,
    receipt: await makeReceipts(network, envelope.valid[0]!.text),
    control: makeControls(envelope.valid[0]!.hash),
    document: makeDocuments(),
    list: await makeLists(network),
    request: await makeRequests(network.parties.xa!.sig),
  };
}

async function makeEnvelopes(network: TestNetwork): Promise<WireVectors['envelope']> {
  const key = network.parties.xa!.sig;
  const sign = (change: object, by = key) =>
    signEnvelope(Envelope.parse({ ...envelopePayload, ...change }), by);
  const first = await sign({});
  const { lane: _lane, seq: _seq, prev: _prev, ...common } = envelopePayload;
  const control = await signEnvelope(Envelope.parse({ ...common, class: 'ctl' }), key);
  const second = await sign({ id: idOf(2), seq: 2, prev: parseEnvelope(first).hash, lane: 'urgent' });
  const valid = [
    ['first of a lane', first],
    ['second of a lane', second],
    ['control', control],
  ].map(([name, text]) => ({ name: name!, text: text!, atS: NOW_S, hash: parseEnvelope(text!).hash }));
  return { valid, invalid: [...(await forgeEnvelopes(key)), ...(await misuseEnvelopes(network, first))] };
}

/** Rightly signed by xa, but not in the one form. */
async function forgeEnvelopes(key: SigningKey): Promise<Invalid[]> {
  const good = canonicalText(header('envelope'));
  const body = canonicalText(envelopePayload);
  const change = (members: object) => canonicalText({ ...envelopePayload, ...members });
  const forms: [string, string, string][] = [
    ['alg none', canonicalText(header('envelope', { alg: 'none' })), body],
    ['alg EdDSA', canonicalText(header('envelope', { alg: 'EdDSA' })), body],
    ['typ of a receipt', canonicalText(header('receipt')), body],
    [
      'crit missing',
      canonicalText({ alg: 'Ed25519', focalnet: 1, kid: 'xa#sig-1', typ: 'focalnet-envelope+jws' }),
      body,
    ],
    ['embedded jku', canonicalText(header('envelope', { jku: 'https://xa.example/jwks' })), body],
    ['kid with a path', canonicalText(header('envelope', { kid: '../xa#sig-1' })), body],
    ['header with spaces', JSON.stringify(header('envelope'), null, 1), body],
    ['payload with a space', good, `${body} `],
    ['payload with a doubled member', good, `{"class":"msg",${body.slice(1)}`],
    ['payload with an escaped letter', good, body.replace('"xa"', '"\\u0078a"')],
    ['payload with 1.0', good, body.replace('"v":1', '"v":1.0')],
    ['payload with an unknown member', good, change({ subject: 'x' })],
    ['to itself', good, change({ to: 'xa' })],
    ['to the gateway', good, change({ to: 'gateway' })],
    ['first with a predecessor', good, change({ prev: 'ab'.repeat(32) })],
    ['second without one', good, change({ seq: 2 })],
    ['lives longer than 30 days', good, change({ exp: NOW_S + 30 * 24 * 3600 + 1 })],
    ['blob too large', good, change({ sealed: { ...envelopePayload.sealed, bytes: 264 * 1024 + 1 } })],
  ];
  return Promise.all(
    forms.map(async ([name, head, payload]) => {
      return { name, text: await forgeCompact(head, payload, key), atS: NOW_S, code: 'MALFORMED' };
    }),
  );
}

/** In the right form, but by another, at another time, or changed on the way. */
async function misuseEnvelopes(network: TestNetwork, first: string): Promise<Invalid[]> {
  const key = network.parties.xa!.sig;
  const sign = (change: object, by = key) =>
    signEnvelope(Envelope.parse({ ...envelopePayload, ...change }), by);
  const stranger = await importSigningKey('xa#sig-1', await generateSigningJwk(new Uint8Array(32).fill(3)));
  const dot = first.lastIndexOf('.') + 1;
  const flipped = first[dot] === 'A' ? 'B' : 'A';
  const cases: [string, string, string, number?][] = [
    ['another key under the same kid', await sign({}, stranger), 'BAD_SIGNATURE'],
    ['signature changed', first.slice(0, dot) + flipped + first.slice(dot + 1), 'BAD_SIGNATURE'],
    ['signature cut', first.slice(0, -1), 'MALFORMED'],
    ['base64 padding', `${first}=`, 'MALFORMED'],
    ['four members', `${first}.`, 'MALFORMED'],
    ['larger than 8 KiB', 'a'.repeat(8193), 'TOO_LARGE'],
    ['signed by another State', await sign({}, network.parties.xc!.sig), 'KEY_UNKNOWN'],
    ['signed by the gateway', await sign({}, network.parties.gateway!.sig), 'KEY_UNKNOWN'],
    ['signed by an authority', await sign({}, network.authorities[0]!), 'SENDER_UNKNOWN'],
    ['unlisted State', await sign({ from: 'zz' }, { ...key, kid: 'zz#sig-1' }), 'SENDER_UNKNOWN'],
    ['unlisted key', await sign({}, { ...key, kid: 'xa#sig-2' }), 'KEY_UNKNOWN'],
    ['dated before the key', await sign({ iat: FOUNDED_S - 3601 }), 'KEY_NOT_VALID'],
    ['newer list', await sign({ list: 2 }), 'LIST_BEHIND'],
    ['301 s ahead', first, 'CLOCK', NOW_S - 301],
    ['past its time', first, 'EXPIRED', NOW_S + 3601],
  ];
  return cases.map(([name, text, code, atS]) => ({ name, text, atS: atS ?? NOW_S, code }));
}

async function makeReceipts(network: TestNetwork, envelope: string): Promise<WireVectors['receipt']> {
  const delivered = {
    v: 1,
    id: idOf(3),
    re: idOf(1),
    from: 'xb',
    to: 'xa',
    lane: 'routine',
    seq: 1,
    stage: 'delivered',
    env: parseEnvelope(envelope).hash,
    sealed: 'ab'.repeat(32),
    doc: 'cd'.repeat(32),
    at: NOW_S,
    log: { origin: `${NET}/xb`, leaf: 'ef'.repeat(32) },
  };
  const { doc: _doc, ...noDoc } = delivered;
  const key = network.parties.xb!.sig;
  const sign = (value: object, by = key) => signReceipt(Receipt.parse(value), by);
  const relayed = { ...noDoc, from: 'gateway', stage: 'relayed' };
  const taken: [string, string][] = [
    ['delivered', await sign(delivered)],
    ['rejected', await sign({ ...noDoc, stage: 'rejected', code: 'CANNOT_DECRYPT' })],
    ['rejected, as it was given up', await sign({ ...noDoc, stage: 'rejected', code: 'GIVEN_UP' })],
    ['relayed', await sign(relayed, network.parties.gateway!.sig)],
  ];
  const head = canonicalText(header('receipt', { kid: 'xb#sig-1' }));
  const forge = (value: object) => forgeCompact(head, canonicalText(value), key);
  const refused: [string, string, string, number?][] = [
    ['delivered without doc', await forge(noDoc), 'MALFORMED'],
    ['delivered with code', await forge({ ...delivered, code: 'EXPIRED' }), 'MALFORMED'],
    ['rejected without code', await forge({ ...delivered, stage: 'rejected' }), 'MALFORMED'],
    [
      'rejected with a transient code',
      await forge({ ...delivered, stage: 'rejected', code: 'CLOCK' }),
      'MALFORMED',
    ],
    ['relayed by a State', await forge({ ...noDoc, stage: 'relayed' }), 'MALFORMED'],
    ['to itself', await forge({ ...delivered, to: 'xb' }), 'MALFORMED'],
    ['an envelope', envelope, 'MALFORMED'],
    ['signed by another State', await sign(delivered, network.parties.xc!.sig), 'KEY_UNKNOWN'],
    ['301 s ahead', taken[0]![1], 'CLOCK', NOW_S - 301],
  ];
  return {
    valid: taken.map(([name, text]) => ({ name, text, atS: NOW_S, hash: parseReceipt(text).hash })),
    invalid: refused.map(([name, text, code, atS]) => ({ name, text, atS: atS ?? NOW_S, code })),
  };
}

function makeControls(env: string): WireVectors['control'] {
  const item = { id: idOf(1), seq: 1, reason: 'expired', env, sealed: 'ab'.repeat(32) };
  const tombstones = { kind: 'tombstones', lane: 'routine', items: [item] };
  const resend = { kind: 'resend', lane: 'urgent', seqs: [3, 4] };
  const { env: _env, ...nameless } = item;
  const write = (rows: [string, object][]) =>
    rows.map(([name, value]) => ({ name, text: canonicalText(value) }));
  return {
    valid: write([
      ['tombstones', tombstones],
      ['resend', resend],
      ['receipts', { kind: 'receipts', receipts: [] }],
    ]),
    invalid: write([
      ['tombstone that does not name its bytes', { ...tombstones, items: [nameless] }],
      ['tombstones of nothing', { ...tombstones, items: [] }],
      ['resend of nothing', { ...resend, seqs: [] }],
      ['unknown kind', { ...resend, kind: 'forget' }],
    ]),
  };
}

function makeDocuments(): WireVectors['document'] {
  const { prev: _prev, list: _list, sealed: _sealed, ...head } = envelopePayload;
  const author = { name: 'Officer (invented)', office: 'Focal point' };
  const file = { name: 'attachment-1.pdf', media: 'application/pdf', bytes: 1 };
  const parts = [{ sha256: 'ab'.repeat(32), bytes: 1 }];
  const write = (rows: [string, object][]) =>
    rows.map(([name, change]) => ({
      name,
      text: canonicalText({
        ...{ ...head, rcpt: ['ab'.repeat(20)], nonce: 'A'.repeat(43), type: 'PRG@1', thread: idOf(1) },
        ...{ n: 1, seen: 0, author, body: { status: 'working' }, attachments: [], pad: '', ...change },
      }),
    }));
  return {
    valid: write([
      ['first act', {}],
      ['highest number', { n: 100_000, seen: 100_000 }],
      ['a file', { attachments: [{ ...file, parts }] }],
    ]),
    invalid: write([
      ['act 0', { n: 0 }],
      ['number of an act above the limit', { n: 100_001 }],
      ['number of an act that fits no 32 bits', { n: 2 ** 31 }],
      ['seen above the limit', { seen: 100_001 }],
      ['unknown member', { subject: 'x' }],
      ['name of an author with a control character', { author: { ...author, name: 'Officer\u0000' } }],
      ['name of an office with a control character', { author: { ...author, office: 'Focal\u001bpoint' } }],
      [
        'name of a file with a control character',
        { attachments: [{ ...file, parts, name: 'file\u0000.pdf' }] },
      ],
    ]),
  };
}

async function makeLists(network: TestNetwork): Promise<WireVectors['list']> {
  const follow = (change: object = {}): TrustList => {
    const base = { ...network.list, ver: 2, prev: network.verified.hash, iat: NOW_S };
    return { ...base, ...change };
  };
  const sign = (list: TrustList, count = 2) => signTestList(list, network.authorities, count);
  const two = await sign(follow());
  const three = await sign(follow(), 3);
  const calendar = await sign(follow({ nodes: withCalendar(network.list) }), 3);
  const disorder = follow({ nodes: withCalendar(network.list, { weekend: [6, 5] }) });
  const proof = await proveInLog(network, two, 'xa');
  const self = await proveInLog(network, two, 'gateway');
  const { hash } = parseList(two);
  const refused: [string, string, string, string?][] = [
    ['two of three without proof', two, 'NOT_WITNESSED'],
    ['witnessed by the gateway alone', two, 'NOT_WITNESSED', self],
    ['proof of another list', await sign(follow({ exp: network.list.exp + 1 })), 'NOT_WITNESSED', proof],
    ['one signature', await sign(follow(), 1), 'THRESHOLD_NOT_MET', proof],
    ['skips a version', await sign(follow({ ver: 3 }), 3), 'NOT_NEXT'],
    ['another predecessor', await sign(follow({ prev: '11'.repeat(32) }), 3), 'CHAIN_BROKEN'],
    ['dated before its predecessor', await sign(follow({ iat: FOUNDED_S - 1 }), 3), 'TIME_REVERSED'],
    ['dated in the future', await sign(follow({ iat: NOW_S + 301 }), 3), 'FROM_FUTURE'],
    ['payload changed', swapPayload(three, network.json), 'BAD_SIGNATURE'],
    ['weekend in disorder', await signUnread(disorder, network.authorities), 'MALFORMED'],
  ];
  return {
    valid: [
      { name: 'two of three with proof', text: two, atS: NOW_S, proof, hash, alarm: false },
      { name: 'three of three without proof', text: three, atS: NOW_S, hash, alarm: true },
      { name: 'names working days', text: calendar, atS: NOW_S, hash: parseList(calendar).hash, alarm: true },
    ],
    invalid: refused.map(([name, text, code, given]) => {
      return { name, text, atS: NOW_S, code, ...(given === undefined ? {} : { proof: given }) };
    }),
  };
}

/** The nodes of a list, the first with working days of its own. */
function withCalendar({ nodes }: TrustList, change: object = {}): TrustList['nodes'] {
  const offsets = [{ from: FOUNDED_S, minutes: 120 }];
  const calendar = { weekend: [5, 6], holidays: ['2027-03-21'], offsets, ...change };
  const [{ profile, ...node }, ...rest] = nodes as [TrustList['nodes'][number], ...TrustList['nodes']];
  return [{ ...node, profile: { ...profile, calendar } }, ...rest];
}

/** Signed by all authorities, without asking whether it is a list. */
async function signUnread(list: TrustList, authorities: readonly SigningKey[]): Promise<string> {
  const signatures = await Promise.all(authorities.map((key) => signList(list, key)));
  return canonicalText({ payload: encodeBase64Url(encodeCanonical(list)), signatures });
}

function swapPayload(signatures: string, payload: string): string {
  return canonicalText({ ...JSON.parse(signatures), payload: JSON.parse(payload).payload });
}

/** The list as the only leaf of the gateway's log, cosigned by one party. */
async function proveInLog(network: TestNetwork, json: string, witness: string): Promise<string> {
  const { leaf } = makeListEntry(parseList(json));
  const { frontier } = appendLeaves(emptyFrontier(), [leaf]);
  const rootHash = new Uint8Array(rootOf(frontier));
  const checkpoint = { origin: `${NET}/gateway`, size: 1, rootHash, extensions: [] };
  const note = await signCheckpoint(checkpoint, network.parties.gateway!.log);
  const line = await cosignCheckpoint(note, network.parties[witness]!.wit, NOW_S);
  return formatProof({ index: 0, hashes: [], checkpoint: addSignatureLines(note, [line]) });
}

async function makeRequests(key: SigningKey): Promise<WireVectors['request']> {
  const body = new TextEncoder().encode('{"query":"{ __typename }"}');
  const nonce = 'abcdefghijklmnopqrstuv';
  const target = { method: 'POST', authority: 'gateway.example', path: '/machine', query: '?a=1' };
  const post = await signRequest({ ...target, body, nowS: NOW_S, nonce }, key);
  const empty = { method: 'GET', authority: 'gateway.example', path: '/parts/x', query: '' };
  const get = await signRequest({ ...empty, body: new Uint8Array(), nowS: NOW_S, nonce }, key);
  const vector = { name: 'POST', ...target, body: encodeBase64(body), headers: { ...post }, atS: NOW_S };
  const without = (name: string) =>
    Object.fromEntries(Object.entries(post).filter(([header]) => header !== name));
  const input = (edit: (text: string) => string) => ({
    ...post,
    'signature-input': edit(post['signature-input']),
  });
  const refused: [string, Partial<RequestVector>, string][] = [
    ['method', { method: 'PUT' }, 'BAD_SIGNATURE'],
    ['authority', { authority: 'xb.example' }, 'BAD_SIGNATURE'],
    ['path', { path: '/machines' }, 'BAD_SIGNATURE'],
    ['query', { query: '?a=2' }, 'BAD_SIGNATURE'],
    ['body', { body: '' }, 'DIGEST_MISMATCH'],
    ['no signature', { headers: without('signature') }, 'SIGNATURE_MISSING'],
    ['no signature-input', { headers: without('signature-input') }, 'SIGNATURE_MISSING'],
    ['no content-digest', { headers: without('content-digest') }, 'COMPONENT_MISSING'],
    ['query not covered', { headers: input((text) => text.replace('"@query" ', '')) }, 'COMPONENT_MISSING'],
    [
      'expiry moved',
      { headers: input((text) => text.replace(/expires=\d+/, `expires=${NOW_S + 61}`)) },
      'BAD_SIGNATURE',
    ],
    ['other key', { headers: input((text) => text.replace('xa#sig-1', 'xb#sig-1')) }, 'BAD_SIGNATURE'],
    [
      'other algorithm',
      { headers: input((text) => text.replace('ed25519', 'rsa-v1_5-sha256')) },
      'SIGNATURE_MALFORMED',
    ],
    ['too late', { atS: NOW_S + 361 }, 'REQUEST_EXPIRED'],
    ['too early', { atS: NOW_S - 301 }, 'REQUEST_FROM_FUTURE'],
  ];
  return {
    valid: [
      { ...vector, party: 'xa' },
      { ...vector, ...empty, name: 'GET without body', body: '', headers: { ...get }, party: 'xa' },
    ],
    invalid: refused.map(([name, change, code]) => ({ ...vector, ...change, name, code })),
  };
}
