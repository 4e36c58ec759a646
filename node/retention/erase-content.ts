/**
 * Makes the content of a conversation, a child's file or one message unreadable for ever, in the caller's transaction, as
 * `app_retention`: the data key goes, the sealed values are emptied, files and search tokens removed. What stays is that it was there:
 * ids, numbers, types, times, codes, digests, envelopes, receipts, entries of the log. What of the database is content, and how it
 * goes, is listed in content-list.ts, which a test compares with the catalogue.
 */
import { type RawBuilder, sql } from 'kysely';
import { digestOfMessages } from '#schema/conversation/erasures.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { sealedDisclosure } from '../access/people-tables.ts';
import { sealedNeed } from '../access/tables.ts';
import { sealedAct, sealedClearance, sealedProposal, sealedTask } from '../enquiries/tables.ts';
import { sealedHeld, sealedRequest } from '../exchange/tables.ts';
import { sealedLocalRequest } from '../local-services/tables.ts';
import type { Operation } from '../operation.ts';
import { type SealedColumns, sealColumns } from '../vault/sealed-columns.ts';
import {
  attachmentKey,
  caseKey,
  complaintKey,
  conversationKey,
  linkKey,
  noticeKey,
  shownKey,
} from '../vault/subjects.ts';
import { type Content, ofCase, ofConversation, ofLink, ofMessage } from './content-list.ts';
import { sealedDecision } from './tables.ts';

/** What was erased, for the entry in the log and for the other State. */
export interface Erased {
  /** Ids of messages. */
  readonly messages: readonly string[];
  readonly files: number;
  readonly digest: string;
  /** Files that were read with the one that was asked for, and went with it: a backup may be older than their joining. */
  readonly joined?: readonly string[];
}

/** Everything of a conversation but what the two States say of its erasure. @returns null where there is no such conversation */
export async function eraseConversation(op: Operation, thread: string): Promise<Erased | null> {
  if (!(await lockRow(op, 'conversation', 'thread', thread))) return null;
  const acts = await op.trx
    .selectFrom('act')
    .select('message_id')
    .where('thread', '=', thread)
    .where('type', '<>', 'ERS')
    .execute();
  const messages = acts.map(({ message_id }) => message_id);
  await op.vault.erase(op, conversationKey(thread));
  await op.vault.erase(op, shownKey(thread));
  const drafts = await op.trx
    .selectFrom('proposal')
    .select('attachment_ids')
    .where('thread', '=', thread)
    .execute();
  const files = await eraseFiles(op, ofMessages(messages, drafts));
  await eraseKeysOf(op, thread);
  await closeOpenTasks(op, thread);
  await eraseRows(op, ofConversation, thread);
  await eraseMessages(op, messages);
  await emptyDecisions(op, [thread, ...messages]);
  // What came after it had been erased before, and was kept apart.
  const late = await op.trx
    .selectFrom('act')
    .select('message_id')
    .where('thread', '=', thread)
    .where('type', '<>', 'ERS')
    .where('notice', '=', true)
    .execute();
  if (late.length > 0) await sealAnew(op, thread, noticeKey(thread));
  return { messages, files, digest: digestOfMessages(messages) };
}

/** A child's file, with those of the same child that are read with it. @returns null where there is no such file */
export async function eraseCase(op: Operation, id: string): Promise<Erased | null> {
  if (!(await lockRow(op, 'case_file', 'id', id))) return null;
  const { rows } = await sql<{ id: string }>`with recursive joined (id) as (
    select ${id}::text union select f.id from case_file f join joined j on f.joined_into = j.id) select id from joined`.execute(
    op.trx,
  );
  let files = 0;
  for (const { id: file } of rows) {
    files += await eraseFiles(op, sql`case_id = ${file}`);
    await op.vault.erase(op, caseKey(file));
    // Tasks and openings in need of a file are sealed as those of a conversation of its id.
    await op.vault.erase(op, conversationKey(file));
    await eraseKeysOf(op, file);
    await closeOpenTasks(op, file);
    await eraseRows(op, ofCase, file);
    await emptyDecisions(op, [file]);
  }
  const ids = rows.map((row) => row.id);
  return { messages: [], files, digest: digestOfMessages(ids), joined: ids.filter((file) => file !== id) };
}

