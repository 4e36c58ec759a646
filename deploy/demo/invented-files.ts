// Makes the invented files of demo and tests: a photograph and a PDF full of traces that must not leave a node.
// Everything in them is openly invented; the same options give the same bytes. No fonts, no clock, no randomness.

import { PDFDocument, PDFHexString, PDFName, StandardFonts } from '@cantoo/pdf-lib';
import sharp from 'sharp';

/** Traces put into the files. None of them may be found in a cleaned file. */
export const INVENTED_TRACES = {
  author: 'Invented Photographer Canary',
  title: 'Invented Title Canary',
  device: 'INVENTED CAMERA WORKS',
  serial: 'SN-INVENTED-CANARY-0042',
  note: 'INVENTED-NOTE-CANARY',
  place: '0.1234567N,0.7654321E',
  path: 'C:\\Invented\\Canary\\shelter.doc',
  attachedFile: 'invented-canary.txt',
  attachedText: 'INVENTED-ATTACHED-TEXT-CANARY',
  script: 'app.alert("INVENTED-SCRIPT-CANARY")',
} as const;

const FIXED_DATE = new Date(Date.UTC(2020, 0, 1));
/** Rows of five dots: the only letters needed, so that no font of the machine changes the picture. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  I: [31, 4, 4, 4, 4, 4, 31],
  N: [17, 25, 21, 19, 17, 17, 17],
  V: [17, 17, 17, 17, 17, 10, 4],
  E: [31, 16, 16, 30, 16, 16, 31],
  T: [31, 4, 4, 4, 4, 4, 4],
  D: [30, 17, 17, 17, 17, 17, 30],
};
const WORD = 'INVENTED';

export type PhotoOptions = {
  /** Size aimed at, in bytes; met within 10 % from 60,000 bytes on. */
  bytes?: number;
  /** Degrees; the default lies in the open sea. */
  gps?: { latitude: number; longitude: number };
  seed?: number;
  /** Exif orientation 1 to 8; 6 means the picture has to be turned a quarter right. */
  orientation?: number;
};

