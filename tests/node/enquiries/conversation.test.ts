/** Two nodes, their databases, and what they make of the same acts. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#node/access/actor.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { confirmAlert } from '#node/enquiries/confirm-alert.ts';
import { findUnreadUrgent } from '#node/enquiries/find-unread-urgent.ts';
import { markRead } from '#node/enquiries/mark-read.ts';
import { calendarFor } from '#node/enquiries/next-due.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { watchTimes } from '#node/enquiries/raise-overdue.ts';
import { toActs } from '#node/enquiries/store.ts';
import { sealedAct } from '#node/enquiries/tables.ts';
import { runOperation } from '#node/operation.ts';
import { openRows } from '#node/vault/sealed-columns.ts';
import { dueDates } from '#schema/conversation/clocks.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { alertBody, calm, enquiryBody, reportBody, withdrawalBody } from '../../fixtures/act-bodies.ts';
import {
  apply,
  type Clock,
  carry,
  type LoopNode,
  listedNode,
  START_MS,
  startLoopNode,
  takeReleased,
} from '../../fixtures/loopback.ts';

let clock: Clock;
let xa: LoopNode;
let xb: LoopNode;
beforeEach(async () => {
  clock = { ms: START_MS };
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterEach(() => Promise.all([xa.close(), xb.close()]));

/** Proposes and, where it needs one, gives the second approval. */
async function act(node: LoopNode, proposed: ProposedAct, second: Role = 'supervisor') {
  clock.ms += 1000;
  const made = await proposeAct(node.ctx, node.person('ana'), { safety: calm, ...proposed });
  if (made.messageId) return made;
  const { digest } = await node.db
    .selectFrom('proposal')
    .select('digest')
    .where('id', '=', made.id)
    .executeTakeFirstOrThrow();
  const { messageId } = await approveRelease(node.ctx, node.person('sam', second), made.id, digest);
  return { ...made, messageId };
}
const ask = (change = {}) => act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody(change) });
const conversation = (node: LoopNode, thread: string) =>
  node.db.selectFrom('conversation').selectAll().where('thread', '=', thread).executeTakeFirstOrThrow();
const acts = async (node: LoopNode, thread: string) => {
  const query = node.db.selectFrom('act').selectAll().where('thread', '=', thread);
  return openRows(readerOf(node), sealedAct, await query.orderBy('side').orderBy('n').execute());
};
const openTasks = (node: LoopNode) =>
  node.db.selectFrom('task').selectAll().where('closed_at', 'is', null).execute();

describe('an enquiry and its answer', () => {
  it('both sides hold the same acts and come to the same state', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    expect(await conversation(xb, thread)).toMatchObject({
      side: 'requested',
      state: 'SENT',
      unread: 1,
      purpose: 'family-situation',
    });
    await act(xb, { type: 'ACK', thread, body: { re: 1 } });
    await carry(xb, xa);
    expect(await conversation(xa, thread)).toMatchObject({
      side: 'requester',
      state: 'ACKNOWLEDGED',
      unread: 1,
    });
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await carry(xb, xa);
    await act(xa, { type: 'ACK', thread, body: { re: 2 } });
    await carry(xa, xb);
    for (const node of [xa, xb]) expect((await conversation(node, thread)).state).toBe('ACCEPTED');
    const [here, there] = await Promise.all([acts(xa, thread), acts(xb, thread)]);
    const shared = ({ message_id, side, n, seen, type, body, facts, at }: (typeof here)[number]) => ({
      message_id,
      side,
      n,
      seen,
      type,
      body,
      facts,
      at,
    });
    expect(here.map(shared)).toEqual(there.map(shared));
    expect(here.filter((row) => row.stage !== null).every((row) => row.stage === 'delivered')).toBe(true);
  });

  it('names in every script arrive as they were written', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const [row] = await acts(xb, thread);
    const { children } = JSON.parse(row!.body);
    expect(children[0].names[0].parts.map((part: { value: string }) => part.value)).toEqual([
      'يوسف',
      'الحسن',
    ]);
    expect(children[0].names[1].parts[0].value).toBe('Юсуф');
    expect(children).toEqual(JSON.parse(JSON.stringify(enquiryBody().children)));
  });

  it('what the conversation does not allow is refused at home, with the rule', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    await expect(act(xb, { type: 'WDR', thread, body: withdrawalBody() })).rejects.toThrow(/author-side/);
    await expect(act(xb, { type: 'ACK', thread, body: { re: 7 } })).rejects.toThrow(/answers-nothing/);
  });

  it('two officers acting at once get two numbers, and the peer applies both', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const note = (name: string) =>
      proposeAct(xb.ctx, xb.person(name), { type: 'PRG', thread, body: { status: 'working' }, safety: calm });
    await Promise.all(['ana', 'bo', 'cy', 'di'].map(note));
    const released = await carry(xb, xa);
    expect(released.map((document) => document.n).sort()).toEqual([1, 2, 3, 4]);
  });
});

