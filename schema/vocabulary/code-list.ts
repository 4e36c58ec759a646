/**
 * What a code list is: codes that travel and are stored, and the four labels that people read. Codes keep
 * their meaning for ever within a version; labels are for display only and are never parsed or compared.
 * No list is looked up here by name; see index.ts.
 */

export const languages = ['en', 'fr', 'ru', 'ar'] as const;
export type Language = (typeof languages)[number];

/** One label. `reviewed` is false until a speaker of the language who knows child protection has confirmed it. */
export type Label = { readonly text: string; readonly reviewed: boolean };
export type Labels = Readonly<Record<Language, Label>>;

/** English, French, Russian and Arabic label of one code, in this order, parted by ` | `. */
export type LabelRow = `${string} | ${string} | ${string} | ${string}`;

export type CodeList<Code extends string = string> = {
  readonly id: string;
  /** Stored beside every coded answer. Raised when a code is added, removed or changes its meaning. */
  readonly version: number;
  /** Where the codes come from: an article, a data standard, or this project. */
  readonly source: string;
  /** At least one; fits `z.enum`. In the order in which forms show them. */
  readonly codes: readonly [Code, ...Code[]];
  labels(code: Code): Labels;
};

export type CodeOf<List extends CodeList> = List['codes'][number];

type VocabularyErrorCode = 'UNKNOWN_CODE' | 'BAD_LABEL_ROW' | 'VERSION_NOT_RAISED';

/** Never repeats the value that was refused: somebody may have typed a name where a code belongs. */
export class VocabularyError extends Error {
  override readonly name = 'VocabularyError';
  readonly code: VocabularyErrorCode;
  constructor(code: VocabularyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Makes a frozen list from one row of labels per code. English is the wording the project stands behind;
 * the other three are drafts that nobody has reviewed.
 * @throws VocabularyError BAD_LABEL_ROW unless every row has exactly four labels
 */
export function codeList<const Code extends string>(
  id: string,
  version: number,
  source: string,
  rows: Readonly<Record<Code, LabelRow>>,
): CodeList<Code> {
  const codes = Object.keys(rows) as Code[];
  const labelled = new Map(codes.map((code) => [code as string, parseRow(id, rows[code])]));
  return Object.freeze({
    id,
    version,
    source,
    codes: Object.freeze(codes) as unknown as readonly [Code, ...Code[]],
    labels: (code: Code): Labels => labelled.get(code) ?? refuseCode(id),
  });
}

function parseRow(id: string, row: LabelRow): Labels {
  const texts = row.split(' | ').map((text) => text.trim());
  if (texts.length !== languages.length || texts.includes('')) {
    throw new VocabularyError('BAD_LABEL_ROW', `Give four labels parted by " | " in code list ${id}.`);
  }
  const [en, fr, ru, ar] = texts as [string, string, string, string];
  const draft = (text: string): Label => Object.freeze({ text, reviewed: false });
  return Object.freeze({
    en: Object.freeze({ text: en, reviewed: true }),
    fr: draft(fr),
    ru: draft(ru),
    ar: draft(ar),
  });
}

function refuseCode(listId: string): never {
  throw new VocabularyError(
    'UNKNOWN_CODE',
    `Not a code of list ${listId}: use one of its codes, or update the list.`,
  );
}

export function isCodeOf<Code extends string>(list: CodeList<Code>, value: string): value is Code {
  return (list.codes as readonly string[]).includes(value);
}

/** The language itself if labels exist in it, else English. */
export function knownLanguage(language: string): Language {
  return languages.find((known) => known === language) ?? 'en';
}

/**
 * The label a reader of `language` sees (`en`, `fr`, `ru`, `ar`); in any other language the English one.
 * @throws VocabularyError UNKNOWN_CODE
 */
export function labelOf(list: CodeList, code: string, language: string): Label {
  if (!isCodeOf(list, code)) return refuseCode(list.id);
  return list.labels(code)[knownLanguage(language)];
}
