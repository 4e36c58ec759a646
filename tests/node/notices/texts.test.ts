/** What a notice says, in four languages, and that it says nothing else. */
import { describe, expect, it } from 'vitest';
import { noticeKinds } from '#node/notices/tables.ts';
import { noticeTexts, writeNotice } from '#node/notices/texts.ts';
import { languages } from '#schema/vocabulary/code-list.ts';

const LINK = 'https://xa.example/';
const each = languages.flatMap((language) => noticeKinds.map((kind) => [kind, language] as const));

describe('texts', () => {
  it.each(each)(
    '%s in %s: a subject of one line, the link on a line of its own, no figure',
    (kind, language) => {
      const { subject, text } = writeNotice(kind, language, LINK);
      expect(subject).toMatch(/^[^\r\n]{10,70}$/);
      expect(text.split('\r\n')).toHaveLength(6);
      expect(text.split('\r\n')[2]).toBe(LINK);
      expect(subject + text).not.toMatch(/\d/);
    },
  );

  it('differ by kind and language, and only English is marked as reviewed', () => {
    const texts = each.map(([kind, language]) => writeNotice(kind, language, LINK));
    expect(new Set(texts.map(({ subject }) => subject)).size).toBe(8);
    expect(new Set(texts.map(({ text }) => text)).size).toBe(8);
    for (const code of noticeTexts.codes) {
      const labels = noticeTexts.labels(code);
      expect(languages.filter((language) => labels[language].reviewed)).toEqual(['en']);
    }
  });

  it.each(noticeKinds)('%s in Arabic: each line but the link begins from the right', (kind) => {
    const { subject, text } = writeNotice(kind, 'ar', LINK);
    const lines = [subject, ...text.split('\r\n')].filter((line) => line !== '' && line !== LINK);
    expect(lines).toHaveLength(3);
    // The first strong letter gives a line of plain text its direction (UAX 9, P2).
    for (const line of lines) expect(/\p{L}/u.exec(line)![0]).toMatch(/\p{Script=Arabic}/u);
  });

  it('come in English for a language without words, in the language for its variants', () => {
    expect(writeNotice('urgent', 'uk', LINK)).toEqual(writeNotice('urgent', 'en', LINK));
    expect(writeNotice('urgent', '', LINK)).toEqual(writeNotice('urgent', 'en', LINK));
    expect(writeNotice('digest', 'FR-be', LINK)).toEqual(writeNotice('digest', 'fr', LINK));
    expect(writeNotice('digest', 'ar-EG', LINK)).toEqual(writeNotice('digest', 'ar', LINK));
  });
});
