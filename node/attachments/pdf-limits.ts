// Looks at the raw bytes of a PDF before the parser sees them: what encloses it, and whether one of the streams
// the parser must inflate (object and cross-reference streams) would fill the memory.

import { createInflate } from 'node:zlib';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { readLatin } from '#node/attachments/media.ts';

/** A page image of 600 dpi in colour inflates to about 100 MB; nothing honest goes far beyond. */
const MAX_STREAM_BYTES = 300 * 1024 * 1024;
/** Object and cross-reference streams hold text of the document's structure only. */
const MAX_STRUCTURE_BYTES = 32 * 1024 * 1024;
const STRUCTURE_WINDOW = 4096;
const UNUSUAL_FILTER = /\/(ASCIIHexDecode|ASCII85Decode|LZWDecode|RunLengthDecode|AHx|A85|LZW|RL)\b/;

/**
 * Throws AttachmentError MIXED_FILE when something other than a PDF is before or behind it, ARCHIVE_TOO_LARGE when a
 * stream inflates beyond its limit, DOCUMENT_UNREADABLE for structure streams with unusual filters.
 */
export async function checkPdfBytes(bytes: Uint8Array): Promise<void> {
  checkPdfEnds(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let structureBytes = 0;
  for (let at = buffer.indexOf('stream'); at >= 0; at = buffer.indexOf('stream', at + 6)) {
    if (buffer[at - 1] === 0x64 && readLatin(bytes, at - 3, 3) === 'end') continue;
    const start = at + 6 + (buffer[at + 6] === 0x0d ? 2 : 1);
    const before = readLatin(bytes, Math.max(0, at - STRUCTURE_WINDOW), Math.min(at, STRUCTURE_WINDOW));
    const isStructure = /\/(ObjStm|XRef)\b/.test(
      unescapeNames(before.slice(before.lastIndexOf('endobj') + 1)),
    );
    if (isStructure && UNUSUAL_FILTER.test(unescapeNames(before.slice(before.lastIndexOf('endobj') + 1))))
      throw new AttachmentError('DOCUMENT_UNREADABLE');
    if (!startsZlib(buffer, start)) continue;
    const limit = isStructure ? MAX_STRUCTURE_BYTES - structureBytes : MAX_STREAM_BYTES;
    const size = await countInflated(bytes.subarray(start), limit);
    if (isStructure) structureBytes += size;
  }
}

/** Only blanks may follow the last end mark, and no ZIP may end where the file ends. Throws AttachmentError MIXED_FILE. */
export function checkPdfEnds(bytes: Uint8Array): void {
  const tail = readLatin(bytes, Math.max(0, bytes.length - 66_000), 66_000);
  const mark = tail.lastIndexOf('%%EOF');
  if (mark < 0) throw new AttachmentError('DOCUMENT_UNREADABLE');
  if (!/^[\s\0]*$/.test(tail.slice(mark + 5))) throw new AttachmentError('MIXED_FILE');
  if (tail.includes('PK\x05\x06')) throw new AttachmentError('MIXED_FILE');
}

function unescapeNames(text: string): string {
  return text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function startsZlib(buffer: Buffer, at: number): boolean {
  const first = buffer[at];
  const second = buffer[at + 1];
  if (first === undefined || second === undefined) return false;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** How many bytes the zlib stream at the start of `packed` inflates to; damage ends the count. Keeps none of them. */
function countInflated(packed: Uint8Array, limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const inflate = createInflate({ chunkSize: 256 * 1024 });
    let size = 0;
    inflate.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return;
      inflate.destroy();
      reject(new AttachmentError('ARCHIVE_TOO_LARGE'));
    });
    inflate.on('error', () => resolve(size));
    inflate.on('end', () => resolve(size));
    inflate.end(packed);
  });
}
