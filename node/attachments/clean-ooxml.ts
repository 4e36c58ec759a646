// The rules for DOCX, XLSX and PPTX parts: what is removed, what is refused, what may stay. Pure: parts in, parts out.
// Element names are compared without their prefix. Format: ECMA-376.

import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';
import { type CleanMedia, MEDIA } from '#node/attachments/media.ts';
import { readAttribute, rewriteXml, type XmlAttribute, type XmlTag } from '#node/attachments/xml-rewrite.ts';

type Parts = Map<string, Uint8Array>;
/** Cleaned parts, the media type, and the paths of pictures that still have to be cleaned. */
export type CleanedParts = { parts: Parts; media: CleanMedia; pictures: string[] };

const MAIN_TYPES: ReadonlyArray<readonly [RegExp, CleanMedia]> = [
  [/wordprocessingml\.document\.main\+xml$/, MEDIA.DOCX],
  [/spreadsheetml\.sheet\.main\+xml$/, MEDIA.XLSX],
  [/presentationml\.(presentation|slideshow)\.main\+xml$/, MEDIA.PPTX],
];

const DROPPED_PARTS: ReadonlyArray<readonly [RegExp, RemovalKind]> = [
  [/^docprops\/core\.xml$/, 'document-author'],
  [/^docprops\/(app|custom)\.xml$/, 'document-properties'],
  [/^docprops\/thumbnail\.|^docprops\/.*\.(jpe?g|png|emf|wmf)$/, 'embedded-thumbnail'],
  [/^docprops\//, 'document-properties'],
  [/^docmetadata\//, 'document-properties'],
  [/^customxml\//, 'private-data'],
  [/^word\/glossary\//, 'private-data'],
  [/^word\/people\.xml$|^xl\/persons\/|^ppt\/(commentauthors|authors)\.xml$/, 'author'],
  [/^word\/comments\w*\.xml$|^xl\/(comments|threadedcomments)|^ppt\/comments\//, 'comments'],
  [/^xl\/drawings\/[^/]+\.vml$/, 'comments'],
  [/^(word|xl|ppt)\/printersettings\//, 'printer-settings'],
  [/^ppt\/(tags|customdata)\//, 'private-data'],
  [/^_xmlsignatures\//, 'signature'],
  [/^ppt\/(changesinfos|revisioninfo)/, 'revision-history'],
];

const REFUSED_PARTS: ReadonlyArray<readonly [RegExp, ConstructorParameters<typeof AttachmentError>]> = [
  [/vbaproject|vbadata|macrosheets|dialogsheets/, ['DOCUMENT_HAS_MACROS']],
  [/^xl\/revisions\//, ['DOCUMENT_HAS_TRACKED_CHANGES']],
  [
    /^ppt\/notesslides\//,
    [
      'DOCUMENT_HAS_HIDDEN_CONTENT',
      'The presentation holds speaker notes. Delete the notes and attach again, or print to PDF.',
    ],
  ],
  [/^xl\/(pivotcache|model)\//, ['DOCUMENT_HAS_HIDDEN_CONTENT']],
];

const KNOWN_PARTS =
  /^\[content_types\]\.xml$|^(.*\/)?_rels\/[^/]*\.rels$|^(word|xl|ppt)\/(?!embeddings|activex|ctrlprops|externallinks|querytables|connections|afchunk)[\w\-./ ]*\.xml$|^word\/fonts\/[\w-]+\.(odttf|ttf)$/;
/** Types of parts the rules above drop or refuse by path; one that is kept stands at a path no Office program uses. */
const ELSEWHERE_TYPES =
  /comment|person|people|-properties|glossary|printerSettings|vbaProject|externalLink|oleObject|pivotCache|revision|notesSlide|activeX/i;
const PICTURE_PARTS = /^(word|xl|ppt)\/media\/[^/]+$/;

const TRACKED = new Set(
  (
    'ins del moveFrom moveTo moveFromRangeStart moveToRangeStart delText delInstrText rPrChange pPrChange ' +
    'sectPrChange tblPrChange tblGridChange trPrChange tcPrChange tblPrExChange numberingChange cellIns cellDel ' +
    'cellMerge customXmlInsRangeStart customXmlDelRangeStart customXmlMoveFromRangeStart customXmlMoveToRangeStart'
  ).split(' '),
);
const DROPPED_ELEMENTS: Readonly<Record<string, RemovalKind>> = {
  commentRangeStart: 'comments',
  commentRangeEnd: 'comments',
  commentReference: 'comments',
  legacyDrawing: 'comments',
  legacyDrawingHF: 'comments',
  rsids: 'revision-marks',
  trackRevisions: 'revision-marks',
  docId: 'revision-marks',
  revisionPtr: 'revision-marks',
  attachedTemplate: 'template-path',
  absPath: 'template-path',
  fileSharing: 'author',
  docVars: 'private-data',
  mailMerge: 'private-data',
  dataBinding: 'private-data',
  custDataLst: 'private-data',
};
const ACTIVE_ELEMENTS = new Set([
  'OLEObject',
  'oleObj',
  'oleObject',
  'control',
  'altChunk',
  'ddeLink',
  'subDoc',
]);
const ACTIVE_FIELDS = /\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DATABASE|MACROBUTTON)\b/i;
/** Attributes that mark who edited what when, and nothing a reader sees. */
const REVISION_ATTRIBUTES = /^(rsid\w*|paraId|textId)$/;

/** Applies the OOXML rules. Throws AttachmentError (DOCUMENT_*, ACTIVE_CONTENT, MEDIA_UNKNOWN). */
export function cleanOoxml(parts: Parts, findings: Findings): CleanedParts {
  const media = readMedia(parts.get('[Content_Types].xml')!);
  const kept: Parts = new Map();
  const pictures: string[] = [];
  for (const [path, bytes] of parts) {
    const fate = judgePart(path.toLowerCase(), bytes, findings);
    if (fate === 'drop') continue;
    kept.set(path, bytes);
    if (fate === 'picture') pictures.push(path);
  }
  const pruned = pruneRelationships(kept, findings);
  for (const [path, bytes] of kept) {
    if (path === '[Content_Types].xml') kept.set(path, pruneContentTypes(bytes, kept));
    else if (path.endsWith('.xml'))
      kept.set(path, cleanPart(path, bytes, pruned.get(path) ?? new Set(), findings));
  }
  return { parts: kept, media, pictures };
}

function readMedia(contentTypes: Uint8Array): CleanMedia {
  let media: CleanMedia | undefined;
  rewriteXml(contentTypes, {
    visit: (tag) => {
      const type = readAttribute(tag, 'ContentType') ?? '';
      if (/macroEnabled|vbaProject/i.test(type)) throw new AttachmentError('DOCUMENT_HAS_MACROS');
      media ??= MAIN_TYPES.find(([pattern]) => pattern.test(type))?.[1];
    },
  });
  if (!media) throw new AttachmentError('MEDIA_UNKNOWN');
  return media;
}

function judgePart(path: string, bytes: Uint8Array, findings: Findings): 'keep' | 'picture' | 'drop' {
  const refused = REFUSED_PARTS.find(([pattern]) => pattern.test(path));
  if (refused) throw new AttachmentError(...refused[1]);
  const owner = path.replace(/_rels\/([^/]+)\.rels$/, '$1');
  const dropped = DROPPED_PARTS.find(([pattern]) => pattern.test(owner));
  if (dropped) {
    // Old-style drawings behind a sheet are comment bubbles, or else buttons and other controls.
    if (path.endsWith('.vml')) refuseControls(bytes);
    if (owner === path) notePart(path, dropped[1], findings);
    return 'drop';
  }
  if (PICTURE_PARTS.test(path)) return 'picture';
  if (!KNOWN_PARTS.test(path)) throw new AttachmentError('ACTIVE_CONTENT');
  return 'keep';
}

function refuseControls(bytes: Uint8Array): void {
  const types = new TextDecoder().decode(bytes).matchAll(/ObjectType\s*=\s*["']?(\w+)/g);
  for (const [, type] of types) if (type !== 'Note') throw new AttachmentError('ACTIVE_CONTENT');
}

function notePart(path: string, kind: RemovalKind, findings: Findings): void {
  if (kind === 'signature') noteWarning(findings, 'SIGNATURE_LOST');
  if (path === 'docprops/core.xml') noteRemoval(findings, 'document-title');
  // Comments are counted where they are anchored, parts of one comment only once.
  if (kind !== 'comments' || !findings.removed.has('comments')) noteRemoval(findings, kind);
}

/** Removes relationships whose target is gone; returns, for each part, the ids it may no longer use. */
function pruneRelationships(parts: Parts, findings: Findings): Map<string, Set<string>> {
  const pruned = new Map<string, Set<string>>();
  for (const [path, bytes] of parts) {
    if (!path.endsWith('.rels')) continue;
    const owner = path.replace(/_rels\/([^/]*)\.rels$/, '$1');
    const ids = new Set<string>();
    const isGone = (tag: XmlTag) => tag.local === 'Relationship' && isGoneTarget(owner, tag, parts, findings);
    const dropElement = (tag: XmlTag) => {
      if (!isGone(tag)) return false;
      ids.add(readAttribute(tag, 'Id') ?? '');
      return true;
    };
    parts.set(path, rewriteXml(bytes, { dropElement }));
    pruned.set(owner, ids);
  }
  return pruned;
}

function isGoneTarget(owner: string, tag: XmlTag, parts: Parts, findings: Findings): boolean {
  const target = readAttribute(tag, 'Target') ?? '';
  if (readAttribute(tag, 'TargetMode')?.toLowerCase() === 'external')
    return judgeExternal(target, readAttribute(tag, 'Type') ?? '', findings);
  const path = resolvePath(owner, target);
  return ![...parts.keys()].some((known) => known.toLowerCase() === path);
}

/** A template path is removed, a web or mail link kept with a warning; anything else would be fetched on opening. */
function judgeExternal(target: string, type: string, findings: Findings): boolean {
  if (/\/(attachedTemplate|mailMerge\w*|recipientData)$/.test(type)) return true;
  if (!/\/hyperlink$/.test(type) || !/^(https?:|mailto:)/i.test(target))
    throw new AttachmentError('ACTIVE_CONTENT');
  noteWarning(findings, 'LINKS_KEPT');
  return false;
}

function resolvePath(owner: string, target: string): string {
  const base = target.startsWith('/') ? '' : owner.slice(0, owner.lastIndexOf('/') + 1);
  const steps: string[] = [];
  for (const step of `${base}${target}`.split('#', 1)[0]!.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/').toLowerCase();
}

function pruneContentTypes(bytes: Uint8Array, parts: Parts): Uint8Array {
  const known = new Set([...parts.keys()].map((path) => `/${path.toLowerCase()}`));
  return rewriteXml(bytes, {
    dropElement: (tag) =>
      tag.local === 'Override' && !known.has((readAttribute(tag, 'PartName') ?? '').toLowerCase()),
    visit: (tag) => {
      const isKept =
        tag.local === 'Override' && ELSEWHERE_TYPES.test(readAttribute(tag, 'ContentType') ?? '');
      if (isKept) throw new AttachmentError('DOCUMENT_UNREADABLE');
    },
  });
}

function cleanPart(path: string, bytes: Uint8Array, prunedIds: Set<string>, findings: Findings): Uint8Array {
  let fields = '';
  const cleaned = rewriteXml(bytes, {
    visit: (tag) => {
      refuseTag(path, tag);
      if (tag.local === 'fldSimple') fields += ` ${readAttribute(tag, 'instr') ?? ''} `;
      if (tag.local === 'fldChar') fields += readAttribute(tag, 'fldCharType') === 'begin' ? ' ' : '';
    },
    visitText: (text, local) => {
      if (local === 'instrText') fields += text;
    },
    dropElement: (tag) => {
      const kind = Object.hasOwn(DROPPED_ELEMENTS, tag.local) ? DROPPED_ELEMENTS[tag.local] : undefined;
      if (kind && !tag.local.startsWith('commentRange')) noteOnce(findings, kind);
      return kind !== undefined;
    },
    dropAttribute: (attribute) => isDroppedAttribute(attribute, prunedIds, findings),
  });
  if (ACTIVE_FIELDS.test(fields.replaceAll('&quot;', '"').replace(/"[^"]*"/g, '')))
    throw new AttachmentError('ACTIVE_CONTENT');
  return cleaned;
}

function noteOnce(findings: Findings, kind: RemovalKind): void {
  if (!findings.removed.has(kind)) noteRemoval(findings, kind);
}

function isDroppedAttribute(attribute: XmlAttribute, prunedIds: Set<string>, findings: Findings): boolean {
  const { name, local, value } = attribute;
  if (name !== local && prunedIds.has(value)) return true;
  if (name !== local && REVISION_ATTRIBUTES.test(local)) {
    noteOnce(findings, 'revision-marks');
    return true;
  }
  // Office writes the path or name of the inserted picture file into its description.
  if ((local === 'descr' || local === 'title') && /[\\/]|\.\w{3,4}$/.test(value)) {
    noteRemoval(findings, 'picture-path');
    return true;
  }
  return false;
}

/** Throws for whatever a reader would not see or would set off. */
function refuseTag(path: string, tag: XmlTag): void {
  if (ACTIVE_ELEMENTS.has(tag.local)) throw new AttachmentError('ACTIVE_CONTENT');
  if (path.startsWith('word/') && TRACKED.has(tag.local))
    throw new AttachmentError('DOCUMENT_HAS_TRACKED_CHANGES');
  if (tag.local === 'srcRect' && tag.attributes.some(({ value }) => /[1-9]/.test(value)))
    throw new AttachmentError(
      'DOCUMENT_HAS_HIDDEN_CONTENT',
      'The document holds a cropped picture whose cut-off parts are still inside. Delete the cropped areas (Compress Pictures) and attach again, or print to PDF.',
    );
  if (isHiding(path, tag)) throw new AttachmentError('DOCUMENT_HAS_HIDDEN_CONTENT');
}

function isHiding(path: string, tag: XmlTag): boolean {
  const { local } = tag;
  if (local === 'vanish' || local === 'specVanish') return isOn(readAttribute(tag, 'val') ?? 'true');
  if (local === 'docPr' || local === 'cNvPr') return isOn(readAttribute(tag, 'hidden') ?? 'false');
  if (path.startsWith('xl/')) {
    if (local === 'sheet') return /^(veryHidden|hidden)$/i.test(readAttribute(tag, 'state') ?? '');
    if (local === 'row')
      return isOn(readAttribute(tag, 'hidden') ?? 'false') || isZero(readAttribute(tag, 'ht'));
    if (local === 'col')
      return isOn(readAttribute(tag, 'hidden') ?? 'false') || isZero(readAttribute(tag, 'width'));
    if (local === 'definedName')
      return (
        isOn(readAttribute(tag, 'hidden') ?? 'false') && !readAttribute(tag, 'name')?.startsWith('_xlnm.')
      );
  }
  return path.startsWith('ppt/') && local === 'sld' && !isOn(readAttribute(tag, 'show') ?? 'true');
}

function isOn(value: string): boolean {
  return !/^(0|false|off)$/i.test(value.trim());
}

function isZero(value: string | undefined): boolean {
  return value !== undefined && Number(value) === 0;
}
