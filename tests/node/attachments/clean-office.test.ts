import { strFromU8, unzipSync, zipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cleanAttachment } from '#node/attachments/clean.ts';
import {
  INVENTED_TRACES,
  makeDocx,
  makeOdfContent,
  makeOdfManifest,
  makeOds,
  makeOdt,
  makePhoto,
  makePptx,
  makeRels,
  makeSheet,
  makeSlide,
  makeWordBody,
  makeWorkbook,
  makeXlsx,
  makeZip,
} from '#tests/fixtures/files.ts';
import { readRefusal, searchTraces } from '#tests/node/attachments/search-traces.ts';

const clean = (bytes: Uint8Array) => cleanAttachment({ bytes, declaredMedia: '' });
const refuse = (bytes: Uint8Array) => readRefusal(clean(bytes));
const kinds = (cleaned: Awaited<ReturnType<typeof clean>>) => cleaned.removed.map(({ kind }) => kind);
const readPart = (bytes: Uint8Array, path: string) => strFromU8(unzipSync(bytes)[path]!);
const odtBody = (inner: string) => `<office:text>${inner}</office:text>`;
const odsBody = (inner: string) =>
  `<office:spreadsheet><table:table>${inner}</table:table></office:spreadsheet>`;
const word = (body: string) => makeDocx({ 'word/document.xml': makeWordBody(body) });
const sheet = (inner: string) => makeXlsx({ 'xl/worksheets/sheet2.xml': makeSheet(inner) });
const odt = (inner: string, styles = '') =>
  makeOdt({ 'content.xml': makeOdfContent(odtBody(inner), styles) });
const ods = (inner: string, styles = '') =>
  makeOds({ 'content.xml': makeOdfContent(odsBody(inner), styles) });
const withPicture = (name: string, bytes: string | Uint8Array) =>
  makeDocx({
    'word/_rels/document.xml.rels': makeRels([['rId1', 'image', `media/${name}`]]),
    [`word/media/${name}`]: bytes,
  });
const drawing = (attributes: string) =>
  `<w:p><w:drawing><a:srcRect xmlns:a="urn:a" ${attributes}/></w:drawing></w:p>`;

describe('what is removed', () => {
  it('DOCX: author, company, comments, revision marks, template path', async () => {
    const cleaned = await clean(makeDocx());
    expect(kinds(cleaned)).toEqual([
      'comments',
      'document-author',
      'document-properties',
      'document-title',
      'revision-marks',
      'template-path',
    ]);
    expect(Object.keys(unzipSync(cleaned.bytes))).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'word/document.xml',
      'word/_rels/document.xml.rels',
      'word/settings.xml',
      'word/_rels/settings.xml.rels',
    ]);
    expect(readPart(cleaned.bytes, 'word/document.xml')).toContain('<w:t>Invented report</w:t>');
    expect(readPart(cleaned.bytes, 'word/settings.xml')).toContain('<w:zoom w:percent="100"/>');
  });

  it('no relationship or content type points to a part that is gone', async () => {
    for (const bytes of [makeDocx(), makeXlsx(), makePptx()]) {
      const parts = unzipSync((await clean(bytes)).bytes);
      const everything = Object.values(parts)
        .map((part) => strFromU8(part))
        .join('');
      for (const gone of ['core.xml', 'app.xml', 'comments', 'vmlDrawing', 'printerSettings'])
        expect(everything).not.toContain(gone);
    }
  });

  it('XLSX: comments, printer settings, user name', async () => {
    const cleaned = await clean(makeXlsx());
    expect(kinds(cleaned)).toEqual(expect.arrayContaining(['author', 'comments', 'printer-settings']));
    const first = readPart(cleaned.bytes, 'xl/worksheets/sheet1.xml');
    expect(first).toContain('<pageSetup orientation="portrait"/>');
    expect(first).toContain('Invented cell');
    expect(first).not.toContain('legacyDrawing');
  });

  it('PPTX: the path in a picture description', async () => {
    const cleaned = await clean(makePptx());
    expect(kinds(cleaned)).toContain('picture-path');
    expect(readPart(cleaned.bytes, 'ppt/slides/slide1.xml')).toContain('<p:cNvPr id="2" name="Picture"/>');
  });

  it('ODT and ODS: meta, settings, comments; mimetype stays first and stored', async () => {
    for (const bytes of [makeOdt(), makeOds()]) {
      const cleaned = await clean(bytes);
      expect(kinds(cleaned)).toEqual(
        expect.arrayContaining(['document-author', 'printer-settings', 'revision-marks']),
      );
      expect(Object.keys(unzipSync(cleaned.bytes))).toEqual([
        'mimetype',
        'content.xml',
        'META-INF/manifest.xml',
      ]);
      expect(Buffer.from(cleaned.bytes).toString('latin1', 30, 70)).toContain(
        `mimetype${cleaned.media.slice(0, 20)}`,
      );
      expect(readPart(cleaned.bytes, 'META-INF/manifest.xml')).not.toContain('meta.xml');
    }
  });

  it('pictures inside lose Exif and keep their pixels', async () => {
    const photo = await makePhoto({ bytes: 60_000 });
    const docx = withPicture('image1.jpeg', photo);
    const cleaned = await clean(docx);
    expect(searchTraces(docx)).toContain(INVENTED_TRACES.serial);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(kinds(cleaned)).toContain('gps-position');
    const inside = unzipSync(cleaned.bytes)['word/media/image1.jpeg']!;
    const [before, after] = await Promise.all([photo, inside].map((bytes) => sharp(bytes).raw().toBuffer()));
    expect(Buffer.compare(before!, after!)).toBe(0);
    const shown = makeOdfContent(odtBody('<draw:image xlink:href="Pictures/1.jpg"/>'));
    const opened = await clean(makeOdt({ 'content.xml': shown, 'Pictures/1.jpg': photo }));
    expect(Object.keys(unzipSync(opened.bytes))).toContain('Pictures/1.jpg');
    expect(searchTraces(opened.bytes)).toEqual([]);
  });

  it('XML comments and processing instructions vanish, CDATA stays as text', async () => {
    const cleaned = await clean(
      word(
        `<!-- ${INVENTED_TRACES.note} --><?x ${INVENTED_TRACES.note}?><w:p><w:r><w:t><![CDATA[a<b]]></w:t></w:r></w:p>`,
      ),
    );
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(readPart(cleaned.bytes, 'word/document.xml')).toContain('<w:t>a&lt;b</w:t>');
  });

  it('a web link is kept with a warning, a signature is lost with a warning', async () => {
    const cleaned = await clean(
      makeDocx({
        'word/_rels/document.xml.rels': makeRels([['rId9', 'hyperlink', 'https://example.org/', 'External']]),
        '_xmlsignatures/sig1.xml': '<Signature/>',
      }),
    );
    expect(cleaned.warnings).toEqual([{ code: 'LINKS_KEPT' }, { code: 'SIGNATURE_LOST' }]);
  });
});

