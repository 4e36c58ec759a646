/** What an officer is told when the network does not reach a State: refused at once, or a task, each with the other way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import type { EnquiryContext } from '#node/enquiries/context.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { calm, enquiryBody } from '#tests/fixtures/act-bodies.ts';
import {
  apply,
  type Clock,
  type LoopNode,
  START_MS,
  startLoopNode,
  takeReleased,
} from '#tests/fixtures/loopback.ts';
import { type OfficerServer, serveOfficers } from '#tests/fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
const PHONE = '+44 1632 960002';
let xa: LoopNode;
let xb: LoopNode;
let officers: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  officers = await serveOfficers(xa);
});
afterAll(async () => {
  await officers.close();
  await Promise.all([xa.close(), xb.close()]);
});

/** xa with another entry of one State in its list. */
const listing = (state: string, change: Partial<ListedNode>): EnquiryContext => ({
  ...xa.ctx,
  peerProfile: (asked) => {
    const node = xa.ctx.peerProfile(asked);
    return node && asked === state ? { ...node, ...change } : node;
  },
});

const propose = (ctx: EnquiryContext) =>
  proposeAct(ctx, xa.person('ana'), { type: 'ENQ', peer: 'xb', body: enquiryBody(), safety: calm });

describe('an act for a State that cannot take it is refused when it is proposed', () => {
  it.each<[string, string, Partial<ListedNode>]>([
    ['PEER_SUSPENDED', 'xb', { status: 'suspended' }],
    ['SELF_SUSPENDED', 'xa', { status: 'suspended' }],
    ['TYPE_NOT_UNDERSTOOD', 'xb', { types: ['ACK@1'] }],
  ])('%s, with the telephone of the office there', async (code, state, change) => {
    const refused = await propose(listing(state, change)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringContaining(PHONE) });
  });

  it('a State that has left takes no part', async () => {
    await expect(propose(listing('xb', { status: 'left' }))).rejects.toMatchObject({ code: 'PEER_UNKNOWN' });
  });

  it.each<[string, Partial<ListedNode>]>([
    ['PEER_SUSPENDED', { status: 'suspended' }],
    ['TYPE_NOT_UNDERSTOOD', { types: ['ACK@1'] }],
  ])('%s also when it came about between proposal and approval', async (code, change) => {
    const { id } = await propose(xa.ctx);
    const { digest } = await xa.db
      .selectFrom('proposal')
      .select('digest')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const approved = approveRelease(listing('xb', change), xa.person('sam', 'supervisor'), id, digest);
    await expect(approved).rejects.toMatchObject({ code });
    expect(await takeReleased(xa, xb)).toEqual([]);
  });
});

async function release(): Promise<MessageId> {
  const { id } = await propose(xa.ctx);
  const { digest } = await xa.db
    .selectFrom('proposal')
    .select('digest')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { messageId } = await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), id, digest);
  return messageId as MessageId;
}

async function taskAbout(messageId: string) {
  const query = '{ tasks { kind messageId detail assignedTo peer { state dutyPhones { number } } } }';
  const { data, errors } = await officers.ask(xa.person('ana'), query);
  expect(errors).toEqual([]);
  return (data!.tasks as { messageId: string }[]).find((task) => task.messageId === messageId);
}

describe('an act that was released and not taken becomes a task with the other way', () => {
  it('where the node there does not know the type: it refuses for good', async () => {
    const messageId = await release();
    const [document] = await takeReleased(xa, xb);
    for (const type of ['XYZ@1', 'ENQ@2']) {
      expect(await apply(xa, xb, { ...document!, type })).toBe('TYPE_UNKNOWN');
    }
    expect(await taskAbout(messageId)).toMatchObject({
      kind: 'undelivered',
      detail: 'TYPE_UNKNOWN',
      assignedTo: 'ana.xa',
      peer: { state: 'xb', dutyPhones: expect.arrayContaining([{ number: PHONE }]) },
    });
    const act = await xa.db
      .selectFrom('act')
      .selectAll()
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    expect(act).toMatchObject({ stage: 'rejected', void: true });
  });

  it.each<['not-understood' | 'left', boolean]>([
    ['not-understood', false],
    ['left', false],
    ['left', true],
  ])('where it was not sent any more: %s (may have arrived: %s)', async (reason, mayHaveArrived) => {
    const messageId = await release();
    await takeReleased(xa, xb);
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteUndelivered(op, messageId, reason, mayHaveArrived),
    );
    expect(await taskAbout(messageId)).toMatchObject({
      kind: 'undelivered',
      detail: reason,
      peer: { state: 'xb' },
    });
    const act = await xa.db
      .selectFrom('act')
      .selectAll()
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    expect(act).toMatchObject({
      stage: 'undelivered',
      stage_code: reason,
      void: !mayHaveArrived,
      in_doubt: mayHaveArrived,
    });
  });
});
