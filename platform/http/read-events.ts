/**
 * The events of a GraphQL subscription over server-sent events (HTML section 9.2; `next` and `complete` of
 * graphql-sse). Knows no operation.
 */
import type { IncomingMessage } from 'node:http';
import { PeerError } from './peer-error.ts';

const MAX_EVENT_CHARS = 1024 * 1024;

/**
 * The data text of each `next` event, until `complete` or the signal.
 * @throws PeerError `TIMEOUT` after silence, `UNREACHABLE` when the connection breaks, `RESPONSE_TOO_LARGE`
 */
export async function* readEvents(
  response: IncomingMessage,
  silenceMs: number,
  signal?: AbortSignal,
): AsyncGenerator<string, void> {
  const giveUp = () => response.destroy(new PeerError('ABORTED'));
  signal?.addEventListener('abort', giveUp, { once: true });
  response.setTimeout(silenceMs, () => response.destroy(new PeerError('TIMEOUT')));
  response.setEncoding('utf8');
  if (signal?.aborted) giveUp();
  try {
    yield* splitEvents(response as AsyncIterable<string>);
  } catch (error) {
    if (signal?.aborted) return;
    throw error instanceof PeerError ? error : new PeerError('UNREACHABLE', { cause: error });
  } finally {
    signal?.removeEventListener('abort', giveUp);
    response.destroy();
  }
}

async function* splitEvents(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let pending = '';
  for await (const chunk of chunks) {
    pending += chunk;
    if (pending.length > MAX_EVENT_CHARS) throw new PeerError('RESPONSE_TOO_LARGE');
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const { event, data } = readBlock(block);
      if (event === 'complete') return;
      if (event === 'next') yield data;
    }
  }
  throw new PeerError('UNREACHABLE');
}

function readBlock(block: string): { event: string; data: string } {
  let event = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  return { event, data: data.join('\n') };
}
