import { describe, expect, it } from 'vitest';
import { cleanAttachment } from '#node/attachments/clean.ts';
import { readRefusal } from '#tests/node/attachments/search-traces.ts';

const clean = (text: string | Uint8Array, declaredMedia = 'text/plain') =>
  cleanAttachment({ bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text, declaredMedia });

describe('text', () => {
  it('stays as it is, without byte-order mark', async () => {
    const cleaned = await clean('\ufeffRodné číslo\r\n');
    expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(cleaned.bytes)).toBe('Rodné číslo\r\n');
    expect(cleaned.removed).toEqual([{ kind: 'byte-order-mark' }]);
    expect(cleaned.media).toBe('text/plain');
  });

  it('warns of characters nobody sees', async () => {
    expect((await clean('a\u202eb\u200bc')).warnings).toEqual([{ code: 'INVISIBLE_CHARACTERS', count: 2 }]);
  });

  it.each([
    ['Latin-1', Uint8Array.of(0x61, 0xe9, 0x62), 'MEDIA_UNKNOWN'],
    ['UTF-16', Buffer.from('\ufeffabc', 'utf16le'), 'MEDIA_UNKNOWN'],
    ['a late NUL', Buffer.concat([Buffer.alloc(9000, 97), Buffer.alloc(1)]), 'MEDIA_UNKNOWN'],
    ['HTML', Buffer.from('  <!DOCTYPE html><p>x'), 'ACTIVE_CONTENT'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'ACTIVE_CONTENT'],
    ['RTF', Buffer.from('{\\rtf1 x}'), 'MEDIA_UNKNOWN'],
    ['e-mail', Buffer.from('MIME-Version: 1.0\n\nx'), 'MEDIA_UNKNOWN'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await readRefusal(clean(bytes))).toBe(code);
  });
});

describe('CSV', () => {
  it('warns of cells a spreadsheet would compute, and changes none', async () => {
    const text = 'name,phone\n=1+1,+49 30 1234\n"=cmd|x",-5\n@sum,"-a"\n+x;a=b\n';
    const cleaned = await clean(text, 'text/csv; charset=utf-8');
    expect(new TextDecoder().decode(cleaned.bytes)).toBe(text);
    expect(cleaned.media).toBe('text/csv');
    expect(cleaned.warnings).toEqual([{ code: 'CSV_FORMULA', count: 5 }]);
  });

  it('has no warning without them', async () => {
    expect((await clean('a,b\n1,-2\n', 'text/csv')).warnings).toEqual([]);
  });
});
