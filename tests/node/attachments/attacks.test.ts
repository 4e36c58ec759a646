/** Files made to get something past the cleaning: each is refused, or loses what it was made to carry. */
import { PDFDocument, PDFHexString, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { strFromU8, unzipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cleanAttachment } from '#node/attachments/clean.ts';
import { startFindings } from '#node/attachments/findings.ts';
import { stripJpeg } from '#node/attachments/strip-image.ts';
import {
  INVENTED_TRACES,
  makeDocx,
  makeFlatPng,
  makeOdfContent,
  makeOds,
  makeOdt,
  makePhoto,
  makePngChunk,
  makePptx,
  makeRels,
  makeSheet,
  makeWordBody,
  makeXlsx,
  makeZip,
} from '#tests/fixtures/files.ts';
import { readRefusal, searchTraces } from '#tests/node/attachments/search-traces.ts';

const clean = (bytes: Uint8Array, declaredMedia = '') => cleanAttachment({ bytes, declaredMedia });
const refuse = (bytes: Uint8Array, declared = '') => readRefusal(clean(bytes, declared));
const partsOf = (bytes: Uint8Array) => unzipSync(bytes);
const photo = await makePhoto({ bytes: 60_000 });
const secret = INVENTED_TRACES.note;

/** The same package with other part names. */
function rename(bytes: Uint8Array, name: (path: string) => string): Uint8Array {
  const entries = Object.entries(partsOf(bytes)).map(([path, part]) => [name(path), part] as const);
  return makeZip(Object.fromEntries(entries));
}
const shout = (path: string) => path.toUpperCase();
const rels = (...relations: Parameters<typeof makeRels>[0]) => ({
  'word/_rels/document.xml.rels': makeRels(relations),
});
const word = (body: string, more = {}) => makeDocx({ 'word/document.xml': makeWordBody(body), ...more });
const picture = (bytes: Uint8Array, name = 'image1.jpeg') =>
  makeDocx({ [`word/media/${name}`]: bytes, ...rels(['rId1', 'image', `media/${name}`]) });
const pictureOf = async (bytes: Uint8Array, name = 'image1.jpeg') =>
  Buffer.from(partsOf((await clean(bytes)).bytes)[`word/media/${name}`]!);
const types = (change: (text: string) => string, make = makeDocx) =>
  change(strFromU8(partsOf(make())['[Content_Types].xml']!));

describe('part names in other letter case', () => {
  it.each([
    ['DOCX', makeDocx],
    ['XLSX', makeXlsx],
    ['PPTX', makePptx],
  ])('%s: is cleaned as any other', async (_, make) => {
    const plain = await clean(make());
    const other = await clean(rename(make(), shout));
    expect(searchTraces(rename(make(), shout))).not.toEqual([]);
    expect(searchTraces(other.bytes)).toEqual([]);
    expect(other.removed).toEqual(plain.removed);
    expect(Object.keys(partsOf(other.bytes))).toEqual(Object.keys(partsOf(plain.bytes)).map(shout));
  });

  it.each([
    ['tracked changes', word('<w:ins w:id="1"/>'), 'DOCUMENT_HAS_TRACKED_CHANGES'],
    ['hidden text', word('<w:p><w:r><w:rPr><w:vanish/></w:rPr></w:r></w:p>'), 'DOCUMENT_HAS_HIDDEN_CONTENT'],
    [
      'a hidden row',
      makeXlsx({ 'xl/worksheets/sheet2.xml': makeSheet('<row hidden="1"/>') }),
      'DOCUMENT_HAS_HIDDEN_CONTENT',
    ],
    [
      'a picture from outside',
      makeDocx(rels(['rId7', 'image', 'https://example.org/a.png', 'External'])),
      'ACTIVE_CONTENT',
    ],
    ['a macro part', makeDocx({ 'word/vbaProject.bin': 'x' }), 'DOCUMENT_HAS_MACROS'],
    ['an object', makeDocx({ 'word/embeddings/oleObject1.bin': 'x' }), 'ACTIVE_CONTENT'],
  ])('%s is refused', async (_, bytes, code) => {
    expect(await refuse(rename(bytes, shout))).toBe(code);
    expect(await refuse(rename(bytes, (path) => path.replace(/^\w/, (first) => first.toUpperCase())))).toBe(
      code,
    );
  });

  it('two names that are equal but for case are refused: parts, types, endings, relationships', async () => {
    const override = '<Override PartName="/WORD/Document.xml" ContentType="application/xml"/></Types>';
    const ending = '<Default Extension="XML" ContentType="image/png"/></Types>';
    for (const bytes of [
      makeDocx({ 'word/Document.xml': makeWordBody('') }),
      makeDocx({ 'word/_rels/document.XML.rels': makeRels([]) }),
      makeDocx({ '[Content_types].xml': '<Types/>' }),
      makeDocx({ '[Content_Types].xml': types((text) => text.replace('</Types>', override)) }),
      makeDocx({ '[Content_Types].xml': types((text) => text.replace('</Types>', ending)) }),
      makeDocx(rels(['rId1', 'settings', 'settings.xml'], ['rId1', 'comments', 'comments.xml'])),
    ])
      expect(await refuse(bytes)).toBe('DOCUMENT_UNREADABLE');
  });

  it('OpenDocument knows one spelling only', async () => {
    const tracked = makeOdfContent('<office:text><text:p/></office:text>');
    for (const [from, to] of [
      ['content.xml', 'Content.XML'],
      ['content.xml', 'content.XML'],
      ['META-INF/manifest.xml', 'meta-inf/MANIFEST.xml'],
    ] as const) {
      const bytes = rename(makeOdt({ 'content.xml': tracked }), (path) => (path === from ? to : path));
      expect(await refuse(bytes)).toBe('ACTIVE_CONTENT');
    }
    expect(await refuse(rename(makeOdt(), (path) => (path === 'mimetype' ? 'Mimetype' : path)))).toBe(
      'MEDIA_UNKNOWN',
    );
  });
});

describe('Office documents', () => {
  const prefixed = 'xmlns:x="urn:x"';

  it.each([
    ['a field spelled with entities', word('<w:instrText>&#68;DEAUTO c:\\a.exe</w:instrText>')],
    [
      'a field spelled with entities and CDATA',
      word('<w:instrText><![CDATA[INCLUDE]]>&#x50;ICTURE "x"</w:instrText>'),
    ],
    [
      'a picture linked by a web link',
      word(
        '<a:blip xmlns:a="urn:a" r:link="rId9"/>',
        rels(['rId9', 'hyperlink', 'https://example.org/', 'External']),
      ),
    ],
    ['a drawing that fetches', word('<v:imagedata xmlns:v="urn:v" src="https://example.org/a.png"/>')],
    [
      'a drawing that fetches by another name',
      word('<v:fill xmlns:v="urn:v" xmlns:o="urn:o" o:href="https://example.org/a.png"/>'),
    ],
    [
      'a program behind a formula',
      makeXlsx({ 'xl/worksheets/sheet2.xml': makeSheet("<c><f>cmd|'/C calc'!A0</f></c>") }),
    ],
    [
      'a formula that fetches',
      makeXlsx({
        'xl/worksheets/sheet2.xml': makeSheet('<c><f>_xlfn.WEBSERVICE("https://example.org")</f></c>'),
      }),
    ],
    [
      'a formula that fetches, in a name',
      makeXlsx({
        'xl/workbook.xml':
          '<workbook><definedNames><definedName name="a">_xlfn.IMAGE("https://example.org")</definedName></definedNames></workbook>',
      }),
    ],
    [
      'a formula that fetches, in ODS',
      makeOds({
        'content.xml': makeOdfContent(
          '<office:spreadsheet><table:table-cell table:formula="of:=WEBSERVICE(&quot;https://example.org&quot;)"/></office:spreadsheet>',
        ),
      }),
    ],
    [
      'a DDE formula in ODS',
      makeOds({
        'content.xml': makeOdfContent(
          '<office:spreadsheet><table:table-cell table:formula="of:=DDE(&quot;soffice&quot;;&quot;a&quot;;&quot;b&quot;)"/></office:spreadsheet>',
        ),
      }),
    ],
    [
      'a picture written into the text of ODT',
      makeOdt({
        'content.xml': makeOdfContent(
          `<office:text><draw:image><office:binary-data>${Buffer.from(photo).toString('base64')}</office:binary-data></draw:image></office:text>`,
        ),
      }),
    ],
    [
      'a picture written into the text of DOCX',
      word(`<w:pict><w:binData>${Buffer.from(photo).toString('base64')}</w:binData></w:pict>`),
    ],
    [
      'an object under a harmless name',
      makeDocx({ 'word/thing.xml': '<a/>', ...rels(['rId5', 'package', 'thing.xml']) }),
    ],
    [
      'a workbook inside a document',
      makeDocx({ 'xl/workbook.xml': '<workbook/>', ...rels(['rId5', 'x', '../xl/workbook.xml']) }),
    ],
    ['a nested document', makeDocx({ 'word/embeddings/Inner.DOCX': makeDocx() })],
  ])('%s is refused', async (_, bytes) => {
    expect(await refuse(bytes)).toBe('ACTIVE_CONTENT');
  });

  it.each([
    [
      'a file behind a link that looks like another',
      makeDocx({
        'word/_rels/document.xml.rels': makeRels([
          ['rId9', 'hyperlink', 'file:///C:/a.doc', 'External'],
        ]).replace('<Relationship ', `<Relationship ${prefixed} x:Target="https://example.org/" `),
      }),
    ],
    ['hidden text whose switch is shadowed', word(`<w:vanish ${prefixed} x:val="0" w:val="1"/>`)],
    [
      'a hidden sheet whose state is shadowed',
      makeXlsx({
        'xl/workbook.xml': `<workbook><sheets><sheet ${prefixed} x:state="visible" state="hidden"/></sheets></workbook>`,
      }),
    ],
  ])('%s is refused', async (_, bytes) => {
    expect(await refuse(bytes)).toBe('DOCUMENT_UNREADABLE');
  });

  it('ordinary formulas stay', async () => {
    const formulas = '<c><f>IF(A1&gt;0,"a|b",\'x|y\'!A1)+IMAGINARY(B1)+T[[#Headers],[a|b]]</f></c>';
    expect(await refuse(makeXlsx({ 'xl/worksheets/sheet2.xml': makeSheet(formulas) }))).toBe('ACCEPTED');
    const inCalc = 'of:=SUM({1;2|3;-4.5E2})+[.A1]&{&quot;a&quot;|&quot;b&quot;}';
    const cell = `<office:spreadsheet><table:table-cell table:formula="${inCalc}"/></office:spreadsheet>`;
    expect(await refuse(makeOds({ 'content.xml': makeOdfContent(cell) }))).toBe('ACCEPTED');
  });

  it.each([
    [
      'comments under another name, by the type of their ending',
      makeDocx({
        '[Content_Types].xml': types((text) =>
          text
            .replace(
              '"xml" ContentType="application/xml"',
              '"xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"',
            )
            .replace(/<Override PartName="\/word\/comments.xml"[^>]*>/, ''),
        ),
        'word/comments.xml': null,
        'word/x.xml': `<w:comments xmlns:w="urn:w"><w:comment w:author="${INVENTED_TRACES.author}"/></w:comments>`,
        ...rels(['rId2', 'comments', 'x.xml']),
      }),
    ],
    [
      'properties under another name',
      makeDocx({
        'word/y.xml': `<a>${INVENTED_TRACES.author}</a>`,
        '_rels/.rels': makeRels([
          ['rId1', 'officeDocument', 'word/document.xml'],
          ['rId2', 'metadata/core-properties', 'word/y.xml'],
        ]),
      }),
    ],
    [
      'a preview under another name',
      makeDocx({
        'word/media/t.jpeg': photo,
        '_rels/.rels': makeRels([
          ['rId1', 'officeDocument', 'word/document.xml'],
          ['rId2', 'metadata/thumbnail', 'word/media/t.jpeg'],
        ]),
      }),
    ],
    [
      'parts that nothing refers to',
      makeDocx({ 'word/draft.xml': `<a>${secret}</a>`, 'word/media/image9.jpeg': photo }),
    ],
    ['pictures of ODT that nothing shows', makeOdt({ 'Pictures/9.jpg': photo })],
    [
      'a font with something in it',
      makeDocx({
        'word/fonts/font1.odttf': secret,
        'word/fontTable.xml':
          '<w:fonts xmlns:w="urn:w" xmlns:r="urn:r"><w:font><w:embedRegular r:id="rId1"/></w:font></w:fonts>',
        'word/_rels/fontTable.xml.rels': makeRels([['rId1', 'font', 'fonts/font1.odttf']]),
        ...rels(['rId1', 'fontTable', 'fontTable.xml']),
      }),
    ],
    ['names of people who may edit', word(`<w:permStart w:id="1" w:ed="${INVENTED_TRACES.author}"/>`)],
    [
      'views named after people',
      makeXlsx({
        'xl/workbook.xml': `<workbook><customWorkbookViews><customWorkbookView name="${INVENTED_TRACES.author}"/></customWorkbookViews></workbook>`,
      }),
    ],
    ['data of a field', word(`<w:fldChar><w:fldData>${secret}</w:fldData></w:fldChar>`)],
  ])('%s: gone', async (_, bytes) => {
    expect(searchTraces(bytes)).not.toEqual([]);
    const cleaned = await clean(bytes);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    for (const path of Object.keys(partsOf(cleaned.bytes)))
      expect(path).not.toMatch(/draft|image9|9\.jpg|font1|t\.jpeg/);
    expect(Buffer.from(cleaned.bytes).includes('embedRegular')).toBe(false);
  });

  it('a document in the folder of another kind does not escape the rules of its own', async () => {
    const moved = rename(
      makeDocx({
        'word/document.xml': makeWordBody('<w:ins w:id="1"/>'),
        '_rels/.rels': makeRels([['rId1', 'officeDocument', 'xl/document.xml']]),
        '[Content_Types].xml': types((text) => text.replaceAll('/word/', '/xl/')),
      }),
      (path) => path.replace('word/', 'xl/'),
    );
    expect(await refuse(moved)).toBe('ACTIVE_CONTENT');
  });
});

describe('pictures inside documents', () => {
  const segment = (marker: number, text: string) => {
    const body = Buffer.from(text);
    return Buffer.concat([
      Uint8Array.of(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255),
      body,
    ]);
  };
  it.each([0x02, 0xbf, 0xdc, 0xdd, 0xc8, 0xf0, 0xfd])(
    'JPEG: a segment of no use (%i) is left out',
    (marker) => {
      const bytes = Buffer.concat([photo.subarray(0, 2), segment(marker, secret), photo.subarray(2)]);
      expect(searchTraces(stripJpeg(bytes, startFindings()))).toEqual([]);
    },
  );

  it('JPEG: something behind the end is gone, and without an end it is refused', async () => {
    const bare = await sharp(photo).jpeg().toBuffer();
    const inside = await pictureOf(picture(Buffer.concat([bare, Buffer.from(secret)])));
    expect(searchTraces(inside)).toEqual([]);
    const [before, after] = await Promise.all([bare, inside].map((bytes) => sharp(bytes).raw().toBuffer()));
    expect(Buffer.compare(before!, after!)).toBe(0);
    const endless = Buffer.concat([bare.subarray(0, -2), Buffer.from(secret)]);
    expect(await refuse(picture(endless))).toBe('IMAGE_UNREADABLE');
  });

  it('PNG: text, a moving picture and what follows the end are left out', async () => {
    const png = await sharp(photo).resize(64).png().toBuffer();
    const body = Buffer.concat([
      png.subarray(0, 33),
      ...['tEXt', 'iTXt', 'zTXt', 'acTL', 'fdAT', 'prVt'].map((type) =>
        makePngChunk(type, `Author\0${secret}`),
      ),
      png.subarray(33),
      Buffer.from(secret),
    ]);
    const inside = await pictureOf(picture(body, 'image1.png'), 'image1.png');
    expect(searchTraces(inside)).toEqual([]);
    expect(Buffer.compare(inside, png)).toBe(0);
  });

  it('GIF and TIFF of several pictures keep the first, and it is said', async () => {
    const frames = await Promise.all(
      ['#000', '#fff'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const joined = () => sharp(frames, { join: { animated: true } });
    for (const [name, bytes] of [
      ['image1.gif', await joined().gif().toBuffer()],
      ['image1.tiff', await joined().tiff().toBuffer()],
      ['image1.webp', await joined().webp().toBuffer()],
    ] as const) {
      const cleaned = await clean(picture(bytes, name));
      expect(cleaned.warnings).toEqual([{ code: 'FIRST_FRAME_ONLY' }]);
      const { pages } = await sharp(Buffer.from(partsOf(cleaned.bytes)[`word/media/${name}`]!)).metadata();
      expect(pages ?? 1).toBe(1);
    }
  });

  it('more pixels than may be, a ZIP, an SVG, a document with the ending of a picture: refused', async () => {
    expect(await refuse(picture(makeFlatPng(60_000, 60_000, 1), 'image1.png'))).toBe('TOO_LARGE');
    for (const bytes of [
      makeZip({ a: 'x' }),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      makeDocx(),
      Buffer.from('%PDF-1.4'),
    ])
      expect(await refuse(picture(bytes))).toBe('IMAGE_UNREADABLE');
  });
});

describe('pictures by themselves', () => {
  it('a moving PNG keeps the first picture, and it is said', async () => {
    const png = await sharp(photo).resize(64).png().toBuffer();
    const control = Buffer.alloc(8);
    control.writeUInt32BE(2);
    const moving = Buffer.concat([
      png.subarray(0, 33),
      makePngChunk('acTL', control),
      png.subarray(33, -12),
      makePngChunk('fdAT', secret),
      png.subarray(-12),
    ]);
    const cleaned = await clean(moving);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.warnings).toEqual([{ code: 'FIRST_FRAME_ONLY' }]);
  });

  it.each([
    '<svg/>',
    '\ufeff<svg/>',
    '<!-- a --><svg/>',
    '<?xml version="1.0"?><svg/>',
    ' \n<SVG/>',
    '<!DOCTYPE svg><svg/>',
  ])('SVG as text is refused: %j', async (text) => {
    for (const declared of ['', 'text/plain', 'image/svg+xml', 'text/csv'])
      expect(await refuse(Buffer.from(text), declared)).toBe('ACTIVE_CONTENT');
    for (const declared of ['image/png', 'image/jpeg'])
      expect(await refuse(Buffer.from(text), declared)).toBe('MEDIA_MISMATCH');
  });

  it('GIF and SVG in one, PDF and JPEG in one: one of them, drawn anew, or refused', async () => {
    const gif = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .gif()
      .toBuffer();
    const cleaned = await clean(Buffer.concat([gif, Buffer.from(`<svg>${secret}</svg>`)]));
    expect(cleaned.media).toBe('image/png');
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(await refuse(Buffer.concat([Buffer.from('%PDF-1.4\n'), photo]))).toBe('DOCUMENT_UNREADABLE');
    expect(await refuse(Buffer.concat([Buffer.from('\n%PDF-1.4\n'), photo]))).toBe('MIXED_FILE');
  });
});

describe('PDF', () => {
  async function build(change: (pdf: PDFDocument) => unknown): Promise<Uint8Array> {
    const pdf = await PDFDocument.create({ updateMetadata: false });
    pdf.addPage([300, 200]);
    await change(pdf);
    return pdf.save({ useObjectStreams: false });
  }

  it('a ZIP in a stream does not come to lie at the end of what is written', async () => {
    const bytes = await build((pdf) => {
      const { context } = pdf;
      const image = PDFRawStream.of(
        context.obj({
          Type: 'XObject',
          Subtype: 'Image',
          Width: 1,
          Height: 1,
          ColorSpace: 'DeviceGray',
          BitsPerComponent: 8,
        }),
        makeZip({ 'a.txt': secret }),
      );
      pdf.getPage(0).node.setXObject(PDFName.of('Im1'), context.register(image));
      // Nothing draws it, so it goes, and the ZIP moves towards the end.
      context.register(context.stream('x'.repeat(80_000)));
    });
    expect(await refuse(bytes)).toBe('MIXED_FILE');
  });

  it('the colours of a screen do not name it', async () => {
    const bytes = await build((pdf) => {
      const { context } = pdf;
      const profile = context.register(context.stream(secret, { N: 3, Alternate: 'DeviceRGB' }));
      const image = context.stream('abc', {
        Type: 'XObject',
        Subtype: 'Image',
        Width: 1,
        Height: 1,
        BitsPerComponent: 8,
        ColorSpace: ['ICCBased', profile],
      });
      const page = pdf.getPage(0).node;
      page.setXObject(PDFName.of('Im1'), context.register(image));
      page.Resources()!.set(
        PDFName.of('ColorSpace'),
        context.obj({
          Cs1: ['ICCBased', profile],
          Cs2: ['Indexed', ['ICCBased', profile], 0, PDFHexString.of('000000')],
        }),
      );
    });
    expect(searchTraces(bytes)).toEqual([secret]);
    const cleaned = await clean(bytes);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed).toContainEqual({ kind: 'icc-profile' });
    const page = (await PDFDocument.load(cleaned.bytes)).getPage(0).node;
    expect(page.Resources()!.lookup(PDFName.of('ColorSpace'))!.toString()).toMatch(
      /\/Cs1 \/DeviceRGB\s+\/Cs2 \[ \/Indexed \/DeviceRGB 0 <000000> \]/,
    );
  });

  it('what a program notes beside a drawing under a name of its own is gone', async () => {
    const bytes = await build((pdf) => {
      const drawing = pdf.context.stream('0 0 5 5 re f', {
        Type: 'XObject',
        Subtype: 'Form',
        BBox: [0, 0, 5, 5],
        'PTEX.FileName': PDFHexString.fromText(INVENTED_TRACES.path),
      });
      pdf.getPage(0).node.setXObject(PDFName.of('Fm1'), pdf.context.register(drawing));
    });
    expect(searchTraces(bytes)).not.toEqual([]);
    expect(searchTraces((await clean(bytes)).bytes)).toEqual([]);
  });

  it('scripts and files at every place they can stand are gone', async () => {
    const bytes = await build((pdf) => {
      const { context, catalog } = pdf;
      const script = () =>
        context.obj({ S: 'JavaScript', JS: PDFHexString.fromText(INVENTED_TRACES.script) });
      const file = context.register(
        context.obj({
          Type: 'Filespec',
          F: PDFHexString.fromText('a'),
          EF: { F: context.register(context.stream(secret, { Type: 'EmbeddedFile' })) },
        }),
      );
      catalog.set(PDFName.of('OpenAction'), script());
      catalog.set(PDFName.of('AA'), context.obj({ WC: script() }));
      catalog.set(
        PDFName.of('Names'),
        context.obj({
          JavaScript: { Names: [PDFHexString.of('61'), script()] },
          EmbeddedFiles: { Names: [PDFHexString.of('61'), file] },
        }),
      );
      catalog.set(PDFName.of('AF'), context.obj([file]));
      catalog.set(PDFName.of('Outlines'), context.obj({ First: { A: script() } }));
      const page = pdf.getPage(0).node;
      page.set(PDFName.of('AA'), context.obj({ O: script() }));
      page.set(PDFName.of('AF'), context.obj([file]));
      page.set(
        PDFName.of('Annots'),
        context.obj(
          ['FileAttachment', 'RichMedia', 'Screen', '3D', 'Movie', 'Unheard'].map((Subtype) =>
            context.obj({
              Type: 'Annot',
              Subtype,
              Rect: [0, 0, 9, 9],
              FS: file,
              A: script(),
              AA: { E: script() },
            }),
          ),
        ),
      );
      page.set(PDFName.of('B'), context.obj([file]));
      page.Resources()!.set(PDFName.of('Unheard'), context.obj({ F: file }));
    });
    expect(searchTraces(bytes)).toEqual(expect.arrayContaining([INVENTED_TRACES.script, secret]));
    expect(searchTraces((await clean(bytes)).bytes)).toEqual([]);
  });
});
