// The rules for DOCX, XLSX and PPTX parts: what is removed, what is refused, what may stay. Pure: parts in, parts out.
// Element names are compared without their prefix, part names without regard to letter case. Format: ECMA-376.

import { refuseActiveFormula } from '#node/attachments/active-formula.ts';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';
import { type CleanMedia, MEDIA } from '#node/attachments/media.ts';
import { readAttribute, rewriteXml, type XmlAttribute, type XmlTag } from '#node/attachments/xml-rewrite.ts';

type Parts = Map<string, Uint8Array>;
/** Cleaned parts, the media type, and the paths of pictures that still have to be cleaned. */
export type CleanedParts = { parts: Parts; media: CleanMedia; pictures: string[] };

/** The part that says what the others are, in lower case. */
export const CONTENT_TYPES = '[content_types].xml';

const FOLDERS: Readonly<Partial<Record<CleanMedia, string>>> = {
  [MEDIA.DOCX]: 'word/',
  [MEDIA.XLSX]: 'xl/',
  [MEDIA.PPTX]: 'ppt/',
};
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
  // Bytes that no rule can judge; whoever reads the document has fonts of their own.
  [/^(word|ppt)\/fonts\//, 'embedded-file'],
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
  /^\[content_types\]\.xml$|^(.*\/)?_rels\/[^/]*\.rels$|^(word|xl|ppt)\/(?!embeddings|activex|ctrlprops|externallinks|querytables|connections|afchunk)[\w\-./ ]*\.xml$/;
/** Types of parts the rules above drop or refuse by path; one that is kept stands at a path no Office program uses. */
const ELSEWHERE_TYPES =
  /comment|person|people|-properties|glossary|printerSettings|vbaProject|externalLink|oleObject|pivotCache|revision|notesSlide|activeX/i;
/** The same by how another part refers to it: what is meant to be dropped goes with the relationship, the rest is refused. */
const DROPPED_RELATIONS =
  /\/(\w*comment\w*|authors|person|people|[\w-]+-properties|thumbnail|glossaryDocument|printerSettings|customXml\w*|font)$/i;
const REFUSED_RELATIONS =
  /\/(vbaProject|oleObject|package|aFChunk|control|activeXControl\w*|ctrlProp|externalLink\w*|subDocument|frame|connections|queryTable|pivotCache\w*|notesSlide|revision\w*)$/i;
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
  fldData: 'private-data',
  permStart: 'author',
  permEnd: 'author',
  customWorkbookViews: 'author',
  customSheetViews: 'author',
  webPublishing: 'template-path',
  webPublishItems: 'template-path',
  webPublishObjects: 'template-path',
  embedRegular: 'embedded-file',
  embedBold: 'embedded-file',
  embedItalic: 'embedded-file',
  embedBoldItalic: 'embedded-file',
  embeddedFontLst: 'embedded-file',
};
const ACTIVE_ELEMENTS = new Set([
  'OLEObject',
  'oleObj',
  'oleObject',
  'control',
  'altChunk',
  'ddeLink',
  'subDoc',
  'binData',
]);
const ACTIVE_FIELDS = /\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DATABASE|MACROBUTTON)\b/i;
const FORMULAS = new Set([
  'f',
  'formula',
  'formula1',
  'formula2',
  'calculatedColumnFormula',
  'totalsRowFormula',
  'definedName',
]);
/** Attributes that mark who edited what when, and nothing a reader sees. */
const REVISION_ATTRIBUTES = /^(rsid\w*|paraId|textId)$/;

/** Applies the OOXML rules. Throws AttachmentError (DOCUMENT_*, ACTIVE_CONTENT, MEDIA_UNKNOWN). */
export function cleanOoxml(parts: Parts, findings: Findings): CleanedParts {
  // Names are equal whatever their letter case (ECMA-376 Part 2), and the archive holds no two that are: the rules see one
  // spelling, and the document gets its own back.
  const spelling = new Map([...parts.keys()].map((path) => [path.toLowerCase(), path]));
  const all: Parts = new Map([...parts].map(([path, bytes]) => [path.toLowerCase(), bytes]));
  const media = readMedia(all.get(CONTENT_TYPES)!);
  const kept: Parts = new Map();
  for (const [path, bytes] of all)
    if (judgePart(path, bytes, FOLDERS[media]!, findings) === 'keep') kept.set(path, bytes);
  const { pruned, targets } = pruneRelationships(kept, findings);
  for (const [path, bytes] of kept) {
    if (path.endsWith('.xml') && path !== CONTENT_TYPES)
      kept.set(path, cleanPart(path, bytes, pruned.get(path) ?? new Set(), findings));
  }
  dropUnreached(kept, targets, findings);
  kept.set(CONTENT_TYPES, pruneContentTypes(kept.get(CONTENT_TYPES)!, kept));
  const spelled = (path: string) => spelling.get(path)!;
  return {
    parts: new Map([...kept].map(([path, bytes]) => [spelled(path), bytes])),
    media,
    pictures: [...kept.keys()].filter((path) => PICTURE_PARTS.test(path)).map(spelled),
  };
}

