// Cleans a PDF by building a new one from what its pages draw. Nothing of the document level is taken over.
// What an annotation or form field shows is drawn into its page: dropping a black box would show what it covers.

import {
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { hiddenLayers, type PdfCopier, startPdfCopy } from '#node/attachments/copy-pdf-objects.ts';
import { drawAnnotations } from '#node/attachments/draw-annotations.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';
import { readLatin } from '#node/attachments/media.ts';
import { checkPdfBytes, checkPdfEnds } from '#node/attachments/pdf-limits.ts';

const MAX_PAGES = 5000;
const MAX_TREE_DEPTH = 64;
const INHERITED = ['Resources', 'MediaBox', 'CropBox', 'Rotate'];
const PAGE_KEYS = ['MediaBox', 'CropBox', 'BleedBox', 'TrimBox', 'ArtBox', 'Rotate', 'Group', 'UserUnit'];
const OBJECTS_PER_TICK = 1500;

/**
 * Returns the rebuilt PDF. Links, outlines, forms, scripts, attached files, signatures and all metadata are gone.
 * Throws AttachmentError DOCUMENT_ENCRYPTED, DOCUMENT_HAS_HIDDEN_CONTENT, ACTIVE_CONTENT, MIXED_FILE,
 * ARCHIVE_TOO_LARGE, IMAGE_UNREADABLE or DOCUMENT_UNREADABLE.
 */
export async function cleanPdf(bytes: Uint8Array, findings: Findings): Promise<Uint8Array> {
  await checkPdfBytes(bytes);
  try {
    const source = await PDFDocument.load(bytes, {
      updateMetadata: false,
      ignoreEncryption: true,
      throwOnInvalidObject: true,
      parseSpeed: OBJECTS_PER_TICK,
    });
    if (source.isEncrypted) throw new AttachmentError('DOCUMENT_ENCRYPTED');
    judgeCatalog(source, findings);
    noteHistory(bytes, findings);
    const rebuilt = await rebuild(source, findings);
    // A ZIP inside a stream may have come to lie at the end.
    checkPdfEnds(rebuilt);
    return rebuilt;
  } catch (error) {
    if (error instanceof AttachmentError) throw error;
    throw new AttachmentError('DOCUMENT_UNREADABLE');
  }
}

/** Refuses what cannot be shown on paper, and notes what the catalog holds and the new document will not. */
function judgeCatalog(source: PDFDocument, findings: Findings): void {
  const { catalog, context } = source;
  const layers = readDict(catalog, 'OCProperties')?.lookup(PDFName.of('OCGs'));
  if (layers instanceof PDFArray && layers.size() > 0) throw hiddenLayers();
  const form = readDict(catalog, 'AcroForm');
  if (form?.has(PDFName.of('XFA')) || catalog.has(PDFName.of('Collection')))
    throw new AttachmentError(
      'ACTIVE_CONTENT',
      'The PDF is a form or folder that builds itself when opened. Print what is shown to a new PDF and attach that.',
    );
  noteKeys(catalog, CATALOG_KINDS, findings);
  const names = readDict(catalog, 'Names');
  if (names?.has(PDFName.of('JavaScript'))) noteRemoval(findings, 'javascript');
  // The same file is often listed in both places.
  if (names?.has(PDFName.of('EmbeddedFiles')) || catalog.has(PDFName.of('AF')))
    noteRemoval(findings, 'embedded-file');
  const info = context.lookup(context.trailerInfo.Info);
  if (info instanceof PDFDict) noteKeys(info, INFO_KINDS, findings);
  if (hasSignature(form)) {
    noteRemoval(findings, 'signature');
    noteWarning(findings, 'SIGNATURE_LOST');
  }
}

const CATALOG_KINDS: Readonly<Record<string, RemovalKind>> = {
  Metadata: 'xmp',
  PieceInfo: 'private-data',
  OpenAction: 'form-actions',
  AA: 'form-actions',
  Outlines: 'outlines',
  StructTreeRoot: 'structure-names',
};
const INFO_KINDS: Readonly<Record<string, RemovalKind>> = {
  Author: 'document-author',
  Title: 'document-title',
  Subject: 'document-title',
  Keywords: 'document-properties',
  Creator: 'document-properties',
  Producer: 'document-properties',
  CreationDate: 'document-properties',
  ModDate: 'document-properties',
};

function noteKeys(dict: PDFDict, kinds: Readonly<Record<string, RemovalKind>>, findings: Findings): void {
  const found = new Set(
    Object.keys(kinds)
      .filter((key) => dict.has(PDFName.of(key)))
      .map((key) => kinds[key]!),
  );
  for (const kind of found) noteRemoval(findings, kind);
}

function hasSignature(form: PDFDict | undefined): boolean {
  const flags = form?.lookup(PDFName.of('SigFlags'));
  return flags instanceof PDFNumber && (flags.asNumber() & 1) === 1;
}

/** Each save behind the first adds an end mark; a file prepared for the web has two from the start. */
function noteHistory(bytes: Uint8Array, findings: Findings): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let saves = 0;
  for (let at = buffer.indexOf('%%EOF'); at >= 0; at = buffer.indexOf('%%EOF', at + 5)) saves += 1;
  const first = readLatin(bytes, 0, 1024).includes('/Linearized') ? 2 : 1;
  noteRemoval(findings, 'revision-history', Math.max(0, saves - first));
}

