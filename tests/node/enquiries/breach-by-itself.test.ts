/** What went to a State it was not meant for goes into the register of breaches by itself, and its 72 hours are told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateBreach } from '#node/access/report-breach.ts';
import { watchPeopleOnce } from '#node/access/watch-people.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { recallAct } from '#node/enquiries/recall-act.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { calm, withdrawalBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { enterOffice, type Office } from '../../fixtures/office.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const HOUR_MS = 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
  await giveAddresses(xa);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));
beforeEach(() => takeTold(xa));

const actsOf = (thread: string) =>
  xa.db.selectFrom('act').selectAll().where('thread', '=', thread).orderBy('n').execute();
const breachesOf = (messageId: string) =>
  xa.db.selectFrom('breach').selectAll().where('opened_for', '=', messageId).execute();
const sendTo = async () => {
  const thread = await office.enquire();
  await carry(xa, xb);
  const [act] = await actsOf(thread);
  await takeTold(xa);
  return { thread, messageId: act!.message_id };
};

describe('a recall', () => {
  it('for the wrong State that comes too late opens an entry, once, and its deciders are told at once', async () => {
    const { messageId } = await sendTo();
    const recall = (who: 'ana' | 'sam') => recallAct(xa.ctx, office.as(who), messageId, 'wrong-recipient');
    expect([await recall('ana'), await recall('sam')]).toEqual(['too-late', 'too-late']);
    const found = await breachesOf(messageId);
    expect(found).toMatchObject([
      {
        unit: 'national',
        kind: 'wrong-recipient',
        peer: 'xb',
        message_ids: [messageId],
        noticed_at: clock.ms,
        reported_by: office.id('ana'),
      },
    ]);
    expect(await takeTold(xa)).toEqual(['hana urgent', 'sam urgent', 'sid urgent']);
    expect(await lastAudit(xa, 'breach.reported')).toEqual({
      id: found[0]!.id,
      kind: 'wrong-recipient',
      messages: [messageId],
      noticedAtMs: clock.ms,
      cause: 'recall-too-late',
      actor: office.id('ana'),
    });
  });

  it('for another reason opens none, nor one that came in time', async () => {
    const { messageId } = await sendTo();
    expect(await recallAct(xa.ctx, office.as('ana'), messageId, 'says-too-much')).toBe('too-late');
    expect(await breachesOf(messageId)).toEqual([]);
    const [act] = await actsOf(await office.enquire());
    expect(await recallAct(xa.ctx, office.as('ana'), act!.message_id, 'wrong-recipient')).toBe('taken-back');
    expect(await breachesOf(act!.message_id)).toEqual([]);
  });

  it('whose message arrives after all opens one when the receipt says so', async () => {
    const [act] = await actsOf(await office.enquire());
    const messageId = act!.message_id as MessageId;
    await recallAct(xa.ctx, office.as('ana'), messageId, 'wrong-recipient');
    // Its bytes had left, as this node finds out now.
    await xa.db.updateTable('act').set({ in_doubt: true }).where('message_id', '=', messageId).execute();
    await runOperation(xa.ctx.doors.exchange, xa.ctx.surroundings, (op) =>
      xa.handler.noteReceipt(op, messageId, { stage: 'delivered', code: undefined, atMs: clock.ms }),
    );
    expect(await breachesOf(messageId)).toMatchObject([{ reported_by: office.id('ana'), unit: 'national' }]);
  });

  it('of what is for named readers is put before the head alone', async () => {
    const handling = {
      readers: 'eyes-only' as const,
      named: ['Head (invented)'],
      onward: 'no' as const,
      mayBeShownTo: [],
    };
    const thread = await office.enquire('ana', { handling });
    await carry(xa, xb);
    await takeTold(xa);
    const [act] = await actsOf(thread);
    await recallAct(xa.ctx, office.as('ana'), act!.message_id, 'wrong-recipient');
    expect(await takeTold(xa)).toEqual(['hana urgent']);
    const seen = (who: 'sam' | 'hana') =>
      xa.ctx.doors.withActor(office.as(who), (trx) =>
        trx.selectFrom('breach').select('id').where('opened_for', '=', act!.message_id).execute(),
      );
    expect([(await seen('sam')).length, (await seen('hana')).length]).toEqual([0, 1]);
  });
});

describe('a withdrawal', () => {
  it('of what was sent in error opens an entry about all that was sent there, another reason none', async () => {
    const { thread, messageId } = await sendTo();
    const withdraw = (of: string, reason: 'sent-in-error' | 'no-longer-needed') =>
      proposeAct(xa.ctx, office.as('ana'), {
        type: 'WDR',
        thread: of,
        body: { ...withdrawalBody(), reason, scope: 'everything-asked' },
        safety: calm,
      });
    await withdraw(thread, 'sent-in-error');
    expect(await breachesOf(messageId)).toMatchObject([
      { message_ids: [messageId], kind: 'wrong-recipient' },
    ]);
    expect(await lastAudit(xa, 'breach.reported')).toMatchObject({ cause: 'sent-in-error' });
    const other = await sendTo();
    await withdraw(other.thread, 'no-longer-needed');
    expect(await breachesOf(other.messageId)).toEqual([]);
  });
});

describe('the 72 hours', () => {
  it('are told again a day before they are over and when they are, to the auditor too, until the authority was told', async () => {
    const { messageId } = await sendTo();
    await recallAct(xa.ctx, office.as('ana'), messageId, 'wrong-recipient');
    const { id } = (await breachesOf(messageId))[0]!;
    // Those of the tests before have their own.
    await xa.db.updateTable('breach').set({ closed_at: clock.ms }).where('id', '<>', id).execute();
    const open = async () =>
      (
        await xa.db
          .selectFrom('task')
          .select('kind')
          .where('about', '=', id)
          .where('closed_at', 'is', null)
          .orderBy('opened_at')
          .execute()
      ).map(({ kind }) => kind);
    const look = async (afterMs: number) => {
      clock.ms = START_MS + afterMs;
      await takeTold(xa);
      await Promise.all([watchPeopleOnce(xa.ctx), watchPeopleOnce(xa.ctx)]);
      return takeTold(xa);
    };
    expect(await look(48 * HOUR_MS - 1)).toEqual([]);
    expect(await look(48 * HOUR_MS)).toEqual(['hana urgent', 'sam urgent', 'sid urgent']);
    expect(await look(72 * HOUR_MS - 1)).toEqual([]);
    expect(await look(72 * HOUR_MS)).toEqual(['aud urgent', 'hana urgent', 'sam urgent', 'sid urgent']);
    expect(await open()).toEqual(['breach', 'breach-due', 'breach-overdue']);
    const taken = { step: 'authority-told', how: 'letter', text: 'INVENTED: told by letter' } as const;
    await updateBreach(xa.ctx, office.as('sam'), id, taken);
    expect(await open()).toEqual([]);
    expect(await look(96 * HOUR_MS)).toEqual([]);
  });
});
