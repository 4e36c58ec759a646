// Cleans a picture by decoding it and drawing it anew: what is not a pixel does not survive.
// A second file hidden before, inside or behind the picture is lost on the way.

import sharp from 'sharp';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { summariseExif } from '#node/attachments/exif-summary.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';
import type { Detected } from '#node/attachments/media.ts';
import { listPngChunks, summariseJpeg, summarisePng } from '#node/attachments/strip-image.ts';

/** Pictures with more pixels are not decoded: 108-megapixel cameras exist, larger ones are bombs. */
export const MAX_IMAGE_PIXELS = 125_000_000;
/** The longest edge of a cleaned picture, in pixels. */
export const MAX_IMAGE_EDGE_PX = 6000;
const JPEG_QUALITY = 88;

export type ImageMedia = Extract<Detected, `image/${string}`>;

/**
 * Decodes the first frame, turns it upright by its Exif orientation, converts to sRGB, and encodes it with no metadata:
 * PNG for PNG, GIF and anything with transparency, JPEG for the rest.
 * Throws AttachmentError IMAGE_UNREADABLE or TOO_LARGE.
 */
export async function cleanImage(
  bytes: Uint8Array,
  media: ImageMedia,
  findings: Findings,
): Promise<{ bytes: Uint8Array; media: 'image/jpeg' | 'image/png' }> {
  const facts = await readFacts(bytes);
  const usesPng = media === 'image/png' || media === 'image/gif' || facts.hasAlpha;
  const upright = openImage(bytes)
    .autoOrient()
    .resize({ width: MAX_IMAGE_EDGE_PX, height: MAX_IMAGE_EDGE_PX, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
  const encoded = await runImage(() =>
    (usesPng
      ? upright.png({ compressionLevel: 6 })
      : upright.jpeg({ quality: JPEG_QUALITY, mozjpeg: false })
    ).toBuffer(),
  );
  noteImageFindings(bytes, media, facts, findings);
  return { bytes: encoded, media: usesPng ? 'image/png' : 'image/jpeg' };
}

/**
 * Encodes a picture inside an Office document anew in its own format, pixels not turned: the document itself
 * says how the stored pixels are placed. Throws AttachmentError IMAGE_UNREADABLE or TOO_LARGE.
 */
export async function reencodeInPlace(
  bytes: Uint8Array,
  media: 'image/tiff' | 'image/gif' | 'image/webp',
  findings: Findings,
): Promise<Uint8Array> {
  const facts = await readFacts(bytes);
  const format = media === 'image/tiff' ? 'tiff' : media === 'image/gif' ? 'gif' : 'webp';
  const encoded = await runImage(() => openImage(bytes).toFormat(format).toBuffer());
  noteImageFindings(bytes, media, facts, findings);
  return encoded;
}

/** Throws AttachmentError TOO_LARGE or IMAGE_UNREADABLE for a picture that whoever opens it could not; decodes nothing. */
export async function checkPictureSize(bytes: Uint8Array): Promise<void> {
  await readFacts(bytes);
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

async function readFacts(bytes: Uint8Array) {
  const facts = await runImage(() => openImage(bytes).metadata());
  if (facts.width * facts.height > MAX_IMAGE_PIXELS) throw tooManyPixels();
  return facts;
}

function openImage(bytes: Uint8Array) {
  return sharp(bytes, {
    limitInputPixels: MAX_IMAGE_PIXELS,
    failOn: 'error',
    pages: 1,
    sequentialRead: true,
  });
}

async function runImage<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    // The library's own message could quote the file; only its reason is read.
    if (error instanceof Error && /pixel limit/i.test(error.message)) throw tooManyPixels();
    throw new AttachmentError('IMAGE_UNREADABLE');
  }
}

function tooManyPixels(): AttachmentError {
  return new AttachmentError(
    'TOO_LARGE',
    'The picture has too many pixels to be opened safely. Save it at a smaller size and attach that.',
  );
}

function noteImageFindings(bytes: Uint8Array, media: ImageMedia, facts: Facts, findings: Findings): void {
  const kinds = new Set<RemovalKind>(listContainerKinds(bytes, media));
  if (facts.exif)
    for (const kind of summariseExif(facts.exif.subarray(skipExifLabel(facts.exif)))) kinds.add(kind);
  if (facts.xmp) kinds.add('xmp');
  if (facts.iptc) kinds.add('iptc');
  if (facts.icc) kinds.add('icc-profile');
  if (facts.comments?.length) kinds.add('image-comment');
  for (const kind of kinds) noteRemoval(findings, kind);
  if ((facts.pages ?? 1) > 1 || isMovingPng(bytes, media)) noteWarning(findings, 'FIRST_FRAME_ONLY');
  if (Math.max(facts.width, facts.height) > MAX_IMAGE_EDGE_PX) noteWarning(findings, 'IMAGE_RESIZED');
}

/** What the container shows that the decoder does not name. The decoder has accepted the file: a failure here only names less. */
function listContainerKinds(bytes: Uint8Array, media: ImageMedia): RemovalKind[] {
  try {
    if (media === 'image/jpeg') return summariseJpeg(bytes);
    if (media === 'image/png') return summarisePng(bytes);
    // A TIFF keeps these tags among those of the picture itself.
    return media === 'image/tiff' ? summariseExif(bytes).filter((kind) => kind !== 'exif') : [];
  } catch {
    return [];
  }
}

function isMovingPng(bytes: Uint8Array, media: ImageMedia): boolean {
  try {
    return media === 'image/png' && listPngChunks(bytes).chunks.some(({ type }) => type === 'acTL');
  } catch {
    return false;
  }
}

function skipExifLabel(exif: Uint8Array): number {
  return exif[0] === 0x45 && exif[1] === 0x78 ? 6 : 0;
}
