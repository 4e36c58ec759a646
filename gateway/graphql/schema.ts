/**
 * The gateway's endpoint: directory (open to anyone), mailbox and witness (signed calls of listed nodes).
 */
import SchemaBuilder from '@pothos/core';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { guardEach } from '#platform/http/field-table.ts';
import { HttpError } from '#platform/http/http-error.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { GatewayContext } from '../context.ts';
import { type ServedList, serveList } from '../directory/lists.ts';
import { type Item, readMailbox } from '../relay/mailbox.ts';
import { postReceipts } from '../relay/post-receipts.ts';
import { QUOTA_RETRY_S } from '../relay/quota.ts';
import { recallMessage } from '../relay/recall.ts';
import { type TakeResult, takeEnvelopes } from '../relay/take-envelopes.ts';
import { requireActive } from '../require-active.ts';
import {
  listCheckpoints,
  listCosignatures,
  listSteps,
  type PostedCheckpoint,
  postCheckpoint,
  postCosignature,
} from '../witness/watch-logs.ts';
import { type GatewayAccess, gatewayFields } from './field-access.ts';

export interface CallContext {
  readonly gateway: GatewayContext;
  /** State code of the node that signed the call; null for an unsigned one. */
  readonly caller: string | null;
  /** Events for one subscriber, until the signal ends. */
  readonly follow: (channel: 'mailbox' | 'checkpoint', about: string | null) => AsyncIterable<string>;
  /** Takes a list signed by the authorities. */
  readonly publish: (list: string) => Promise<number>;
}

const PAGE_MOST = 64;

/** When the same bytes may be sent again, in seconds; sooner would bring the same answer. */
const RETRY_S: Readonly<Partial<Record<NonNullable<TakeResult['code']>, number>>> = {
  PENDING: 1,
  LIST_BEHIND: 5,
  OVERLOADED: QUOTA_RETRY_S,
};

