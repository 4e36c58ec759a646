/**
 * The invented people of the demo and what they do together: one proposes, another approves, a third decides on protection.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EnquiryFile } from '#schema/conversation/enquiry-file.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { type ActRequest, approve, clear, type Proposal, propose } from '../act.ts';
import { type OfficerClient, openOfficerClient } from '../officer-client.ts';
import type { RunningNode } from './network.ts';

export interface Team {
  readonly node: RunningNode;
  readonly officer: OfficerClient;
  readonly supervisor: OfficerClient;
  readonly adviser: OfficerClient;
}

/** Why a step of the demo did not hold. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new StepError(what);
}

export async function openTeam(node: RunningNode): Promise<Team> {
  const client = async (name: string, role: 'officer' | 'supervisor' | 'legal-adviser') =>
    openOfficerClient(node.officerUrl, await node.tokenOf(name, role));
  return {
    node,
    officer: await client('Officer One', 'officer'),
    supervisor: await client('Supervisor Two', 'supervisor'),
    adviser: await client('Legal Adviser Three', 'legal-adviser'),
  };
}

/** One of the invented enquiries of `tests/fixtures/enquiries`, as a user would write it. */
export async function readInvented(name: string): Promise<EnquiryFile> {
  const path = fileURLToPath(new URL(`../../tests/fixtures/enquiries/${name}.json`, import.meta.url));
  return EnquiryFile.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** What an officer states beside an act, from the enquiry's file: it stays in the node. */
export function safetyOf(file: EnquiryFile): Record<string, unknown> {
  const { childIsHere, asylum } = file.caseFacts;
  return {
    childIsHere,
    asylum,
    ...(file.harm ? { harm: { answer: file.harm.answer, reasons: file.harm.reasons } } : {}),
  };
}

const NO_HARM = {
  answer: 'not-likely-to-endanger',
  reasons: 'INVENTED: nothing in it tells where the child is.',
};

/** For the State that answers: the child is not there. */
export const answerSafety = { childIsHere: 'no', asylum: [], harm: NO_HARM };

/**
 * Proposes, clears what the asylum gate stops if the file says that it was cleared, and has a second person approve.
 * @throws StepError when a gate stops it for good
 */
export async function release(
  team: Team,
  type: MessageCode,
  request: ActRequest,
  clearAsylum = false,
): Promise<Proposal> {
  let proposal = await propose(team.officer, type, request);
  if (proposal.status === 'stopped' && clearAsylum) {
    const grounds = 'INVENTED: the child was counselled and seeks no protection from this State.';
    const parts = {
      kind: 'asylum',
      grounds,
      asks: team.supervisor,
      grants: team.adviser,
      proposes: team.officer,
    };
    proposal = await clear(parts, proposal);
  }
  if (proposal.status === 'stopped')
    throw new StepError(`${type} was stopped by ${proposal.stoppedBy.map((rule) => rule.rule).join(', ')}`);
  if (proposal.status !== 'waiting') return proposal;
  return approve(type === 'REF' ? team.adviser : team.supervisor, proposal);
}

/** Sends an invented enquiry to the end of its release. */
export async function sendEnquiry(
  team: Team,
  file: EnquiryFile,
  attachments: readonly string[] = [],
): Promise<Proposal> {
  const body = { ...file.body, attachments: file.body.attachments.slice(0, attachments.length) };
  return release(team, 'ENQ', { peer: file.to, body, attachments, safety: safetyOf(file) }, true);
}

export interface SeenAct {
  readonly type: string;
  readonly side: string;
  readonly n: number;
  readonly seen: number;
  readonly ours: boolean;
  readonly stage: string | null;
  readonly deliveredAt: string | null;
  readonly withoutEffect: boolean;
}

export interface SeenConversation {
  readonly thread: string;
  readonly state: string;
  readonly side: string;
  readonly danger: boolean;
  readonly acts: readonly SeenAct[];
  readonly tasks: readonly { kind: string }[];
}

const INBOX = `query { inbox(first: 100) { edges { node {
  thread state side danger tasks { kind } acts { type side n seen ours stage deliveredAt withoutEffect }
} } } }`;

/** Waits until a conversation looks as told, and returns it. @throws StepError after a minute, saying how it looks instead */
export async function waitFor(
  client: OfficerClient,
  thread: string,
  what: string,
  test: (conversation: SeenConversation) => boolean,
): Promise<SeenConversation> {
  const deadline = Date.now() + 60_000;
  let last: SeenConversation | undefined;
  while (Date.now() < deadline) {
    const { inbox } = await client.ask<{ inbox: { edges: { node: SeenConversation }[] } }>(INBOX);
    last = inbox.edges.map((edge) => edge.node).find((node) => node.thread === thread);
    if (last && test(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const acts = last?.acts.map((act) => `${act.type}${act.ours ? `/${act.stage}` : ''}`).join(' ') ?? 'none';
  throw new StepError(
    `waited a minute for: ${what}; the conversation is ${last?.state ?? 'not there'} with acts ${acts}`,
  );
}

export const hasAct = (type: string) => (conversation: SeenConversation) =>
  conversation.acts.some((act) => act.type === type);

export const arrived = (type: string) => (conversation: SeenConversation) =>
  conversation.acts.some((act) => act.type === type && (act.stage === 'delivered' || act.stage === 'opened'));

export const actNumber = (conversation: SeenConversation, type: string): number =>
  conversation.acts.findLast((act) => act.type === type)!.n;