describe('time', () => {
  const DAY_MS = 86_400_000;

  it('says on both sides who is awaited, and since when it is late', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const arrived = clock.ms;
    expect(await conversation(xb, thread)).toMatchObject({ awaiting_us: true });
    expect(await conversation(xa, thread)).toMatchObject({ awaiting_us: false, due_at: null });
    // Three working days to the acknowledgement; the weekend of 16 and 17 January 2027 lies between.
    expect((await conversation(xb, thread)).due_at).toBe(arrived + 5 * DAY_MS);
    await act(xb, {
      type: 'CLR',
      thread,
      body: { asks: [{ question: 'q1', text: { text: 'INVENTED?', language: 'en' } }] },
    });
    await carry(xb, xa);
    expect(await conversation(xa, thread)).toMatchObject({ state: 'CLARIFYING', awaiting_us: true });
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await carry(xb, xa);
    expect(await conversation(xb, thread)).toMatchObject({ awaiting_us: false, due_at: null });
    expect(await conversation(xa, thread)).toMatchObject({ awaiting_us: true });
  });

  it('counts on both sides by the working days of the State that was asked', async () => {
    const xc = await startLoopNode('xc', clock);
    try {
      const { thread } = await act(xa, { type: 'ENQ', peer: 'xc', body: enquiryBody() });
      await carry(xa, xc);
      const arrived = clock.ms;
      // A Friday. xc rests on Friday and Saturday: Sunday, Monday, Tuesday.
      expect((await conversation(xc, thread)).due_at).toBe(arrived + 4 * DAY_MS);
      const [here, there] = await Promise.all(
        [xa, xc].map(async (node) => {
          const calendar = calendarFor(node.ctx, await conversation(node, thread));
          const fold = foldConversation(toActs(await acts(node, thread)));
          return dueDates(fold, clock.ms, calendar).map(({ event, dueMs }) => [event, dueMs]);
        }),
      );
      expect(here).toEqual(there);
      expect(here).toContainEqual(['acknowledgement-routine', arrived + 4 * DAY_MS]);
    } finally {
      await xc.close();
    }
  });

  it('counts anew when another trust list comes, and shows nothing else as changed', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const before = await conversation(xb, thread);
    const node = listedNode('xb');
    const calendar = { weekend: [0, 6], holidays: ['2027-01-18'], offsets: [] };
    const next = { ...node, profile: { ...node.profile, calendar } };
    clock.ms += 1000;
    const leave = new AbortController();
    const changed = xb.ctx.changes.watch(leave.signal).next();
    const errors: unknown[] = [];
    const ctx = { ...xb.ctx, peerProfile: () => next, listVersion: () => 2 };
    const times = watchTimes(ctx, (error) => errors.push(error), 5);
    await changed;
    leave.abort();
    await times.close();
    expect(errors).toEqual([]);
    expect(await conversation(xb, thread)).toEqual({
      ...before,
      due_at: before.due_at! + DAY_MS,
      alarm_at: before.alarm_at! + DAY_MS,
    });
  });
});

describe('crossing acts', () => {
  it('a report and a withdrawal that cross end in the same state on both sides', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    await act(xb, { type: 'RPT', thread, body: reportBody() });
    await act(xa, { type: 'WDR', thread, body: withdrawalBody() });
    const [fromA, fromB] = await Promise.all([takeReleased(xa, xb), takeReleased(xb, xa)]);
    expect([fromA.length, fromB.length]).toEqual([1, 1]);
    for (const document of fromA) expect(await apply(xa, xb, document)).toBeUndefined();
    for (const document of fromB) expect(await apply(xb, xa, document)).toBeUndefined();
    for (const node of [xa, xb]) expect((await conversation(node, thread)).state).toBe('WITHDRAWN');
    const crossed = async (node: LoopNode) =>
      (await acts(node, thread)).filter((row) => row.crossed).map((row) => row.type);
    expect(await crossed(xa)).toEqual(['RPT']);
    expect(await crossed(xb)).toEqual(['RPT']);
  });
});