export function buildGatewaySchema() {
  const builder = new SchemaBuilder<{ Context: CallContext }>({});
  const DeliveryInput = builder.inputType('DeliveryInput', {
    description: 'One sealed message with its envelope.',
    fields: (t) => ({
      envelope: t.string({ required: true, description: 'Compact JWS of the envelope, exactly as sealed.' }),
      sealed: t.string({ required: true, description: 'The sealed document, base64.' }),
    }),
  });
  const Result = builder.objectRef<TakeResult>('DeliveryResult').implement({
    description: 'Either a signed receipt or a code that says why there is none (PROTOCOL.md, C rules).',
    fields: (t) => ({
      id: t.exposeString('id', { nullable: true }),
      receipt: t.exposeString('receipt', { nullable: true }),
      code: t.exposeString('code', { nullable: true }),
      message: t.string({ nullable: true, resolve: ({ code }) => explain(code) }),
      retryAfterS: t.int({
        nullable: true,
        resolve: ({ code }) => (code === null ? null : (RETRY_S[code] ?? null)),
      }),
    }),
  });
  const List = builder.objectRef<ServedList>('TrustList').implement({
    fields: (t) => ({
      ver: t.exposeInt('ver'),
      list: t.exposeString('list', {
        description: 'General JWS, canonical JSON, signed by the authorities.',
      }),
      index: t.exposeFloat('index', {
        nullable: true,
        description: "Leaf index in the gateway's log; null until it is there.",
      }),
      proof: t.exposeStringList('proof', { nullable: true }),
      checkpoint: t.exposeString('checkpoint', { nullable: true }),
    }),
  });
  const MailboxItem = builder.objectRef<Item>('MailboxItem').implement({
    fields: (t) => ({
      cursor: t.exposeInt('cursor'),
      lane: t.exposeString('lane'),
      kind: t.exposeString('kind'),
      envelope: t.exposeString('envelope', { nullable: true }),
      sealed: t.exposeString('sealed', { nullable: true }),
      receipt: t.exposeString('receipt', { nullable: true }),
    }),
  });
  const MailboxPage = builder.objectRef<{ trimmed: boolean; items: Item[] }>('MailboxPage').implement({
    fields: (t) => ({
      trimmed: t.exposeBoolean('trimmed', {
        description: 'Something after the cursor was removed because its time was over.',
      }),
      items: t.field({ type: [MailboxItem], resolve: ({ items }) => items }),
    }),
  });
  const Checkpoint = builder.objectRef<PostedCheckpoint>('Checkpoint').implement({
    fields: (t) => ({
      origin: t.exposeString('origin'),
      size: t.exposeFloat('size'),
      note: t.exposeString('note', { description: 'Signed note with every cosignature known here.' }),
    }),
  });
  const Step = builder
    .objectRef<{ oldSize: number; newSize: number; proof: string[]; note: string }>('LogStep')
    .implement({
      fields: (t) => ({
        oldSize: t.exposeFloat('oldSize'),
        newSize: t.exposeFloat('newSize'),
        proof: t.exposeStringList('proof'),
        note: t.exposeString('note'),
      }),
    });
  const Cosignature = builder.objectRef<{ size: number; line: string }>('Cosignature').implement({
    fields: (t) => ({ size: t.exposeFloat('size'), line: t.exposeString('line') }),
  });
  const Posted = builder.objectRef<{ code: string | null }>('PostResult').implement({
    fields: (t) => ({
      code: t.exposeString('code', { nullable: true, description: 'Null where it was taken.' }),
    }),
  });
  const Witnessed = builder
    .objectRef<{ cosignature: string | null; storedSize: number | null }>('WitnessResult')
    .implement({
      fields: (t) => ({
        cosignature: t.exposeString('cosignature', { nullable: true }),
        storedSize: t.exposeFloat('storedSize', {
          nullable: true,
          description: 'Prove consistency from this size instead.',
        }),
      }),
    });

  builder.queryType({
    fields: (t) => ({
      trustList: t.field({
        type: List,
        nullable: true,
        description:
          'A trust list with its proof; the one in force unless a version is given. Open to anyone.',
        args: { ver: t.arg.int() },
        resolve: (_, { ver }, { gateway }) => serveList(gateway, ver ?? null),
      }),
      mailbox: t.field({
        type: MailboxPage,
        args: {
          afterUrgent: t.arg.int({ required: true }),
          afterRoutine: t.arg.int({ required: true }),
          first: t.arg.int({ required: true }),
        },
        resolve: (_, { afterUrgent, afterRoutine, first }, { gateway, caller }) =>
          readMailbox(
            gateway,
            needActive(gateway, caller),
            { urgent: afterUrgent, routine: afterRoutine },
            Math.min(Math.max(first, 1), PAGE_MOST),
          ),
      }),
      checkpoints: t.field({ type: [Checkpoint], resolve: (_, __, { gateway }) => listCheckpoints(gateway) }),
      cosignatures: t.field({
        type: [Cosignature],
        args: { origin: t.arg.string({ required: true }), fromSize: t.arg.float({ required: true }) },
        resolve: (_, { origin, fromSize }, { gateway }) =>
          listCosignatures(gateway, origin, asSize(fromSize)),
      }),
      logSteps: t.field({
        type: [Step],
        args: { origin: t.arg.string({ required: true }), fromSize: t.arg.float({ required: true }) },
        resolve: (_, { origin, fromSize }, { gateway }) => listSteps(gateway, origin, asSize(fromSize)),
      }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      deliver: t.field({
        type: [Result],
        description:
          'Holds up to 64 messages for their recipients. The same bytes again get the same receipt.',
        args: { messages: t.arg({ type: [DeliveryInput], required: true }) },
        resolve: (_, { messages }, { gateway, caller }) => {
          requireAtMost(messages.length, limits.envelopesPerRequest);
          return takeEnvelopes(gateway, need(caller), messages);
        },
      }),
      postReceipts: t.field({
        type: [Posted],
        args: { receipts: t.arg.stringList({ required: true }) },
        resolve: (_, { receipts }, { gateway, caller }) => {
          requireAtMost(receipts.length, limits.envelopesPerRequest);
          return postReceipts(gateway, need(caller), receipts);
        },
      }),
      recall: t.string({
        description: '`recalled`, `already-pulled` or `unknown`.',
        args: { recall: t.arg.string({ required: true }) },
        resolve: (_, { recall }, { gateway, caller }) => recallMessage(gateway, need(caller), recall),
      }),
      postCheckpoint: t.field({
        type: Witnessed,
        args: {
          note: t.arg.string({ required: true }),
          oldSize: t.arg.float({ required: true }),
          proof: t.arg.stringList({ required: true }),
        },
        resolve: (_, posted, { gateway, caller }) =>
          postCheckpoint(gateway, need(caller), { ...posted, oldSize: asSize(posted.oldSize) }),
      }),
      postCosignature: t.boolean({
        description: "Whether the line was good: the caller's cosignature of a checkpoint shown here.",
        args: {
          origin: t.arg.string({ required: true }),
          size: t.arg.float({ required: true }),
          line: t.arg.string({ required: true }),
        },
        resolve: (_, posted, { gateway, caller }) =>
          postCosignature(gateway, need(caller), { ...posted, size: asSize(posted.size) }),
      }),
      publishList: t.int({
        description:
          'Takes the next trust list, signed by the authorities of the one in force. Its version. Anyone may bring it.',
        args: { list: t.arg.string({ required: true }) },
        resolve: (_, { list }, { publish }) => publish(list),
      }),
    }),
  });
  builder.subscriptionType({
    fields: (t) => ({
      mailboxChanged: t.string({
        description: "Something was put into the caller's mailbox.",
        subscribe: (_, __, { caller, follow }) => follow('mailbox', need(caller)),
        resolve: (about) => about,
      }),
      checkpointChanged: t.string({
        description: 'A checkpoint or a cosignature is new.',
        subscribe: (_, __, { caller, follow }) => {
          need(caller);
          return follow('checkpoint', null);
        },
        resolve: (about) => about,
      }),
    }),
  });
  return guardEach<GatewayAccess, CallContext>(
    lexicographicSortSchema(builder.toSchema()),
    gatewayFields,
    (access, _source, { gateway, caller }) => {
      if (access === 'node') need(caller);
      if (access === 'active') needActive(gateway, caller);
    },
  );
}

/** The schema as text, for `schema/gateway.graphql`. */
export const printGatewaySdl = (): string => `${printSchema(buildGatewaySchema())}\n`;

function need(caller: string | null): string {
  if (caller === null)
    throw new HttpError(
      401,
      'SIGNATURE_MISSING',
      'Sign the call with the key the trust list names (RFC 9421).',
    );
  return caller;
}

function needActive(gateway: GatewayContext, caller: string | null): string {
  const state = need(caller);
  requireActive(gateway, state);
  return state;
}

/** Sizes of logs are Float in the schema, because Int ends at 2^31. @throws HttpError 400 SIZE_INVALID */
function asSize(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new HttpError(400, 'SIZE_INVALID', 'Sizes are whole numbers from 0 to 2^53 - 1.');
}

function requireAtMost(count: number, most: number): void {
  if (count > most) throw new HttpError(413, 'TOO_LARGE', `Send at most ${most} in one call.`);
}

function explain(code: TakeResult['code']): string | null {
  if (code === null) return null;
  if (code === 'PENDING')
    return 'Held; the receipt follows once the log covers it: send the same bytes again.';
  return code === 'RECALLED'
    ? 'You have recalled this message: send a new one.'
    : new ProtocolError(code).message;
}
