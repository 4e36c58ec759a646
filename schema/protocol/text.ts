/** Text that every side can store and show. */

/** No lone surrogate, no control character but line feed and tab: what one side stores, the other can. */
export const isCleanText = (value: string): boolean =>
  !/[\p{Cs}\u0000-\u0008\u000b-\u001f\u007f]/u.test(value);

/** What the refusal of other text says. */
export const CLEAN_TEXT = 'Use well-formed text without control characters.';
