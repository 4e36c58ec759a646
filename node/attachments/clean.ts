// The one entry to attachment cleaning: names the media by content, removes what could tell place, person or
// history, and refuses what cannot be cleaned. Does no I/O and logs nothing.

import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { cleanImage, type ImageMedia } from '#node/attachments/clean-image.ts';
import { cleanOffice } from '#node/attachments/clean-office.ts';
import { cleanPdf } from '#node/attachments/clean-pdf.ts';
import { cleanText } from '#node/attachments/clean-text.ts';
import {
  type Findings,
  listFindings,
  type Removal,
  startFindings,
  type Warning,
} from '#node/attachments/findings.ts';
import {
  type CleanMedia,
  type Detected,
  detectMedia,
  readDeclaredMedia,
  readLatin,
} from '#node/attachments/media.ts';

export { AttachmentError, type AttachmentErrorCode } from '#node/attachments/attachment-error.ts';
export type { Removal, RemovalKind, Warning, WarningCode } from '#node/attachments/findings.ts';
export { type CleanMedia, neutralName } from '#node/attachments/media.ts';

/** The largest attachment accepted, in bytes. */
export const MAX_ATTACHMENT_BYTES = 64 * 1024 * 1024;

export type CleanedAttachment = {
  bytes: Uint8Array;
  media: CleanMedia;
  removed: Removal[];
  warnings: Warning[];
};

/**
 * Cleans one attachment. `declaredMedia` is what the sender's browser says ('' or application/octet-stream: nothing);
 * the content decides, and a contradiction is refused. Never changes `bytes`.
 * Throws only AttachmentError; nothing of the file is in it.
 */
export async function cleanAttachment(input: {
  bytes: Uint8Array;
  declaredMedia: string;
}): Promise<CleanedAttachment> {
  const { bytes } = input;
  if (bytes.length > MAX_ATTACHMENT_BYTES) throw new AttachmentError('TOO_LARGE');
  const declared = readDeclaredMedia(input.declaredMedia);
  if (/macroenabled/.test(declared)) throw new AttachmentError('DOCUMENT_HAS_MACROS');
  if (declared === 'image/svg+xml' || declared === 'text/html') throw new AttachmentError('ACTIVE_CONTENT');
  const findings = startFindings();
  const cleaned = await cleanDetected(bytes, detectMedia(bytes), declared, findings);
  return { ...cleaned, ...listFindings(findings) };
}

async function cleanDetected(
  bytes: Uint8Array,
  detected: Detected,
  declared: string,
  findings: Findings,
): Promise<{ bytes: Uint8Array; media: CleanMedia }> {
  switch (detected) {
    case 'unknown':
      throw refuseUnknown(bytes);
    case 'cfb':
      throw refuseOldOffice(bytes);
    case 'text':
      return cleanTextMedia(bytes, declared, findings);
    case 'application/pdf':
      expectMedia(declared, detected);
      return { bytes: await cleanPdf(bytes, findings), media: detected };
    case 'zip': {
      const cleaned = await cleanOffice(bytes, findings);
      expectMedia(declared, cleaned.media);
      return cleaned;
    }
    default:
      expectImage(declared, detected);
      return cleanImage(bytes, detected, findings);
  }
}

function expectMedia(declared: string, found: string): void {
  if (declared !== '' && declared !== found) throw new AttachmentError('MEDIA_MISMATCH');
}

/** Telephones share one picture under the type of its container family: HEIC and AVIF may stand for each other. */
function expectImage(declared: string, found: ImageMedia): void {
  const isPair = found === 'image/avif' && declared === 'image/heic';
  if (!isPair) expectMedia(declared, found);
}

function cleanTextMedia(bytes: Uint8Array, declared: string, findings: Findings) {
  if (declared !== '' && declared !== 'text/plain' && declared !== 'text/csv')
    throw new AttachmentError(isTextLike(declared) ? 'MEDIA_UNKNOWN' : 'MEDIA_MISMATCH');
  const media = declared === 'text/csv' ? ('text/csv' as const) : ('text/plain' as const);
  return { bytes: cleanText(bytes, media, findings), media };
}

function isTextLike(declared: string): boolean {
  return /^(text\/|message\/|application\/(json|xml|rtf|postscript|javascript))/.test(declared);
}

/** A PDF whose header is not at the first byte is a second file behind something else. */
function refuseUnknown(bytes: Uint8Array): AttachmentError {
  return new AttachmentError(readLatin(bytes, 0, 1024).includes('%PDF-') ? 'MIXED_FILE' : 'MEDIA_UNKNOWN');
}

/** A password turns DOCX into the old container; a true old document has to be saved anew. */
function refuseOldOffice(bytes: Uint8Array): AttachmentError {
  const encrypted = Buffer.from('EncryptedPackage', 'utf16le');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.includes(encrypted)) return new AttachmentError('DOCUMENT_ENCRYPTED');
  return new AttachmentError(
    'MEDIA_UNKNOWN',
    'This is an old Office format that cannot be cleaned. Save it as DOCX, XLSX or PPTX, or print it to PDF, and attach that.',
  );
}
