// Reads and rebuilds the segments of a JPEG and the chunks of a PNG without touching the pixels.
// Used where the pixels must stay as they are: pictures inside PDF and Office documents.

import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { summariseExif } from '#node/attachments/exif-summary.ts';
import { type Findings, noteRemoval, type RemovalKind } from '#node/attachments/findings.ts';
import { readLatin } from '#node/attachments/media.ts';

type Segment = { marker: number; start: number; end: number };

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DNL = 0xdc;
const DRI = 0xdd;
const COM = 0xfe;
const APP0 = 0xe0;
const APP14 = 0xee;

/**
 * The segments of a JPEG in order, entropy-coded data included in its SOS, and where the picture ends.
 * Throws AttachmentError IMAGE_UNREADABLE without an end mark: what follows the pixels could not be told from them.
 */
export function listJpegSegments(bytes: Uint8Array): { segments: Segment[]; end: number } {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new AttachmentError('IMAGE_UNREADABLE');
  const segments: Segment[] = [];
  let at = 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) throw new AttachmentError('IMAGE_UNREADABLE');
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === EOI) break;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const bodyEnd = at + 2 + length;
    if (!(length >= 2) || bodyEnd > bytes.length) throw new AttachmentError('IMAGE_UNREADABLE');
    const end = marker === SOS ? findScanEnd(bytes, bodyEnd) : bodyEnd;
    segments.push({ marker, start: at, end });
    at = end;
  }
  const isWhole =
    bytes[at] === 0xff && bytes[at + 1] === EOI && segments.some(({ marker }) => marker === SOS);
  if (!isWhole) throw new AttachmentError('IMAGE_UNREADABLE');
  return { segments, end: at + 2 };
}

function findScanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** Which removals a JPEG's segments stand for; `[]` for a bare picture. */
export function summariseJpeg(bytes: Uint8Array): RemovalKind[] {
  const { segments, end } = listJpegSegments(bytes);
  const kinds = new Set<RemovalKind>();
  for (const segment of segments) for (const kind of nameSegment(bytes, segment)) kinds.add(kind);
  if (end < bytes.length) kinds.add('trailing-data');
  return [...kinds];
}

function nameSegment(bytes: Uint8Array, { marker, start, end }: Segment): RemovalKind[] {
  const label = readLatin(bytes, start + 4, Math.min(32, end - start - 4));
  if (marker === COM) return ['image-comment'];
  if (marker === APP0) return label.startsWith('JFXX') ? ['embedded-thumbnail'] : [];
  if (marker === 0xe1 && label.startsWith('Exif\0')) return summariseExif(bytes.subarray(start + 10, end));
  if (marker === 0xe1 && label.startsWith('http://ns.adobe.com')) return ['xmp'];
  if (marker === 0xe2 && label.startsWith('ICC_PROFILE')) return ['icc-profile'];
  if (marker === 0xed) return ['iptc'];
  if (marker === APP14 && label.startsWith('Adobe')) return [];
  return isPixelSegment(bytes, { marker, start, end }) ? [] : ['private-data'];
}

/**
 * The same JPEG with only what its pixels need: JFIF header, Adobe colour marker, tables, frames, scans.
 * Throws AttachmentError IMAGE_UNREADABLE.
 */
export function stripJpeg(bytes: Uint8Array, findings: Findings): Uint8Array {
  const { segments } = listJpegSegments(bytes);
  for (const kind of summariseJpeg(bytes)) noteRemoval(findings, kind);
  const kept = segments.filter((segment) => isPixelSegment(bytes, segment));
  return Buffer.concat([
    Uint8Array.of(0xff, SOI),
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
    Uint8Array.of(0xff, EOI),
  ]);
}

/** Frames (SOF), tables and scans; 0xc8 is reserved and no decoder reads it. */
const isFrameOrTable = (marker: number) =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || marker === SOS || marker === DQT;

function isPixelSegment(bytes: Uint8Array, { marker, start, end }: Segment): boolean {
  if (isFrameOrTable(marker)) return true;
  if (marker === DNL || marker === DRI) return end - start === 6;
  const label = readLatin(bytes, start + 4, 5);
  // JFIF with a thumbnail, or longer than its fixed 16 bytes, is dropped: the header is optional.
  if (marker === APP0) return label === 'JFIF\0' && end - start === 18;
  return marker === APP14 && label === 'Adobe' && end - start === 16;
}

const PNG_KEPT = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'cHRM',
  'gAMA',
  'sRGB',
  'sBIT',
  'bKGD',
  'pHYs',
]);
const PNG_KINDS: Readonly<Record<string, RemovalKind>> = {
  eXIf: 'exif',
  iTXt: 'image-comment',
  tEXt: 'image-comment',
  zTXt: 'image-comment',
  tIME: 'time-taken',
  iCCP: 'icc-profile',
};

/** The chunks of a PNG and where the picture ends. Throws AttachmentError IMAGE_UNREADABLE without IEND. */
export function listPngChunks(bytes: Uint8Array): {
  chunks: { type: string; start: number; end: number }[];
  end: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: { type: string; start: number; end: number }[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    const type = readLatin(bytes, at + 4, 4);
    chunks.push({ type, start: at, end });
    if (type === 'IEND') return { chunks, end };
    at = end;
  }
  throw new AttachmentError('IMAGE_UNREADABLE');
}

/** Which removals a PNG's chunks stand for; `[]` for a bare picture. */
export function summarisePng(bytes: Uint8Array): RemovalKind[] {
  const { chunks, end } = listPngChunks(bytes);
  const kinds = new Set<RemovalKind>();
  for (const { type, start, end: chunkEnd } of chunks) {
    if (PNG_KEPT.has(type)) continue;
    if (type === 'eXIf')
      for (const kind of summariseExif(bytes.subarray(start + 8, chunkEnd - 4))) kinds.add(kind);
    else if (type === 'iTXt' && readLatin(bytes, start + 8, 17) === 'XML:com.adobe.xmp') kinds.add('xmp');
    else kinds.add(PNG_KINDS[type] ?? 'private-data');
  }
  if (end < bytes.length) kinds.add('trailing-data');
  return [...kinds];
}

/** The same PNG with only the chunks its pixels need. Throws AttachmentError IMAGE_UNREADABLE. */
export function stripPng(bytes: Uint8Array, findings: Findings): Uint8Array {
  for (const kind of summarisePng(bytes)) noteRemoval(findings, kind);
  const kept = listPngChunks(bytes).chunks.filter(({ type }) => PNG_KEPT.has(type));
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ start, end }) => bytes.subarray(start, end))]);
}

/** The top-level boxes of a JPEG 2000 file. Throws AttachmentError IMAGE_UNREADABLE. */
export function listJpxBoxes(bytes: Uint8Array): { type: string; start: number; end: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: { type: string; start: number; end: number }[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at);
    const isWide = size === 1 && at + 16 <= bytes.length;
    const length = size === 0 ? bytes.length - at : isWide ? Number(view.getBigUint64(at + 8)) : size;
    if (length < 8 || at + length > bytes.length) throw new AttachmentError('IMAGE_UNREADABLE');
    boxes.push({ type: readLatin(bytes, at + 4, 4), start: at, end: at + length });
    at += length;
  }
  return boxes;
}