/**
 * One message of a conversation that goes on: the conversation gets another key, under which all the rest is sealed anew, so that an
 * old copy of this message opens under none. @returns null where there is no such message
 */
export async function eraseMessage(op: Operation, messageId: string): Promise<Erased | null> {
  const act = await op.trx
    .selectFrom('act')
    .select(['thread', 'proposal_id'])
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  if (!act || !(await lockRow(op, 'conversation', 'thread', act.thread))) return null;
  const drafts = await op.trx
    .selectFrom('proposal')
    .select('attachment_ids')
    .where('message_id', '=', messageId)
    .execute();
  const files = await eraseFiles(op, ofMessages([messageId], drafts));
  await eraseRows(op, ofMessage, messageId);
  await eraseMessages(op, [messageId]);
  await emptyDecisions(op, [messageId]);
  await sealAnew(op, act.thread, conversationKey(act.thread));
  return { messages: [messageId], files, digest: digestOfMessages([messageId]) };
}

async function lockRow(
  op: Operation,
  table: 'conversation' | 'case_file',
  key: 'thread' | 'id',
  id: string,
): Promise<boolean> {
  const { rows } =
    await sql`select 1 from ${sql.table(table)} where ${sql.ref(key)} = ${id} for update`.execute(op.trx);
  return rows.length > 0;
}

/** What the list says of these rows. */
async function eraseRows(op: Operation, list: readonly Content[], id: string): Promise<void> {
  for (const { table, by, empties, also, where = sql`true` } of list) {
    const rows = sql`where ${sql.ref(by)} = ${id} and ${where}`;
    if (empties === undefined) await sql`delete from ${sql.table(table)} ${rows}`.execute(op.trx);
    else {
      const set = also ? sql.join([empty(empties), also]) : empty(empties);
      await sql`update ${sql.table(table)} set ${set} ${rows}`.execute(op.trx);
    }
  }
}

/** What is about it and has keys of its own: complaints; acts of appointment of a file, or of conversations of which this is the last. */
async function eraseKeysOf(op: Operation, about: string): Promise<void> {
  const complaints = await op.trx.selectFrom('complaint').select('id').where('about', '=', about).execute();
  for (const { id } of complaints) await op.vault.erase(op, complaintKey(id));
  const { rows: links } = await sql<{ id: string }>`select id from guardian_link where case_id = ${about}
    or threads @> array[${about}] and not exists (select 1 from unnest(threads) as t (thread) where t.thread <> ${about}
      and not exists (select 1 from retention r where r.kind = 'conversation' and r.id = t.thread and r.erased_at is not null))`.execute(
    op.trx,
  );
  for (const { id } of links) await eraseLink(op, id);
}

/** That somebody was appointed stays, with who approved it; what the act of appointment says does not. */
async function eraseLink(op: Operation, id: string): Promise<void> {
  await op.vault.erase(op, linkKey(id));
  for (const { table, by, empties } of ofLink)
    await sql`update ${sql.table(table)} set ${empty(empties)} where ${sql.ref(by)} = ${id}`.execute(op.trx);
}

/** A value that was null stays so. */
const empty = (columns: string) =>
  sql.join(columns.split(' ').map((one) => sql`${sql.ref(one)} = substring(${sql.ref(one)} from 1 for 0)`));

/** A task that nobody has closed has nothing left to be done. */
async function closeOpenTasks(op: Operation, thread: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    kind: string;
  }>`update task set closed_at = ${op.nowMs}, closed_by = 'retention', reason = ''
    where thread = ${thread} and closed_at is null returning id, kind`.execute(op.trx);
  for (const { id, kind } of rows) await op.audit('task.closed', { id, kind, thread, actor: 'retention' });
}

/** Why people decided; sealed under the office's key, which stays. */
async function emptyDecisions(op: Operation, about: readonly string[]): Promise<void> {
  const rows = await op.trx
    .selectFrom('retention_decision')
    .select('id')
    .where('about', 'in', [...about, ''])
    .execute();
  for (const { id } of rows) {
    const sealed = await sealColumns(op, sealedDecision, { id }, { reason: '' });
    await op.trx.updateTable('retention_decision').set(sealed).where('id', '=', id).execute();
  }
}

