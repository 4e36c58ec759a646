/**
 * What officers may ask. Reading a conversation is itself recorded before it is answered.
 */
import type { EnumRef, OutputRef } from '@pothos/core';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { questions } from '#schema/vocabulary/questions.ts';
import { seesTask } from '../access/decide.ts';
import { isPermitted, permissions } from '../access/permit.ts';
import { EnquiryError } from '../enquiries/enquiry-error.ts';
import { findUnreadUrgent, type UnreadUrgent } from '../enquiries/find-unread-urgent.ts';
import type { ClearanceRow } from '../enquiries/grant-clearance.ts';
import { listClearances } from '../enquiries/list-clearances.ts';
import { cursorOf, type InboxFilter, listInbox } from '../enquiries/list-inbox.ts';
import { keepVisible } from '../enquiries/read-conversation.ts';
import type { ConversationRow } from '../enquiries/store.ts';
import type { ClearanceKind } from '../enquiries/tables.ts';
import { sealedProposal } from '../enquiries/tables.ts';
import { listOpenTasks } from '../enquiries/task.ts';
import type { Transfer } from '../exchange/transfers.ts';
import { openRows } from '../vault/sealed-columns.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { nowOf, type OfficerContext, type ProposalRow, readWhole, type TaskRow } from './officer-context.ts';

export interface QueryTypes {
  readonly Conversation: OutputRef<ConversationRow>;
  readonly Proposal: OutputRef<ProposalRow>;
  readonly Peer: OutputRef<ListedNode>;
  readonly Task: OutputRef<TaskRow>;
  readonly Transfer: OutputRef<Transfer>;
  readonly Clearance: OutputRef<ClearanceRow>;
  readonly ClearanceKind: EnumRef<never, ClearanceKind>;
}

export function defineQueries(builder: OfficerBuilder, types: QueryTypes): void {
  const { Conversation, Proposal, Peer, Task, Clearance, Transfer } = types;
  const Me = defineMe(builder);
  const { Page, Filter } = defineInbox(builder, Conversation);
  const { Label, Question } = defineLabels(builder);
  const Unread = defineUnread(builder);
  builder.queryType({
    fields: (t) => ({
      arriving: t.field({
        type: [Transfer],
        description: 'Files that other States are sending and that are not whole yet, the first begun first.',
        resolve: (_root, _args, { enquiries }) => enquiries.transfers.arriving(),
      }),
      me: t.field({ type: Me, resolve: (_root, _args, ctx) => ctx.actor }),
      inbox: t.field({
        type: Page,
        description: 'Conversations, the last changed first.',
        args: {
          filter: t.arg({ type: Filter }),
          first: t.arg.int({ defaultValue: 25, description: 'At most 100.' }),
          after: t.arg.string({ description: 'endCursor of the page before.' }),
        },
        resolve: async (_root, { filter, first, after }, ctx) => {
          const page = { first: first ?? 25, after: after ?? undefined };
          const shown = await listInbox(
            await ctx.reading.trx(),
            ctx.actor,
            nowOf(ctx),
            cleanFilter(filter),
            page,
          );
          ctx.reading.noteList('conversation', shown.rows.length);
          return shown;
        },
      }),
      conversation: t.field({
        type: Conversation,
        args: { thread: t.arg.id({ required: true }) },
        resolve: (_root, { thread }, ctx) => readWhole(ctx, String(thread)),
      }),
      proposal: t.field({
        type: Proposal,
        args: { id: t.arg.id({ required: true }) },
        resolve: (_root, { id }, ctx) => showProposal(ctx, String(id)),
      }),
      waitingProposals: t.field({
        type: [Proposal],
        description: 'What waits for a second person, the oldest first.',
        resolve: async (_root, _args, ctx) => {
          const reader = await ctx.reading.reader();
          const query = reader.trx
            .selectFrom('proposal')
            .selectAll()
            .where('status', 'in', ['stopped', 'waiting', 'stale']);
          const rows = await query.orderBy('proposed_at').limit(200).execute();
          return showRows(ctx, 'proposal', await openRows(reader, sealedProposal, rows));
        },
      }),
      tasks: t.field({
        type: [Task],
        resolve: async (_root, _args, ctx) => showTasks(ctx, await listOpenTasks(await ctx.reading.trx())),
      }),
      clearances: t.field({
        type: [Clearance],
        description: 'Those that wait for a decision, then the others; at most 200.',
        resolve: async (_root, _args, ctx) =>
          showRows(ctx, 'clearance', await listClearances(await ctx.reading.reader(), nowOf(ctx))),
      }),
      unreadUrgent: t.field({
        type: [Unread],
        description:
          'Alerts that for 30 minutes nobody here has confirmed, or nobody there who may answer has opened, and whom to telephone.',
        resolve: async (_root, _args, ctx) => {
          const rows = await findUnreadUrgent(ctx.enquiries, await ctx.reading.trx());
          return showRows(ctx, 'unread-urgent', rows);
        },
      }),
      peers: t.field({ type: [Peer], resolve: (_root, _args, ctx) => [...ctx.enquiries.peers()] }),
      questions: t.field({
        type: [Question],
        description: 'The shared catalogue of questions.',
        args: { language: t.arg.string({ defaultValue: 'en' }) },
        resolve: (_root, { language }) =>
          questions.map((question) => ({ question, language: language ?? 'en' })),
      }),
      labels: t.field({
        type: [Label],
        description: 'Codes of one list with their labels.',
        args: { list: t.arg.string({ required: true }), language: t.arg.string({ defaultValue: 'en' }) },
        resolve: (_root, { list, language }) => {
          const codes = codeLists[list];
          return codes
            ? codes.codes.map((code) => ({ code, ...labelOf(codes, code, language ?? 'en') }))
            : [];
        },
      }),
    }),
  });
}

