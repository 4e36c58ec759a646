/**
 * A body as lines for a reader: coded values by their labels in the reader's language, texts as they were written. The
 * structure follows the schema, so a new type needs nothing here. Pure.
 */
import * as z from 'zod';
import { type MessageCode, messageRow } from '#schema/conversation/message-types.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { listOf } from './labels.ts';

export interface Line {
  /** How deep it stands, from 0. */
  readonly depth: number;
  readonly label: string;
  /** Null for a heading. */
  readonly value: string | null;
  /** Language of the value where it differs from the reader's: BCP 47, for direction and fonts. */
  readonly language: string | null;
  /** Whether a speaker of the reader's language has confirmed the label. */
  readonly reviewed: boolean;
}

/** @param language `en`, `fr`, `ru`, `ar`; anything else is read as English */
export const renderBody = (type: MessageCode, body: unknown, language: string): Line[] =>
  renderBySchema(messageRow(type).body, body, language);

/** @param language as of renderBody */
export function renderBySchema(schema: z.ZodType, body: unknown, language: string): Line[] {
  const lines: Line[] = [];
  renderFields(lines, schema, body as Record<string, unknown>, 0, language);
  return lines;
}

const bare = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional ? bare(schema.unwrap() as z.ZodType) : schema;

function renderFields(
  lines: Line[],
  schema: z.ZodType,
  value: Record<string, unknown>,
  depth: number,
  language: string,
) {
  if (!(schema instanceof z.ZodObject)) return;
  for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const part = value[key];
    if (part === undefined || part === null || (Array.isArray(part) && part.length === 0)) continue;
    renderValue(lines, bare(field), part, { depth, label: nameField(key) }, language);
  }
}

type Place = { readonly depth: number; readonly label: string };

function renderValue(lines: Line[], schema: z.ZodType, value: unknown, place: Place, language: string): void {
  const heading = { ...place, value: null, language: null, reviewed: true };
  if (schema instanceof z.ZodArray) {
    const item = bare(schema.element as z.ZodType);
    const items = value as unknown[];
    for (const [index, one] of items.entries()) {
      const label = items.length > 1 ? `${place.label} ${index + 1}` : place.label;
      renderValue(lines, item, one, { ...place, label }, language);
    }
  } else if (isText(value)) {
    lines.push({ ...heading, value: value.text, language: value.language });
  } else if (isName(value)) {
    lines.push({ ...heading, value: writeName(value), language: value.language ?? null });
  } else if (schema instanceof z.ZodObject) {
    lines.push(heading);
    renderFields(lines, schema, value as Record<string, unknown>, place.depth + 1, language);
  } else {
    lines.push({ ...heading, ...renderLeaf(schema, value, language) });
  }
}

function renderLeaf(
  schema: z.ZodType,
  value: unknown,
  language: string,
): { value: string; reviewed: boolean } {
  const list = typeof value === 'string' ? listOf(schema) : undefined;
  if (!list) return { value: String(value), reviewed: true };
  const { text, reviewed } = labelOf(list, value as string, language);
  return { value: text, reviewed };
}

type Text = { text: string; language: string };
type Name = { parts: { value: string }[]; romanised?: string; language?: string };

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

/** `habitualResidence` becomes `habitual residence`. */
const nameField = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
