// Cleans plain text and CSV: UTF-8 only, no byte-order mark. Cells are never changed, only warned about.

import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { type Findings, noteRemoval, noteWarning } from '#node/attachments/findings.ts';

const MARKUP_START = /^\s*(<!doctype|<html|<\?xml|<svg|<script|<head|<body|<!--)/i;
const OTHER_FORMAT_START = /^\s*(\{\\rtf|%!ps|mime-version:|received:|return-path:|begin:vcard)/i;
const CONTROL = /[\0-\x08\x0b\x0e-\x1f\x7f]/;
// Zero-width and direction-changing characters: they can make a reader see other words than a machine reads.
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Returns the text without byte-order mark. Warns of formula cells (CSV) and invisible characters.
 * Throws AttachmentError MEDIA_UNKNOWN (not UTF-8 text, or e-mail, RTF, PostScript) or ACTIVE_CONTENT (HTML, SVG, XML).
 */
export function cleanText(
  bytes: Uint8Array,
  media: 'text/plain' | 'text/csv',
  findings: Findings,
): Uint8Array {
  const text = decodeText(bytes);
  const bare = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (MARKUP_START.test(bare)) throw new AttachmentError('ACTIVE_CONTENT');
  if (CONTROL.test(bare) || OTHER_FORMAT_START.test(bare)) throw new AttachmentError('MEDIA_UNKNOWN');
  if (bare !== text) noteRemoval(findings, 'byte-order-mark');
  noteWarning(findings, 'INVISIBLE_CHARACTERS', bare.match(INVISIBLE)?.length ?? 0);
  if (media === 'text/csv') noteWarning(findings, 'CSV_FORMULA', countFormulaCells(bare));
  return new TextEncoder().encode(bare);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new AttachmentError(
      'MEDIA_UNKNOWN',
      'The text is not in UTF-8. Save it with the encoding UTF-8 and attach it again.',
    );
  }
}

/** Cells a spreadsheet would compute. Plain numbers and telephone numbers with a sign are none. */
function countFormulaCells(text: string): number {
  let count = 0;
  for (const match of text.matchAll(/(?:^|[,;\t\r\n])[ ]*(?:"((?:[^"]|"")*)"|([^,;\t\r\n"]*))/g)) {
    const cell = match[1] ?? match[2] ?? '';
    if (/^[=+\-@\t\r]/.test(cell) && !/^[+-][\d\s.,()/-]+$/.test(cell)) count += 1;
  }
  return count;
}
