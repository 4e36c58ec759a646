/**
 * A body as lines for a reader: names of fields and coded values in the reader's language, texts as they were written. The
 * structure follows the schema, so a new type needs nothing here. Pure.
 */
import * as z from 'zod';
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { type Label, labelOf } from '#schema/vocabulary/code-list.ts';
import { namePartKind } from '#schema/vocabulary/people.ts';
import type { QuestionCode } from '#schema/vocabulary/questions.ts';
import { labelField, labelLeaf, type Reader } from './labels.ts';

export interface Line {
  /** How deep it stands, from 0. */
  readonly depth: number;
  readonly label: string;
  /** Null for a heading. */
  readonly value: string | null;
  /** Language of the value where it differs from the reader's: BCP 47, for direction and fonts. */
  readonly language: string | null;
  /** Whether a speaker of the reader's language has confirmed the label, and the value where it is one of ours. */
  readonly reviewed: boolean;
}

/** The questions of an enquiry by their references, for `Reader`; empty where there is no enquiry. */
export function questionsIn(enquiry: unknown): ReadonlyMap<string, QuestionCode> {
  const asked =
    (enquiry as { questions?: { ref: string; code?: QuestionCode }[] } | undefined)?.questions ?? [];
  return new Map(asked.flatMap(({ ref, code }) => (code === undefined ? [] : [[ref, code]])));
}

/** The lines of a body that its schema accepts. */
export const renderBody = (type: MessageCode, body: unknown, reader: Reader): Line[] =>
  renderBySchema(messageRow(type).body, body, reader);

/** The same for what is no message. */
export function renderBySchema(schema: z.ZodType, body: unknown, reader: Reader): Line[] {
  const lines: Line[] = [];
  const at = { depth: 0, reader, asked: undefined };
  renderFields(lines, schema, body as Record<string, unknown>, at);
  return lines;
}

/** Where the walk stands, for whom it is, and in the answer to which question. */
interface At {
  readonly depth: number;
  readonly reader: Reader;
  readonly asked: QuestionCode | undefined;
}

const bare = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional ? bare(schema.unwrap() as z.ZodType) : schema;

function renderFields(lines: Line[], schema: z.ZodType, value: Record<string, unknown>, at: At): void {
  if (!(schema instanceof z.ZodObject)) return;
  const asked = typeof value.question === 'string' ? at.reader.questions.get(value.question) : at.asked;
  for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const part = value[key];
    if (part === undefined || part === null || (Array.isArray(part) && part.length === 0)) continue;
    renderValue(lines, bare(field), part, labelField(key, at.reader), { ...at, asked });
  }
}

function renderValue(lines: Line[], schema: z.ZodType, value: unknown, label: Label, at: At): void {
  const heading = {
    depth: at.depth,
    label: label.text,
    value: null,
    language: null,
    reviewed: label.reviewed,
  };
  if (schema instanceof z.ZodArray) {
    const item = bare(schema.element as z.ZodType);
    const items = value as unknown[];
    for (const [index, one] of items.entries()) {
      const text = items.length > 1 ? `${label.text} ${index + 1}` : label.text;
      renderValue(lines, item, one, { ...label, text }, at);
    }
  } else if (isText(value)) {
    lines.push({ ...heading, value: value.text, language: value.language });
  } else if (isName(value)) {
    lines.push({ ...heading, value: writeName(value), language: value.language ?? null });
    renderName(lines, schema, value, { ...at, depth: at.depth + 1 });
  } else if (schema instanceof z.ZodObject) {
    lines.push(heading);
    renderFields(lines, schema, value as Record<string, unknown>, { ...at, depth: at.depth + 1 });
  } else {
    const { text, reviewed } = labelLeaf(schema, value, at.reader, at.asked);
    lines.push({ ...heading, value: text, reviewed: label.reviewed && reviewed });
  }
}

/** What kind of name it is, and what each part of it is. */
function renderName(lines: Line[], schema: z.ZodType, name: Name, at: At): void {
  const { parts, romanised: _shownAbove, ...about } = name;
  renderFields(lines, schema, about, at);
  for (const part of parts) {
    const { text, reviewed } = labelOf(namePartKind, part.kind, at.reader.language);
    const language = name.language ?? null;
    lines.push({ depth: at.depth, label: text, value: part.value, language, reviewed });
  }
}

type Text = { text: string; language: string };
type Name = { parts: { kind: string; value: string }[]; romanised?: string; language?: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is Text =>
  isRecord(value) && typeof value.text === 'string' && typeof value.language === 'string';
const isName = (value: unknown): value is Name =>
  isRecord(value) && Array.isArray(value.parts) && 'script' in value;

/** As spoken, isolated so that a name in one direction cannot turn round the text beside it (Unicode TR9, FSI and PDI). */
function writeName(name: Name): string {
  const spoken = name.parts.map((part) => part.value).join(' ');
  return name.romanised === undefined ? spoken : `\u2068${spoken}\u2069 (\u2068${name.romanised}\u2069)`;
}