/** A JPEG of noise under the word INVENTED, with Exif (position, device, serial, author, thumbnail), XMP and a comment. */
export async function makePhoto(options: PhotoOptions = {}): Promise<Uint8Array> {
  const { bytes = 3_000_000, gps = { latitude: 0.1234567, longitude: 0.7654321 }, seed = 1 } = options;
  const thumbnail = await encodeNoise(160, 120, seed, 40);
  const picture = await fitNoise(bytes - thumbnail.length - 3000, seed);
  return Buffer.concat([
    picture.subarray(0, 2),
    writeSegment(0xe1, writeExif(gps, options.orientation ?? 1, thumbnail)),
    writeSegment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${writeXmp()}`)),
    writeSegment(0xfe, Buffer.from(INVENTED_TRACES.note)),
    picture.subarray(2),
  ]);
}

/** Finds the measures at which noise encodes to about `bytes`: bytes grow with the area. */
async function fitNoise(bytes: number, seed: number): Promise<Buffer> {
  const aim = Math.max(bytes, 20_000);
  // 0.385 bytes a pixel is what this noise takes at this quality.
  let width = Math.sqrt((aim / 0.385) * (4 / 3));
  let picture: Buffer = Buffer.alloc(0);
  for (let round = 0; round < 4; round += 1) {
    const columns = Math.max(64, Math.round(width));
    picture = await encodeNoise(columns, Math.round((columns * 3) / 4), seed, 85);
    const ratio = aim / picture.length;
    if (ratio > 0.97 && ratio < 1.03) break;
    width = columns * Math.sqrt(ratio);
  }
  return picture;
}

function encodeNoise(width: number, height: number, seed: number, quality: number): Promise<Buffer> {
  const pixels = drawNoise(width, height, seed);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** A sky-to-ground gradient with noise from a xorshift generator, and the word across the middle. */
function drawNoise(width: number, height: number, seed: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const dot = Math.max(1, Math.floor(width / (WORD.length * 6 + 2)));
  const top = Math.floor((height - 7 * dot) / 2);
  for (let y = 0, at = 0; y < height; y += 1) {
    const letterRow = Math.floor((y - top) / dot);
    for (let x = 0; x < width; x += 1, at += 3) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const noise = (state & 63) - 32;
      const shade = isInk(Math.floor(x / dot) - 1, letterRow) ? 24 : 90 + Math.floor((y * 110) / height);
      pixels[at] = clamp(shade + noise);
      pixels[at + 1] = clamp(shade + 10 + noise);
      pixels[at + 2] = clamp(shade + 24 + noise);
    }
  }
  return pixels;
}

function isInk(column: number, row: number): boolean {
  if (row < 0 || row > 6 || column < 0) return false;
  const letter = WORD[Math.floor(column / 6)];
  const bits = letter === undefined ? undefined : LETTERS[letter]?.[row];
  return bits !== undefined && column % 6 < 5 && ((bits >> (4 - (column % 6))) & 1) === 1;
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function writeSegment(marker: number, body: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function writeXmp(): string {
  return (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" ' +
    `exif:GPSPosition="${INVENTED_TRACES.place}"><dc:creator><rdf:Seq><rdf:li>${INVENTED_TRACES.author}</rdf:li></rdf:Seq>` +
    '</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
  );
}

// ---- Exif (CIPA DC-008): little-endian TIFF directories written one behind the other ----

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
type Entry = { tag: number; type: number; count: number; value: Buffer };

function writeExif(
  gps: { latitude: number; longitude: number },
  orientation: number,
  thumbnail: Uint8Array,
): Buffer {
  const exif = [
    ascii(0x9003, '2020:01:01 00:00:00'),
    ascii(0xa430, INVENTED_TRACES.author),
    ascii(0xa431, INVENTED_TRACES.serial),
  ];
  const position = [
    ascii(1, gps.latitude < 0 ? 'S' : 'N'),
    rationals(2, splitDegrees(gps.latitude)),
    ascii(3, gps.longitude < 0 ? 'W' : 'E'),
    rationals(4, splitDegrees(gps.longitude)),
  ];
  const main = [
    ascii(0x010f, INVENTED_TRACES.device),
    numbers(0x0112, SHORT, [orientation]),
    ascii(0x0132, '2020:01:01 00:00:00'),
    ascii(0x013b, INVENTED_TRACES.author),
    numbers(0x8769, LONG, [0]),
    numbers(0x8825, LONG, [0]),
  ];
  const preview = [
    numbers(0x0103, SHORT, [6]),
    numbers(0x0201, LONG, [0]),
    numbers(0x0202, LONG, [thumbnail.length]),
  ];
  const starts = [8];
  for (const directory of [main, exif, position, preview])
    starts.push(starts.at(-1)! + measureDirectory(directory));
  const [mainAt, exifAt, positionAt, previewAt, thumbnailAt] = starts as [
    number,
    number,
    number,
    number,
    number,
  ];
  main[4] = numbers(0x8769, LONG, [exifAt]);
  main[5] = numbers(0x8825, LONG, [positionAt]);
  preview[1] = numbers(0x0201, LONG, [thumbnailAt]);
  return Buffer.concat([
    Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'),
    writeDirectory(main, mainAt, previewAt),
    writeDirectory(exif, exifAt, 0),
    writeDirectory(position, positionAt, 0),
    writeDirectory(preview, previewAt, 0),
    thumbnail,
  ]);
}

function ascii(tag: number, text: string): Entry {
  const value = Buffer.from(`${text}\0`, 'latin1');
  return { tag, type: ASCII, count: value.length, value };
}

function numbers(tag: number, type: number, values: number[]): Entry {
  const size = type === SHORT ? 2 : 4;
  const value = Buffer.alloc(values.length * size);
  values.forEach((number, index) => {
    if (size === 2) value.writeUInt16LE(number, index * 2);
    else value.writeUInt32LE(number, index * 4);
  });
  return { tag, type, count: values.length, value };
}

function rationals(tag: number, pairs: [number, number][]): Entry {
  return { ...numbers(tag, LONG, pairs.flat()), type: RATIONAL, count: pairs.length };
}

function splitDegrees(degrees: number): [number, number][] {
  const whole = Math.abs(degrees);
  const minutes = (whole % 1) * 60;
  return [
    [Math.floor(whole), 1],
    [Math.floor(minutes), 1],
    [Math.round((minutes % 1) * 60_000_000), 1_000_000],
  ];
}

function measureDirectory(entries: Entry[]): number {
  return 6 + entries.reduce((sum, { value }) => sum + 12 + measureOutside(value), 0);
}

function measureOutside(value: Buffer): number {
  return value.length > 4 ? value.length + (value.length & 1) : 0;
}

function writeDirectory(entries: Entry[], start: number, next: number): Buffer {
  const out = Buffer.alloc(measureDirectory(entries));
  out.writeUInt16LE(entries.length, 0);
  let outside = 6 + entries.length * 12;
  entries.forEach(({ tag, type, count, value }, index) => {
    const at = 2 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count, at + 4);
    if (value.length > 4) {
      out.writeUInt32LE(start + outside, at + 8);
      value.copy(out, outside);
      outside += measureOutside(value);
    } else value.copy(out, at + 8);
  });
  out.writeUInt32LE(next, 2 + entries.length * 12);
  return out;
}

// ---- PDF ----

export type PdfOptions = {
  /** Size aimed at, in bytes; met within 10 % from 600,000 bytes on. */
  bytes?: number;
  seed?: number;
  /** Pages, each with one photograph. */
  pages?: number;
};

/** A PDF of photographs with author, title, XMP, attached file, script and outline-level data. */
export async function makePdf(options: PdfOptions = {}): Promise<Uint8Array> {
  const { bytes = 12_000_000, seed = 1, pages = 8 } = options;
  const pdf = await PDFDocument.create({ updateMetadata: false });
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (let number = 1; number <= pages; number += 1) {
    const photo = await pdf.embedJpg(await makePhoto({ bytes: bytes / pages, seed: seed + number }));
    const page = pdf.addPage([595, 842]);
    page.drawText(`Invented social report, page ${number}`, { x: 50, y: 790, size: 18, font });
    page.drawImage(photo, { x: 50, y: 380, width: 495, height: 371 });
  }
  await addTraces(pdf);
  return pdf.save({ useObjectStreams: true, addDefaultPage: false });
}

async function addTraces(pdf: PDFDocument): Promise<void> {
  const { context, catalog } = pdf;
  const info = {
    Author: INVENTED_TRACES.author,
    Title: INVENTED_TRACES.title,
    Subject: INVENTED_TRACES.note,
  };
  context.trailerInfo.Info = context.register(
    context.obj(
      Object.fromEntries(Object.entries(info).map(([key, text]) => [key, PDFHexString.fromText(text)])),
    ),
  );
  const xmp = context.stream(writeXmp(), { Type: 'Metadata', Subtype: 'XML' });
  catalog.set(PDFName.of('Metadata'), context.register(xmp));
  catalog.set(
    PDFName.of('PieceInfo'),
    context.obj({ Invented: { Private: PDFHexString.fromText(INVENTED_TRACES.path) } }),
  );
  await pdf.attach(new TextEncoder().encode(INVENTED_TRACES.attachedText), INVENTED_TRACES.attachedFile, {
    mimeType: 'text/plain',
    creationDate: FIXED_DATE,
    modificationDate: FIXED_DATE,
  });
  pdf.addJavaScript('invented', INVENTED_TRACES.script);
}
