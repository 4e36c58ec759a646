/** Its time is over: the child's file and its conversation are made unreadable in both States, who say so and can still prove the rest. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { formatVerdict, verifyBundle } from '#schema/evidence/verify.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { checkLogOf } from '../../commands/log.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { release, settle, type Team } from '../team.ts';
import { waitFor } from '../wait-for.ts';

const CASES = '{ cases { nodes { id conversations { thread } } } }';
const ANSWER =
  'mutation ($thread: ID!) { answerErasure(thread: $thread) { id type status digest messageId } }';
const ERASE = `mutation ($about: ID!) { proposeErasing(about: $about, ground: period_over, reason: "INVENTED: the period of our law is over") }`;
const STUB = `query ($thread: ID!, $file: ID!) { conversation(thread: $thread) { retention { erasedAt } acts { type at body { __typename } } }
  retention(of: $file) { erasedAt } }`;

interface Stub {
  readonly conversation: {
    readonly retention: { readonly erasedAt: string | null } | null;
    readonly acts: readonly { type: string; body: object | null }[];
  };
  readonly retention: { readonly erasedAt: string | null } | null;
}

export async function erased(story: Story): Promise<void> {
  const { mainJourney, teamOf, tell, network } = story;
  const thread = mainJourney.threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the steps send, answer and case-file');
  const [xa, xb] = [teamOf('xa'), teamOf('xb')];
  const file = await closeFile(xa, thread);
  await release(xa, 'ERS', { thread, body: { phase: 'ask', ground: 'period-over', remains: [] } });
  const isAnswered = (all: number) => (seen: { acts: readonly { type: string }[] }) =>
    seen.acts.filter(({ type }) => type === 'ERS').length === all;
  await waitFor(xb.officer, thread, 'the demand to erase at xb', isAnswered(1));
  const { answerErasure } = await xb.officer.ask<{ answerErasure: Parameters<typeof settle>[1] }>(ANSWER, {
    thread,
  });
  await settle(xb, answerErasure, []);
  await waitFor(xa.officer, thread, 'the answer of xb', isAnswered(2));
  tell(
    'xa asked that its conversation be erased; two people of xb did, and its answer left when it was true',
  );
  for (const about of [file, thread]) {
    const { proposeErasing } = await xa.officer.ask<{ proposeErasing: string }>(ERASE, { about });
    await xa.supervisor.ask('mutation ($id: ID!) { approveRetention(decision: $id) }', {
      id: proposeErasing,
    });
  }
  await awaitStub(xa, thread, file);
  tell('two people of xa erased the child’s file and their own side: keys, words, files and search tokens');
  const anchor = Anchor.parse(JSON.parse(await readFile(network.anchorPath, 'utf8')));
  for (const team of [xa, xb]) tell(await prove(team, thread, anchor));
}

/** The conversation was closed when its answer was accepted. @returns the child's file */
async function closeFile({ supervisor }: Team, thread: string): Promise<string> {
  const { cases } = await supervisor.ask<{
    cases: { nodes: { id: string; conversations: { thread: string }[] }[] };
  }>(CASES);
  const file = cases.nodes.find(({ conversations }) =>
    conversations.some((one) => one.thread === thread),
  )?.id;
  expect(file !== undefined, 'there is no file: this step needs the step case-file');
  await supervisor.ask('mutation ($id: ID!) { closeCase(case: $id, closing: solution_in_place) }', {
    id: file,
  });
  return file;
}

/** Erased within moments of the second person's word. */
async function awaitStub({ supervisor }: Team, thread: string, file: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const { conversation, retention } = await supervisor.ask<Stub>(STUB, { thread, file });
    if (conversation.retention?.erasedAt && retention?.erasedAt) {
      const readable = conversation.acts.filter(({ body }) => body !== null).map(({ type }) => type);
      expect(
        readable.every((type) => type === 'ERS'),
        'only what was said of erasing can still be read',
      );
      return;
    }
    await delay(50);
  }
  expect(false, 'what two people decided to erase was not erased within ten seconds');
}

/** What remains proves: every signature of the exchange, and the whole log. */
async function prove({ supervisor, node }: Team, thread: string, anchor: Anchor): Promise<string> {
  const verified = await verifyBundle((await supervisor.exportEvidence(thread)).bytes, anchor);
  expect(verified.verdict === 'PROVED', `${node.code}: ${formatVerdict(verified)}`);
  const checked = await checkLogOf(node.env.FOCALNET_DATABASE!, node.env.FOCALNET_KEYS!);
  expect(checked.ok, `the log of ${node.code} must hold: ${checked.firstBad?.reason}`);
  return `${node.code} without a word of it left: evidence ${verified.verdict}; its log of ${checked.size} entries holds`;
}