async function rebuild(source: PDFDocument, findings: Findings): Promise<Uint8Array> {
  const target = await PDFDocument.create({ updateMetadata: false });
  const copier = startPdfCopy(source.context, target.context, findings);
  const pagesRef = target.catalog.get(PDFName.of('Pages')) as PDFRef;
  const kids = PDFArray.withContext(target.context);
  for (const page of listPages(source)) {
    const copy = copyPage(page, copier, target.context, findings);
    copy.set(PDFName.of('Parent'), pagesRef);
    kids.push(target.context.register(copy));
  }
  if (kids.size() === 0) throw new AttachmentError('DOCUMENT_UNREADABLE');
  copier.finish();
  const pages = target.context.lookup(pagesRef, PDFDict);
  pages.set(PDFName.of('Kids'), kids);
  pages.set(PDFName.of('Count'), PDFNumber.of(kids.size()));
  return target.save({
    useObjectStreams: true,
    addDefaultPage: false,
    updateFieldAppearances: false,
    objectsPerTick: OBJECTS_PER_TICK,
  });
}

type Page = { dict: PDFDict; inherited: Map<string, PDFObject> };

/** The pages in order, each with what it inherits. A tree that returns to itself or grows without end is refused. */
function listPages(source: PDFDocument): Page[] {
  const pages: Page[] = [];
  const seen = new Set<PDFObject>();
  const walk = (node: PDFObject | undefined, above: Map<string, PDFObject>, depth: number): void => {
    if (!(node instanceof PDFDict)) return;
    if (seen.has(node) || depth > MAX_TREE_DEPTH || pages.length >= MAX_PAGES)
      throw new AttachmentError('DOCUMENT_UNREADABLE');
    seen.add(node);
    const inherited = new Map(above);
    for (const key of INHERITED) {
      const value = node.get(PDFName.of(key));
      if (value) inherited.set(key, value);
    }
    const kids = node.lookup(PDFName.of('Kids'));
    if (kids instanceof PDFArray)
      for (let index = 0; index < kids.size(); index += 1) walk(kids.lookup(index), inherited, depth + 1);
    else pages.push({ dict: node, inherited });
  };
  walk(source.catalog.lookup(PDFName.of('Pages')), new Map(), 0);
  return pages;
}

function copyPage(page: Page, copier: PdfCopier, target: PDFContext, findings: Findings): PDFDict {
  const copy = PDFDict.withContext(target);
  copy.set(PDFName.of('Type'), PDFName.of('Page'));
  for (const key of PAGE_KEYS) {
    const value = page.dict.get(PDFName.of(key)) ?? page.inherited.get(key);
    if (value) copy.set(PDFName.of(key), copier.copy(value));
  }
  noteKeys(
    page.dict,
    { Metadata: 'xmp', PieceInfo: 'private-data', AA: 'form-actions', AF: 'embedded-file' },
    findings,
  );
  noteKeys(page.dict, { Thumb: 'embedded-thumbnail' }, findings);
  const resources = page.dict.context.lookup(page.inherited.get('Resources'));
  const copiedResources =
    resources instanceof PDFDict ? (copier.copy(resources) as PDFDict) : PDFDict.withContext(target);
  copy.set(PDFName.of('Resources'), copiedResources);
  const contents = copyContents(page.dict, copier, target);
  const marks = drawAnnotations(page.dict, copier, target, findings);
  addMarks(contents, copiedResources, marks, target);
  copy.set(PDFName.of('Contents'), contents);
  if (isCropped(page)) noteWarning(findings, 'PAGE_CROPPED');
  return copy;
}

function copyContents(page: PDFDict, copier: PdfCopier, target: PDFContext): PDFArray {
  const contents = PDFArray.withContext(target);
  const entry = page.get(PDFName.of('Contents'));
  const found = page.context.lookup(entry);
  if (found instanceof PDFArray) for (const item of found.asArray()) contents.push(copier.copy(item));
  else if (entry instanceof PDFRef && found instanceof PDFStream) contents.push(copier.copy(entry));
  return contents;
}

/** Puts the page's own drawing into saved state and the marks behind it, so that no scale or clip of the page reaches them. */
function addMarks(
  contents: PDFArray,
  resources: PDFDict,
  marks: { name: string; form: PDFObject; matrix: number[] }[],
  target: PDFContext,
): void {
  if (marks.length === 0) return;
  const known = resources.lookup(PDFName.of('XObject'));
  const forms = PDFDict.withContext(target);
  if (known instanceof PDFDict) for (const [name, value] of known.entries()) forms.set(name, value);
  const drawing = marks.map(({ name, form, matrix }) => {
    forms.set(PDFName.of(name), form);
    return `q ${matrix.map((value) => value.toFixed(5)).join(' ')} cm /${name} Do Q`;
  });
  resources.set(PDFName.of('XObject'), forms);
  contents.insert(0, registerText(target, 'q\n'));
  contents.push(registerText(target, `\nQ\n${drawing.join('\n')}\n`));
}

function registerText(target: PDFContext, text: string): PDFRef {
  return target.register(PDFRawStream.of(PDFDict.withContext(target), new TextEncoder().encode(text)));
}

function isCropped(page: Page): boolean {
  const media = readBox(page, 'MediaBox');
  const crop = readBox(page, 'CropBox');
  if (!media || !crop) return false;
  return (
    crop[0]! > media[0]! + 1 ||
    crop[1]! > media[1]! + 1 ||
    crop[2]! < media[2]! - 1 ||
    crop[3]! < media[3]! - 1
  );
}

function readBox(page: Page, key: string): number[] | undefined {
  const box = page.dict.context.lookup(page.inherited.get(key));
  if (!(box instanceof PDFArray) || box.size() !== 4) return undefined;
  const values = box.asArray().map((value) => page.dict.context.lookup(value));
  return values.every((value) => value instanceof PDFNumber)
    ? values.map((value) => value.asNumber())
    : undefined;
}

function readDict(dict: PDFDict, key: string): PDFDict | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFDict ? value : undefined;
}
