/**
 * A node's public log, read as anyone may: its entries are types, times and commitments, nothing else.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from './step-error.ts';

export type EntryCounts = ReadonlyMap<string, number>;
const TILE_ENTRIES = 256;

/** How many entries of each type the log has. @param machineUrl of the node */
export async function countLogEntries(machineUrl: string): Promise<EntryCounts> {
  const counts = new Map<string, number>();
  const note = await (await fetch(`${machineUrl}/log/checkpoint`)).text();
  const size = Number(note.split('\n')[1]);
  for (let from = 0; from < size; from += TILE_ENTRIES) {
    const width = Math.min(TILE_ENTRIES, size - from);
    const index = String(from / TILE_ENTRIES).padStart(3, '0');
    const path = width === TILE_ENTRIES ? index : `${index}.p/${width}`;
    const response = await fetch(`${machineUrl}/log/tile/entries/${path}`);
    for (const type of readTypes(Buffer.from(await response.arrayBuffer())))
      counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/** Each entry of a tile stands behind its length, two bytes. */
function* readTypes(tile: Buffer): Generator<string> {
  for (let at = 0; at + 2 <= tile.length; ) {
    const length = tile.readUInt16BE(at);
    yield (JSON.parse(tile.subarray(at + 2, at + 2 + length).toString()) as { type: string }).type;
    at += 2 + length;
  }
}

/** Waits, at most 20 s, for one more entry of a type: the log is written behind what it tells of. @throws StepError */
export async function awaitLogEntry(
  machineUrl: string,
  before: EntryCounts,
  type: string,
): Promise<EntryCounts> {
  for (let i = 0; i < 200; i++) {
    const counts = await countLogEntries(machineUrl);
    if ((counts.get(type) ?? 0) > (before.get(type) ?? 0)) return counts;
    await delay(100);
  }
  expect(false, `the node's log shows no new ${type}`);
}