describe('tracked changes are refused', () => {
  it.each([
    ['an insertion', word('<w:p><w:ins w:id="1" w:author="A"><w:r><w:t>x</w:t></w:r></w:ins></w:p>')],
    ['a deletion', word('<w:p><w:del w:id="1"><w:r><w:delText>x</w:delText></w:r></w:del></w:p>')],
    ['a move', word('<w:p><w:moveFrom w:id="1"/></w:p>')],
    ['changed formatting', word('<w:p><w:pPr><w:pPrChange w:id="1"/></w:pPr></w:p>')],
    ['another prefix', makeDocx({ 'word/document.xml': makeWordBody('<x:ins xmlns:x="urn:x"/>') })],
    ['a footnote', makeDocx({ 'word/footnotes.xml': makeWordBody('<w:ins/>') })],
    ['a shared workbook', makeXlsx({ 'xl/revisions/revisionLog1.xml': '<a/>' })],
    ['ODT', odt('<text:tracked-changes><text:changed-region/></text:tracked-changes>')],
    ['ODS', ods('<table:tracked-changes><table:cell-content-change/></table:tracked-changes>')],
  ])('%s', async (_, bytes) => {
    expect(await refuse(bytes)).toBe('DOCUMENT_HAS_TRACKED_CHANGES');
  });

  it('an ODT that only says it records nothing is accepted', async () => {
    expect(await refuse(odt('<text:tracked-changes text:track-changes="false"/><text:p>x</text:p>'))).toBe(
      'ACCEPTED',
    );
  });

  it('says what to do', async () => {
    await expect(clean(word('<w:ins/>'))).rejects.toThrow(/Accept or reject the changes and attach again/);
  });
});

