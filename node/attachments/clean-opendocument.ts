// The rules for ODT and ODS parts: what is removed, what is refused, what may stay. Pure: parts in, parts out.
// Element names are compared without their prefix. Format: ISO/IEC 26300 (OpenDocument).

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
const XML_PARTS = /^(content|styles)\.xml$|^meta-inf\/manifest\.xml$/;
const PICTURE_PARTS = /^(pictures|media)\/[^/]+$/;

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
]);

/** Applies the OpenDocument rules. Throws AttachmentError (DOCUMENT_*, ACTIVE_CONTENT, MEDIA_UNKNOWN). */
export function cleanOpenDocument(parts: Parts, findings: Findings): CleanedParts {
  const declared = new TextDecoder().decode(parts.get('mimetype')!).trim();
  const media = ACCEPTED.find((accepted) => accepted === declared);
  if (!media) throw new AttachmentError('MEDIA_UNKNOWN');
  const kept: Parts = new Map([['mimetype', new TextEncoder().encode(media)]]);
  const pictures: string[] = [];
  for (const [path, bytes] of parts) {
    if (path === 'mimetype' || isDroppedPart(path.toLowerCase(), findings)) continue;
    if (PICTURE_PARTS.test(path.toLowerCase())) pictures.push(path);
    else if (!XML_PARTS.test(path.toLowerCase())) throw refusePart(path.toLowerCase());
    kept.set(path, bytes);
  }
  for (const [path, bytes] of kept) {
    if (/^META-INF\/manifest\.xml$/i.test(path)) kept.set(path, cleanManifest(bytes, kept));
    else if (path.endsWith('.xml')) kept.set(path, cleanPart(bytes, findings));
  }
  return { parts: kept, media, pictures };
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

function cleanPart(bytes: Uint8Array, findings: Findings): Uint8Array {
  return rewriteXml(bytes, {
    visit: refuseTag,
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
  if (HIDING.has(local) || isHiding(tag)) throw new AttachmentError('DOCUMENT_HAS_HIDDEN_CONTENT');
}

function fetchesOutside(tag: XmlTag): boolean {
  const target = readAttribute(tag, 'href');
  if (target === undefined || target === '' || target.startsWith('#')) return false;
  if (tag.local === 'a') return !/^(https?:|mailto:)/i.test(target);
  return !/^(\.\/)?(Pictures|media)\/[^/]+$/i.test(target);
}

function isHiding(tag: XmlTag): boolean {
  const visibility = readAttribute(tag, 'visibility');
  if (visibility === 'collapse' || visibility === 'filter') return true;
  const display = readAttribute(tag, 'display');
  if (display === 'none' || display === 'condition') return true;
  if (display === 'false' && tag.local === 'table-properties') return true;
  return /[1-9]/.test(readAttribute(tag, 'clip') ?? '');
}