/** Rows the policy lets this person see, counted as shown. */
export async function showRows<R extends { thread: string }>(
  ctx: OfficerContext,
  what: string,
  rows: R[],
): Promise<R[]> {
  const visible = await keepVisible(await ctx.reading.trx(), ctx.actor, rows, nowOf(ctx));
  ctx.reading.noteList(what, visible.length);
  return visible;
}

/** Tasks the policy lets this person see, counted as shown: of a conversation they see, for their unit, or of neither. */
export async function showTasks(ctx: OfficerContext, open: TaskRow[]): Promise<TaskRow[]> {
  const rows = open.filter((row) => seesTask(ctx.actor, row));
  const bound = rows.filter(
    (row): row is TaskRow & { thread: string } => row.thread !== null && row.unit === null,
  );
  const visible = new Set<TaskRow>(await showRows(ctx, 'task', bound));
  const shown = rows.filter((row) => row.thread === null || row.unit !== null || visible.has(row));
  ctx.reading.noteList('task', shown.length - visible.size);
  return shown;
}

/** @throws EnquiryError PROPOSAL_UNKNOWN, for what is not there and for what this person may not see */
export async function showProposal(ctx: OfficerContext, id: string): Promise<ProposalRow> {
  const reader = await ctx.reading.reader();
  const rows = await reader.trx.selectFrom('proposal').selectAll().where('id', '=', id).execute();
  const [row] = await showRows(ctx, 'proposal', await openRows(reader, sealedProposal, rows));
  if (!row) throw new EnquiryError('PROPOSAL_UNKNOWN');
  ctx.reading.noteContent(row.thread);
  return row;
}

function defineMe(builder: OfficerBuilder) {
  return builder.objectRef<import('../access/actor.ts').Actor>('Me').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      role: t.exposeString('role'),
      office: t.exposeString('office'),
      state: t.string({
        description: 'The State of this node.',
        resolve: (_actor, _args, ctx) => ctx.enquiries.state,
      }),
      may: t.stringList({ resolve: (actor) => permissions.filter((one) => isPermitted(actor.role, one)) }),
    }),
  });
}

