/**
 * `npm run demo`: the whole network on this machine, the journey told as a story, evidence at the end.
 */
import { resolve } from 'node:path';
import { startDemoNetwork } from './network.ts';
import { openTeam, StepError } from './people.ts';
import { type Story, steps } from './story.ts';

export interface DemoResult {
  ok: boolean;
  steps: { name: string; ok: boolean; ms: number; error?: string }[];
  endpoints: Record<string, string>;
  evidence: string[];
  anchor: string;
  seconds: number;
}

/**
 * Runs the demo. With `once` it ends after the journey; otherwise it goes on until `stopped` fulfils.
 * @returns what the last line says
 */
export async function runDemo(options: {
  once: boolean;
  only?: string[];
  stopped: Promise<void>;
  print: (line: string) => void;
}): Promise<DemoResult> {
  const { print } = options;
  const startedAt = Date.now();
  print('Focalnet demo: a gateway and three invented States on this machine. All people are invented.');
  const network = await startDemoNetwork(resolve('.focalnet', 'demo'));
  try {
    const [xa, xb] = await Promise.all([
      network.start('xa').then(openTeam),
      network.start('xb').then(openTeam),
    ]);
    print(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    const story: Story = {
      network,
      xa,
      xb,
      xc: null,
      mainThread: '',
      evidence: [],
      tell: (line) => print(`    ${line}`),
    };
    const results = await tellStory(story, options.only, print);
    const endpoints = describeEndpoints(story);
    const result: DemoResult = {
      ok: results.every((step) => step.ok),
      steps: results,
      endpoints,
      evidence: story.evidence,
      anchor: network.anchorPath,
      seconds: (Date.now() - startedAt) / 1000,
    };
    if (!options.once) {
      await printExamples(story, endpoints, print);
      await options.stopped;
    }
    return result;
  } finally {
    await network.close();
  }
}

async function tellStory(
  story: Story,
  only: string[] | undefined,
  print: (line: string) => void,
): Promise<DemoResult['steps']> {
  const results: DemoResult['steps'] = [];
  const chosen = steps.filter((step) => !only || only.includes(step.name));
  for (const [i, step] of chosen.entries()) {
    print(`\n[${i + 1}/${chosen.length}] ${step.title}`);
    const startedAt = Date.now();
    try {
      await step.run(story);
      results.push({ name: step.name, ok: true, ms: Date.now() - startedAt });
      print(`    held (${Date.now() - startedAt} ms)`);
    } catch (error) {
      const reason = error instanceof StepError || error instanceof Error ? error.message : 'unknown';
      results.push({ name: step.name, ok: false, ms: Date.now() - startedAt, error: reason });
      print(`    DID NOT HOLD: ${reason}`);
    }
  }
  return results;
}

function describeEndpoints({ network, xa, xb, xc }: Story): Record<string, string> {
  return {
    gateway: `${network.gatewayUrl}/graphql`,
    'xa.officer': `${xa.node.officerUrl}/graphql`,
    'xb.officer': `${xb.node.officerUrl}/graphql`,
    ...(xc ? { 'xc.officer': `${xc.node.officerUrl}/graphql` } : {}),
    'xa.machine': `${xa.node.machineUrl}/graphql`,
    'xb.machine': `${xb.node.machineUrl}/graphql`,
  };
}

async function printExamples(
  { xa, xb, xc, network }: Story,
  endpoints: Record<string, string>,
  print: (line: string) => void,
): Promise<void> {
  print('\nThe network keeps running; Ctrl-C ends it. Try:');
  const json = "-H 'content-type: application/json' -H 'x-focalnet: 1'";
  print(
    `  the gateway's trust list:\n    curl -s ${endpoints.gateway} ${json} -d '{"query":"{ trustList { ver index } checkpoints { origin size } }"}'`,
  );
  for (const team of [xa, xb, xc]) {
    if (!team) continue;
    const token = await team.node.tokenOf('Officer One', 'officer');
    print(
      `  ${team.node.code}'s inbox, as an invented officer:\n    curl -s ${team.node.officerUrl}/graphql ${json} -H 'authorization: Bearer ${token}' -d '{"query":"{ inbox(first: 20) { edges { node { thread peerState state acts { type stage } } } } }"}'`,
    );
  }
  print(`  ${xa.node.code}'s log, as anyone may read it:\n    curl -s ${xa.node.machineUrl}/log/checkpoint`);
  const officer = await xa.node.tokenOf('Officer One', 'officer');
  print(
    `  an enquiry of your own:\n    FOCALNET_TOKEN=${officer} node bin/focalnet.mjs enquiry send --node ${xa.node.officerUrl} --file tests/fixtures/enquiries/03-refused.json`,
  );
  print(`  anchor: ${network.anchorPath}`);
}
