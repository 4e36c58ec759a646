/**
 * Bodies by their types' schemas: what does not fit is named by field and rule, never by value. Pure.
 */
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import type { StoppedBy } from './enquiry-error.ts';

export type Body = Record<string, unknown>;

export type ParsedBody =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly fields: readonly StoppedBy[] };

const MAX_FIELDS = 20;

/** @param attachments how many files go with the message: what the body says of files must speak of these */
export function parseBody(type: MessageCode, body: unknown, attachments: number): ParsedBody {
  const parsed = messageRow(type).body.safeParse(body);
  if (!parsed.success) {
    const fields = parsed.error.issues.slice(0, MAX_FIELDS).map((issue) => ({
      rule: issue.path.map(String).join('.') || 'body',
      explanation: issue.code === 'custom' ? issue.message : issue.code.replaceAll('_', ' '),
    }));
    return { ok: false, fields };
  }
  // Elsewhere a file would pass the rules that ask about what reports and enquiries carry.
  if (attachments > 0 && !('attachments' in (parsed.data as Body)))
    return {
      ok: false,
      fields: [{ rule: 'attachments', explanation: 'No file goes with this type of act: send a report.' }],
    };
  const notes = ((parsed.data as { attachments?: { index: number }[] }).attachments ?? []).map(
    (note) => note.index,
  );
  // One note for each file: it says what the file is and, of a photograph, what the child agreed to (PRACTICE.md A9).
  if (
    new Set(notes).size === attachments &&
    notes.length === attachments &&
    notes.every((index) => index < attachments)
  ) {
    return { ok: true, body: parsed.data as Body };
  }
  return {
    ok: false,
    fields: [
      {
        rule: 'attachments',
        explanation: 'Each file needs one note in the body, and each note a file: say what each is.',
      },
    ],
  };
}
