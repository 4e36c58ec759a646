import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import {
  decodePDFRawStream,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFRawStream,
  type PDFRef,
  StandardFonts,
} from '@cantoo/pdf-lib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cleanAttachment } from '#node/attachments/clean.ts';
import { INVENTED_TRACES, makePdf, makePhoto, makeZip } from '#tests/fixtures/files.ts';
import { needsTool, runTool } from '#tests/fixtures/tools.ts';
import { readRefusal, searchTraces } from '#tests/node/attachments/search-traces.ts';

const small = await makePdf({ bytes: 60_000, pages: 2 });
const clean = (bytes: Uint8Array) => cleanAttachment({ bytes, declaredMedia: 'application/pdf' });
const refuse = (bytes: Uint8Array) => readRefusal(clean(bytes));
const load = (bytes: Uint8Array) => PDFDocument.load(bytes, { updateMetadata: false });
const kinds = (cleaned: Awaited<ReturnType<typeof clean>>) => cleaned.removed.map(({ kind }) => kind);

/** A one-page PDF, changed by `change` before it is written. */
async function buildPdf(change: (pdf: PDFDocument) => unknown, useObjectStreams = true): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  pdf.addPage([300, 200]).drawText('Invented page', { font: await pdf.embedFont(StandardFonts.Helvetica) });
  await change(pdf);
  return pdf.save({ useObjectStreams });
}

/** Adds an annotation whose appearance is a filled box with `text` written as a comment of the drawing. */
function addAnnotation(pdf: PDFDocument, subtype: string, more: Record<string, unknown> = {}): PDFRef {
  const { context } = pdf;
  const form = context.stream(`0 0 10 10 re f % ${subtype}`, {
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [0, 0, 10, 10],
    Metadata: context.register(context.stream(INVENTED_TRACES.note)),
  });
  const annotation = context.obj({
    Type: 'Annot',
    Subtype: subtype,
    Rect: [100, 50, 200, 100],
    AP: { N: context.register(form) },
    P: pdf.getPage(0).ref,
    T: PDFHexString.fromText(INVENTED_TRACES.author),
    Contents: PDFHexString.fromText(INVENTED_TRACES.note),
    ...(more as Record<string, never>),
  });
  const ref = context.register(annotation);
  const page = pdf.getPage(0).node;
  const annotations = page.Annots() ?? context.obj([]);
  annotations.push(ref);
  page.set(PDFName.of('Annots'), annotations);
  return ref;
}

/** The drawing of the first page, inflated, in order. */
async function readDrawing(bytes: Uint8Array): Promise<string> {
  const pdf = await load(bytes);
  const contents = pdf.getPage(0).node.normalizedEntries().Contents;
  const streams = contents?.asArray().map((ref) => pdf.context.lookup(ref)) ?? [];
  return streams
    .filter((stream) => stream instanceof PDFRawStream)
    .map((stream) => Buffer.from(decodePDFRawStream(stream).decode()).toString('latin1'))
    .join('\n');
}

