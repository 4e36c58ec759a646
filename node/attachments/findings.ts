// What cleaning reports: coded removals and warnings, counted. Never the removed values themselves.

export type RemovalKind =
  | 'gps-position'
  | 'device'
  | 'author'
  | 'time-taken'
  | 'maker-note'
  | 'exif'
  | 'xmp'
  | 'iptc'
  | 'icc-profile'
  | 'embedded-thumbnail'
  | 'image-comment'
  | 'trailing-data'
  | 'picture-path'
  | 'byte-order-mark'
  | 'document-author'
  | 'document-title'
  | 'document-properties'
  | 'revision-history'
  | 'revision-marks'
  | 'comments'
  | 'annotations'
  | 'links'
  | 'form-actions'
  | 'outlines'
  | 'structure-names'
  | 'private-data'
  | 'embedded-file'
  | 'javascript'
  | 'signature'
  | 'template-path'
  | 'printer-settings';

export type WarningCode =
  | 'IMAGE_RESIZED'
  | 'FIRST_FRAME_ONLY'
  | 'MARKS_DRAWN_IN'
  | 'PAGE_CROPPED'
  | 'LINKS_KEPT'
  | 'SIGNATURE_LOST'
  | 'CSV_FORMULA'
  | 'INVISIBLE_CHARACTERS';

/** Something taken out of the file; `count` when it was found more than once. */
export type Removal = { kind: RemovalKind; count?: number };
/** Something left in the file that the officer should look at. */
export type Warning = { code: WarningCode; count?: number };

export type Findings = { removed: Map<RemovalKind, number>; warned: Map<WarningCode, number> };

/** An empty collection of findings. */
export function startFindings(): Findings {
  return { removed: new Map(), warned: new Map() };
}

/** Counts `count` more removals of `kind`; nothing happens for zero. */
export function noteRemoval(findings: Findings, kind: RemovalKind, count = 1): void {
  if (count > 0) findings.removed.set(kind, (findings.removed.get(kind) ?? 0) + count);
}

/** Counts `count` more warnings of `code`; nothing happens for zero. */
export function noteWarning(findings: Findings, code: WarningCode, count = 1): void {
  if (count > 0) findings.warned.set(code, (findings.warned.get(code) ?? 0) + count);
}

/** The findings as sorted, JSON-ready lists; a count of one is left out. */
export function listFindings(findings: Findings): { removed: Removal[]; warnings: Warning[] } {
  const removed = [...findings.removed].map(([kind, count]) => (count > 1 ? { kind, count } : { kind }));
  const warnings = [...findings.warned].map(([code, count]) => (count > 1 ? { code, count } : { code }));
  removed.sort((a, b) => (a.kind < b.kind ? -1 : 1));
  warnings.sort((a, b) => (a.code < b.code ? -1 : 1));
  return { removed, warnings };
}