describe('hidden content is refused', () => {
  it.each([
    ['hidden text', word('<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r></w:p>')],
    [
      'hidden text, spelled otherwise',
      word('<w:p><w:r><w:rPr><w:vanish w:val="&#49;"/></w:rPr></w:r></w:p>'),
    ],
    ['a hidden shape', word('<w:p><wp:docPr xmlns:wp="urn:wp" id="1" hidden="true"/></w:p>')],
    ['a cropped picture', word(drawing('l="25000"'))],
    ['a hidden sheet', makeXlsx({ 'xl/workbook.xml': makeWorkbook('hidden') })],
    ['a very hidden sheet', makeXlsx({ 'xl/workbook.xml': makeWorkbook('veryHidden') })],
    ['a hidden row', sheet('<row hidden="1"/>')],
    ['a hidden column', sheet('<cols><col min="1" max="1" hidden="true"/></cols>')],
    ['a column without width', sheet('<cols><col min="1" max="1" width="0"/></cols>')],
    ['a pivot cache', makeXlsx({ 'xl/pivotCache/pivotCacheRecords1.xml': '<a/>' })],
    ['a hidden slide', makePptx({ 'ppt/slides/slide1.xml': makeSlide('show="0"') })],
    ['speaker notes', makePptx({ 'ppt/notesSlides/notesSlide1.xml': '<a/>' })],
    ['a hidden paragraph', odt('<text:p><text:hidden-paragraph/></text:p>')],
    ['hidden text by style', odt('<text:p/>', '<style:text-properties text:display="none"/>')],
    ['a hidden sheet by style', ods('', '<style:table-properties table:display="false"/>')],
    ['a hidden table row', ods('<table:table-row table:visibility="collapse"/>')],
    ['a filtered row', ods('<table:table-row table:visibility="filter"/>')],
    [
      'a cropped picture in ODT',
      odt('<text:p/>', '<style:graphic-properties fo:clip="rect(0cm, 1.2cm, 0cm, 0cm)"/>'),
    ],
  ])('%s', async (_, bytes) => {
    expect(await refuse(bytes)).toBe('DOCUMENT_HAS_HIDDEN_CONTENT');
  });

  it.each([
    ['vanish switched off', word('<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr></w:r></w:p>')],
    ['a picture that is not cropped', word(drawing('l="0" t="0"'))],
    ['a shown slide', makePptx({ 'ppt/slides/slide1.xml': makeSlide('show="1"') })],
    ['a clip of nothing', odt('<text:p/>', '<style:graphic-properties fo:clip="rect(0cm, 0cm, 0cm, 0cm)"/>')],
  ])('%s is accepted', async (_, bytes) => {
    expect(await refuse(bytes)).toBe('ACCEPTED');
  });
});

describe('macros, active and embedded content are refused', () => {
  const macroTypes = strFromU8(unzipSync(makeDocx())['[Content_Types].xml']!).replace(
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml',
    'application/vnd.ms-word.document.macroEnabled.main+xml',
  );
  const external = (type: string, target: string) =>
    makeDocx({ 'word/_rels/document.xml.rels': makeRels([['rId7', type, target, 'External']]) });

  it.each([
    ['a macro part', makeDocx({ 'word/vbaProject.bin': 'x' }), 'DOCUMENT_HAS_MACROS'],
    ['a macro content type', makeDocx({ '[Content_Types].xml': macroTypes }), 'DOCUMENT_HAS_MACROS'],
    ['a Basic module', makeOdt({ 'Basic/Standard/Module1.xml': '<a/>' }), 'DOCUMENT_HAS_MACROS'],
    ['an event listener', odt('<script:event-listener/>'), 'DOCUMENT_HAS_MACROS'],
    ['an embedded workbook', makeDocx({ 'word/embeddings/a.xlsx': makeXlsx() }), 'ACTIVE_CONTENT'],
    ['an embedded object', makeDocx({ 'word/embeddings/oleObject1.bin': 'x' }), 'ACTIVE_CONTENT'],
    ['an ActiveX control', makeDocx({ 'word/activeX/activeX1.xml': '<a/>' }), 'ACTIVE_CONTENT'],
    [
      'a link to another workbook',
      makeXlsx({ 'xl/externalLinks/externalLink1.xml': '<a/>' }),
      'ACTIVE_CONTENT',
    ],
    ['a data connection', makeXlsx({ 'xl/connections.xml': '<a/>' }), 'ACTIVE_CONTENT'],
    [
      'a button on a sheet',
      makeXlsx({ 'xl/drawings/vmlDrawing1.vml': '<x ObjectType="Button"/>' }),
      'ACTIVE_CONTENT',
    ],
    ['a picture fetched from outside', external('image', 'https://example.org/a.png'), 'ACTIVE_CONTENT'],
    ['a link to a file', external('hyperlink', 'file:///C:/a.doc'), 'ACTIVE_CONTENT'],
    ['an altChunk', word('<w:altChunk/>'), 'ACTIVE_CONTENT'],
    [
      'a DDE field in pieces',
      word(
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> D</w:instrText></w:r><w:r><w:instrText>DEAUTO c</w:instrText></w:r>',
      ),
      'ACTIVE_CONTENT',
    ],
    [
      'a field in one piece',
      word('<w:fldSimple w:instr=" INCLUDEPICTURE &quot;http://example.org&quot; "/>'),
      'ACTIVE_CONTENT',
    ],
    ['an unknown part', makeDocx({ 'word/thing.exe': 'MZ' }), 'ACTIVE_CONTENT'],
    ['an object in ODT', odt('<draw:object xlink:href="./Object 1"/>'), 'ACTIVE_CONTENT'],
    [
      'a picture from outside in ODT',
      odt('<draw:image xlink:href="https://example.org/a.png"/>'),
      'ACTIVE_CONTENT',
    ],
    ['an unknown part in ODT', makeOdt({ 'Object 1/content.xml': '<a/>' }), 'ACTIVE_CONTENT'],
    ['a vector drawing', withPicture('image1.emf', '\x01\0\0\0'), 'IMAGE_UNREADABLE'],
    [
      'an ODT with password',
      makeOdt({
        'META-INF/manifest.xml': makeOdfManifest(
          'application/vnd.oasis.opendocument.text',
          '<manifest:encryption-data/>',
        ),
      }),
      'DOCUMENT_ENCRYPTED',
    ],
  ])('%s', async (_, bytes, code) => {
    expect(await refuse(bytes)).toBe(code);
  });

  it('a field of an ordinary hyperlink is accepted', async () => {
    expect(await refuse(word('<w:instrText> HYPERLINK "https://example.org/link/dde" </w:instrText>'))).toBe(
      'ACCEPTED',
    );
  });
});