describe('what is removed', () => {
  it('author, title, XMP, attached file, script, private data, and Exif of the pictures', async () => {
    expect(searchTraces(small)).toEqual(
      expect.arrayContaining([
        INVENTED_TRACES.author,
        INVENTED_TRACES.title,
        INVENTED_TRACES.serial,
        INVENTED_TRACES.place,
        INVENTED_TRACES.path,
        INVENTED_TRACES.attachedText,
        INVENTED_TRACES.attachedFile,
      ]),
    );
    const cleaned = await clean(small);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(kinds(cleaned)).toEqual(
      expect.arrayContaining([
        'document-author',
        'document-title',
        'embedded-file',
        'gps-position',
        'javascript',
        'private-data',
        'xmp',
      ]),
    );
    const pdf = await load(cleaned.bytes);
    expect(
      pdf.catalog
        .keys()
        .map((key) => key.decodeText())
        .sort(),
    ).toEqual(['Pages', 'Type']);
    expect(pdf.context.trailerInfo.Info).toBeUndefined();
    expect(pdf.context.trailerInfo.ID).toBeUndefined();
  });

  it('pages, size, drawing and pixels stay', async () => {
    const cleaned = await clean(small);
    const [before, after] = await Promise.all([load(small), load(cleaned.bytes)]);
    expect(after.getPageCount()).toBe(before.getPageCount());
    expect(after.getPage(1).getSize()).toEqual(before.getPage(1).getSize());
    expect(await readDrawing(cleaned.bytes)).toBe(await readDrawing(small));
    const [one, two] = await Promise.all(
      [before, after].map((pdf) => sharp(findPicture(pdf)).raw().toBuffer()),
    );
    expect(Buffer.compare(one!, two!)).toBe(0);
  });

  it('a file of 12 MB is made and cleaned in time', async () => {
    const large = await makePdf();
    expect(Math.abs(large.length / 12_000_000 - 1)).toBeLessThan(0.1);
    const before = performance.now();
    const cleaned = await clean(large);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
  });

  it('earlier versions of a page, and objects nothing draws', async () => {
    let drawing = '';
    const first = await buildPdf((pdf) => {
      const ref = pdf.context.register(pdf.context.stream(`BT (${INVENTED_TRACES.note}) Tj ET`));
      pdf.getPage(0).node.set(PDFName.of('Contents'), ref);
      pdf.context.register(PDFHexString.fromText(INVENTED_TRACES.author));
      drawing = ref.toString().replace(' R', '');
    }, false);
    const root = /\/Root (\d+ 0 R)/.exec(Buffer.from(first).toString('latin1'))![1];
    const update = `\n${drawing} obj\n<</Length 12>>\nstream\n0 0 5 5 re f\nendstream\nendobj\n`;
    const end = `xref\n0 0\ntrailer\n<</Root ${root}/Size 99/Prev 9>>\nstartxref\n${first.length}\n%%EOF\n`;
    const bytes = Buffer.concat([first, Buffer.from(update + end)]);
    expect(searchTraces(bytes)).toEqual(
      expect.arrayContaining([INVENTED_TRACES.note, INVENTED_TRACES.author]),
    );
    const cleaned = await clean(bytes);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed).toEqual([{ kind: 'revision-history' }]);
    expect(await readDrawing(cleaned.bytes)).toBe('0 0 5 5 re f');
  });

  it('links and notes go; a box, a stamp and a filled field are drawn into the page', async () => {
    const bytes = await buildPdf((pdf) => {
      addAnnotation(pdf, 'Link', { A: { S: 'URI', URI: PDFHexString.fromText(INVENTED_TRACES.path) } });
      addAnnotation(pdf, 'Text');
      addAnnotation(pdf, 'Square');
      addAnnotation(pdf, 'Widget', {
        A: { S: 'JavaScript', JS: PDFHexString.fromText(INVENTED_TRACES.script) },
      });
      addAnnotation(pdf, 'Stamp', { F: 2 });
    });
    const cleaned = await clean(bytes);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed).toEqual(
      expect.arrayContaining([
        { kind: 'links' },
        { kind: 'comments' },
        { kind: 'annotations', count: 3 },
        { kind: 'form-actions' },
      ]),
    );
    expect(cleaned.warnings).toEqual([{ code: 'MARKS_DRAWN_IN' }]);
    const drawing = await readDrawing(cleaned.bytes);
    expect(
      drawing.match(/q 10\.00000 0\.00000 0\.00000 5\.00000 100\.00000 50\.00000 cm \/FnMark\d Do Q/g),
    ).toHaveLength(2);
    const pdf = await load(cleaned.bytes);
    expect(pdf.getPage(0).node.Annots()).toBeUndefined();
    const forms = pdf.getPage(0).node.Resources()!.lookup(PDFName.of('XObject'), PDFDict);
    expect(forms.keys().map((key) => key.decodeText())).toEqual(['FnMark2', 'FnMark3']);
  });

  it('a font, picture or state may bear any name', async () => {
    const bytes = await buildPdf((pdf) => {
      const resources = pdf.getPage(0).node.Resources()!;
      const fonts = resources.lookup(PDFName.of('Font'), PDFDict);
      const [font] = fonts.values();
      for (const name of ['AA', 'Metadata', 'A', 'Ref']) fonts.set(PDFName.of(name), font!);
      resources.set(PDFName.of('Font'), pdf.context.register(fonts));
    });
    const fonts = (await load((await clean(bytes)).bytes))
      .getPage(0)
      .node.Resources()!
      .lookup(PDFName.of('Font'), PDFDict);
    expect(fonts.keys().map((key) => key.decodeText())).toEqual(
      expect.arrayContaining(['AA', 'Metadata', 'A', 'Ref']),
    );
  });

  it('a picture wrapped in a second filter is unwrapped and stripped', async () => {
    const photo = await makePhoto({ bytes: 60_000 });
    const bytes = await buildPdf((pdf) => {
      const picture = PDFRawStream.of(
        pdf.context.obj({
          Type: 'XObject',
          Subtype: 'Image',
          Width: 4,
          Height: 3,
          Filter: ['FlateDecode', 'DCTDecode'],
        }),
        deflateSync(photo),
      );
      pdf.getPage(0).node.setXObject(PDFName.of('Im1'), pdf.context.register(picture));
    });
    expect(searchTraces(bytes)).toContain(INVENTED_TRACES.serial);
    const cleaned = await clean(bytes);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    const [one, two] = await Promise.all(
      [photo, findPicture(await load(cleaned.bytes))].map((jpeg) => sharp(jpeg).raw().toBuffer()),
    );
    expect(Buffer.compare(one!, two!)).toBe(0);
  });

  it('warns of a cropped page and a lost signature', async () => {
    const bytes = await buildPdf((pdf) => {
      pdf.getPage(0).setCropBox(50, 50, 100, 100);
      pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj({ SigFlags: 3, Fields: [] }));
    });
    expect((await clean(bytes)).warnings).toEqual([{ code: 'PAGE_CROPPED' }, { code: 'SIGNATURE_LOST' }]);
  });
});