/** Sealed copies as they travelled. What is still on its way to the other State opens for nobody here, and goes when it has arrived. */
async function eraseMessages(op: Operation, ids: readonly string[]): Promise<void> {
  const all = [...ids];
  await sql`update outbox set sealed = '' where id = any(${all}) and state not in ('ready', 'relayed', 'recalling')`.execute(
    op.trx,
  );
  await sql`delete from outbox_part p where message_id = any(${all}) and not exists (
    select 1 from outbox o where o.id = p.message_id and o.state in ('ready', 'relayed', 'recalling'))`.execute(
    op.trx,
  );
  await op.trx
    .deleteFrom('inbound_part')
    .where('message_id', 'in', [...all, ''])
    .execute();
  await op.trx
    .deleteFrom('match_pending')
    .where('source', 'in', [...all, ''])
    .execute();
  await eraseQuarantined(op, new Set(ids));
}

/** Other bytes that a peer signed under one of these ids: this node's keys open them. Their envelopes stay as evidence. */
async function eraseQuarantined(op: Operation, ids: ReadonlySet<string>): Promise<void> {
  const rows = await op.trx.selectFrom('quarantine').select(['id', 'envelope']).execute();
  const gone = rows.filter(({ envelope }) => ids.has(parseEnvelope(envelope).value.id)).map(({ id }) => id);
  if (gone.length > 0) await sql`update quarantine set sealed = '' where id = any(${gone})`.execute(op.trx);
}

const ofMessages = (messages: readonly string[], drafts: readonly { attachment_ids: string[] }[]) =>
  sql`message_id = any(${[...messages]}) or id = any(${drafts.flatMap((draft) => draft.attachment_ids)})`;

/** Files of messages and of drafts, or of a case file; the hash of a file as it was kept goes with the entry that says it was stored. */
async function eraseFiles(op: Operation, which: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ id: string }>`delete from attachment where ${which} returning id`.execute(
    op.trx,
  );
  for (const { id } of rows) await op.vault.erase(op, attachmentKey(id));
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0)
    await sql`update audit_entry set salt = null, detail = null where type in ('attachment.stored', 'attachment.stored-uncleaned')
      and detail is not null and detail::jsonb ->> 'id' = any(${ids})`.execute(op.trx);
  return ids.length;
}

/** What is sealed under a conversation's key, and by which column its rows are found. */
// biome-ignore lint/suspicious/noExplicitAny: each knows its own rows
const OF_THREAD: readonly (readonly [SealedColumns<any, any>, string])[] = [
  [sealedAct, 'thread'],
  [sealedProposal, 'thread'],
  [sealedClearance, 'thread'],
  [sealedTask, 'thread'],
  [sealedNeed, 'thread'],
  [sealedDisclosure, 'thread'],
  [sealedLocalRequest, 'thread'],
  [sealedRequest, 'thread'],
  [sealedHeld, 'held_thread'],
];

/** Gives a subject another key; what has been emptied is sealed as nothing, so that nobody can empty more unseen. */
async function sealAnew(op: Operation, thread: string, subject: string): Promise<void> {
  const { old, fresh } = await op.vault.renew(op, subject);
  for (const [{ table, columns, row: nameRow, subject: subjectOf }, column] of OF_THREAD) {
    const { rows } = await sql<Record<string, unknown> & { place: string }>`select *, ctid::text as place
      from ${sql.table(table)} where ${sql.ref(column)} = ${thread} for update`.execute(op.trx);
    for (const row of rows.filter((one) => subjectOf(one) === subject)) {
      const set = (columns as readonly string[]).flatMap((name) => {
        const sealed = row[name] as Buffer | null;
        if (sealed === null) return [];
        const place = { table, column: name, row: nameRow(row), subject, version: 1 };
        const plain = sealed.length === 0 ? '' : old.open(place, sealed);
        return [sql`${sql.ref(name)} = ${fresh.seal(place, plain)}`];
      });
      if (set.length > 0)
        await sql`update ${sql.table(table)} set ${sql.join(set)} where ctid = ${row.place}::tid`.execute(
          op.trx,
        );
    }
  }
}
