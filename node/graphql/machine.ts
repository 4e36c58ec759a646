/**
 * The endpoint for other States' nodes: take sealed messages and their parts, show the log. Every call that writes is signed
 * (RFC 9421). An outbound-only node does not mount it at all.
 */
import SchemaBuilder from '@pothos/core';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { accessOfFields, type FieldTable } from '#platform/http/field-table.ts';
import { createGraphql, type ObserveOperation } from '#platform/http/graphql.ts';
import { HttpError } from '#platform/http/http-error.ts';
import { logRoute } from '#platform/http/log-route.ts';
import type { Route } from '#platform/http/route.ts';
import {
  type Caller,
  type CheckRequest,
  makeNonceMemory,
  makeRequestCheck,
} from '#platform/http/signed-request.ts';
import { countUnsigned } from '#platform/refusals.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { ExchangeContext } from '../exchange/context.ts';
import { rouseDeliveries } from '../exchange/deliver.ts';
import { putPart } from '../exchange/inbound-parts.ts';
import { type DeliveryResult, receive } from '../exchange/receive.ts';

interface MachineContext {
  exchange: ExchangeContext;
  caller: Caller;
}

/** 64 envelopes with the largest sealed document each, in base64. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;

function buildSchema() {
  const builder = new SchemaBuilder<{ Context: MachineContext }>({});
  const DeliveryInput = builder.inputType('DeliveryInput', {
    description: 'One sealed message with its envelope.',
    fields: (t) => ({
      envelope: t.string({ required: true, description: 'Compact JWS of the envelope, exactly as sealed.' }),
      sealed: t.string({ required: true, description: 'The sealed document, base64.' }),
    }),
  });
  const Result = builder.objectRef<DeliveryResult>('DeliveryResult').implement({
    description: 'Either a signed receipt or a code that says why there is none (PROTOCOL.md, C rules).',
    fields: (t) => ({
      id: t.exposeString('id', { nullable: true }),
      receipt: t.exposeString('receipt', { nullable: true }),
      code: t.exposeString('code', { nullable: true }),
      message: t.string({ nullable: true, resolve: ({ code }) => explain(code) }),
      retryAfterS: t.int({ nullable: true, resolve: ({ code }) => (code === 'PENDING' ? 1 : null) }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      list: t.int({
        description: 'Version of the trust list in force here.',
        resolve: (_, __, ctx) => ctx.exchange.trust.version(),
      }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      deliver: t.field({
        type: [Result],
        description: 'Receives up to 64 messages. The same bytes again get the same receipt.',
        args: { messages: t.arg({ type: [DeliveryInput], required: true }) },
        resolve: async (_, { messages }, { exchange, caller }) => {
          if (messages.length > limits.envelopesPerRequest) {
            throw new HttpError(
              413,
              'TOO_LARGE',
              `Send at most ${limits.envelopesPerRequest} messages in one call.`,
            );
          }
          const results = await receive(exchange, messages, 'push');
          await rouseDeliveries(exchange, caller.party);
          return results;
        },
      }),
    }),
  });
  const schema = lexicographicSortSchema(builder.toSchema());
  accessOfFields(schema, forPeers);
  return schema;
}

/** Who signed the request may have all of it, and there is nothing else: a field more cannot be built. */
const forPeers: FieldTable<'peer'> = {
  'Query.list': 'peer',
  'Mutation.deliver': 'peer',
  'DeliveryResult.id': 'peer',
  'DeliveryResult.receipt': 'peer',
  'DeliveryResult.code': 'peer',
  'DeliveryResult.message': 'peer',
  'DeliveryResult.retryAfterS': 'peer',
};

function explain(code: DeliveryResult['code']): string | null {
  if (code === null) return null;
  return code === 'PENDING'
    ? 'Received; the receipt follows once the log covers it: send the same bytes again.'
    : new ProtocolError(code).message;
}

/** The schema as text, for `schema/machine.graphql`. */
export const printMachineSdl = (): string => `${printSchema(buildSchema())}\n`;

/** The routes of the machine endpoint. */
export function machineRoutes(exchange: ExchangeContext, observe?: ObserveOperation): Route[] {
  const check = countUnsigned(
    exchange.refusals,
    makeRequestCheck({
      findKey: (kid, atS) => exchange.trust.current().findKey(kid, atS),
      ownUrls: () => exchange.trust.peer(exchange.identity.state)?.urls ?? [],
      remember: makeNonceMemory(),
      nowMs: exchange.surroundings.nowMs,
    }),
  );
  const graphql = createGraphql<MachineContext>({
    schema: buildSchema(),
    context: async (request) => ({ exchange, caller: await check(request, MAX_BODY_BYTES) }),
    log: exchange.log,
    maxBodyBytes: MAX_BODY_BYTES,
    ...(observe && { observe }),
  });
  return [
    { method: 'POST', path: '/graphql', handle: graphql },
    {
      method: 'PUT',
      path: '/parts/:to/:message/:sha256',
      handle: (request) => takePart(exchange, check, request),
    },
    logRoute(exchange.db, exchange.identity.origin),
  ];
}

type Request = Parameters<Route['handle']>[0];

async function takePart(exchange: ExchangeContext, check: CheckRequest, request: Request) {
  const { party } = await check(request, limits.sealedPartBytes);
  const { to, message, sha256 } = request.params;
  if (to !== exchange.identity.state)
    throw new HttpError(404, 'WRONG_RECIPIENT', 'This node is another State.');
  const sealed = await request.readBody(limits.sealedPartBytes);
  try {
    if (exchange.trust.peer(party)?.status !== 'active') throw new ProtocolError('SENDER_SUSPENDED');
    await putPart(exchange, { peer: party, messageId: message!, sha256: sha256!, sealed });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    exchange.refusals.count(error.code);
    throw new HttpError(error.code === 'OVERLOADED' ? 503 : 422, error.code, error.message);
  }
  return { status: 204 };
}
