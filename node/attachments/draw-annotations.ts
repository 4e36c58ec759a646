// Decides for each annotation of a PDF page: drawn into the page, dropped, or a reason to refuse the document.
// Kept apart from its drawing is nothing: comments, authors, actions and links go. ISO 32000-1, 12.5.5.

import {
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { AttachmentError } from '#node/attachments/attachment-error.ts';
import type { PdfCopier } from '#node/attachments/copy-pdf-objects.ts';
import { type Findings, noteRemoval, noteWarning, type RemovalKind } from '#node/attachments/findings.ts';

export type Mark = { name: string; form: PDFObject; matrix: number[] };

/** Annotations that show an icon or nothing on paper; their content is dropped with them. */
const DROPPED: Readonly<Record<string, RemovalKind>> = {
  Link: 'links',
  Popup: 'comments',
  Text: 'comments',
  FileAttachment: 'embedded-file',
  Sound: 'embedded-file',
  Movie: 'embedded-file',
  Screen: 'embedded-file',
  RichMedia: 'embedded-file',
  '3D': 'embedded-file',
  TrapNet: 'private-data',
  PrinterMark: 'private-data',
};
const HIDDEN = 2;
const NO_VIEW = 32;

/**
 * The appearances of a page's annotations as forms to draw behind its content, copied to the target document.
 * Throws AttachmentError DOCUMENT_HAS_HIDDEN_CONTENT for redactions marked and not carried out.
 */
export function drawAnnotations(
  page: PDFDict,
  copier: PdfCopier,
  target: PDFContext,
  findings: Findings,
): Mark[] {
  const annotations = page.lookup(PDFName.of('Annots'));
  if (!(annotations instanceof PDFArray)) return [];
  const marks: Mark[] = [];
  for (let index = 0; index < annotations.size(); index += 1) {
    const annotation = annotations.lookup(index);
    if (!(annotation instanceof PDFDict)) continue;
    const mark = judgeAnnotation(annotation, `FnMark${index}`, copier, target, findings);
    if (mark) marks.push(mark);
  }
  return marks;
}

function judgeAnnotation(
  annotation: PDFDict,
  name: string,
  copier: PdfCopier,
  target: PDFContext,
  findings: Findings,
): Mark | undefined {
  const subtype = readName(annotation, 'Subtype');
  if (subtype === 'Redact')
    throw new AttachmentError(
      'DOCUMENT_HAS_HIDDEN_CONTENT',
      'The PDF has passages marked for redaction that are still inside. Carry out the redaction and attach again.',
    );
  if (annotation.has(PDFName.of('A')) && subtype !== 'Link') noteRemoval(findings, 'form-actions');
  if (annotation.has(PDFName.of('AA'))) noteRemoval(findings, 'form-actions');
  const dropped = Object.hasOwn(DROPPED, subtype) ? DROPPED[subtype] : undefined;
  noteRemoval(findings, dropped ?? 'annotations');
  const flags = readNumber(annotation, 'F') ?? 0;
  if (dropped || flags & HIDDEN || flags & NO_VIEW) return undefined;
  const appearance = findAppearance(annotation);
  const matrix = appearance && placeAppearance(annotation, appearance.stream);
  if (!matrix) return undefined;
  if (subtype !== 'Widget') noteWarning(findings, 'MARKS_DRAWN_IN');
  const { ref, stream } = appearance;
  const form = ref ? copier.copy(ref) : target.register(copier.copy(stream));
  return { name, form, matrix };
}

/** The normal appearance, of the state the annotation is in. */
function findAppearance(annotation: PDFDict): { ref: PDFRef | undefined; stream: PDFStream } | undefined {
  const appearances = annotation.lookup(PDFName.of('AP'));
  if (!(appearances instanceof PDFDict)) return undefined;
  let entry = appearances.get(PDFName.of('N'));
  let found = annotation.context.lookup(entry);
  if (found instanceof PDFDict) {
    entry = found.get(PDFName.of(readName(annotation, 'AS') || 'Off'));
    found = annotation.context.lookup(entry);
  }
  if (!(found instanceof PDFStream)) return undefined;
  return { ref: entry instanceof PDFRef ? entry : undefined, stream: found };
}

/** ISO 32000-1, 12.5.5, algorithm 8.1: the box of the form, turned by its matrix, is fitted to the rectangle. */
function placeAppearance(annotation: PDFDict, form: PDFStream): number[] | undefined {
  const rect = readNumbers(annotation, 'Rect', 4);
  const box = readNumbers(form.dict, 'BBox', 4);
  if (!rect || !box) return undefined;
  const [a, b, c, d, e, f] = (readNumbers(form.dict, 'Matrix', 6) ?? [1, 0, 0, 1, 0, 0]) as Six;
  const [left, bottom, right, top] = box as Four;
  const corners = [
    [left, bottom],
    [right, bottom],
    [left, top],
    [right, top],
  ] as const;
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  const width = Math.max(...xs) - Math.min(...xs);
  const height = Math.max(...ys) - Math.min(...ys);
  if (!(width > 0 && height > 0)) return undefined;
  const [x1, y1, x2, y2] = rect as Four;
  const scaleX = Math.abs(x2 - x1) / width;
  const scaleY = Math.abs(y2 - y1) / height;
  return [
    scaleX,
    0,
    0,
    scaleY,
    Math.min(x1, x2) - Math.min(...xs) * scaleX,
    Math.min(y1, y2) - Math.min(...ys) * scaleY,
  ];
}

type Four = [number, number, number, number];
type Six = [number, number, number, number, number, number];

function readNumbers(dict: PDFDict, key: string, size: number): number[] | undefined {
  const array = dict.lookup(PDFName.of(key));
  if (!(array instanceof PDFArray) || array.size() !== size) return undefined;
  const values = array.asArray().map((value) => dict.context.lookup(value));
  return values.every((value) => value instanceof PDFNumber)
    ? values.map((value) => value.asNumber())
    : undefined;
}

function readNumber(dict: PDFDict, key: string): number | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFNumber ? value.asNumber() : undefined;
}

function readName(dict: PDFDict, key: string): string {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : '';
}
