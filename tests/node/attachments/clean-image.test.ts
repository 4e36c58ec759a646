import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cleanAttachment } from '#node/attachments/clean.ts';
import { MAX_IMAGE_EDGE_PX } from '#node/attachments/clean-image.ts';
import { INVENTED_TRACES, makeFlatPng, makePhoto, makePngChunk, makeZip } from '#tests/fixtures/files.ts';
import { needsTool, runTool } from '#tests/fixtures/tools.ts';
import { readRefusal, searchTraces } from '#tests/node/attachments/search-traces.ts';

const small = await makePhoto({ bytes: 80_000 });
const noise = () => sharp(small, { failOn: 'none' }).resize(64, 48);

/** The little-endian TIFF with one more text tag, its directory moved to the end. */
function addTiffTag(tiff: Buffer, tag: number, text: string): Buffer {
  const start = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(start);
  const entry = Buffer.alloc(12);
  entry.writeUInt16LE(tag, 0);
  entry.writeUInt16LE(2, 2);
  entry.writeUInt32LE(text.length + 1, 4);
  entry.writeUInt32LE(tiff.length, 8);
  const value = Buffer.from(text.length % 2 ? `${text}\0` : `${text}\0\0`);
  const entries = Array.from({ length: count }, (_, index) =>
    tiff.subarray(start + 2 + index * 12, start + 14 + index * 12),
  );
  const sorted = [...entries, entry].sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  const size = Buffer.alloc(2);
  size.writeUInt16LE(count + 1);
  const out = Buffer.concat([tiff, value, size, ...sorted, Buffer.alloc(4)]);
  out.writeUInt32LE(tiff.length + value.length, 4);
  return out;
}

