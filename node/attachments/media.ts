// Media kinds an attachment may have, told by content and never by name. Reads bytes only; decodes nothing.

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';
const ODT = 'application/vnd.oasis.opendocument.text';
const ODS = 'application/vnd.oasis.opendocument.spreadsheet';

/** Every media type `cleanAttachment` can return, with the ending of its neutral name. */
const ENDINGS = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/pdf': 'pdf',
  [DOCX]: 'docx',
  [XLSX]: 'xlsx',
  [PPTX]: 'pptx',
  [ODT]: 'odt',
  [ODS]: 'ods',
  'text/plain': 'txt',
  'text/csv': 'csv',
} as const;

export type CleanMedia = keyof typeof ENDINGS;

/** Further pictures that are taken and become one of these, and further endings. */
const ALSO_TAKEN: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  heic: 'image/heic',
  heif: 'image/heic',
  avif: 'image/avif',
};

/** What a file of this ending (lower case, without dot) is declared as to be taken; its content decides. */
export const mediaOfEnding: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ENDINGS).map(([media, ending]): [string, string] => [ending, media]),
  ...Object.entries(ALSO_TAKEN),
]);

export const MEDIA = { DOCX, XLSX, PPTX, ODT, ODS } as const;

/** What the first bytes say. 'zip' and 'text' need a closer look; 'cfb' is the old Office container. */
export type Detected =
  | 'image/jpeg'
  | 'image/png'
  | 'image/gif'
  | 'image/webp'
  | 'image/tiff'
  | 'image/heic'
  | 'image/avif'
  | 'application/pdf'
  | 'zip'
  | 'cfb'
  | 'text'
  | 'unknown';

const MAGIC: ReadonlyArray<readonly [Detected, number, string]> = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBP'],
  ['image/tiff', 0, 'II*\0'],
  ['image/tiff', 0, 'MM\0*'],
  ['application/pdf', 0, '%PDF-'],
  ['zip', 0, 'PK\x03\x04'],
  ['cfb', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
];
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'];

/** Names the media of `bytes` from their beginning alone. */
export function detectMedia(bytes: Uint8Array): Detected {
  const head = readLatin(bytes, 0, 16);
  for (const [media, offset, magic] of MAGIC) {
    const fits = head.startsWith(magic, offset);
    if (fits && (media !== 'image/webp' || head.startsWith('RIFF'))) return media;
  }
  if (head.startsWith('ftyp', 4)) {
    const brand = head.slice(8, 12);
    if (brand === 'avif' || brand === 'avis') return 'image/avif';
    return HEIC_BRANDS.includes(brand) ? 'image/heic' : 'unknown';
  }
  return looksLikeText(bytes) ? 'text' : 'unknown';
}

const DECLARED_ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/heif': 'image/heic',
  'application/x-pdf': 'application/pdf',
  // Browsers on machines with a spreadsheet installed declare CSV so.
  'application/vnd.ms-excel': 'text/csv',
  'application/csv': 'text/csv',
  'application/octet-stream': '',
};

/** The declared media type, lower case, without parameters, aliases resolved; '' when nothing is declared. */
export function readDeclaredMedia(declared: string): string {
  const bare = declared.split(';', 1)[0]!.trim().toLowerCase();
  return DECLARED_ALIASES[bare] ?? bare;
}

/** `attachment-1.jpg`: a name that tells nothing. `index` counts from 1; unknown media end in `.bin`. */
export function neutralName(index: number, media: string): string {
  const ending = Object.hasOwn(ENDINGS, media) ? ENDINGS[media as CleanMedia] : 'bin';
  return `attachment-${index}.${ending}`;
}

/** `length` bytes from `offset` as Latin-1 text, one character for each byte. */
export function readLatin(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    offset,
    Math.min(bytes.length, offset + length),
  );
}

function looksLikeText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(readLatin(bytes, 0, 4096));
}