type Nullable<T> = { [K in keyof T]?: T[K] | null | undefined };

/** GraphQL's null means what leaving out means. */
function cleanFilter(filter: Nullable<InboxFilter> | null | undefined): InboxFilter {
  return Object.fromEntries(
    Object.entries(filter ?? {}).filter(([, value]) => value !== null),
  ) as InboxFilter;
}

function defineInbox(builder: OfficerBuilder, Conversation: OutputRef<ConversationRow>) {
  const Filter = builder.inputType('InboxFilter', {
    fields: (t) => ({
      state: t.stringList(),
      peer: t.stringList(),
      urgent: t.boolean(),
      unread: t.boolean(),
      overdue: t.boolean(),
      awaitingUs: t.boolean(),
    }),
  });
  const Edge = builder.objectRef<ConversationRow>('InboxEdge').implement({
    fields: (t) => ({
      cursor: t.string({ resolve: cursorOf }),
      node: t.field({ type: Conversation, resolve: (row) => row }),
    }),
  });
  type Rows = { rows: readonly ConversationRow[]; hasNextPage: boolean };
  const PageInfo = builder.objectRef<Rows>('PageInfo').implement({
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      endCursor: t.string({
        nullable: true,
        resolve: ({ rows }) => (rows.length > 0 ? cursorOf(rows.at(-1)!) : null),
      }),
    }),
  });
  const Page = builder.objectRef<Rows>('InboxConnection').implement({
    fields: (t) => ({
      edges: t.field({ type: [Edge], resolve: ({ rows }) => [...rows] }),
      pageInfo: t.field({ type: PageInfo, resolve: (page) => page }),
    }),
  });
  return { Page, Filter };
}

function defineLabels(builder: OfficerBuilder) {
  const Label = builder.objectRef<{ code: string; text: string; reviewed: boolean }>('Label').implement({
    fields: (t) => ({
      code: t.exposeString('code'),
      text: t.exposeString('text'),
      reviewed: t.exposeBoolean('reviewed', { description: 'A speaker of the language has confirmed it.' }),
    }),
  });
  type Asked = { question: (typeof questions)[number]; language: string };
  const Question = builder.objectRef<Asked>('Question').implement({
    fields: (t) => ({
      code: t.string({ resolve: ({ question }) => question.code }),
      wording: t.string({
        resolve: ({ question, language }) => labelOf(codeLists.fnq!, question.code, language).text,
      }),
      sources: t.stringList({ resolve: ({ question }) => [...question.allowedSources] }),
      defaultSource: t.string({ resolve: ({ question }) => question.defaultLimit.source }),
      defaultDisclosure: t.string({ resolve: ({ question }) => question.defaultLimit.disclosure }),
      purposes: t.stringList({ resolve: ({ question }) => [...question.purposes] }),
      neverToFamily: t.boolean({ resolve: ({ question }) => question.neverToFamily }),
      familyClearanceNeeded: t.boolean({ resolve: ({ question }) => question.familyClearanceNeeded }),
    }),
  });
  return { Label, Question };
}

function defineUnread(builder: OfficerBuilder) {
  const Call = builder.objectRef<UnreadUrgent['call'][number]>('Call').implement({
    fields: (t) => ({
      number: t.exposeString('number'),
      hours: t.exposeString('hours'),
      languages: t.exposeStringList('languages'),
    }),
  });
  return builder.objectRef<UnreadUrgent>('UnreadUrgent').implement({
    fields: (t) => ({
      messageId: t.exposeID('messageId'),
      thread: t.exposeID('thread'),
      peer: t.exposeString('peer'),
      author: t.exposeString('author', {
        description: 'ours: nobody there has read it; theirs: nobody here has.',
      }),
      since: t.field({ type: 'Instant', resolve: (row) => row.sinceMs }),
      call: t.field({ type: [Call], resolve: (row) => row.call }),
    }),
  });
}
