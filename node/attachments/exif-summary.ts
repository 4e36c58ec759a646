// Names which kinds of facts an Exif block holds, so that the officer can be told what was removed.
// Reads tags and offsets only, never values; everything it reads is thrown away with the block.

import type { RemovalKind } from '#node/attachments/findings.ts';

const TAG_KINDS = new Map<number, RemovalKind>([
  [0x8825, 'gps-position'],
  [0x010f, 'device'],
  [0x0110, 'device'],
  [0xa431, 'device'],
  [0xa435, 'device'],
  [0x013b, 'author'],
  [0x8298, 'author'],
  [0x9c9d, 'author'],
  [0xa430, 'author'],
  [0x0132, 'time-taken'],
  [0x9003, 'time-taken'],
  [0x9004, 'time-taken'],
  [0x927c, 'maker-note'],
  [0x010e, 'image-comment'],
  [0x9286, 'image-comment'],
  [0x9c9b, 'image-comment'],
  [0x0201, 'embedded-thumbnail'],
]);
const EXIF_IFD = 0x8769;
const MAX_ENTRIES = 512;
const MAX_DIRECTORIES = 8;

/**
 * The kinds of facts in `tiff` (an Exif block from its byte-order mark on), always with 'exif' itself.
 * Never throws: a damaged block yields what could be read.
 */
export function summariseExif(tiff: Uint8Array): RemovalKind[] {
  const kinds = new Set<RemovalKind>(['exif']);
  if (tiff.length < 8) return [...kinds];
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = tiff[0] === 0x49;
  const pending = [view.getUint32(4, little)];
  for (let seen = 0; seen < MAX_DIRECTORIES && pending.length > 0; seen += 1)
    readDirectory(view, little, pending.pop()!, kinds, pending);
  return [...kinds];
}

function readDirectory(
  view: DataView,
  little: boolean,
  offset: number,
  kinds: Set<RemovalKind>,
  pending: number[],
): void {
  if (offset < 8 || offset + 2 > view.byteLength) return;
  const count = Math.min(view.getUint16(offset, little), MAX_ENTRIES);
  for (let index = 0; index < count; index += 1) {
    const at = offset + 2 + index * 12;
    if (at + 12 > view.byteLength) return;
    const tag = view.getUint16(at, little);
    const kind = TAG_KINDS.get(tag);
    if (kind) kinds.add(kind);
    if (tag === EXIF_IFD) pending.push(view.getUint32(at + 8, little));
  }
  const next = offset + 2 + count * 12;
  if (next + 4 <= view.byteLength) pending.push(view.getUint32(next, little));
}