describe('photographs', () => {
  it('has what it claims to lose: the maker writes every trace', () => {
    expect(searchTraces(small)).toEqual(
      expect.arrayContaining([
        INVENTED_TRACES.author,
        INVENTED_TRACES.device,
        INVENTED_TRACES.serial,
        INVENTED_TRACES.note,
        INVENTED_TRACES.place,
      ]),
    );
  });

  it('loses position, device, author and thumbnail, and says so without the values', async () => {
    const cleaned = await cleanAttachment({ bytes: small, declaredMedia: 'image/jpeg' });
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed.map(({ kind }) => kind)).toEqual([
      'author',
      'device',
      'embedded-thumbnail',
      'exif',
      'gps-position',
      'image-comment',
      'time-taken',
      'xmp',
    ]);
    expect(searchTraces(Buffer.from(JSON.stringify(cleaned.removed)))).toEqual([]);
    const facts = await sharp(cleaned.bytes).metadata();
    expect([facts.exif, facts.xmp, facts.iptc, facts.icc, facts.orientation]).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('holds the size aimed at and is the same each time', async () => {
    const photo = await makePhoto();
    expect(Math.abs(photo.length / 3_000_000 - 1)).toBeLessThan(0.1);
    expect(Buffer.compare(await makePhoto({ bytes: 80_000 }), small)).toBe(0);
    expect(Buffer.compare(await makePhoto({ bytes: 80_000, seed: 2 }), small)).not.toBe(0);
  });

  it.each([1, 3, 6, 8])('stands upright with orientation %i', async (orientation) => {
    const photo = await makePhoto({ bytes: 80_000, orientation });
    const { width, height } = await sharp(photo).metadata();
    const cleaned = await cleanAttachment({ bytes: photo, declaredMedia: 'image/jpeg' });
    const facts = await sharp(cleaned.bytes).metadata();
    expect([facts.width, facts.height]).toEqual(orientation > 4 ? [height, width] : [width, height]);
    const expected = await sharp(photo).autoOrient().resize(8, 8, { fit: 'fill' }).raw().toBuffer();
    const shown = await sharp(cleaned.bytes).resize(8, 8, { fit: 'fill' }).raw().toBuffer();
    for (const [index, value] of expected.entries()) expect(Math.abs(value - shown[index]!)).toBeLessThan(12);
  });

  it.skipIf(!needsTool('exiftool'))('is bare for exiftool', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fn-exif-'));
    try {
      const path = join(folder, 'a.jpg');
      writeFileSync(path, (await cleanAttachment({ bytes: small, declaredMedia: 'image/jpeg' })).bytes);
      const groups = runTool('exiftool', ['-G', '-s', path])
        .split('\n')
        .map((line) => /^\[(\w+)\]/.exec(line)?.[1]);
      expect(new Set(groups)).toEqual(new Set(['ExifTool', 'File', 'Composite', undefined]));
      expect(runTool('exiftool', ['-GPS:all', '-XMP:all', '-IPTC:all', '-EXIF:all', '-Comment', path])).toBe(
        '',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('other pictures', () => {
  const exif = { IFD0: { Artist: INVENTED_TRACES.author }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } };

  it.each([
    ['image/png', 'image/png', () => noise().withExif(exif).png()],
    ['image/webp', 'image/jpeg', () => noise().withExif(exif).webp()],
    ['image/avif', 'image/jpeg', () => noise().withExif(exif).avif({ effort: 0 })],
    ['image/gif', 'image/png', () => noise().gif()],
  ] as const)('%s becomes %s without Exif', async (declaredMedia, media, make) => {
    const bytes = await make().toBuffer();
    const cleaned = await cleanAttachment({ bytes, declaredMedia });
    expect(cleaned.media).toBe(media);
    const facts = await sharp(cleaned.bytes).metadata();
    expect([facts.width, facts.height, facts.exif]).toEqual([64, 48, undefined]);
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    if (media !== 'image/png' || declaredMedia === 'image/png')
      expect(cleaned.removed.map(({ kind }) => kind)).toContain('gps-position');
  });

  it('keeps transparency of WebP as PNG', async () => {
    const bytes = await noise().ensureAlpha(0.5).webp().toBuffer();
    expect((await cleanAttachment({ bytes, declaredMedia: 'image/webp' })).media).toBe('image/png');
  });

  it('removes the tags of a TIFF', async () => {
    const bytes = addTiffTag(
      await noise().tiff({ compression: 'none' }).toBuffer(),
      0x013b,
      INVENTED_TRACES.author,
    );
    expect(searchTraces(bytes)).toEqual([INVENTED_TRACES.author]);
    const cleaned = await cleanAttachment({ bytes, declaredMedia: 'image/tiff' });
    expect(cleaned.media).toBe('image/jpeg');
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed).toContainEqual({ kind: 'author' });
  });

  it('removes text chunks of a PNG', async () => {
    const png = await noise().png().toBuffer();
    const chunk = makePngChunk('tEXt', Buffer.from(`Author\0${INVENTED_TRACES.author}`));
    const bytes = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
    expect(searchTraces(bytes)).toEqual([INVENTED_TRACES.author]);
    const cleaned = await cleanAttachment({ bytes, declaredMedia: 'image/png' });
    expect(searchTraces(cleaned.bytes)).toEqual([]);
    expect(cleaned.removed).toContainEqual({ kind: 'image-comment' });
  });

  it('makes a very large picture smaller and says so', async () => {
    const bytes = await sharp({ create: { width: 7000, height: 70, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    const cleaned = await cleanAttachment({ bytes, declaredMedia: 'image/png' });
    expect((await sharp(cleaned.bytes).metadata()).width).toBe(MAX_IMAGE_EDGE_PX);
    expect(cleaned.warnings).toEqual([{ code: 'IMAGE_RESIZED' }]);
  });

  it('says that only the first frame of a moving picture is kept', async () => {
    const frames = await Promise.all(
      ['#000', '#fff'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const bytes = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const cleaned = await cleanAttachment({ bytes, declaredMedia: 'image/gif' });
    expect(cleaned.warnings).toEqual([{ code: 'FIRST_FRAME_ONLY' }]);
  });
});

describe('hostile pictures', () => {
  const payloads: [string, Uint8Array][] = [
    ['ZIP', makeZip({ 'a.txt': INVENTED_TRACES.note })],
    ['HTML', Buffer.from(`<html><script>${INVENTED_TRACES.script}</script></html>`)],
    ['PDF', Buffer.from(`%PDF-1.4\n${INVENTED_TRACES.note}\n%%EOF`)],
  ];

  it.each(payloads)('a %s behind the picture is gone', async (_, payload) => {
    for (const [declaredMedia, picture] of [
      ['image/jpeg', small],
      ['image/png', await noise().png().toBuffer()],
      ['image/gif', await noise().gif().toBuffer()],
    ] as const) {
      const bytes = Buffer.concat([picture, payload]);
      const cleaned = await cleanAttachment({ bytes, declaredMedia });
      expect(searchTraces(cleaned.bytes)).toEqual([]);
      expect(Buffer.from(cleaned.bytes).includes(Buffer.from(payload))).toBe(false);
      if (declaredMedia !== 'image/gif') expect(cleaned.removed).toContainEqual({ kind: 'trailing-data' });
    }
  });

  it('refuses a picture of too many pixels before decoding it', async () => {
    const bomb = makeFlatPng(12_000, 12_000);
    expect(bomb.length).toBeLessThan(100_000);
    const before = performance.now();
    expect(await readRefusal(cleanAttachment({ bytes: bomb, declaredMedia: 'image/png' }))).toBe('TOO_LARGE');
    expect(performance.now() - before).toBeLessThan(1500);
  });

  it('refuses what only begins like a picture', async () => {
    const heic = Buffer.concat([
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
      Buffer.alloc(64),
    ]);
    expect(await readRefusal(cleanAttachment({ bytes: heic, declaredMedia: 'image/heic' }))).toBe(
      'IMAGE_UNREADABLE',
    );
    const jpeg = Buffer.concat([Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), Buffer.alloc(500, 7)]);
    expect(await readRefusal(cleanAttachment({ bytes: jpeg, declaredMedia: 'image/jpeg' }))).toBe(
      'IMAGE_UNREADABLE',
    );
  });
});