describe('what comes in', () => {
  it('is refused by code before anything is written', async () => {
    await ask();
    const [enquiry] = await takeReleased(xa, xb);
    const refused = async (change: object) => {
      const code = await apply(xa, xb, { ...enquiry!, ...change });
      expect(await xb.db.selectFrom('act').select('message_id').execute()).toEqual([]);
      expect(await xb.db.selectFrom('conversation').select('thread').execute()).toEqual([]);
      return code;
    };
    expect(await refused({ type: 'XXX@1' })).toBe('TYPE_UNKNOWN');
    expect(await refused({ type: 'ENQ@2' })).toBe('TYPE_UNKNOWN');
    expect(await refused({ body: { ...enquiry!.body, extra: 1 } })).toBe('BODY_INVALID');
    expect(await refused({ type: 'RPT@1', body: reportBody() })).toBe('ACT_NOT_ALLOWED');
    expect(await refused({ seen: 3 })).toBe('ACT_NOT_ALLOWED');
  });

  it('a third State cannot speak in a conversation that is not its own', async () => {
    const { thread } = await ask();
    const [enquiry] = await takeReleased(xa, xb);
    await apply(xa, xb, enquiry!);
    const stranger = {
      ...enquiry!,
      id: enquiry!.id.replace(/.$/, '0') as MessageId,
      from: 'xc' as never,
      n: 2,
    };
    expect(await apply(xa, xb, { ...stranger, thread: thread as never })).toBe('ACT_NOT_ALLOWED');
  });

  it('a rejected act has no part in the conversation, and its number is used again', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const progress = { type: 'PRG' as const, thread, body: { status: 'working' } };
    await act(xb, progress);
    const [document] = await takeReleased(xb, xa);
    expect(await apply(xb, xa, { ...document!, body: {} })).toBe('BODY_INVALID');
    expect(await openTasks(xb)).toMatchObject([
      { kind: 'undelivered', detail: 'BODY_INVALID', assigned_to: 'ana.xb' },
    ]);
    await act(xb, progress);
    const [again] = await carry(xb, xa);
    expect(again).toMatchObject({ n: 1 });
    expect((await conversation(xa, thread)).state).toBe('IN_PROGRESS');
    expect((await conversation(xb, thread)).state).toBe('IN_PROGRESS');
  });
});

