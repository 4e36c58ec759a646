// Copies from one PDF into another only what draws pages. Whatever is not reached from a page's content and
// resources stays behind: earlier revisions, embedded files, scripts, document information, unused objects.

import {
  decodePDFRawStream,
  PDFArray,
  PDFCatalog,
  type PDFContext,
  PDFDict,
  PDFName,
  PDFNull,
  PDFNumber,
  type PDFObject,
  PDFPageLeaf,
  PDFPageTree,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import { type Findings, noteRemoval, type RemovalKind } from '#node/attachments/findings.ts';
import { listJpxBoxes, stripJpeg } from '#node/attachments/strip-image.ts';

/** 'names': the keys are chosen by the author (a font called /AA), so no key is dropped. */
type Role = 'object' | 'names' | 'properties';

export type PdfCopier = {
  /** A copy of `value` for the target document; what it refers to follows with `finish`. */
  copy: (value: PDFObject, role?: Role) => PDFObject;
  /** Copies everything referred to so far. Call once at the end. */
  finish: () => void;
};

const NAME_MAPS = new Set([
  'Font',
  'XObject',
  'ExtGState',
  'ColorSpace',
  'Pattern',
  'Shading',
  'CharProcs',
  'Colorants',
]);
const DROPPED_KEYS: Readonly<Record<string, RemovalKind | null>> = {
  Metadata: 'xmp',
  PieceInfo: 'private-data',
  LastModified: 'revision-history',
  OPI: 'private-data',
  Measure: 'private-data',
  PtData: 'gps-position',
  AF: 'embedded-file',
  EF: 'embedded-file',
  AA: 'javascript',
  A: null,
  JS: 'javascript',
  ID: null,
  Ref: 'private-data',
  Alternates: 'private-data',
  StructParent: null,
  StructParents: null,
};

/** Prepares copying from `source` to `target`. Copying throws AttachmentError for hidden layers and external content. */
export function startPdfCopy(source: PDFContext, target: PDFContext, findings: Findings): PdfCopier {
  const copied = new Map<PDFRef, PDFRef>();
  const pending: { from: PDFRef; to: PDFRef }[] = [];

  const copyRef = (ref: PDFRef, role: Role): PDFObject => {
    const found = source.lookup(ref);
    // Name maps are small and are taken in place, so that the same object is never copied in two roles.
    if (found && role !== 'object') return copyValue(found, role);
    // Back to a page or the document: a path to everything else, and nothing that draws.
    if (!found || found instanceof PDFPageLeaf || found instanceof PDFPageTree || found instanceof PDFCatalog)
      return PDFNull;
    let to = copied.get(ref);
    if (!to) {
      to = target.nextRef();
      copied.set(ref, to);
      pending.push({ from: ref, to });
    }
    return to;
  };

  const copyDict = (dict: PDFDict, role: Role): PDFDict => {
    const copy = PDFDict.withContext(target);
    if (role === 'object') refuseHiding(dict);
    for (const [name, value] of dict.entries()) {
      const key = name.decodeText();
      if (role === 'properties') copy.set(name, copyProperty(source.lookup(value), target));
      else if (role === 'names') copy.set(name, copyValue(value, 'object'));
      else if (Object.hasOwn(DROPPED_KEYS, key)) noteDropped(key, findings);
      // Names of a program's own, such as the path of a drawing that was put in (ISO 32000-1, annex E).
      else if (/[.:_]/.test(key)) noteRemoval(findings, 'private-data');
      else copy.set(name, copyValue(value, chooseRole(key)));
    }
    return copy;
  };

  const copyStream = (stream: PDFStream): PDFStream => {
    if (stream.dict.has(PDFName.of('F')) || readName(stream.dict, 'Subtype') === 'PS')
      throw new AttachmentError('ACTIVE_CONTENT');
    const bare = stripStream(stream, findings);
    const dict = copyDict(stream.dict, 'object');
    if (bare.unwrappedTo) {
      dict.set(PDFName.of('Filter'), PDFName.of(bare.unwrappedTo));
      dict.delete(PDFName.of('DecodeParms'));
    }
    dict.delete(PDFName.of('Length'));
    return PDFRawStream.of(dict, bare.contents);
  };

  const copyValue = (value: PDFObject, role: Role): PDFObject => {
    if (value instanceof PDFRef) return copyRef(value, role);
    if (value instanceof PDFStream) return copyStream(value);
    if (value instanceof PDFDict) return copyDict(value, role);
    if (!(value instanceof PDFArray)) return value;
    const plain = findPlainColours(value);
    if (plain) {
      if (!findings.removed.has('icc-profile')) noteRemoval(findings, 'icc-profile');
      return plain;
    }
    const array = PDFArray.withContext(target);
    for (const item of value.asArray()) array.push(copyValue(item, 'object'));
    return array;
  };

  const finish = () => {
    for (let next = pending.pop(); next; next = pending.pop())
      target.assign(next.to, copyValue(source.lookup(next.from)!, 'object'));
  };
  return { copy: (value, role = 'object') => copyValue(value, role), finish };
}

const PLAIN_COLOURS: Readonly<Record<number, string>> = { 1: 'DeviceGray', 3: 'DeviceRGB', 4: 'DeviceCMYK' };

/** A colour profile may bear the name of a screen and its owner: the colours without it. */
function findPlainColours(value: PDFArray): PDFName | undefined {
  if (value.lookup(0) !== PDFName.of('ICCBased')) return undefined;
  const profile = value.lookup(1);
  const size = profile instanceof PDFStream ? profile.dict.lookup(PDFName.of('N')) : undefined;
  const plain = size instanceof PDFNumber ? PLAIN_COLOURS[size.asNumber()] : undefined;
  if (plain === undefined) throw new AttachmentError('DOCUMENT_UNREADABLE');
  return PDFName.of(plain);
}

function chooseRole(key: string): Role {
  if (key === 'Properties') return 'properties';
  return NAME_MAPS.has(key) ? 'names' : 'object';
}

function noteDropped(key: string, findings: Findings): void {
  const kind = DROPPED_KEYS[key];
  if (kind) noteRemoval(findings, kind);
}

/** Marked content keeps its mark but none of its facts; a mark of a layer means a layer that may be switched off. */
function copyProperty(property: PDFObject | undefined, target: PDFContext): PDFObject {
  if (property instanceof PDFDict && /^OC/.test(readName(property, 'Type'))) throw hiddenLayers();
  return PDFDict.withContext(target);
}

function refuseHiding(dict: PDFDict): void {
  if (dict.has(PDFName.of('OC'))) throw hiddenLayers();
}

/** The refusal of a PDF with layers. */
export function hiddenLayers(): AttachmentError {
  return new AttachmentError(
    'DOCUMENT_HAS_HIDDEN_CONTENT',
    'The PDF holds layers that can be hidden. Print what is shown to a new PDF and attach that.',
  );
}

function readName(dict: PDFDict, key: string): string {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : '';
}

/** `unwrappedTo` names the one filter left when a picture came wrapped in others. */
type Stripped = { contents: Uint8Array; unwrappedTo?: string };

/** Pictures lose their own metadata; other streams stay byte for byte. */
function stripStream(stream: PDFStream, findings: Findings): Stripped {
  const contents = stream.getContents();
  const filters = listFilters(stream.dict);
  const last = filters.at(-1);
  if (last !== 'DCTDecode' && last !== 'DCT' && last !== 'JPXDecode') return { contents };
  const picture = filters.length > 1 ? decodeOuter(stream, filters) : contents;
  const bare = last === 'JPXDecode' ? stripJpx(picture, findings) : stripJpeg(picture, findings);
  return filters.length > 1 ? { contents: bare, unwrappedTo: last } : { contents: bare };
}

function listFilters(dict: PDFDict): string[] {
  const filter = dict.lookup(PDFName.of('Filter'));
  if (filter instanceof PDFName) return [filter.decodeText()];
  if (!(filter instanceof PDFArray)) return [];
  return filter.asArray().map((_, index) => filter.lookup(index, PDFName).decodeText());
}

function decodeOuter(stream: PDFStream, filters: string[]): Uint8Array {
  const dict = PDFDict.withContext(stream.dict.context);
  const outer = PDFArray.withContext(stream.dict.context);
  for (const name of filters.slice(0, -1)) outer.push(PDFName.of(name));
  dict.set(PDFName.of('Filter'), outer);
  return decodePDFRawStream(PDFRawStream.of(dict, stream.getContents())).decode();
}

/** JPEG 2000 keeps its header and code stream; the boxes for XML, UUID (Exif, XMP) and rights are left out. */
function stripJpx(bytes: Uint8Array, findings: Findings): Uint8Array {
  if (bytes[0] === 0xff && bytes[1] === 0x4f) return bytes;
  const boxes = listJpxBoxes(bytes);
  const kept = boxes.filter(({ type }) =>
    ['jP  ', 'ftyp', 'jp2h', 'jp2c', 'rreq', 'jpch', 'jplh'].includes(type),
  );
  if (!kept.some(({ type }) => type === 'jp2c')) throw new AttachmentError('IMAGE_UNREADABLE');
  noteRemoval(findings, 'exif', boxes.length - kept.length);
  return Buffer.concat(kept.map(({ start, end }) => bytes.subarray(start, end)));
}