describe('what is refused', () => {
  it('a PDF with password', async () => {
    const bytes = await buildPdf((pdf) => pdf.encrypt({ userPassword: 'u', ownerPassword: 'o' }), false);
    expect(await refuse(bytes)).toBe('DOCUMENT_ENCRYPTED');
  });

  it('layers, in the catalog or on an object', async () => {
    const layered = await buildPdf(({ catalog, context }) => {
      const layer = context.register(context.obj({ Type: 'OCG', Name: PDFHexString.fromText('x') }));
      catalog.set(PDFName.of('OCProperties'), context.obj({ OCGs: [layer], D: { OFF: [layer] } }));
    });
    expect(await refuse(layered)).toBe('DOCUMENT_HAS_HIDDEN_CONTENT');
    const marked = await buildPdf((pdf) => {
      const layer = pdf.context.register(pdf.context.obj({ Type: 'OCG' }));
      pdf
        .getPage(0)
        .node.Resources()!
        .set(PDFName.of('Properties'), pdf.context.obj({ MC0: layer }));
    });
    expect(await refuse(marked)).toBe('DOCUMENT_HAS_HIDDEN_CONTENT');
  });

  it('a redaction not carried out', async () => {
    expect(await refuse(await buildPdf((pdf) => addAnnotation(pdf, 'Redact')))).toBe(
      'DOCUMENT_HAS_HIDDEN_CONTENT',
    );
  });

  it('forms and folders that build themselves, and content kept in another file', async () => {
    const form = await buildPdf(({ catalog, context }) =>
      catalog.set(PDFName.of('AcroForm'), context.obj({ XFA: [] })),
    );
    const folder = await buildPdf(({ catalog, context }) =>
      catalog.set(PDFName.of('Collection'), context.obj({})),
    );
    const outside = await buildPdf((pdf) => {
      const picture = pdf.context.stream('', {
        Type: 'XObject',
        Subtype: 'Image',
        F: PDFHexString.fromText('a.jpg'),
      });
      pdf.getPage(0).node.setXObject(PDFName.of('Im1'), pdf.context.register(picture));
    });
    for (const bytes of [form, folder, outside]) expect(await refuse(bytes)).toBe('ACTIVE_CONTENT');
  });

  it('a second file before or behind it', async () => {
    expect(await refuse(Buffer.concat([small, Buffer.from('<html></html>')]))).toBe('MIXED_FILE');
    expect(await refuse(Buffer.concat([small, makeZip({ 'a.txt': 'x' })]))).toBe('MIXED_FILE');
    expect(await refuse(Buffer.concat([small, makeZip({ 'a.txt': 'x' }), Buffer.from('%%EOF')]))).toBe(
      'MIXED_FILE',
    );
    expect(await refuse(Buffer.concat([Buffer.from('\0\x01junk'), small]))).toBe('MIXED_FILE');
    expect(await refuse(Buffer.concat([small, Buffer.from('\r\n\0')]))).toBe('ACCEPTED');
  });

  it('structure that inflates without end, whatever its name is spelled like', async () => {
    const packed = deflateSync(Buffer.alloc(40_000_000, 32), { level: 9 });
    for (const name of ['ObjStm', 'Obj#53tm']) {
      const head = `%PDF-1.7\n1 0 obj\n<</Type/${name}/N 1/First 9/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`;
      const bytes = Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream\nendobj\n%%EOF')]);
      const before = performance.now();
      expect(await refuse(bytes)).toBe('ARCHIVE_TOO_LARGE');
      expect(performance.now() - before).toBeLessThan(1000);
    }
  });

  it('a page tree that returns to itself, and a document without pages', async () => {
    const circle = await buildPdf((pdf) => {
      const pages = pdf.catalog.Pages();
      pages.Kids().push(pdf.catalog.get(PDFName.of('Pages'))!);
    });
    expect(await refuse(circle)).toBe('DOCUMENT_UNREADABLE');
    expect(await refuse(Buffer.from('%PDF-1.4\n%%EOF'))).toBe('DOCUMENT_UNREADABLE');
  });

  it('many objects without end do not hold the node up', async () => {
    const bytes = Buffer.from(`%PDF-1.4\n${'1 0 obj <<\n'.repeat(200_000)}%%EOF`);
    const before = performance.now();
    expect(await refuse(bytes)).toBe('DOCUMENT_UNREADABLE');
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('independent tools', () => {
  const withCleaned = async (run: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'fn-pdf-'));
    try {
      const path = join(folder, 'a.pdf');
      writeFileSync(path, (await clean(small)).bytes);
      run(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.skipIf(!needsTool('qpdf'))('qpdf finds no fault', async () => {
    await withCleaned((path) => {
      expect(runTool('qpdf', ['--check', path])).toContain('No syntax or stream encoding errors');
      const plain = runTool('qpdf', ['--qdf', '--object-streams=disable', path, '-']);
      expect(searchTraces(Buffer.from(plain))).toEqual([]);
    });
  });

  it.skipIf(!needsTool('exiftool'))('exiftool finds no author, title or XMP', async () => {
    await withCleaned((path) => {
      expect(
        runTool('exiftool', ['-XMP:all', '-PDF:Author', '-PDF:Title', '-PDF:Creator', '-PDF:Producer', path]),
      ).toBe('');
    });
  });

  it.skipIf(!needsTool('pdfinfo'))('pdfinfo finds no information', async () => {
    await withCleaned((path) => {
      const facts = runTool('pdfinfo', [path]);
      expect(facts).toMatch(/JavaScript:\s+no/);
      expect(facts).toMatch(/Metadata Stream:\s+no/);
      expect(facts).not.toMatch(/^(Author|Title|Subject|Creator|Producer|CreationDate):/m);
    });
  });
});

function findPicture(pdf: PDFDocument): Buffer {
  for (const [, object] of pdf.context.enumerateIndirectObjects()) {
    const isPicture =
      object instanceof PDFRawStream && object.dict.lookup(PDFName.of('Subtype')) === PDFName.of('Image');
    if (isPicture) return Buffer.from(object.getContents());
  }
  throw new Error('The PDF holds no picture.');
}
