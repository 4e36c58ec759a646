// Cleans DOCX, XLSX, PPTX, ODT and ODS: opens the container within limits, tells which format it is,
// and hands the parts to the rules of that family. Parts no rule knows are refused, not passed on.

import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { checkPictureSize, reencodeInPlace } from '#node/attachments/clean-image.ts';
import { CONTENT_TYPES, cleanOoxml } from '#node/attachments/clean-ooxml.ts';
import { cleanOpenDocument } from '#node/attachments/clean-opendocument.ts';
import type { Findings } from '#node/attachments/findings.ts';
import { type CleanMedia, detectMedia } from '#node/attachments/media.ts';
import { openArchive, writeArchive } from '#node/attachments/open-archive.ts';
import { stripJpeg, stripPng } from '#node/attachments/strip-image.ts';

/**
 * Returns the document rebuilt from cleaned parts.
 * Throws AttachmentError: any of the DOCUMENT_ codes, ACTIVE_CONTENT, ARCHIVE_TOO_LARGE, MIXED_FILE, MEDIA_UNKNOWN.
 */
export async function cleanOffice(
  bytes: Uint8Array,
  findings: Findings,
): Promise<{ bytes: Uint8Array; media: CleanMedia }> {
  const parts = openArchive(bytes);
  const isOoxml = [...parts.keys()].some((path) => path.toLowerCase() === CONTENT_TYPES);
  const cleaned = isOoxml
    ? cleanOoxml(parts, findings)
    : parts.has('mimetype')
      ? cleanOpenDocument(parts, findings)
      : undefined;
  if (!cleaned) throw new AttachmentError('MEDIA_UNKNOWN');
  for (const path of cleaned.pictures)
    cleaned.parts.set(path, await cleanPicture(cleaned.parts.get(path)!, findings));
  return { bytes: writeArchive(cleaned.parts), media: cleaned.media };
}

/** JPEG and PNG keep their pixels bit for bit; the rest is encoded anew; vector formats cannot be cleaned. */
async function cleanPicture(bytes: Uint8Array, findings: Findings): Promise<Uint8Array> {
  const media = detectMedia(bytes);
  if (media === 'image/jpeg' || media === 'image/png') await checkPictureSize(bytes);
  if (media === 'image/jpeg') return stripJpeg(bytes, findings);
  if (media === 'image/png') return stripPng(bytes, findings);
  if (media === 'image/tiff' || media === 'image/gif' || media === 'image/webp')
    return reencodeInPlace(bytes, media, findings);
  throw new AttachmentError(
    'IMAGE_UNREADABLE',
    'The document holds a drawing or picture that cannot be cleaned. Print the document to PDF and attach the PDF.',
  );
}
