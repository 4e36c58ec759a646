/**
 * What an officer shows a guardian beyond what the node shows by itself: a note, a decision with reasons, a hearing, what is expected
 * of them, whom to reach in the other State and which it is, what the child said, a document; each with what may be told to the child.
 * While a warning stands that it could undo, somebody who decides shows it, with a fresh proof (withhold.ts).
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  CalendarDate,
  FreeText,
  Label,
  LanguageTag,
  YesNoUnknown,
} from '#schema/conversation/bodies/common.ts';
import { limits } from '#schema/protocol/limits.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { attachmentKind, notHeardGround, proceedingKind, viewTopic } from '#schema/vocabulary/exchange.ts';
import { representativeRole } from '#schema/vocabulary/people.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { cleanAttachment, MAX_ATTACHMENT_BYTES } from '../attachments/clean.ts';
import { readPart, streamParts } from '../attachments/parts.ts';
import { StorageError } from '../attachments/storage-error.ts';
import { readWarnings } from '../enquiries/standing-warnings.ts';
import { type Personal, type PersonalOperation, runAs } from '../operation.ts';
import { shownKey } from '../vault/vault.ts';
import { tellChild } from './milestones.ts';
import { insertShown, type ShownFile, type Telling } from './shown.ts';
import { needsDecider } from './withhold.ts';

/** Telephone or mail, as somebody would write it. */
const Reach = z.string().trim().min(3).max(200);

const GuardianContact = z
  .strictObject({
    role: coded(representativeRole),
    name: Label,
    office: Label.optional(),
    reach: Reach,
    languages: z.array(LanguageTag).min(1).max(6),
  })
  .meta({ id: 'GuardianContact' });

/** Which fields each kind has, besides what may be told to the child; every one of them is required unless marked. */
const FIELDS = {
  note: ['text'],
  decision: ['title', 'on', 'text', 'appealUntil?'],
  hearing: ['proceeding', 'on'],
  expected: ['text', 'on'],
  contact: ['contact'],
  state: [],
  view: ['topic', 'on', 'text?', 'notHeard?', 'interpreter'],
  document: ['title', 'attachment', 'file'],
} as const satisfies Record<string, readonly string[]>;
const kinds = Object.keys(FIELDS) as [keyof typeof FIELDS, ...(keyof typeof FIELDS)[]];

export const ShownItem = z
  .strictObject({
    kind: z.enum(kinds).meta({ id: 'ShownItemKind' }),
    text: FreeText.optional(),
    title: Label.optional(),
    /** The day of the decision or hearing, of what the child said, or by which something is expected. */
    on: CalendarDate.optional(),
    appealUntil: CalendarDate.optional(),
    proceeding: coded(proceedingKind).optional(),
    contact: GuardianContact.optional(),
    topic: coded(viewTopic).optional(),
    notHeard: coded(notHeardGround).optional(),
    interpreter: YesNoUnknown.optional(),
    /** Id of a stored file; it is cleaned once more, and a copy is shown. */
    attachment: z.string().max(80).optional(),
    file: coded(attachmentKind).optional(),
    tell: coded(tellChild),
    how: FreeText.optional(),
  })
  .superRefine((item, ctx) => {
    const allowed: readonly string[] = FIELDS[item.kind];
    for (const field of Object.keys(item)) {
      if (['kind', 'tell', 'how'].includes(field)) continue;
      const given = item[field as keyof typeof item] !== undefined;
      if (given && !allowed.includes(field) && !allowed.includes(`${field}?`))
        ctx.addIssue({ code: 'custom', message: `${field} is of another kind.` });
    }
    for (const field of allowed.filter((one) => !one.endsWith('?')))
      if (item[field as keyof typeof item] === undefined)
        ctx.addIssue({ code: 'custom', message: `${field} is missing.` });
    if (item.kind === 'view' && (item.text === undefined) === (item.notHeard === undefined))
      ctx.addIssue({ code: 'custom', message: 'Heard, or the ground why not.' });
  })
  .meta({ id: 'ShownItem' });
export type ShownItem = z.infer<typeof ShownItem>;

/**
 * @returns the id of what is shown now
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, STEP_UP_NEEDED, INPUT_INVALID; StorageError ATTACHMENT_UNKNOWN;
 *   AttachmentError what cleaning refuses; VaultError
 */
export async function showGuardian(
  ctx: Personal,
  actor: Actor,
  thread: string,
  item: unknown,
): Promise<string> {
  const parsed = ShownItem.safeParse(item);
  if (!parsed.success) throw new AccessError('INPUT_INVALID');
  return runAs(ctx, actor, async (op) => {
    await op.require('representation.show', thread);
    // What is coded and dated tells nothing that a warning keeps; the guardian needs it in any case (PRACTICE.md B14).
    const isCoded = parsed.data.kind === 'hearing';
    if (!isCoded && needsDecider(await readWarnings(op, thread)))
      await op.require('representation.show-warned', thread);
    await requireFollowed(op, thread);
    const id = await write(op, thread, parsed.data);
    await op.audit('guardian.noted', { what: 'shown', id, kind: parsed.data.kind, thread, actor: actor.id });
    return id;
  });
}