function readMedia(contentTypes: Uint8Array): CleanMedia {
  const found = new Set<CleanMedia>();
  rewriteXml(contentTypes, {
    visit: (tag) => {
      const type = readAttribute(tag, 'ContentType') ?? '';
      if (/macroEnabled|vbaProject/i.test(type)) throw new AttachmentError('DOCUMENT_HAS_MACROS');
      const main = MAIN_TYPES.find(([pattern]) => pattern.test(type))?.[1];
      if (main) found.add(main);
    },
  });
  const [media] = found;
  if (!media) throw new AttachmentError('MEDIA_UNKNOWN');
  if (found.size > 1) throw new AttachmentError('MIXED_FILE');
  return media;
}

/** @param folder where parts of this kind of document stand: the rules go by the folder */
function judgePart(path: string, bytes: Uint8Array, folder: string, findings: Findings): 'keep' | 'drop' {
  const refused = REFUSED_PARTS.find(([pattern]) => pattern.test(path));
  if (refused) throw new AttachmentError(...refused[1]);
  const owner = ownerOf(path);
  const dropped = DROPPED_PARTS.find(([pattern]) => pattern.test(owner));
  if (dropped) {
    // Old-style drawings behind a sheet are comment bubbles, or else buttons and other controls.
    if (path.endsWith('.vml')) refuseControls(bytes);
    if (owner === path) notePart(path, dropped[1], findings);
    return 'drop';
  }
  const isElsewhere = /^(word|xl|ppt)\//.test(path) && !path.startsWith(folder);
  if (isElsewhere || !(PICTURE_PARTS.test(path) || KNOWN_PARTS.test(path)))
    throw new AttachmentError('ACTIVE_CONTENT');
  return 'keep';
}

/** The part whose relationships are in `path`; `''` for the package, `path` itself where it holds none. */
const ownerOf = (path: string) => path.replace(/_rels\/([^/]*)\.rels$/, '$1');

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

type Relations = {
  /** For each part, the ids it may no longer use. */
  pruned: Map<string, Set<string>>;
  /** For each part, the parts it refers to. */
  targets: Map<string, string[]>;
};

/** Removes relationships whose target is gone. */
function pruneRelationships(parts: Parts, findings: Findings): Relations {
  const pruned = new Map<string, Set<string>>();
  const targets = new Map<string, string[]>();
  for (const [path, bytes] of parts) {
    if (!path.endsWith('.rels')) continue;
    const owner = ownerOf(path);
    const seen = new Set<string>();
    const gone = new Set<string>();
    const reached: string[] = [];
    const dropElement = (tag: XmlTag) => {
      if (tag.local !== 'Relationship') return false;
      const id = readAttribute(tag, 'Id') ?? '';
      refuseTwice(seen, id);
      const target = judgeTarget(owner, tag, parts, findings);
      if (target === null) gone.add(id);
      else reached.push(target);
      return target === null;
    };
    parts.set(path, rewriteXml(bytes, { dropElement }));
    pruned.set(owner, gone);
    targets.set(owner, reached);
  }
  return { pruned, targets };
}

/** The part a relationship leads to, `''` for a link out of the document, null where the relationship has to go. */
function judgeTarget(owner: string, tag: XmlTag, parts: Parts, findings: Findings): string | null {
  const target = readAttribute(tag, 'Target') ?? '';
  const type = readAttribute(tag, 'Type') ?? '';
  if (readAttribute(tag, 'TargetMode')?.toLowerCase() === 'external')
    return judgeExternal(target, type, findings) ? null : '';
  const path = resolvePath(owner, target);
  if (!parts.has(path) || DROPPED_RELATIONS.test(type)) return null;
  if (REFUSED_RELATIONS.test(type)) throw new AttachmentError('ACTIVE_CONTENT');
  return path;
}

