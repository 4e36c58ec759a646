// A small strict XML tokenizer for the parts of Office documents: it drops elements and attributes and lets the
// caller look at every tag. It resolves no entities but the five of XML and numbers, and refuses DOCTYPE.

import { AttachmentError } from '#node/attachments/attachment-error.ts';

export type XmlAttribute = { name: string; local: string; value: string };
/** A start tag. `local` is the name without prefix; rules go by it, so that a renamed prefix hides nothing. */
export type XmlTag = { name: string; local: string; attributes: XmlAttribute[] };

export type XmlRules = {
  /** Called for each start tag kept. May throw to refuse the document. */
  visit?: (tag: XmlTag) => void;
  /** True drops the element with all it holds. */
  dropElement?: (tag: XmlTag) => boolean;
  /** True drops the attribute. */
  dropAttribute?: (attribute: XmlAttribute, tag: XmlTag) => boolean;
  /** Called with the text inside the element named by `local`, entities resolved; for field codes and formulas. */
  visitText?: (text: string, local: string) => void;
};

const NAME = /^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/;
const ATTRIBUTE = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const MAX_DEPTH = 512;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Where the walk stands. `droppedDepth` is the depth of the element being dropped, 0 when none is. */
type Walk = { out: string[]; open: string[]; droppedDepth: number; rules: XmlRules };

/**
 * Walks `bytes` (UTF-8 XML) and returns it without comments, processing instructions, and what the rules drop.
 * Throws AttachmentError DOCUMENT_UNREADABLE when it is not well-formed, not UTF-8, or has a DOCTYPE.
 */
export function rewriteXml(bytes: Uint8Array, rules: XmlRules): Uint8Array {
  const text = decodeXml(bytes);
  const walk: Walk = { out: [DECLARATION], open: [], droppedDepth: 0, rules };
  for (let at = 0; at < text.length; ) {
    const less = text.indexOf('<', at);
    const textEnd = less < 0 ? text.length : less;
    if (textEnd > at) passText(walk, text.slice(at, textEnd));
    if (less < 0) break;
    const other = skipNonElement(text, less);
    if (other) {
      if (other.keep) passText(walk, escapeText(other.keep));
      at = other.end;
      continue;
    }
    at = findTagEnd(text, less);
    const raw = text.slice(less, at);
    if (raw.startsWith('</')) closeElement(walk, raw);
    else openElement(walk, raw);
  }
  if (walk.open.length > 0) throw unreadable();
  return new TextEncoder().encode(walk.out.join(''));
}

/** Text outside the root element can only be blanks and is left out. */
function passText(walk: Walk, text: string): void {
  const parent = walk.open.at(-1);
  if (parent === undefined || walk.droppedDepth > 0) return;
  walk.out.push(text);
  walk.rules.visitText?.(resolveEntities(text), readLocal(parent));
}

function closeElement(walk: Walk, raw: string): void {
  if (walk.open.pop() !== raw.slice(2, -1).trim()) throw unreadable();
  if (walk.droppedDepth === 0) walk.out.push(raw);
  else if (walk.droppedDepth > walk.open.length) walk.droppedDepth = 0;
}

function openElement(walk: Walk, raw: string): void {
  const { open, rules } = walk;
  const selfClosing = raw.endsWith('/>');
  const tag = parseTag(raw, selfClosing);
  if (open.length >= MAX_DEPTH) throw unreadable();
  if (walk.droppedDepth === 0 && rules.dropElement?.(tag)) {
    if (!selfClosing) walk.droppedDepth = open.length + 1;
  } else if (walk.droppedDepth === 0) {
    rules.visit?.(tag);
    walk.out.push(writeTag(raw, tag, selfClosing, rules));
  }
  if (!selfClosing) open.push(tag.name);
}

/**
 * The value of the attribute with this local name, entities resolved. Throws AttachmentError DOCUMENT_UNREADABLE where there are
 * two: which of them a reader goes by, only its prefix says.
 */
export function readAttribute(tag: XmlTag, local: string): string | undefined {
  const found = tag.attributes.filter((attribute) => attribute.local === local);
  if (found.length > 1) throw unreadable();
  return found[0]?.value;
}

function decodeXml(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (/<!DOCTYPE|<!ENTITY/.test(text) || text.includes('\0')) throw unreadable();
    return text;
  } catch {
    throw unreadable();
  }
}

/** Comments and processing instructions vanish; CDATA is kept as text. */
function skipNonElement(text: string, at: number): { end: number; keep?: string } | undefined {
  if (text.startsWith('<!--', at)) return { end: findAfter(text, '-->', at + 4) };
  if (text.startsWith('<?', at)) return { end: findAfter(text, '?>', at + 2) };
  if (text.startsWith('<![CDATA[', at)) {
    const end = findAfter(text, ']]>', at + 9);
    return { end, keep: text.slice(at + 9, end - 3) };
  }
  if (text.startsWith('<!', at)) throw unreadable();
  return undefined;
}

function findAfter(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  if (at < 0) throw unreadable();
  return at + mark.length;
}

/** The end of the tag starting at `at`; a '>' inside a quoted value does not end it. */
function findTagEnd(text: string, at: number): number {
  let quote = '';
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text[index]!;
    if (quote) {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return index + 1;
    else if (character === '<') break;
  }
  throw unreadable();
}

function parseTag(raw: string, selfClosing: boolean): XmlTag {
  const inner = raw.slice(1, selfClosing ? -2 : -1);
  const name = /^[^\s]+/.exec(inner)?.[0] ?? '';
  if (!NAME.test(name)) throw unreadable();
  const attributes: XmlAttribute[] = [];
  let at = name.length;
  ATTRIBUTE.lastIndex = at;
  for (let match = ATTRIBUTE.exec(inner); match; match = ATTRIBUTE.exec(inner)) {
    attributes.push({
      name: match[1]!,
      local: readLocal(match[1]!),
      value: resolveEntities(match[2] ?? match[3] ?? ''),
    });
    at = ATTRIBUTE.lastIndex;
  }
  if (inner.slice(at).trim() !== '') throw unreadable();
  return { name, local: readLocal(name), attributes };
}

function writeTag(raw: string, tag: XmlTag, selfClosing: boolean, rules: XmlRules): string {
  const dropAttribute = rules.dropAttribute;
  if (!dropAttribute) return raw;
  const kept = tag.attributes.filter((attribute) => !dropAttribute(attribute, tag));
  if (kept.length === tag.attributes.length) return raw;
  const written = kept.map(({ name, value }) => ` ${name}="${escapeText(value).replaceAll('"', '&quot;')}"`);
  return `<${tag.name}${written.join('')}${selfClosing ? '/>' : '>'}`;
}

function readLocal(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function resolveEntities(value: string): string {
  if (!value.includes('&')) return value;
  return value.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (whole, body: string) => {
    if (!body.startsWith('#')) return ENTITIES[body] ?? whole;
    const point =
      body[1] === 'x' || body[1] === 'X' ? Number.parseInt(body.slice(2), 16) : Number(body.slice(1));
    if (point > 0x10ffff) throw unreadable();
    return String.fromCodePoint(point);
  });
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unreadable(): AttachmentError {
  return new AttachmentError('DOCUMENT_UNREADABLE');
}
