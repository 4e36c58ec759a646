/**
 * Doing an act as people do it: one proposes, what a gate stops is cleared by those who may, a second person approves exactly
 * what was shown. The demo, the command line and the tests of scenarios work through this.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
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
 * @throws OfficerError FILE_TYPE, and as `propose`
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

const MEDIA: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.pdf': 'application/pdf',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
};

/** Stores a file after cleaning. @throws OfficerError FILE_TYPE, or with the node's code */
export async function uploadFile(client: OfficerClient, path: string, onSent?: OnSent): Promise<StoredFile> {
  const media = MEDIA[extname(path).toLowerCase()];
  if (!media)
    throw new OfficerError('FILE_TYPE', `an attachment must be one of ${Object.keys(MEDIA).join(', ')}`);
  const bytes = new Uint8Array(await readFile(path));
  return client.upload(bytes, media, (sent) => onSent?.(basename(path), sent, bytes.length));
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
  for (const kind of clearance.kinds) {
    const { askClearance } = await asks.ask<{ askClearance: string }>(
      'mutation ($kind: ClearanceKind!, $id: ID!, $grounds: String!) { askClearance(kind: $kind, proposal: $id, grounds: $grounds, days: 7) }',
      // Codes are written with hyphens; GraphQL's names cannot hold any.
      { kind: kind.replaceAll('-', '_'), id, grounds },
    );
    await grants(kind).ask('mutation ($id: ID!) { grantClearance(clearance: $id) }', { id: askClearance });
  }
  const resubmit = `mutation ($id: ID!) { resubmitProposal(proposal: $id) { ${PROPOSAL} } }`;
  return orStopped(
    proposes,
    async () => (await proposes.ask<{ resubmitProposal: Proposal }>(resubmit, { id })).resubmitProposal,
  );
}
