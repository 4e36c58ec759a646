/**
 * Doing an act as people do it: one proposes, what a gate stops is cleared by those who may, a second person approves exactly
 * what was shown. The demo, the command line and the tests of scenarios work through this.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { mediaOfEnding } from '#node/attachments/media.ts';
import { mutationNames } from '#node/graphql/mutation-names.ts';
import { EnquiryFile } from '#schema/conversation/enquiry-file.ts';
import { type MessageCode, messageCodes, messageTypes } from '#schema/conversation/message-types.ts';
import { type OfficerClient, OfficerError, type StoredFile } from './officer-client.ts';

export interface Proposal {
  readonly id: string;
  readonly thread: string;
  readonly type: string;
  readonly status: string;
  readonly digest: string;
  readonly lane: string;
  readonly content: string;
  readonly office: string | null;
  readonly messageId: string | null;
  readonly stoppedBy: readonly { gate: string; rule: string; source: string; explanation: string }[];
  readonly explanations: readonly { gate: string; rule: string; source: string; explanation: string }[];
}

export interface ActRequest {
  readonly thread?: string;
  readonly peer?: string;
  readonly body: Record<string, unknown>;
  readonly attachments?: readonly string[];
  readonly safety?: Record<string, unknown>;
}

const PROPOSAL = `id thread type status digest lane content office messageId
  stoppedBy { gate rule source explanation } explanations { gate rule source explanation }`;

export const isMessageCode = (text: string): text is MessageCode =>
  (messageCodes as readonly string[]).includes(text);

/** Proposes an act. What needs one person only is released at once; status says where it stands. */
export async function propose(
  client: OfficerClient,
  type: MessageCode,
  request: ActRequest,
): Promise<Proposal> {
  const mutation = mutationNames[type];
  const query = `mutation ($thread: ID, $peer: String, $body: ${inputTypeOf(type)}!, $attachments: [ID!], $safety: SafetyStatementInput) {
    ${mutation}(thread: $thread, peer: $peer, body: $body, attachments: $attachments, safety: $safety) { ${PROPOSAL} }
  }`;
  return orStopped(
    client,
    async () => (await client.ask<Record<string, Proposal>>(query, { ...request }))[mutation]!,
  );
}

/** What an officer states beside an act, from the enquiry's file: it stays in the own node. */
export function safetyOf({ caseFacts, harm }: EnquiryFile): Record<string, unknown> {
  const { childIsHere, asylum } = caseFacts;
  const test = harm && { answer: harm.answer, reasons: harm.reasons };
  return { childIsHere, asylum, ...(test ? { harm: test } : {}) };
}

/** @throws ZodError whose issues name the fields that are wrong */
export async function readEnquiryFile(path: string): Promise<EnquiryFile> {
  return EnquiryFile.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Hears how many bytes of a file have been handed over, of how many. */
export type OnSent = (name: string, sentBytes: number, totalBytes: number) => void;

/**
 * Proposes the enquiry of the file at `path`: its attachments go first, cleaned, from beside the file.
 * @throws OfficerError FILE_TYPE, FILE_MISSING, and as `propose`
 */
export async function proposeFile(
  client: OfficerClient,
  path: string,
  file: EnquiryFile,
  onSent?: OnSent,
): Promise<{ proposal: Proposal; stored: StoredFile[] }> {
  const stored: StoredFile[] = [];
  for (const { file: name } of file.attachments)
    stored.push(await uploadFile(client, resolve(dirname(path), name), onSent));
  const attachments = stored.map(({ id }) => id);
  const request = { peer: file.to, body: file.body, attachments, safety: safetyOf(file) };
  return { proposal: await propose(client, 'ENQ', request), stored };
}

/** Stores a file after cleaning. @throws OfficerError FILE_TYPE, FILE_MISSING, or with the node's code */
export async function uploadFile(client: OfficerClient, path: string, onSent?: OnSent): Promise<StoredFile> {
  const media = mediaOfEnding.get(extname(path).slice(1).toLowerCase());
  if (!media)
    throw new OfficerError(
      'FILE_TYPE',
      `an attachment must end in one of ${[...mediaOfEnding.keys()].map((ending) => `.${ending}`).join(', ')}`,
    );
  const bytes = new Uint8Array(await readAttachment(path));
  return client.upload(bytes, media, (sent) => onSent?.(basename(path), sent, bytes.length));
}

async function readAttachment(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    throw new OfficerError(
      'FILE_MISSING',
      `the attachment ${path} is not there. An enquiry names its files by their way from where it lies itself; those of the invented enquiries are made by the demo, in its folder "cases" (.focalnet/demo/cases)`,
    );
  });
}

