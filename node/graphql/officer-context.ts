/**
 * What a resolver of the officers' endpoint works with: who calls, the operations, and per-request loaders.
 */

import type { Selectable } from 'kysely';
import { type Conversation, foldConversation } from '#schema/conversation/conversation.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { AccessError } from '../access/access-error.ts';
import { requireAllowed, type Standing, seesTask } from '../access/decide.ts';
import { type LinkOver, linksOver, readVersions } from '../access/guardian-link.ts';
import type { Permission } from '../access/permit.ts';
import { readStandings } from '../access/standing.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import { CaseError } from '../cases/case-error.ts';
import { type MatchRow, readMatches } from '../cases/decide-match.ts';
import type { CaseEntry } from '../cases/history.ts';
import { type JoinRow, readJoins } from '../cases/join-cases.ts';
import { readLinks } from '../cases/link-conversation.ts';
import { keepVisibleCases } from '../cases/list-cases.ts';
import { type CaseRow, readEntries } from '../cases/store.ts';
import { readSubjects, type Subject } from '../cases/subjects.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { readConfirmed, readGuarded, readSeen } from '../enquiries/earlier-statements.ts';
import type { ClearanceRow } from '../enquiries/grant-clearance.ts';
import type { AttachmentRow } from '../enquiries/preview.ts';
import { keepVisible, keepVisibleConversations, readConversation } from '../enquiries/read-conversation.ts';
import type { ProposalRow } from '../enquiries/release-act.ts';
import { type Review, type ReviewSources, reviewProposal } from '../enquiries/review-proposal.ts';
import { type ActRow, type ConversationRow, readActRows, toActs } from '../enquiries/store.ts';
import { sealedClearance, sealedProposal, type TaskTable } from '../enquiries/tables.ts';
import { type RoundRow, readRounds } from '../representation/answer-word.ts';
import { type RetentionRow, readRetention } from '../retention/list-retention.ts';
import { openRows } from '../vault/sealed-columns.ts';
import { groupBy, type Load, makeBatch } from './batch.ts';
import type { Caller } from './people-endpoint.ts';

export type { AttachmentRow, ProposalRow };
/** Without why it was closed: nobody is shown that. */
export type TaskRow = Selectable<TaskTable>;

/** A thread with its acts and what they add up to. */
export interface Folded {
  readonly rows: readonly ActRow[];
  readonly fold: Conversation;
}

export interface OfficerContext extends Caller {
  readonly enquiries: EnquiryContext;
  readonly foldOf: Load<string, Folded | undefined>;
  readonly tasksOf: Load<string, TaskRow[] | undefined>;
  readonly proposalsOf: Load<string, ProposalRow[] | undefined>;
  /** By way of something else: undefined also where this person may not see it. */
  readonly proposalOf: Load<string, ProposalRow | undefined>;
  /** What a guardian was asked before a proposal leaves, and said. */
  readonly roundsOf: Load<string, RoundRow[] | undefined>;
  readonly clearancesOf: Load<string, ClearanceRow[] | undefined>;
  readonly filesOf: Load<string, AttachmentRow[] | undefined>;
  readonly fileOf: Load<string, AttachmentRow | undefined>;
  /** By way of something else: undefined also where this person may not see the conversation it leads to. */
  readonly conversationOf: Load<string, ConversationRow | undefined>;
  /** Entries read with a case file; the threads linked to it; proposals and joins with others. */
  readonly entriesOf: Load<string, CaseEntry[] | undefined>;
  /** Files of the same child that are read with it, as far as this person sees them. */
  readonly joinedTo: Load<string, string[] | undefined>;
  readonly linksOf: Load<string, string[] | undefined>;
  readonly joinsOf: Load<string, JoinRow[] | undefined>;
  /** The clock of a conversation or file. */
  readonly retentionOf: Load<string, RetentionRow | undefined>;
  /** What may be of the same child as the child of a file. */
  readonly matchesOf: Load<string, MatchRow[] | undefined>;
  /** Whom the other State's acts of a conversation are about. */
  readonly subjectsOf: Load<string, Subject[] | undefined>;
  /** By way of something else: undefined also where this person may not see the file. */
  readonly caseOf: Load<string, CaseRow | undefined>;
  /** Versions of a guardian's link; links over a file or conversation, in force or not. */
  readonly versionsOf: Load<string, Awaited<ReturnType<typeof readVersions>> | undefined>;
  readonly linksOver: Load<string, LinkOver[] | undefined>;
  /** What the rules say of a proposal now. */
  readonly reviewOf: (row: ProposalRow) => Promise<Review>;
  /** How the caller stands to a conversation, draft or case file. */
  readonly standingOf: Load<string, Standing | undefined>;
}

