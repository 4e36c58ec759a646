/**
 * `npm run demo`: the whole network on this machine, the journey told as a story, evidence at the end.
 */
import { join, resolve } from 'node:path';
import { describeEndpoints, describeExamples } from './examples.ts';
import { type DemoNetwork, openDemoNetwork } from './network.ts';
import { openStory, type Story, type StoryStep, steps } from './story.ts';
import { writeCases } from './write-cases.ts';

export interface DemoResult {
  ok: boolean;
  steps: { name: string; ok: boolean; ms: number }[];
  endpoints: Record<string, string>;
  evidence: string[];
  anchor: string;
  seconds: number;
  /** From the start until gateway and nodes answered; null where it was ended before. */
  readySeconds: number | null;
}

export interface DemoOptions {
  /** End after the journey; otherwise go on until `stopped` fulfils. */
  readonly once: boolean;
  /** Names of steps; all of them unless given. */
  readonly only?: readonly string[];
  /** Fulfils when the person has had enough, at whatever moment. */
  readonly stopped: Promise<void>;
  readonly print: (line: string) => void;
}

/**
 * Runs the demo in FOCALNET_DEMO_FOLDER, or `.focalnet/demo` below where it was started.
 * @returns what the last line says
 * @throws Error when a demo runs in that folder already
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { only, once } = options;
  let isStopped = false;
  const print = (line: string) => isStopped || options.print(line);
  const startedAtMs = Date.now();
  const chosen = steps.filter((step) => !only || only.includes(step.name));
  print('Focalnet: a gateway and three invented States, xa, xb and xc, on this machine.');
  print('All people in this story are invented.');
  const network = await openDemoNetwork(resolve(process.env.FOCALNET_DEMO_FOLDER ?? '.focalnet/demo'));
  const stopped = options.stopped.then(() => {
    isStopped = true;
    return null;
  });
  try {
    const story = openStory(network, join(network.folder, 'cases'), (line) => print(`    ${line}`));
    const results: DemoResult['steps'] = [];
    let readySeconds: number | null = null;
    const telling = startNetwork(network, story).then(() => {
      readySeconds = (Date.now() - startedAtMs) / 1000;
      print(`Ready after ${readySeconds.toFixed(1)} s.`);
      return tellAll(story, chosen, results, print);
    });
    // Whoever ends it in the middle of a step is not kept waiting; what the step still did then fails unheard.
    const told = await Promise.race([telling, stopped]);
    telling.catch(() => {});
    if (told !== null && !once) {
      for (const line of await describeExamples(story)) print(line);
      print('\nThe network keeps running. Ctrl-C ends it.');
      await stopped;
    }
    return {
      ok: results.every(({ ok }) => ok) && (!once || results.length === chosen.length),
      steps: results,
      endpoints: describeEndpoints(story),
      evidence: story.evidence,
      anchor: network.anchorPath,
      seconds: (Date.now() - startedAtMs) / 1000,
      readySeconds,
    };
  } finally {
    await network.close();
  }
}

async function tellAll(
  story: Story,
  chosen: readonly StoryStep[],
  results: DemoResult['steps'],
  print: (line: string) => void,
): Promise<void> {
  for (const [i, step] of chosen.entries()) {
    print(`\n[${i + 1}/${chosen.length}] ${step.title}`);
    const stepAtMs = Date.now();
    const reason = await step.run(story).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : 'failed'),
    );
    results.push({ name: step.name, ok: reason === null, ms: Date.now() - stepAtMs });
    print(reason === null ? `    held, ${sinceS(stepAtMs)} s` : `    DID NOT HOLD: ${reason}`);
  }
}

/** The gateway and two nodes; xc comes later in the story. */
async function startNetwork(network: DemoNetwork, story: Story): Promise<void> {
  await Promise.all([
    writeCases(story.cases),
    network.startGateway().then(() => Promise.all([story.startTeam('xa'), story.startTeam('xb')])),
  ]);
}

const sinceS = (ms: number): string => ((Date.now() - ms) / 1000).toFixed(1);
