/**
 * Doing an act as people do it: one proposes, what a gate stops is cleared by those who may, a second person approves exactly
 * what was shown. The demo and the command line both work through this.
 */

import { mutationNames } from '#node/graphql/mutation-names.ts';
import { type MessageCode, messageCodes, messageTypes } from '#schema/conversation/message-types.ts';
import { type OfficerClient, OfficerError } from './officer-client.ts';

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

/** One person asks for a clearance and another grants it; then the stopped proposal is put before the gates again. */
export async function clear(
  clearance: {
    kind: string;
    grounds: string;
    asks: OfficerClient;
    grants: OfficerClient;
    proposes: OfficerClient;
  },
  proposal: Proposal,
): Promise<Proposal> {
  const { askClearance } = await clearance.asks.ask<{ askClearance: string }>(
    'mutation ($kind: ClearanceKind!, $id: ID!, $grounds: String!) { askClearance(kind: $kind, proposal: $id, grounds: $grounds, days: 7) }',
    { kind: clearance.kind, id: proposal.id, grounds: clearance.grounds },
  );
  await clearance.grants.ask('mutation ($id: ID!) { grantClearance(clearance: $id) }', { id: askClearance });
  const resubmit = `mutation ($id: ID!) { resubmitProposal(proposal: $id) { ${PROPOSAL} } }`;
  return orStopped(clearance.proposes, async () => {
    const data = await clearance.proposes.ask<{ resubmitProposal: Proposal }>(resubmit, { id: proposal.id });
    return data.resubmitProposal;
  });
}