describe('parts at unusual places', () => {
  it('comments under another name are refused, not overlooked', async () => {
    const types = strFromU8(unzipSync(makeDocx())['[Content_Types].xml']!).replaceAll(
      '/word/comments.xml',
      '/word/x.xml',
    );
    const rels = { 'word/_rels/document.xml.rels': makeRels([['rId2', 'x', 'x.xml']]) };
    expect(await refuse(makeDocx({ '[Content_Types].xml': types, 'word/x.xml': '<a/>', ...rels }))).toBe(
      'DOCUMENT_UNREADABLE',
    );
  });

  it('comment bubbles are dropped under any name', async () => {
    const cleaned = await clean(makeXlsx({ 'xl/drawings/commentsDrawing1.vml': '<x ObjectType="Note"/>' }));
    expect(Object.keys(unzipSync(cleaned.bytes)).filter((path) => path.endsWith('.vml'))).toEqual([]);
  });
});

describe('the container', () => {
  it('refuses more than it may hold', async () => {
    const bomb = zipSync({ '[Content_Types].xml': new Uint8Array(40_000_000) }, { level: 9 });
    expect(bomb.length).toBeLessThan(60_000);
    expect(await refuse(bomb)).toBe('ARCHIVE_TOO_LARGE');
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`a${index}`, 'x']));
    expect(await refuse(makeZip(many))).toBe('ARCHIVE_TOO_LARGE');
  });

  it('is not deceived by a size that lies', async () => {
    const bytes = zipSync({ '[Content_Types].xml': new Uint8Array(40_000_000) }, { level: 9 });
    const directory = Buffer.from(bytes.buffer, bytes.byteOffset).lastIndexOf(
      Buffer.from('PK\x01\x02', 'latin1'),
    );
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(directory + 24, 100, true);
    expect(await refuse(bytes)).toBe('DOCUMENT_UNREADABLE');
  });

  it.each([
    '../evil.xml',
    '/word/evil.xml',
    'word\\evil.xml',
    'word/../evil.xml',
    'C:/evil.xml',
    'word//a.xml',
    'WORD/document.xml',
    'word/a\0.xml',
  ])('refuses the path %j', async (path) => {
    expect(await refuse(makeDocx({ [path]: '<a/>' }))).toBe('DOCUMENT_UNREADABLE');
  });

  it('refuses anything behind or between', async () => {
    expect(await refuse(Buffer.concat([makeDocx(), Buffer.from('%PDF-1.4 x %%EOF')]))).toBe('MIXED_FILE');
  });

  it('refuses a ZIP that is no document', async () => {
    expect(await refuse(makeZip({ 'a.txt': 'x' }))).toBe('MEDIA_UNKNOWN');
    expect(await refuse(makeOdt({ mimetype: 'application/vnd.oasis.opendocument.graphics' }))).toBe(
      'MEDIA_UNKNOWN',
    );
  });

  it.each([
    ['an entity bomb', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['tags out of order', '<a><b></a></b>'],
    ['an open end', '<a>'],
    ['attributes run together', '<a b="1"c="2"/>'],
    ['deep nesting', '<a>'.repeat(2000) + '</a>'.repeat(2000)],
    ['UTF-16', Buffer.from('\ufeff<a/>', 'utf16le')],
  ])('refuses XML with %s', async (_, part) => {
    expect(await refuse(makeDocx({ 'word/styles.xml': part }))).toBe('DOCUMENT_UNREADABLE');
  });
});