/** A word on what may be told to the child of something that is shown. @throws as showGuardian */
export async function changeTelling(
  ctx: Personal,
  actor: Actor,
  shown: string,
  telling: { readonly tell: unknown; readonly how: unknown },
): Promise<void> {
  const parsed = z.strictObject({ tell: coded(tellChild), how: FreeText.nullable() }).safeParse(telling);
  if (!parsed.success) throw new AccessError('INPUT_INVALID');
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx.selectFrom('shown').select('thread').where('id', '=', shown).executeTakeFirst();
    if (!row) throw new AccessError('NOT_FOUND');
    await op.require('representation.show', row.thread);
    const by = actor.id;
    const id = await insertShown(op, {
      ...{ thread: row.thread, kind: 'telling', source: shown, by },
      content: parsed.data as Telling,
    });
    await op.audit('guardian.noted', { what: 'shown', id, kind: 'telling', thread: row.thread, actor: by });
  });
}

async function requireFollowed({ trx }: PersonalOperation, thread: string): Promise<void> {
  const row = await trx.selectFrom('followed').select('id').where('thread', '=', thread).executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
}

async function write(op: PersonalOperation, thread: string, item: ShownItem): Promise<string> {
  const telling = { tell: item.tell, how: item.how ?? null } as Telling;
  const from = { thread, by: op.actor.id };
  switch (item.kind) {
    case 'note':
      return insertShown(op, { ...from, kind: 'note', content: { text: item.text!, telling } });
    case 'decision': {
      const { title, on, text, appealUntil } = item;
      const content = { title: title!, on: on!, reasons: text!, appealUntil, telling };
      return insertShown(op, { ...from, kind: 'decision', content });
    }
    case 'hearing': {
      const content = { proceeding: item.proceeding!, on: item.on!, telling };
      return insertShown(op, { ...from, kind: 'hearing', content });
    }
    case 'expected':
      return insertShown(op, {
        ...{ ...from, kind: 'expected' },
        content: { text: item.text!, by: item.on!, telling },
      });
    case 'contact':
      return insertShown(op, { ...from, kind: 'contact', content: { contact: item.contact!, telling } });
    case 'state': {
      const { peer } = await op.trx
        .selectFrom('conversation')
        .select('peer')
        .where('thread', '=', thread)
        .executeTakeFirstOrThrow();
      return insertShown(op, { ...from, kind: 'state', content: { state: peer, telling } });
    }
    case 'view': {
      const { topic, on, text, notHeard, interpreter } = item;
      const content = { topic: topic!, on: on!, words: text, notHeard, interpreter: interpreter! };
      return insertShown(op, { ...from, kind: 'view', content });
    }
    case 'document': {
      const { media, bytes } = await readCleaned(op, item.attachment!);
      const parts = cut(bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file: ShownFile = {
        kind: item.file!,
        media,
        bytes: bytes.length,
        sha256,
        parts: parts.length,
      };
      const id = await insertShown(op, {
        ...{ ...from, kind: 'document' },
        content: { title: item.title!, file, telling },
      });
      await writeParts(op, { thread, id, parts });
      return id;
    }
  }
}

/** Cleaned once more: a file of another State was cleaned by that State, if at all. */
async function readCleaned(op: PersonalOperation, id: string) {
  const row = await op.trx
    .selectFrom('attachment')
    .select(['media', 'bytes', 'sha256', 'uncleaned_reason'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row || row.sha256 === '') throw new StorageError('ATTACHMENT_UNKNOWN');
  if (Number(row.bytes) > MAX_ATTACHMENT_BYTES) throw new StorageError('ATTACHMENT_TOO_LARGE');
  const pieces: Uint8Array[] = [];
  for await (const part of streamParts((n) => readPart(op, id, n))) pieces.push(part);
  return cleanAttachment({ bytes: Buffer.concat(pieces), declaredMedia: row.media });
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / limits.partBytes));
  return Array.from({ length: count }, (_, n) =>
    bytes.subarray(n * limits.partBytes, (n + 1) * limits.partBytes),
  );
}

/** Where the n-th part of a shown file is sealed. */
export const placeOfPart = (thread: string, id: string, n: number) => ({
  table: 'shown_part',
  column: 'sealed',
  row: `${id}:${n}`,
  subject: shownKey(thread),
  version: 1,
});

async function writeParts(
  { trx, vault }: PersonalOperation,
  {
    thread,
    id,
    parts,
  }: { readonly thread: string; readonly id: string; readonly parts: readonly Uint8Array[] },
): Promise<void> {
  const keys = await vault.forWriting(trx, [shownKey(thread)]);
  for (const [n, part] of parts.entries()) {
    const sealed = keys.seal(placeOfPart(thread, id, n), part);
    await trx.insertInto('shown_part').values({ shown: id, n, sealed }).execute();
  }
}
