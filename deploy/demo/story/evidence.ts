/** Each side exports what it can show of the main journey, and the verifier checks it with nothing but the anchor. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatVerdict, verifyBundle } from '#schema/evidence/verify.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import type { Team } from '../team.ts';

export async function evidence(story: Story): Promise<void> {
  const { network, tell, mainJourney } = story;
  const thread = mainJourney.threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the steps send and answer');
  const anchor = Anchor.parse(JSON.parse(await readFile(network.anchorPath, 'utf8')));
  for (const team of [story.teamOf('xa'), story.teamOf('xb')]) {
    const bytes = await exportComplete(team, thread);
    const path = join(network.folder, `evidence-${team.node.code}.json`);
    await writeFile(path, bytes);
    story.evidence.push(path);
    const verified = await verifyBundle(bytes, anchor);
    expect(verified.verdict === 'PROVED', `${team.node.code}: ${formatVerdict(verified)}`);
    const count = (ok: boolean | null) => verified.lines.filter((line) => line.ok === ok).length;
    tell(`${relative(process.cwd(), path)}, checked against the anchor alone:`);
    tell(`  ${verified.verdict}: ${count(true)} statements proved, ${count(null)} left open and named`);
    tell(`  with one byte flipped in the middle: ${await sayFault(flipByte(bytes), anchor)}`);
  }
}

/** Proofs travel after the messages they are about: asks until the last of them is there, a minute at most. */
async function exportComplete({ supervisor, node }: Team, thread: string): Promise<Uint8Array> {
  for (let i = 0; i < 120; i++) {
    const { bytes, complete } = await supervisor.exportEvidence(thread);
    if (complete) return bytes;
    await delay(500);
  }
  expect(false, `the evidence of ${node.code} is still not complete after a minute`);
}

function flipByte(bytes: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const middle = Math.floor(bytes.length / 2);
  flipped[middle] = flipped[middle]! ^ 1;
  return flipped;
}

async function sayFault(bytes: Uint8Array, anchor: Anchor): Promise<string> {
  const { verdict, lines } = await verifyBundle(bytes, anchor);
  const fault = lines.find(({ ok }) => ok === false);
  expect(verdict === 'FAILED' && fault?.where !== undefined, 'one flipped byte must be noticed, and where');
  return `${verdict} at ${fault.where}: ${fault.what}`;
}