/** What a gate stopped is refused with an error that names the proposal it is kept as: read that. */
async function orStopped(client: OfficerClient, act: () => Promise<Proposal>): Promise<Proposal> {
  try {
    return await act();
  } catch (error) {
    const id =
      error instanceof OfficerError && error.code === 'GATE_CLOSED'
        ? /proposal-[0-9a-f]+/.exec(error.message)?.[0]
        : undefined;
    if (id === undefined) throw error;
    const { proposal } = await client.ask<{ proposal: Proposal }>(
      `query ($id: ID!) { proposal(id: $id) { ${PROPOSAL} } }`,
      { id },
    );
    return proposal;
  }
}

/** The endpoint's input types are derived from the bodies and called after them. */
function inputTypeOf(type: MessageCode): string {
  const id = (messageTypes[type].body.meta() as { id: string }).id;
  return `${id}Input`;
}

/** A second person approves exactly the content with this digest. */
export async function approve(client: OfficerClient, proposal: Proposal): Promise<Proposal> {
  const { approveRelease } = await client.ask<{ approveRelease: Proposal }>(
    `mutation ($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { ${PROPOSAL} } }`,
    { id: proposal.id, digest: proposal.digest },
  );
  return approveRelease;
}

/**
 * One person asks for clearances and another grants them; then the stopped proposal is put before the gates again.
 * @param clearance the grounds stand for each kind; `proposes` is who proposed
 */
export async function clear(
  clearance: {
    kinds: readonly string[];
    grounds: string;
    asks: OfficerClient;
    /** Who may grant which kind. */
    grants: (kind: string) => OfficerClient;
    proposes: OfficerClient;
  },
  { id }: Proposal,
): Promise<Proposal> {
  const { grounds, asks, grants, proposes } = clearance;
  for (const kind of clearance.kinds)
    await grantClearance(grants(kind), await askClearance(asks, { kind, proposal: id, grounds, days: 7 }));
  return resubmit(proposes, id);
}

/** @param asked.kind as codes are written, e.g. `family-contact`. @returns id of the clearance, which another person grants */
export async function askClearance(
  client: OfficerClient,
  asked: { kind: string; proposal: string; grounds: string; days: number },
): Promise<string> {
  const { askClearance: id } = await client.ask<{ askClearance: string }>(
    `mutation ($kind: ClearanceKind!, $proposal: ID!, $grounds: String!, $days: Int!) {
      askClearance(kind: $kind, proposal: $proposal, grounds: $grounds, days: $days) }`,
    // GraphQL's names cannot hold hyphens.
    { ...asked, kind: asked.kind.replaceAll('-', '_') },
  );
  return id;
}

export async function grantClearance(client: OfficerClient, id: string): Promise<void> {
  await client.ask('mutation ($id: ID!) { grantClearance(clearance: $id) }', { id });
}

/** Puts a stopped proposal before the gates again, unchanged. */
export function resubmit(client: OfficerClient, id: string): Promise<Proposal> {
  const query = `mutation ($id: ID!) { resubmitProposal(proposal: $id) { ${PROPOSAL} } }`;
  return orStopped(
    client,
    async () => (await client.ask<{ resubmitProposal: Proposal }>(query, { id })).resubmitProposal,
  );
}
