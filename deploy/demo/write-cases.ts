/**
 * Lays the invented cases out as an office has them on its disk: the JSON files beside the files they name. The large ones,
 * a photograph and PDFs full of traces, are not kept in the repository but made here.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePdf, makePhoto } from './invented-files.ts';
import { FIXTURES } from './scenario.ts';

/** Files of `attachments` that the enquiries and scenarios name and that are made anew. */
const MADE: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'photograph.jpg': () => makePhoto({ bytes: 3_000_000, seed: 1 }),
  'travel-paper-and-statements.pdf': () => makePdf({ bytes: 12_000_000, seed: 2 }),
  'register-extract.pdf': () => makePdf({ bytes: 400_000, seed: 3 }),
};

/** Writes `enquiries`, `scenarios` and `attachments` below `folder`. */
export async function writeCases(folder: string): Promise<void> {
  for (const part of ['enquiries', 'scenarios', 'attachments']) {
    await mkdir(join(folder, part), { recursive: true });
    await cp(join(FIXTURES, part), join(folder, part), { recursive: true });
  }
  for (const [name, make] of Object.entries(MADE))
    await writeFile(join(folder, 'attachments', name), await make());
}
