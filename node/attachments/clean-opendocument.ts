// The rules for ODT and ODS parts: what is removed, what is refused, what may stay. Pure: parts in, parts out.
// Element names are compared without their prefix, part names as they are spelled. Format: ISO/IEC 26300 (OpenDocument).

import { refuseActiveFormula } from '#node/attachments/active-formula.ts';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import type { CleanedParts } from '#node/attachments/clean-ooxml.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';
import { type CleanMedia, MEDIA } from '#node/attachments/media.ts';
import { readAttribute, rewriteXml, type XmlTag } from '#node/attachments/xml-rewrite.ts';

type Parts = Map<string, Uint8Array>;

const ACCEPTED: readonly CleanMedia[] = [MEDIA.ODT, MEDIA.ODS];

const DROPPED_PARTS: ReadonlyArray<readonly [RegExp, RemovalKind]> = [
  [/^meta\.xml$/, 'document-author'],
  // Holds the printer's name, often with the name of the office or a person.
  [/^settings\.xml$/, 'printer-settings'],
  [/^thumbnails\//, 'embedded-thumbnail'],
  [/^(configurations2\/|layout-cache$|manifest\.rdf$)/, 'document-properties'],
  [/^(versions\/|versionlist\.xml$)/, 'revision-history'],
  [/^meta-inf\/\w*signatures\.xml$/, 'signature'],
];
const MANIFEST = 'META-INF/manifest.xml';
const XML_PARTS = ['content.xml', 'styles.xml', MANIFEST];
const PICTURE_PARTS = /^(Pictures|media)\/[^/]+$/;

// An empty tracked-changes element only says that nothing is being recorded.
const TRACKED = new Set(
  'changed-region change change-start change-end cell-content-change insertion deletion movement'.split(' '),
);
const HIDING = new Set(['hidden-text', 'hidden-paragraph', 'hidden']);
const ACTIVE = new Set([
  'object',
  'object-ole',
  'applet',
  'plugin',
  'floating-frame',
  'dde-source',
  'dde-link',
  'dde-connection',
  'table-source',
  'cell-range-source',
  'section-source',
  'execute-macro',
  'database-source-sql',
  'database-source-table',
  'database-source-query',
  'source-service',
  'binary-data',
]);

/** Applies the OpenDocument rules. Throws AttachmentError (DOCUMENT_*, ACTIVE_CONTENT, MEDIA_UNKNOWN). */
export function cleanOpenDocument(parts: Parts, findings: Findings): CleanedParts {
  const declared = new TextDecoder().decode(parts.get('mimetype')!).trim();
  const media = ACCEPTED.find((accepted) => accepted === declared);
  if (!media) throw new AttachmentError('MEDIA_UNKNOWN');
  const kept: Parts = new Map([['mimetype', new TextEncoder().encode(media)]]);
  for (const [path, bytes] of parts) {
    // Whatever the letter case, what goes goes; what stays is spelled as the format says, or a reader overlooks it.
    if (path === 'mimetype' || isDroppedPart(path.toLowerCase(), findings)) continue;
    if (!XML_PARTS.includes(path) && !PICTURE_PARTS.test(path)) throw refusePart(path.toLowerCase());
    kept.set(path, bytes);
  }
  const shown = new Set<string>();
  for (const [path, bytes] of kept)
    if (path.endsWith('.xml') && path !== MANIFEST) kept.set(path, cleanPart(bytes, shown, findings));
  const pictures = [...kept.keys()].filter((path) => PICTURE_PARTS.test(path));
  for (const path of pictures.filter((one) => !shown.has(one))) {
    kept.delete(path);
    noteRemoval(findings, 'private-data');
  }
  const manifest = kept.get(MANIFEST);
  if (manifest) kept.set(MANIFEST, cleanManifest(manifest, kept));
  return { parts: kept, media, pictures: pictures.filter((path) => shown.has(path)) };
}

function isDroppedPart(path: string, findings: Findings): boolean {
  const dropped = DROPPED_PARTS.find(([pattern]) => pattern.test(path));
  if (!dropped) return false;
  if (path === 'meta.xml') noteRemoval(findings, 'document-title');
  if (dropped[1] === 'signature') noteWarning(findings, 'SIGNATURE_LOST');
  noteRemoval(findings, dropped[1]);
  return true;
}

function refusePart(path: string): AttachmentError {
  return new AttachmentError(
    /^(basic|scripts|dialogs)\//.test(path) ? 'DOCUMENT_HAS_MACROS' : 'ACTIVE_CONTENT',
  );
}

function cleanManifest(bytes: Uint8Array, kept: Parts): Uint8Array {
  return rewriteXml(bytes, {
    visit: (tag) => {
      if (tag.local === 'encryption-data') throw new AttachmentError('DOCUMENT_ENCRYPTED');
    },
    dropElement: (tag) => {
      if (tag.local !== 'file-entry') return false;
      if (readAttribute(tag, 'full-path') === '/') return false;
      return !kept.has(readAttribute(tag, 'full-path') ?? '');
    },
  });
}

/** @param shown takes the parts that this one refers to */
function cleanPart(bytes: Uint8Array, shown: Set<string>, findings: Findings): Uint8Array {
  return rewriteXml(bytes, {
    visit: (tag) => {
      refuseTag(tag);
      shown.add((readAttribute(tag, 'href') ?? '').replace(/^\.\//, ''));
    },
    dropElement: (tag) => {
      if (tag.local === 'annotation') noteRemoval(findings, 'comments');
      return tag.local === 'annotation' || tag.local === 'annotation-end';
    },
    dropAttribute: ({ local }) => {
      if (!/^(rsid|paragraph-rsid)$/.test(local)) return false;
      if (!findings.removed.has('revision-marks')) noteRemoval(findings, 'revision-marks');
      return true;
    },
  });
}

function refuseTag(tag: XmlTag): void {
  const { local } = tag;
  if (TRACKED.has(local)) throw new AttachmentError('DOCUMENT_HAS_TRACKED_CHANGES');
  if (local === 'event-listener' || local === 'script') throw new AttachmentError('DOCUMENT_HAS_MACROS');
  if (ACTIVE.has(local) || fetchesOutside(tag)) throw new AttachmentError('ACTIVE_CONTENT');
  for (const { local: name, value } of tag.attributes) if (name === 'formula') refuseActiveFormula(value);
  if (HIDING.has(local) || isHiding(tag)) throw new AttachmentError('DOCUMENT_HAS_HIDDEN_CONTENT');
}

function fetchesOutside(tag: XmlTag): boolean {
  const target = readAttribute(tag, 'href');
  if (target === undefined || target === '' || target.startsWith('#')) return false;
  if (tag.local === 'a') return !/^(https?:|mailto:)/i.test(target);
  return !PICTURE_PARTS.test(target.replace(/^\.\//, ''));
}

function isHiding(tag: XmlTag): boolean {
  const visibility = readAttribute(tag, 'visibility');
  if (visibility === 'collapse' || visibility === 'filter') return true;
  const display = readAttribute(tag, 'display');
  if (display === 'none' || display === 'condition') return true;
  if (display === 'false' && tag.local === 'table-properties') return true;
  return /[1-9]/.test(readAttribute(tag, 'clip') ?? '');
}