/** A fresh context: nothing read for one request, or for one person, is seen by another. */
export function makeOfficerContext(enquiries: EnquiryContext, caller: Caller): OfficerContext {
  const { reading } = caller;
  const loaders = makeLoaders(enquiries, caller);
  // The row a proposal is judged by: nothing of it is shown, so nothing is noted.
  const knownOf = makeBatch(async (threads: readonly string[]) => {
    const query = (await reading.trx()).selectFrom('conversation').selectAll();
    const rows = await query.where('thread', 'in', [...threads]).execute();
    return new Map(rows.map((row) => [row.thread, row]));
  });
  const guardedOf = makeBatch((keys: readonly string[]) => readGuarded(enquiries, keys));
  const confirmedOf = makeBatch(async (peers: readonly string[]) =>
    groupBy(await readConfirmed(enquiries, peers), (row) => row.peer),
  );
  const seenOf = makeBatch(async (ids: readonly string[]) => {
    const seen = await readSeen(await reading.trx(), ids);
    return new Map(ids.map((id) => [id, seen.has(id)]));
  });
  const sources: ReviewSources = {
    conversation: knownOf,
    acts: async (thread) => (await loaders.foldOf(thread))?.rows ?? [],
    files: async (ids) => (await Promise.all(ids.map(loaders.fileOf))).filter((file) => file !== undefined),
    clearances: async (thread) => (await loaders.clearancesOf(thread)) ?? [],
    proposals: async (thread) => (await loaders.proposalsOf(thread)) ?? [],
    guarded: async (key) => (await guardedOf(key)) ?? [],
    seen: async (id) => (await seenOf(id)) === true,
    confirmed: async (peer) => (await confirmedOf(peer))?.map(({ digest }) => digest) ?? [],
  };
  const reviews = new Map<string, Promise<Review>>();
  return {
    ...caller,
    enquiries,
    ...loaders,
    reviewOf: (row) => {
      const review = reviews.get(row.id) ?? reviewProposal(enquiries, sources, row);
      reviews.set(row.id, review);
      return review;
    },
  };
}

function makeLoaders(enquiries: EnquiryContext, { reading, actor }: Caller) {
  return {
    foldOf: makeBatch(async (threads: readonly string[]) => {
      const rows = groupBy(await readActRows(await reading.reader(), threads), (row) => row.thread);
      return new Map(threads.map((thread) => [thread, foldRows(rows.get(thread) ?? [])]));
    }),
    tasksOf: makeBatch(async (threads: readonly string[]) => {
      const rows = await (await reading.trx())
        .selectFrom('task')
        .selectAll()
        .where('thread', 'in', [...threads])
        .where('closed_at', 'is', null)
        .orderBy('due_at')
        .execute();
      return groupBy(
        rows.filter((row) => seesTask(actor, row)),
        (row) => row.thread!,
      );
    }),
    proposalsOf: makeBatch(async (threads: readonly string[]) => {
      const reader = await reading.reader();
      const query = reader.trx
        .selectFrom('proposal')
        .selectAll()
        .where('thread', 'in', [...threads]);
      const rows = await openRows(reader, sealedProposal, await query.orderBy('proposed_at').execute());
      return groupBy(
        rows.filter(({ body }) => body !== ''),
        (row) => row.thread,
      );
    }),
    proposalOf: makeBatch(async (ids: readonly string[]) => {
      const reader = await reading.reader();
      const query = reader.trx.selectFrom('proposal').selectAll();
      const sealed = await query.where('id', 'in', [...ids]).execute();
      const seen = await keepVisible(reader.trx, actor, sealed, enquiries.surroundings.nowMs());
      reading.noteList('proposal', seen.length);
      const rows = await openRows(reader, sealedProposal, seen);
      return new Map(rows.filter(({ body }) => body !== '').map((row) => [row.id, row]));
    }),
    roundsOf: makeBatch(async (proposals: readonly string[]) =>
      groupBy(await readRounds(await reading.reader(), proposals), ({ row }) => row.source!),
    ),
    clearancesOf: makeBatch(async (threads: readonly string[]) => {
      const reader = await reading.reader();
      const query = reader.trx
        .selectFrom('clearance')
        .selectAll()
        .where('thread', 'in', [...threads]);
      const rows = await openRows(reader, sealedClearance, await query.orderBy('asked_at').execute());
      return groupBy(rows, (row) => row.thread);
    }),
    filesOf: makeBatch(async (messageIds: readonly string[]) => {
      const reader = await reading.reader();
      const query = reader.trx
        .selectFrom('attachment')
        .selectAll()
        .where('message_id', 'in', [...messageIds]);
      const rows = await openRows(reader, sealedAttachment, await query.orderBy('position').execute());
      return groupBy(rows, (row) => row.message_id!);
    }),
    fileOf: makeBatch(async (ids: readonly string[]) => {
      const reader = await reading.reader();
      const query = reader.trx.selectFrom('attachment').selectAll();
      const sealed = await query.where('id', 'in', [...ids]).execute();
      return new Map((await openRows(reader, sealedAttachment, sealed)).map((row) => [row.id, row]));
    }),
    conversationOf: makeBatch(async (threads: readonly string[]) => {
      const trx = await reading.trx();
      const query = trx.selectFrom('conversation').selectAll();
      const rows = await query.where('thread', 'in', [...threads]).execute();
      const visible = await keepVisibleConversations(trx, actor, rows, enquiries.surroundings.nowMs());
      reading.noteList('conversation', visible.length);
      return new Map(visible.map((row) => [row.thread, row]));
    }),
    entriesOf: makeBatch(async (files: readonly string[]) =>
      readEntries(await reading.trx(), (await reading.reader()).vault, files),
    ),
    joinedTo: makeBatch(async (files: readonly string[]) => {
      const query = (await reading.trx()).selectFrom('case_file').select(['id', 'joined_into']);
      const rows = await query.where('joined_into', 'in', [...files]).execute();
      const groups = groupBy(rows, (row) => row.joined_into!);
      return new Map([...groups].map(([into, joined]) => [into, joined.map(({ id }) => id)]));
    }),
    linksOf: makeBatch(async (files: readonly string[]) => {
      const rows = await readLinks(await reading.trx(), files);
      const groups = groupBy(rows, (row) => row.case_id);
      return new Map([...groups].map(([id, links]) => [id, links.map(({ thread }) => thread)]));
    }),
    joinsOf: makeBatch(async (files: readonly string[]) => {
      const rows = await readJoins(await reading.trx(), files);
      const ofFile = (id: string) => rows.filter((row) => row.from_case === id || row.into_case === id);
      return new Map(files.map((id) => [id, ofFile(id)]));
    }),
    retentionOf: makeBatch(async (ids: readonly string[]) => readRetention(await reading.trx(), ids)),
    matchesOf: makeBatch(async (files: readonly string[]) => {
      const rows = await readMatches(await reading.trx(), files);
      const ofFile = (id: string) => rows.filter((row) => row.case_id === id || row.other_case === id);
      return new Map(files.map((id) => [id, ofFile(id)]));
    }),
    subjectsOf: makeBatch(async (threads: readonly string[]) =>
      readSubjects(await reading.reader(), threads),
    ),
    caseOf: makeBatch(async (ids: readonly string[]) => {
      const trx = await reading.trx();
      const rows = await trx
        .selectFrom('case_file')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute();
      const visible = await keepVisibleCases(trx, actor, rows, enquiries.surroundings.nowMs());
      reading.noteList('case', visible.length);
      return new Map(visible.map((row) => [row.id, row]));
    }),
    versionsOf: makeBatch(async (links: readonly string[]) =>
      groupBy(await readVersions(await reading.reader(), links), ({ link }) => link),
    ),
    linksOver: makeBatch(async (abouts: readonly string[]) =>
      groupBy(await linksOver(await reading.trx(), abouts), ({ about }) => about),
    ),
    standingOf: makeBatch(async (threads: readonly string[]) => readStandings(await reading.trx(), threads)),
  };
}

