/**
 * The rows of what is shown, put together as a guardian reads them: each question with its last answer, each word with what became of
 * it, each item with what may be told to the child. Pure; takes nothing that is not shown.
 */
import type { FreeText } from '#schema/conversation/bodies/common.ts';
import type { Followed, Word } from './read-followed.ts';
import { ofKind, type Shown, type ShownOf, type Telling } from './shown.ts';
import type { ShownAnswer, ShownCode } from './withhold.ts';

export interface QuestionShown {
  readonly n: number;
  readonly code: string;
  readonly answer: (ShownAnswer & { readonly at: number; readonly interim: boolean }) | null;
}

/** What was asked and answered; the last answer to a question stands. */
export function questionsOf({ shown }: Followed): QuestionShown[] {
  const asked = ofKind(shown, 'asked').flatMap(({ content }) => content.questions);
  const answered = ofKind(shown, 'answered').flatMap(({ at, content }) =>
    content.answers.map((answer) => ({ ...answer, at, interim: content.interim })),
  );
  const codes = [...new Set(asked.map(({ code }) => code))];
  return codes.map((code, index) => {
    const answer = answered.findLast((one) => one.code === code) ?? null;
    return { n: index + 1, code, answer };
  });
}

/** What it was asked for and on which legal basis, of the last that was asked. */
export const groundsOf = ({
  shown,
}: Followed): { purpose: ShownCode | null; legalBasis: readonly ShownCode[] } => {
  const { purpose = null, legalBasis = [] } = ofKind(shown, 'asked').at(-1)?.content ?? {};
  return { purpose, legalBasis };
};

export interface DecisionShown {
  readonly id: string;
  /** A code where the node shows it by itself, a title where an officer does. */
  readonly code: string | null;
  readonly title: string | null;
  /** ISO 8601 day. */
  readonly on: string;
  readonly reasons: readonly ShownCode[];
  readonly text: FreeText | null;
  readonly until: string | null;
  readonly appealUntil: string | null;
  readonly telling: Telling;
}

const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/** Decisions of either kind, in the order in which they were shown. Their day is exact: times to object run from it. */
export function decisionsOf(followed: Followed): DecisionShown[] {
  return followed.shown.flatMap((row): DecisionShown[] => {
    if (row.kind === 'decided') {
      const { decision, reasons, until } = row.content;
      const telling = tellingOf(followed, row);
      const on = day(row.decided_at);
      return [
        {
          id: row.id,
          code: decision,
          title: null,
          on,
          reasons,
          text: null,
          until,
          appealUntil: null,
          telling,
        },
      ];
    }
    if (row.kind !== 'decision') return [];
    const { title, on, reasons, appealUntil = null } = row.content;
    const telling = tellingOf(followed, row);
    return [
      { id: row.id, code: null, title, on, reasons: [], text: reasons, until: null, appealUntil, telling },
    ];
  });
}

/** What may be told to the child of it: as was said last, or with the row, or with care. */
export function tellingOf({ shown }: Followed, row: Shown): Telling {
  const later = ofKind(shown, 'telling').findLast(({ source }) => source === row.id);
  if (later) return later.content;
  const own = (row.content as { readonly telling?: Telling }).telling;
  return own ?? { tell: 'with-care', how: null };
}

export interface WordShown extends Omit<Word, 'content'> {
  readonly text: FreeText | null;
  readonly answer: ShownOf<'answer'> | null;
}

/** What this guardian said, with the last answer to each. */
export function wordsOf({ words, shown }: Followed): WordShown[] {
  return words.map(({ content, ...word }) => {
    const said = JSON.parse(content) as { reason?: FreeText; text?: FreeText; words?: FreeText } | null;
    const text = said?.reason ?? said?.text ?? said?.words ?? null;
    const answer = ofKind(shown, 'answer').findLast(({ source }) => source === word.id) ?? null;
    return { ...word, text, answer };
  });
}

/** By when the law asks for the answer, while one is awaited. */
export const dueOf = ({ shown }: Followed): string | null => ofKind(shown, 'due').at(-1)?.content.on ?? null;

/** From which day on nothing of it can be read any more, where that has been told. */
export const erasingOf = ({ shown }: Followed): string | null =>
  ofKind(shown, 'erasing').at(-1)?.content.on ?? null;

/** Whether questions may still be objected to: in their time, and before they have left. */
export const isOpen = (shown: readonly Shown[], { id, content }: ShownOf<'round'>, nowMs: number): boolean =>
  nowMs < content.untilMs && !ofKind(shown, 'sent').some(({ source }) => source === id);

/** The other State, where an officer has named it. */
export const namedState = ({ shown }: Followed): string | null =>
  ofKind(shown, 'state').at(-1)?.content.state ?? null;
