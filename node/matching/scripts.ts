/**
 * Which script a letter belongs to, as far as there is a table of its letters. Letters of other scripts (Chinese, Japanese, Korean,
 * Thai, Khmer, Burmese and more) are compared as they are: their names meet names in other scripts by the romanised form that
 * somebody wrote beside them.
 */
const patterns = {
  Latn: /\p{Script=Latin}/u,
  Cyrl: /\p{Script=Cyrillic}/u,
  Grek: /\p{Script=Greek}/u,
  Arab: /\p{Script=Arabic}/u,
  Hebr: /\p{Script=Hebrew}/u,
  Geor: /\p{Script=Georgian}/u,
  Armn: /\p{Script=Armenian}/u,
  Indic: /[\u0900-\u0d7f]/u,
  Ethi: /[\u1200-\u135a]/u,
} as const;

export type Script = keyof typeof patterns;

const entries = Object.entries(patterns) as [Script, RegExp][];

/** @returns undefined for marks that follow any letter, digits, and letters without a table */
export const scriptOf = (letter: string): Script | undefined =>
  entries.find(([, pattern]) => pattern.test(letter))?.[0];
