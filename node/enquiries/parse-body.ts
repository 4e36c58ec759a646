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
  if (new Set(notes).size === notes.length && notes.every((index) => index < attachments)) {
    return { ok: true, body: parsed.data as Body };
  }
  return {
    ok: false,
    fields: [{ rule: 'attachments', explanation: 'A note names a file that is not attached, or one twice.' }],
  };
}