/** What no chain of relationships reaches from the package is shown to nobody. */
function dropUnreached(parts: Parts, targets: Relations['targets'], findings: Findings): void {
  const reached = new Set<string>(['', CONTENT_TYPES]);
  const pending = [''];
  for (let owner = pending.pop(); owner !== undefined; owner = pending.pop())
    for (const target of targets.get(owner) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      pending.push(target);
    }
  for (const path of parts.keys()) {
    if (reached.has(ownerOf(path))) continue;
    parts.delete(path);
    if (!path.endsWith('.rels')) noteRemoval(findings, 'private-data');
  }
}

function refuseTwice(seen: Set<string>, name: string): void {
  if (seen.has(name)) throw new AttachmentError('DOCUMENT_UNREADABLE');
  seen.add(name);
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
  const named = (tag: XmlTag) => (readAttribute(tag, 'PartName') ?? '').toLowerCase();
  const seen = new Set<string>();
  return rewriteXml(bytes, {
    dropElement: (tag) => tag.local === 'Override' && !parts.has(named(tag).replace(/^\//, '')),
    visit: (tag) => {
      if (tag.local === 'Override') {
        refuseTwice(seen, named(tag));
        if (ELSEWHERE_TYPES.test(readAttribute(tag, 'ContentType') ?? ''))
          throw new AttachmentError('DOCUMENT_UNREADABLE');
      }
      if (tag.local === 'Default') refuseTwice(seen, (readAttribute(tag, 'Extension') ?? '').toLowerCase());
    },
  });
}

function cleanPart(path: string, bytes: Uint8Array, prunedIds: Set<string>, findings: Findings): Uint8Array {
  // Cut where a field begins, turns to its result or ends, so that a quotation mark in one hides nothing of another.
  const fields = [''];
  const formulas = [''];
  const cleaned = rewriteXml(bytes, {
    visit: (tag) => {
      refuseTag(path, tag);
      if (tag.local === 'fldSimple') fields.push(readAttribute(tag, 'instr') ?? '', '');
      if (tag.local === 'fldChar') fields.push('');
      if (FORMULAS.has(tag.local)) formulas.push('');
    },
    visitText: (text, local) => {
      if (local === 'instrText') fields[fields.length - 1] += text;
      if (FORMULAS.has(local)) formulas[formulas.length - 1] += text;
    },
    dropElement: (tag) => {
      const kind = Object.hasOwn(DROPPED_ELEMENTS, tag.local) ? DROPPED_ELEMENTS[tag.local] : undefined;
      if (kind && !tag.local.startsWith('commentRange')) noteOnce(findings, kind);
      return kind !== undefined;
    },
    dropAttribute: (attribute) => isDroppedAttribute(attribute, prunedIds, findings),
  });
  if (ACTIVE_FIELDS.test(fields.map((field) => field.replace(/"[^"]*"/g, '')).join(' ')))
    throw new AttachmentError('ACTIVE_CONTENT');
  formulas.forEach(refuseActiveFormula);
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
  if (ACTIVE_ELEMENTS.has(tag.local) || tag.attributes.some(fetches))
    throw new AttachmentError('ACTIVE_CONTENT');
  if (path.startsWith('word/') && TRACKED.has(tag.local))
    throw new AttachmentError('DOCUMENT_HAS_TRACKED_CHANGES');
  if (tag.local === 'srcRect' && tag.attributes.some(({ value }) => /[1-9]/.test(value)))
    throw new AttachmentError(
      'DOCUMENT_HAS_HIDDEN_CONTENT',
      'The document holds a cropped picture whose cut-off parts are still inside. Delete the cropped areas (Compress Pictures) and attach again, or print to PDF.',
    );
  if (isHiding(path, tag)) throw new AttachmentError('DOCUMENT_HAS_HIDDEN_CONTENT');
}

/** Old drawings name a file themselves, pictures by a link: either is fetched on opening, without a relationship that says so. */
const fetches = ({ name, local, value }: XmlAttribute) =>
  (local === 'src' && value !== '') || (name !== local && (local === 'link' || local === 'href'));

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