/**
 * A conversation as a person reads it: its state is that of the acts shown beside it, although an act may come in between
 * the reading of the two.
 * @throws AccessError NOT_PERMITTED; EnquiryError CONVERSATION_UNKNOWN
 */
export async function readWhole(ctx: OfficerContext, thread: string): Promise<ConversationRow> {
  const nowMs = ctx.enquiries.surroundings.nowMs();
  const row = await readConversation(await ctx.reading.trx(), ctx.actor, thread, nowMs);
  ctx.reading.noteContent(thread);
  const folded = await ctx.foldOf(thread);
  return folded === undefined ? row : { ...row, state: folded.fold.state };
}

/** What a conversation asks about, where it has begun with an enquiry. */
export async function enquiryOf(ctx: OfficerContext, thread: string): Promise<BodyOf<'ENQ'> | undefined> {
  const folded = await ctx.foldOf(thread);
  const body = folded?.rows.find((act) => act.type === 'ENQ')?.body;
  return body === undefined || body === '' ? undefined : (JSON.parse(body) as BodyOf<'ENQ'>);
}

/** The file that this one is read with, which may be itself. @throws CaseError CASE_JOINED where this person does not see it */
export async function readWith(ctx: OfficerContext, row: CaseRow): Promise<CaseRow> {
  if (row.joined_into === null) return row;
  const into = await ctx.caseOf(row.joined_into);
  if (!into) throw new CaseError('CASE_JOINED');
  return into;
}

/** Ids of the file that this one is read with, and of all that are read with that. @throws CaseError CASE_JOINED */
export async function filesOfChild(ctx: OfficerContext, row: CaseRow): Promise<string[]> {
  const { id } = await readWith(ctx, row);
  return [id, ...((await ctx.joinedTo(id)) ?? [])];
}

/** Milliseconds since 1970. */
export const nowOf = (ctx: OfficerContext): number => ctx.enquiries.surroundings.nowMs();

/** Asks the policy about a conversation that is read. @throws AccessError with the code of the denial; NOT_FOUND also where there is none */
export async function requireSeen(ctx: OfficerContext, action: Permission, thread: string): Promise<void> {
  const standing = await ctx.standingOf(thread);
  if (!standing) throw new AccessError('NOT_FOUND');
  requireAllowed(ctx.actor, action, { standing }, nowOf(ctx));
}

function foldRows(rows: readonly ActRow[]): Folded {
  return { rows, fold: foldConversation(toActs(rows)) };
}