describe('where a child is asked for', () => {
  it('"no information" is stored in the same form for a known and an unknown child', async () => {
    const body = {
      purpose: 'locate-child' as const,
      questions: [{ ...enquiryBody().questions[0]!, code: 'LOC-01' as const }],
    };
    const answers = [];
    for (const childIsHere of ['yes', 'no'] as const) {
      const { thread } = await ask(body);
      await carry(xa, xb);
      const safety = { childIsHere, asylum: [] };
      await act(xb, {
        type: 'NIC',
        thread,
        body: { statement: 'no-information-can-be-communicated' },
        safety,
      });
      // It leaves three working days after the enquiry came, whoever the child is.
      expect(await carry(xb, xa)).toEqual([]);
      clock.ms += 6 * 86_400_000;
      const [document] = await carry(xb, xa);
      const [row] = (await acts(xa, thread)).filter((one) => one.type === 'NIC');
      answers.push({
        body: row!.body,
        sizes: JSON.stringify({ ...document, id: '', thread: '', seq: 0, iat: 0, exp: 0 }).length,
        state: (await conversation(xa, thread)).state,
      });
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it('an answer that would show it is stopped', async () => {
    const { thread } = await ask({
      purpose: 'locate-child',
      questions: [{ ...enquiryBody().questions[0]!, code: 'LOC-01' }],
    });
    await carry(xa, xb);
    const told = act(xb, { type: 'NEG', thread, body: { result: 'nothing-found', searched: ['S0'] } });
    await expect(told).rejects.toThrow(/\[presence G-PRESENCE\]/);
  });
});

describe('withdrawal and alarm', () => {
  it('a withdrawal opens a safety review here and owes an account there, which the account settles', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    await act(xa, { type: 'WDR', thread, body: withdrawalBody() });
    await carry(xa, xb);
    expect(await openTasks(xa)).toMatchObject([{ kind: 'safety-review', thread }]);
    expect(await openTasks(xb)).toMatchObject([{ kind: 'account-owed', thread }]);
    const [review] = await openTasks(xa);
    const close = (role: Role, reason: string) =>
      closeTask(xa.ctx, xa.person('sam', role), review!.id, reason);
    await expect(close('officer', 'seen the child alone today')).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    await expect(close('supervisor', 'ok')).rejects.toMatchObject({ code: 'REASON_MISSING' });
    await close('supervisor', 'seen the child alone today');
    const account = {
      phase: 'account',
      re: 2,
      nothingDone: false,
      acts: [
        {
          what: { text: 'INVENTED: asked the register', language: 'en' },
          at: '2027-01-14T10:00:00Z',
          spokeTo: ['Registrar (invented)'],
        },
      ],
    };
    await act(xb, { type: 'STP', thread, body: account });
    expect(await openTasks(xb)).toEqual([]);
  });

  it('that a child is held or accused is never a neutral value: somebody looks at it, on both sides', async () => {
    const [child] = enquiryBody().children;
    for (const against of [{ deprivedOfLiberty: true }, { accused: 'yes' as const }]) {
      const children = [{ ...child!, situation: { ...child!.situation, ...against } }];
      const { thread } = await act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody({ children }) });
      await carry(xa, xb);
      for (const node of [xa, xb]) {
        const open = (await openTasks(node)).filter((task) => task.thread === thread);
        expect(open).toMatchObject([{ kind: 'measure-against-child', thread }]);
        await closeTask(node.ctx, node.person('sam', 'supervisor'), open[0]!.id, 'the lawyer was told');
      }
    }
  });

  it('an alert lifts what waits: the same digest is approved, and it leaves urgently, for two hours', async () => {
    const { thread } = await ask();
    await carry(xa, xb);
    const report = { type: 'RPT' as const, thread, body: reportBody(), safety: calm };
    const { id } = await proposeAct(xb.ctx, xb.person('ana'), report);
    const read = () =>
      xb.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const { digest, lane } = await read();
    expect(lane).toBe('routine');
    await act(xa, { type: 'URG', thread, body: alertBody('XB') });
    await carry(xa, xb);
    const { messageId } = await approveRelease(xb.ctx, xb.person('sam', 'supervisor'), id, digest);
    expect((await read()).lane).toBe('urgent');
    const sealing = xb.db.selectFrom('seal_request').selectAll().where('message_id', '=', messageId);
    expect(await sealing.executeTakeFirst()).toMatchObject({
      lane: 'urgent',
      approved_until: clock.ms + 2 * 3_600_000,
    });
    const released = (await acts(xb, thread)).find((row) => row.message_id === messageId);
    expect(released).toMatchObject({ lane: 'urgent' });
  });

  it('an alert that nobody has read for half an hour says whom to telephone, on both sides', async () => {
    const safety = { ...calm, childIsHere: 'not-known' as const };
    const { thread, messageId } = await act(xa, { type: 'URG', peer: 'xb', body: alertBody('XB'), safety });
    await carry(xa, xb);
    expect((await conversation(xb, thread)).danger).toBe(true);
    clock.ms += 29 * 60_000;
    expect([
      await findUnreadUrgent(xa.ctx, xa.ctx.doors.jobs),
      await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs),
    ]).toEqual([[], []]);
    clock.ms += 60_000;
    expect(await findUnreadUrgent(xa.ctx, xa.ctx.doors.jobs)).toMatchObject([
      { messageId, author: 'ours', call: [{ number: '+44 1632 960002' }, {}] },
    ]);
    expect(await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs)).toMatchObject([
      { messageId, author: 'theirs', call: [{ number: '+44 1632 960002' }, {}] },
    ]);
    await xb.db.insertInto('inbound').values(inboundRow(messageId!)).execute();
    expect(await markRead(xb.ctx, xb.person('bo'), thread)).toBe(1);
    expect(await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs)).toMatchObject([{ messageId }]);
    const marked = await xb.db.selectFrom('inbound').select('later_receipt').executeTakeFirst();
    expect(marked?.later_receipt).toBe('due');
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteReceipt(op, messageId as MessageId, {
        stage: 'opened',
        code: undefined,
        atMs: xa.ctx.surroundings.nowMs(),
      }),
    );
    expect(await findUnreadUrgent(xa.ctx, xa.ctx.doors.jobs)).toEqual([]);
    expect(await markRead(xb.ctx, xb.person('bo'), thread)).toBe(0);
    await confirmAlert(xb.ctx, xb.person('bo'), thread);
    expect(await findUnreadUrgent(xb.ctx, xb.ctx.doors.jobs)).toEqual([]);
  });
});

const inboundRow = (id: string) => ({
  peer: 'xa',
  id,
  lane: 'urgent' as const,
  seq: 1,
  env: '',
  envelope: '',
  state: 'applied' as const,
  received_at: 0,
});
