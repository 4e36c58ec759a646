/** The twelve invented scenarios, played by people of two offices through their own databases, each to its end. */

import type { Kysely } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { storeAttachment } from '#node/attachments/store-attachment.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { EnquiryError } from '#node/enquiries/enquiry-error.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import type { SafetyStatement } from '#node/enquiries/safety-statement.ts';
import type { Database } from '#node/storage/database.ts';
import { otherSide, type Side } from '#schema/conversation/acts.ts';
import type { MessageDocument } from '#schema/protocol/document.ts';
import {
  apply,
  auditTypes,
  type Clock,
  type LoopNode,
  startLoopNode,
  takeReleased,
} from '../../fixtures/loopback.ts';
import { readEnquiryFile, type Scenario, type Step, scenarios } from '../../fixtures/scenarios.ts';

let nodes: Record<string, LoopNode> = {};
afterEach(async () => {
  await Promise.all(Object.values(nodes).map((node) => node.close()));
  nodes = {};
});

type Play = {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly threads: Map<string, string>;
  /** On its way, held back because the next step overtakes it. */
  readonly late: { document: MessageDocument; from: LoopNode; to: LoopNode }[];
};

const nodeOf = (scenario: Scenario, step: Step, side: Side): LoopNode =>
  nodes[scenario.states[step.thread]![side]]!;

/** What the person states beside the act: from the file for an enquiry, else what this side knows. */
function statementOf({ scenario }: Play, step: Step): SafetyStatement {
  const harm = { answer: 'not-likely-to-endanger' as const, reasons: 'INVENTED: looked at by name' };
  if (step.side === 'requested') return { ...copy(scenario.requestedKnows), harm };
  const name = step.file ?? scenario.steps.find((one) => one.thread === step.thread && one.file)?.file;
  if (name === undefined) return { childIsHere: 'not-known', asylum: [], harm };
  const file = readEnquiryFile(name);
  const { childIsHere, asylum } = file.caseFacts;
  const own =
    step.file === undefined || !file.harm ? harm : { answer: file.harm.answer, reasons: file.harm.reasons };
  return { childIsHere, asylum, harm: own };
}

const copy = (facts: Scenario['requestedKnows']) => ({
  childIsHere: facts.childIsHere,
  asylum: [...facts.asylum],
});

async function attach(node: LoopNode, step: Step): Promise<string[]> {
  const notes = (step.body as { attachments?: unknown[] }).attachments ?? [];
  const files = notes.map(async (_note, index) => {
    const bytes = new TextEncoder().encode(`INVENTED file ${index}`);
    const store = { db: node.db as Kysely<Database>, surroundings: node.ctx.surroundings };
    return (await storeAttachment(store, node.person('ana'), { bytes, declaredMedia: 'text/plain' })).id;
  });
  return Promise.all(files);
}

async function propose(play: Play, step: Step, node: LoopNode): Promise<string> {
  const thread = play.threads.get(step.thread);
  const peer = play.scenario.states[step.thread]![otherSide(step.side)];
  const safety = statementOf(play, step);
  const attachmentIds = await attach(node, step);
  const { type, body } = step;
  try {
    return (
      await proposeAct(node.ctx, node.person('ana'), { type, thread, peer, body, safety, attachmentIds })
    ).id;
  } catch (error) {
    if (!(error instanceof EnquiryError) || error.proposal === undefined || step.expectBlocked) throw error;
    return clear(play, step, node, error.proposal);
  }
}

/** Supervisor and legal adviser decide, for exactly what was stopped; then it is put forward again. */
async function clear(play: Play, step: Step, node: LoopNode, proposal: string): Promise<string> {
  const name = play.scenario.steps.find((one) => one.thread === step.thread && one.file)?.file;
  const asker = step.side === 'requester' && name !== undefined;
  const inFile = asker ? readEnquiryFile(name).caseFacts.clearances.map((one) => one.kind) : [];
  for (const kind of new Set([...step.cleared, ...inFile])) {
    const asked = {
      kind,
      proposal,
      grounds: 'INVENTED: decided by two',
      expiresAtMs: play.clock.ms + 3_600_000,
    };
    const clearance = await askClearance(node.ctx, node.person('sam', 'supervisor'), asked);
    await grantClearance(node.ctx, node.person('lea', 'legal-adviser'), clearance);
  }
  return (await resubmitProposal(node.ctx, node.person('ana'), proposal)).id;
}

async function play(current: Play, step: Step): Promise<void> {
  const { scenario, clock, threads, late } = current;
  clock.ms = Math.max(clock.ms + 1, Date.parse(step.at));
  const from = nodeOf(scenario, step, step.side);
  const to = nodeOf(scenario, step, otherSide(step.side));
  if (step.expectBlocked) {
    const error = await propose(current, step, from).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'GATE_CLOSED' });
    expect(error.stoppedBy.map((one: { gate: string }) => one.gate)).toContain(step.expectBlocked);
    expect(await takeReleased(from, to)).toEqual([]);
    expect((await auditTypes(from)).at(-1)).toBe('act.stopped');
    return;
  }
  const id = await propose(current, step, from);
  const row = await from.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  threads.set(step.thread, row.thread);
  if (row.status === 'waiting') {
    await approveRelease(from.ctx, from.person('hana', 'head'), id, row.digest);
  }
  for (const document of await takeReleased(from, to)) late.push({ document, from, to });
}

async function arrive({ late }: Play): Promise<void> {
  for (const { document, from, to } of late.splice(0).reverse()) {
    expect([document.type, await apply(from, to, document)]).toEqual([document.type, undefined]);
  }
}

async function stateOf(node: LoopNode, thread: string): Promise<string> {
  const row = await node.db
    .selectFrom('conversation')
    .select('state')
    .where('thread', '=', thread)
    .executeTakeFirst();
  return row?.state ?? 'NONE';
}

describe('the twelve scenarios', () => {
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const clock = { ms: Date.parse(scenario.steps[0]!.at) - 1 };
      const codes = new Set(Object.values(scenario.states).flatMap((sides) => Object.values(sides)));
      for (const code of codes) nodes[code] = await startLoopNode(code as 'xa', clock);
      const current: Play = { scenario, clock, threads: new Map(), late: [] };
      for (const [index, step] of scenario.steps.entries()) {
        await play(current, step);
        // An act that overtakes waits for the one it overtakes, then goes first.
        if (scenario.steps[index + 1]?.overtakes) continue;
        await arrive(current);
        const thread = current.threads.get(step.thread);
        if (step.expectState === undefined || thread === undefined) continue;
        const sides: Side[] = ['requester', 'requested'];
        const states = await Promise.all(sides.map((side) => stateOf(nodeOf(scenario, step, side), thread)));
        expect([index, step.type, ...states]).toEqual([index, step.type, step.expectState, step.expectState]);
      }
    },
  );
});
