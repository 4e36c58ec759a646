// Looks for traces in a file the way a curious recipient would: raw, as UTF-16, and inside everything that inflates.

import { inflateSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { INVENTED_TRACES } from '#tests/fixtures/files.ts';

const TRACES = [...Object.values(INVENTED_TRACES), '00CANARY', 'shelter.doc', 'INVENTED-SCRIPT-CANARY'];

/** The traces found in `bytes`; `[]` for a clean file. */
export function searchTraces(bytes: Uint8Array, extra: string[] = []): string[] {
  const found = new Set<string>();
  for (const layer of listLayers(Buffer.from(bytes)))
    for (const trace of [...TRACES, ...extra]) if (holdsTrace(layer, trace)) found.add(trace);
  return [...found];
}

function holdsTrace(layer: Buffer, trace: string): boolean {
  const wide = Buffer.from(trace, 'utf16le');
  const hex = Buffer.from(wide).swap16().toString('hex');
  const text = layer.toString('latin1');
  return (
    text.includes(trace) ||
    layer.includes(wide) ||
    layer.includes(Buffer.from(wide).swap16()) ||
    text.toLowerCase().includes(hex)
  );
}

function listLayers(bytes: Buffer): Buffer[] {
  const layers = [bytes];
  if (bytes.toString('latin1', 0, 4) === 'PK\x03\x04')
    for (const [path, part] of Object.entries(unzipSync(bytes)))
      layers.push(Buffer.from(path), Buffer.from(part));
  for (let at = bytes.indexOf('stream\n'); at >= 0; at = bytes.indexOf('stream\n', at + 7)) {
    try {
      layers.push(inflateSync(bytes.subarray(at + 7)));
    } catch {
      // Not a deflated stream: its raw bytes are in the first layer.
    }
  }
  return layers;
}

/** The code of the error `run` rejects with; fails loudly for anything that is not a typed refusal. */
export async function readRefusal(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error && error.name === 'AttachmentError')
      return (error as Error & { code: string }).code;
    throw error;
  }
  return 'ACCEPTED';
}
