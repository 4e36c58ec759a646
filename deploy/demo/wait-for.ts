/**
 * Waiting until a conversation looks as told, by the node's own events.
 */
import { type OfficerClient, OfficerError } from '../officer-client.ts';
import { StepError } from './step-error.ts';

export interface SeenAct {
  /** Of the message. */
  readonly id: string;
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
  readonly danger: boolean;
  readonly acts: readonly SeenAct[];
  readonly tasks: readonly { kind: string }[];
}

const WATCH = `subscription ($thread: ID!) { conversationChanged(thread: $thread) {
  thread state danger tasks { kind } acts { id type side n seen ours stage deliveredAt withoutEffect }
} }`;

const PATIENCE_MS = 60_000;
/** A hint can be lost; each subscription begins with how things stand, so a new one finds out. */
const RENEW_MS = 5_000;

/** @throws StepError after a minute, saying how the conversation looks instead; OfficerError */
export async function waitFor(
  client: OfficerClient,
  thread: string,
  what: string,
  test: (conversation: SeenConversation) => boolean,
): Promise<SeenConversation> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  let last: SeenConversation | undefined;
  while (Date.now() < deadlineMs) {
    for await (const seen of watch(client, thread, AbortSignal.timeout(RENEW_MS))) {
      if (test(seen)) return seen;
      last = seen;
    }
  }
  const acts = last?.acts.map(({ type, ours, stage }) => (ours ? `${type}/${stage}` : type)).join(' ');
  throw new StepError(
    `waited a minute for ${what}; the conversation is ${last ? `${last.state} with ${acts}` : 'not there'}`,
  );
}

/** The conversation now, as soon as there is one, and at each change. */
async function* watch(
  client: OfficerClient,
  thread: string,
  signal: AbortSignal,
): AsyncGenerator<SeenConversation, void> {
  for await (const event of client.watch<{ conversationChanged: SeenConversation }>(
    WATCH,
    { thread },
    signal,
  )) {
    if (!(event instanceof OfficerError)) yield event.conversationChanged;
    else if (event.code !== 'CONVERSATION_UNKNOWN') throw event;
  }
}

export const hasAct = (type: string) => (conversation: SeenConversation) =>
  conversation.acts.some((act) => act.type === type);

/** An act of ours of that type has come this far. */
export const hasStage =
  (type: string, ...stages: readonly string[]) =>
  (conversation: SeenConversation) =>
    conversation.acts.some((act) => act.type === type && stages.includes(act.stage ?? ''));

/** The peer's signed receipt for it has come. */
export const arrived = (type: string) => hasStage(type, 'delivered', 'opened');

export const actOf = ({ acts }: SeenConversation, type: string): SeenAct =>
  acts.findLast((act) => act.type === type)!;
