// Formulas of spreadsheets that start a program or fetch something when the sheet is computed. Reads text only.

import { AttachmentError } from '#node/attachments/attachment-error.ts';

/** What stands in quotation marks is text or the name of a sheet. */
const QUOTED = /"[^"]*"|'[^']*'/g;
/** Of what is left, in brackets the name of a column, in braces plain values. */
const BRACKETED = /\[[^[\]]*\]|\{[\d\s.,;|+\-E]*\}/gi;
/** A bar outside of quotation marks is DDE: program|topic. */
const ACTIVE = /\b(WEBSERVICE|IMAGE|RTD|DDE|CALL|REGISTER(\.ID)?|EXEC|SQL\.REQUEST|CUBE\w+)\s*\(|\|/i;

/** Throws AttachmentError ACTIVE_CONTENT. */
export function refuseActiveFormula(formula: string): void {
  if (ACTIVE.test(formula.replace(QUOTED, '').replace(BRACKETED, '')))
    throw new AttachmentError('ACTIVE_CONTENT');
}
