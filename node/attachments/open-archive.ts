// Opens and writes the ZIP container of Office documents within fixed limits. Knows nothing of what is inside.

import { type Unzipped, unzipSync, type ZipOptions, zipSync } from 'fflate';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { readLatin } from '#node/attachments/media.ts';

export const MAX_ARCHIVE_ENTRIES = 2000;
export const MAX_INFLATED_BYTES = 256 * 1024 * 1024;
/** Above this many bytes an entry may not shrink by more than MAX_RATIO. */
const RATIO_FROM_BYTES = 1024 * 1024;
const MAX_RATIO = 200;
/** ZIP knows local time only and no year before 1980; this instant says nothing about the sender. */
const NEUTRAL_TIME = new Date(1980, 0, 1);
const STORED = /\.(jpe?g|png|gif|webp)$/i;

/**
 * The entries of a ZIP by path, folders left out. Sizes are read from the directory before anything is inflated,
 * and the inflater never writes past the size declared.
 * Throws AttachmentError DOCUMENT_UNREADABLE, DOCUMENT_ENCRYPTED, MIXED_FILE or ARCHIVE_TOO_LARGE.
 */
export function openArchive(bytes: Uint8Array): Map<string, Uint8Array> {
  const directory = readDirectory(bytes);
  let entries: Unzipped;
  try {
    entries = unzipSync(bytes);
  } catch {
    throw new AttachmentError('DOCUMENT_UNREADABLE');
  }
  const found = new Map(Object.entries(entries).filter(([path]) => !path.endsWith('/')));
  if (found.size !== directory.filter((path) => !path.endsWith('/')).length)
    throw new AttachmentError('DOCUMENT_UNREADABLE');
  return found;
}

/** Walks the central directory, checks every limit, and returns the paths. */
function readDirectory(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findDirectoryEnd(bytes, view);
  const count = view.getUint16(end + 10, true);
  if (count > MAX_ARCHIVE_ENTRIES) throw new AttachmentError('ARCHIVE_TOO_LARGE');
  const paths: string[] = [];
  const seen = new Set<string>();
  let total = 0;
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw new AttachmentError('DOCUMENT_UNREADABLE');
    if (view.getUint16(at + 8, true) & 1) throw new AttachmentError('DOCUMENT_ENCRYPTED');
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    total += size;
    if (total > MAX_INFLATED_BYTES || (size > RATIO_FROM_BYTES && size > packed * MAX_RATIO))
      throw new AttachmentError('ARCHIVE_TOO_LARGE');
    const pathLength = view.getUint16(at + 28, true);
    const path = readLatin(bytes, at + 46, pathLength);
    checkPath(path, seen);
    paths.push(path);
    at += 46 + pathLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (at !== end) throw new AttachmentError('MIXED_FILE');
  return paths;
}

/** The end record must close the file: anything behind it is a second file. ZIP64 and multi-part are not accepted. */
function findDirectoryEnd(bytes: Uint8Array, view: DataView): number {
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= lowest; at -= 1) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    if (view.getUint16(at + 20, true) !== bytes.length - at - 22) throw new AttachmentError('MIXED_FILE');
    const whole = view.getUint16(at + 8, true) === view.getUint16(at + 10, true);
    if (!whole || view.getUint16(at + 10, true) === 0xffff) throw new AttachmentError('DOCUMENT_UNREADABLE');
    return at;
  }
  throw new AttachmentError('DOCUMENT_UNREADABLE');
}

/** Office part names are plain: no way up, no absolute path, no two that differ only in case. */
function checkPath(path: string, seen: Set<string>): void {
  const plain = path.toLowerCase();
  const unsafe = /^\/|\\|[\0-\x1f]|^[a-z]:|(^|\/)\.\.?(\/|$)|\/\/|^$|^__proto__$/.test(plain);
  if (unsafe || seen.has(plain)) throw new AttachmentError('DOCUMENT_UNREADABLE');
  seen.add(plain);
}

/** Writes entries in the order of the map, all with the same neutral time; the entry `mimetype` is stored, as ODF asks. */
export function writeArchive(entries: Map<string, Uint8Array>): Uint8Array {
  const packed: Record<string, [Uint8Array, ZipOptions]> = {};
  for (const [path, bytes] of entries) {
    const stored = path === 'mimetype' || STORED.test(path);
    packed[path] = [bytes, { level: stored ? 0 : 6, mtime: NEUTRAL_TIME }];
  }
  return zipSync(packed);
}
