import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cleanAttachment, MAX_ATTACHMENT_BYTES, neutralName } from '#node/attachments/clean.ts';
import { mediaOfEnding } from '#node/attachments/media.ts';
import { makeDocx, makeOds, makeOdt, makePdf, makePhoto, makePptx, makeXlsx } from '#tests/fixtures/files.ts';
import { readRefusal, searchTraces } from '#tests/node/attachments/search-traces.ts';

const samples: Record<string, Uint8Array> = {
  photo: await makePhoto({ bytes: 60_000 }),
  pdf: await makePdf({ bytes: 60_000, pages: 1 }),
  docx: makeDocx(),
  xlsx: makeXlsx(),
  pptx: makePptx(),
  odt: makeOdt(),
  ods: makeOds(),
};

const clean = (bytes: Uint8Array, declaredMedia = '') => cleanAttachment({ bytes, declaredMedia });

describe('media', () => {
  it.each([
    ['photo', 'image/png'],
    ['photo', 'application/pdf'],
    ['pdf', 'image/jpeg'],
    ['docx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['docx', 'application/pdf'],
  ])('%s declared as %s is refused', async (name, declared) => {
    expect(await readRefusal(clean(samples[name]!, declared))).toBe('MEDIA_MISMATCH');
  });

  it('text declared as a picture is refused', async () => {
    expect(await readRefusal(clean(Buffer.from('hello'), 'image/jpeg'))).toBe('MEDIA_MISMATCH');
  });

  it.each([
    ['', 'photo', 'image/jpeg'],
    ['application/octet-stream', 'pdf', 'application/pdf'],
    ['IMAGE/JPG', 'photo', 'image/jpeg'],
  ])('declared %j, %s is told by its content', async (declared, name, media) => {
    expect((await clean(samples[name]!, declared)).media).toBe(media);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a program', Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1')],
    ['a plain ZIP of nothing we know', Buffer.from('PK\x05\x06', 'latin1')],
    ['an old Office file', Buffer.from('d0cf11e0a1b11ae10000', 'hex')],
  ])('refuses %s as unknown', async (_, bytes) => {
    expect(await readRefusal(clean(bytes))).toBe('MEDIA_UNKNOWN');
  });

  it('refuses an Office file with password', async () => {
    const bytes = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.from('EncryptedPackage', 'utf16le'),
    ]);
    expect(await readRefusal(clean(bytes))).toBe('DOCUMENT_ENCRYPTED');
  });

  it('refuses SVG and macro formats by what is declared', async () => {
    expect(await readRefusal(clean(Buffer.from('<svg/>'), 'image/svg+xml'))).toBe('ACTIVE_CONTENT');
    const docm = 'application/vnd.ms-word.document.macroEnabled.12';
    expect(await readRefusal(clean(samples.docx!, docm))).toBe('DOCUMENT_HAS_MACROS');
  });

  it('refuses a file over the limit unread', async () => {
    expect(await readRefusal(clean(new Uint8Array(MAX_ATTACHMENT_BYTES + 1)))).toBe('TOO_LARGE');
  });
});

describe('every sample', () => {
  it.each(Object.keys(samples))(
    '%s: no trace is left, the input is not changed, twice gives the same',
    async (name) => {
      const before = Buffer.from(samples[name]!);
      expect(searchTraces(before)).not.toEqual([]);
      const cleaned = await clean(samples[name]!);
      expect(searchTraces(cleaned.bytes)).toEqual([]);
      expect(Buffer.compare(before, samples[name]!)).toBe(0);
      expect(Buffer.compare(cleaned.bytes, (await clean(samples[name]!)).bytes)).toBe(0);
    },
  );

  it.each(Object.keys(samples).filter((name) => name !== 'photo'))(
    '%s: cleaning a clean file removes nothing',
    async (name) => {
      const again = await clean((await clean(samples[name]!)).bytes);
      expect(again.removed).toEqual([]);
    },
  );

  it.each(Object.keys(samples))(
    '%s cut off anywhere: cleaned without a trace, or refused with a code',
    async (name) => {
      const bytes = samples[name]!;
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
          await expectCleanOrRefused(bytes.subarray(0, length));
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(Object.keys(samples))('%s with changed bytes: cleaned, or refused with a code', async (name) => {
    const bytes = samples[name]!;
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        await readRefusal(clean(changed));
      }),
      { numRuns: 60 },
    );
  });

  it('random bytes behind a known beginning: cleaned, or refused with a code', async () => {
    const beginnings = Object.values(samples).map((bytes) => bytes.subarray(0, 12));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...beginnings),
        fc.uint8Array({ maxLength: 600 }),
        async (head, rest) => {
          await readRefusal(clean(Buffer.concat([head, rest])));
        },
      ),
      { numRuns: 150 },
    );
  });
});

async function expectCleanOrRefused(bytes: Uint8Array): Promise<void> {
  const outcome = clean(bytes);
  if ((await readRefusal(outcome)) === 'ACCEPTED') expect(searchTraces((await outcome).bytes)).toEqual([]);
}

describe('neutralName', () => {
  it('tells nothing but number and kind', () => {
    expect(neutralName(1, 'image/jpeg')).toBe('attachment-1.jpg');
    expect(neutralName(12, 'application/vnd.oasis.opendocument.text')).toBe('attachment-12.odt');
    expect(neutralName(2, 'application/x-unknown')).toBe('attachment-2.bin');
    expect(neutralName(2, '__proto__')).toBe('attachment-2.bin');
  });
});

describe('mediaOfEnding', () => {
  it('declares every kind that is taken by its ending, as a program that uploads files does', async () => {
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } });
    const formats = {
      jpg: 'jpeg',
      png: 'png',
      gif: 'gif',
      webp: 'webp',
      tif: 'tiff',
      avif: 'avif',
      heif: 'avif',
    };
    for (const [ending, format] of Object.entries(formats)) {
      const bytes = new Uint8Array(
        await picture
          .clone()
          .toFormat(format as 'png')
          .toBuffer(),
      );
      const cleaned = await cleanAttachment({ bytes, declaredMedia: mediaOfEnding.get(ending)! });
      expect(cleaned.media).toMatch(/^image\/(jpeg|png)$/);
    }
    expect(['jpeg', 'tiff', 'heic'].map((ending) => mediaOfEnding.get(ending))).toEqual([
      ...['image/jpeg', 'image/tiff', 'image/heic'],
    ]);
    for (const ending of ['pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'txt', 'csv'])
      expect(neutralName(1, mediaOfEnding.get(ending)!)).toBe(`attachment-1.${ending}`);
    expect(mediaOfEnding.get('exe')).toBeUndefined();
  });
});
