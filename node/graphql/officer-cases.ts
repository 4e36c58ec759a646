/**
 * Case files as officers and case workers see them and write in them. Resolvers only show, or call one operation each.
 */
import type { InputRef, OutputRef } from '@pothos/core';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { caseClosing } from '#schema/vocabulary/cases.ts';
import { AccessError } from '../access/access-error.ts';
import { lapsedAtMs, type Majority, majorityOf } from '../cases/age.ts';
import {
  type CaseEntry,
  type CaseItem,
  historyOf,
  isContested,
  itemsToShow,
  readItems,
} from '../cases/history.ts';
import { approveJoin, type JoinRow, proposeJoin, undoJoin } from '../cases/join-cases.ts';
import { type CaseKind, caseKindNames, caseKinds, Provenance } from '../cases/kinds.ts';
import { linkConversation, unlinkConversation } from '../cases/link-conversation.ts';
import { cursorOfCase, listCases, readCase } from '../cases/list-cases.ts';
import { closeCase, openCase, openCaseOf, reopenCase } from '../cases/open-case.ts';
import { restrictCase } from '../cases/restrict-case.ts';
import type { CaseRow } from '../cases/store.ts';
import { type Written, writeEntry } from '../cases/write-entry.ts';
import type { ConversationRow } from '../enquiries/store.ts';
import type { Load } from './batch.ts';
import { codesOf } from './codes.ts';
import type { Derivation } from './derive.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import {
  filesOfChild,
  nowOf,
  type OfficerContext,
  readWith,
  requireSeen,
  type TaskRow,
} from './officer-context.ts';
import { LANGUAGE, type Shared } from './officer-shared-types.ts';
import { plain } from './plain-input.ts';
import { renderBySchema } from './render-body.ts';
import { pascal } from './shape.ts';
import { showAct } from './show-body.ts';

interface Types {
  readonly Line: Shared['Line'];
  readonly Conversation: OutputRef<ConversationRow>;
  readonly Task: OutputRef<TaskRow>;
}

/** `name` is written by `writeCaseName`. */
export const caseMutation = (kind: CaseKind): string => `writeCase${pascal(kind)}`;

/** @returns the type of a file */
export function defineCases(builder: OfficerBuilder, derivation: Derivation, types: Types) {
  const { Item, Entry, Kind } = defineItems(builder, derivation, types);
  const Closing = codesOf(builder, 'CaseClosing', caseClosing.codes);
  const File = defineFile(builder, { ...types, Item, Entry, Kind, Closing });
  defineCaseQueries(builder, File);
  defineWriting(builder, derivation, { Item, Entry });
  defineWork(builder, Closing);
  return File;
}

function defineItems(builder: OfficerBuilder, derivation: Derivation, { Line }: Types) {
  const Kind = codesOf(builder, 'CaseKind', caseKindNames);
  const Origin = derivation.output(Provenance, 'Provenance') as OutputRef<CaseEntry['provenance']>;
  const Value = defineValues(builder, derivation);
  const Entry = builder.objectRef<CaseEntry>('CaseEntry').implement({
    description:
      'What one person wrote at one time. Entries are never changed; a later one takes the place of earlier ones.',
    fields: (t) => ({
      id: t.exposeID('id'),
      case: t.id({ description: 'The file it was written into.', resolve: ({ caseId }) => caseId }),
      item: t.exposeID('item'),
      kind: t.field({ type: Kind, resolve: ({ kind }) => kind }),
      at: t.field({ type: 'Instant', resolve: ({ atMs }) => atMs }),
      author: t.exposeString('author'),
      authorName: t.exposeString('authorName'),
      replaces: t.stringList({ resolve: ({ replaces }) => [...replaces] }),
      reason: t.exposeString('reason', { nullable: true }),
      provenance: t.field({ type: Origin, resolve: ({ provenance }) => provenance }),
      value: t.field({
        type: Value as never,
        nullable: true,
        description: 'Null: no longer stated.',
        resolve: ({ kind, value }) => (value && markKind(kind, value)) as never,
      }),
      lapsedAt: t.field({
        type: 'Instant',
        nullable: true,
        description:
          'Of a consent from before the latest plausible 18th birthday, once that is over: the young adult is asked anew.',
        resolve: (entry) => (entry as ShownEntry).lapsedAtMs ?? null,
      }),
      rendered: t.field({
        type: [Line],
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: ({ kind, value }, { language }) =>
          value === null
            ? []
            : renderBySchema(caseKinds[kind].value, value, {
                language: language ?? 'en',
                questions: new Map(),
              }),
      }),
    }),
  });
  const Item = builder.objectRef<CaseItem>('CaseItem').implement({
    description: 'One thing the file states: one account of it, or several that a person must resolve.',
    fields: (t) => ({
      item: t.exposeID('item'),
      kind: t.field({ type: Kind, resolve: ({ kind }) => kind }),
      contested: t.boolean({ resolve: isContested }),
      heads: t.field({ type: [Entry], resolve: ({ heads }) => [...heads] }),
    }),
  });
  return { Item, Entry, Kind };
}

const KIND = Symbol('kind');
const markKind = (kind: CaseKind, value: object): object => Object.assign({ ...value }, { [KIND]: kind });

/** One output type for each kind, and the union of them. */
function defineValues(builder: OfficerBuilder, derivation: Derivation) {
  const nameOf = new Map<CaseKind, string>();
  const refs = caseKindNames.map((kind) => {
    const ref = derivation.output(caseKinds[kind].value, `Case${pascal(kind)}`);
    nameOf.set(kind, (ref as unknown as { name: string }).name);
    return ref;
  });
  return builder.unionType('CaseValue', {
    types: refs as never,
    resolveType: (value) => nameOf.get((value as { [KIND]: CaseKind })[KIND])!,
  });
}

type CodeRef<C extends string> = ReturnType<typeof codesOf<C>>;
type Closing = (typeof caseClosing.codes)[number];

interface FileTypes extends Types {
  readonly Item: OutputRef<CaseItem>;
  readonly Entry: OutputRef<CaseEntry>;
  readonly Kind: CodeRef<CaseKind>;
  readonly Closing: CodeRef<Closing>;
}

function defineFile(builder: OfficerBuilder, { Item, Entry, Kind, Closing, Conversation, Task }: FileTypes) {
  const Join = defineJoin(builder);
  const Majority = defineMajority(builder);
  return builder.objectRef<CaseRow>('CaseFile').implement({
    description: 'The file of one child.',
    fields: (t) => ({
      id: t.exposeID('id'),
      unit: t.exposeString('unit'),
      eyesOnly: t.boolean({ resolve: (row) => row.eyes_only }),
      openedAt: t.field({ type: 'Instant', resolve: (row) => row.opened_at }),
      updatedAt: t.field({ type: 'Instant', resolve: (row) => row.updated_at }),
      closedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.closed_at }),
      closing: t.field({ type: Closing, nullable: true, resolve: (row) => row.closing }),
      readWith: t.id({
        nullable: true,
        description: 'The file of the same child that this one is read with.',
        resolve: (row) => row.joined_into,
      }),
      items: t.field({
        type: [Item],
        description: 'Warnings first.',
        args: {
          kinds: t.arg({ type: [Kind], description: 'Only of these kinds.' }),
          asOf: t.arg({
            type: 'Instant',
            description:
              'As it was known then; warnings that were given or changed since are shown all the same.',
          }),
        },
        resolve: async (row, { kinds, asOf }, ctx) => {
          const items = itemsToShow(await entriesOf(ctx, row), asOf ?? undefined);
          return kinds ? items.filter(({ kind }) => kinds.includes(kind)) : items;
        },
      }),
      history: t.field({
        type: [Entry],
        description: 'Every entry of an item, the first one first.',
        args: { item: t.arg.id({ required: true }) },
        resolve: async (row, { item }, ctx) => historyOf(await entriesOf(ctx, row), String(item)),
      }),
      majority: t.field({
        type: Majority,
        nullable: true,
        description: 'When the child turns 18; null where nothing is stated of the birth.',
        resolve: async (row, _args, ctx) => majorityOf(readItems(await entriesOf(ctx, row))),
      }),
      conversations: t.field({
        type: [Conversation],
        description: 'With other States about this child, as far as the caller sees them.',
        resolve: async (row, _args, ctx) => {
          const links = await ofAllFiles(ctx, row, ctx.linksOf);
          const found = await Promise.all([...new Set(links)].map(ctx.conversationOf));
          return found.filter((one) => one !== undefined);
        },
      }),
      tasks: t.field({
        type: [Task],
        resolve: (row, _args, ctx) => ofAllFiles(ctx, row, ctx.tasksOf),
      }),
      joins: t.field({ type: [Join], resolve: async (row, _args, ctx) => (await ctx.joinsOf(row.id)) ?? [] }),
    }),
  });
}

/** With what time has made of it. */
type ShownEntry = CaseEntry & { readonly lapsedAtMs?: number | null };

/** What stands with any file of this child. @throws CaseError CASE_JOINED */
async function ofAllFiles<T>(ctx: OfficerContext, row: CaseRow, load: Load<string, T[] | undefined>) {
  const found = await Promise.all((await filesOfChild(ctx, row)).map(load));
  return found.flatMap((rows) => rows ?? []);
}

/** Of the file that is read, or of the one it is read with: never nothing, as if there were no warning. @throws CaseError CASE_JOINED */
async function entriesOf(ctx: OfficerContext, row: CaseRow): Promise<ShownEntry[]> {
  const { id } = await readWith(ctx, row);
  ctx.reading.noteContent(row.id);
  ctx.reading.noteContent(id);
  const entries = (await ctx.entriesOf(id)) ?? [];
  const majority = majorityOf(readItems(entries));
  return entries.map((entry) => ({ ...entry, lapsedAtMs: lapsedAtMs(entry, majority, nowOf(ctx)) }));
}

function defineMajority(builder: OfficerBuilder) {
  return builder.objectRef<Majority>('Majority').implement({
    description: 'Warn by the earliest plausible day, protect until the latest.',
    fields: (t) => ({
      first: t.field({ type: 'Instant', resolve: ({ firstMs }) => firstMs }),
      last: t.field({
        type: 'Instant',
        description: 'From then on nobody represents the child, and consents have lapsed.',
        resolve: ({ lastMs }) => lastMs,
      }),
    }),
  });
}

function defineJoin(builder: OfficerBuilder) {
  return builder.objectRef<JoinRow>('CaseJoin').implement({
    description: 'Two files that are of one child, as one person says and another confirms.',
    fields: (t) => ({
      id: t.exposeID('id'),
      from: t.id({ resolve: (row) => row.from_case }),
      into: t.id({ resolve: (row) => row.into_case }),
      proposer: t.exposeString('proposer'),
      proposedAt: t.field({ type: 'Instant', resolve: (row) => row.proposed_at }),
      approver: t.exposeString('approver', { nullable: true }),
      approvedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.approved_at }),
    }),
  });
}

function defineCaseQueries(builder: OfficerBuilder, File: OutputRef<CaseRow>): void {
  type Page = Awaited<ReturnType<typeof listCases>>;
  const CasePage = builder.objectRef<Page>('CasePage').implement({
    fields: (t) => ({
      nodes: t.field({ type: [File], resolve: ({ rows }) => [...rows] }),
      hasNextPage: t.exposeBoolean('hasNextPage'),
      endCursor: t.string({
        nullable: true,
        resolve: ({ rows }) => (rows.length === 0 ? null : cursorOfCase(rows.at(-1)!)),
      }),
    }),
  });
  builder.queryFields((t) => ({
    cases: t.field({
      type: CasePage,
      description: 'Files the caller works on or whose unit is theirs, the last changed first.',
      args: {
        first: t.arg.int({ defaultValue: 25, description: 'At most 100.' }),
        after: t.arg.string({ description: 'endCursor of the page before.' }),
        open: t.arg.boolean({ description: 'Only open files, or only closed ones.' }),
      },
      resolve: async (_root, { first, after, open }, ctx) => {
        const page = { first: first ?? 25, after: after ?? undefined, open: open ?? undefined };
        const shown = await listCases(await ctx.reading.trx(), ctx.actor, nowOf(ctx), page);
        ctx.reading.noteList('case', shown.rows.length);
        return shown;
      },
    }),
    case: t.field({
      type: File,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, ctx) => {
        const row = await readCase(await ctx.reading.trx(), ctx.actor, String(id), nowOf(ctx));
        ctx.reading.noteContent(row.id);
        return row;
      },
    }),
  }));
}

type ItemTypes = { readonly Item: OutputRef<CaseItem>; readonly Entry: OutputRef<CaseEntry> };

/** One mutation for each kind: what may be written is in its schema. */
function defineWriting(builder: OfficerBuilder, derivation: Derivation, { Item, Entry }: ItemTypes): void {
  const Origin = derivation.input(Provenance, 'Provenance') as InputRef<Record<string, unknown>>;
  const Result = builder.objectRef<Written>('CaseWritten').implement({
    description:
      'The entry, and the item as it stands: contested, where somebody else had written meanwhile.',
    fields: (t) => ({
      entry: t.field({ type: Entry, resolve: ({ entry }) => entry }),
      item: t.field({
        type: Item,
        resolve: ({ entry, item }, _args, { reading }) => {
          // Also what others have written.
          reading.noteContent(entry.caseId);
          return item;
        },
      }),
    }),
  });
  for (const kind of caseKindNames)
    builder.mutationField(caseMutation(kind), (t) =>
      t.field({
        type: Result,
        args: {
          case: t.arg.id({ required: true }),
          item: t.arg.id({ description: 'The item it changes; without it, a new one.' }),
          replaces: t.arg.idList({ description: 'Entries it takes the place of: those you had before you.' }),
          value: t.arg({
            type: derivation.input(caseKinds[kind].value, `Case${pascal(kind)}`) as InputRef<
              Record<string, unknown>
            >,
            description: 'Left out: no longer stated, for the reason given.',
          }),
          provenance: t.arg({ type: Origin, required: true }),
          reason: t.arg.string(),
        },
        resolve: (_root, args, ctx) =>
          writeEntry(ctx.enquiries, ctx.actor, {
            case: String(args.case),
            kind,
            item: args.item == null ? undefined : String(args.item),
            replaces: (args.replaces ?? []).map(String),
            value: args.value == null ? null : plain(args.value),
            provenance: plain(args.provenance),
            reason: args.reason ?? undefined,
          }),
      }),
    );
}

/** The enquiry of a conversation as the caller may read it, and the record that it was read. @throws AccessError NOT_FOUND */
async function readEnquiry(
  ctx: OfficerContext,
  thread: string,
): Promise<{ body: EnquiryBody; isOurs: boolean }> {
  await requireSeen(ctx, 'conversation.read', thread);
  const folded = await ctx.foldOf(thread);
  const row = folded?.rows.find(({ type }) => type === 'ENQ');
  if (!row) throw new AccessError('NOT_FOUND');
  ctx.reading.noteContent(thread);
  return { body: (await showAct(ctx, row)) as unknown as EnquiryBody, isOurs: row.stage !== null };
}

/** What is done with a file as a whole. */
function defineWork(builder: OfficerBuilder, Closing: CodeRef<Closing>): void {
  const done = async (work: Promise<void>) => {
    await work;
    return true;
  };
  builder.mutationFields((t) => {
    const file = { case: t.arg.id({ required: true }) };
    const join = { join: t.arg.id({ required: true }) };
    const link = { ...file, thread: t.arg.id({ required: true }) };
    return {
      openCase: t.id({
        description: 'An empty file of the caller’s unit.',
        resolve: (_root, _args, ctx) => openCase(ctx.enquiries, ctx.actor),
      }),
      openCaseOf: t.id({
        description:
          'The file of a child of an enquiry, ours or another State’s, with what it says as first entries. Linked to the conversation.',
        args: {
          thread: t.arg.id({ required: true }),
          child: t.arg.string({ required: true, description: 'Its reference in the enquiry, e.g. c1.' }),
        },
        resolve: async (_root, { thread, child }, ctx) => {
          const { body, isOurs } = await readEnquiry(ctx, String(thread));
          return openCaseOf(ctx.enquiries, ctx.actor, { thread: String(thread), ref: child, body, isOurs });
        },
      }),
      closeCase: t.boolean({
        args: { ...file, closing: t.arg({ type: Closing, required: true }) },
        resolve: (_root, { case: id, closing }, ctx) =>
          done(closeCase(ctx.enquiries, ctx.actor, { case: String(id), closing })),
      }),
      reopenCase: t.boolean({
        args: file,
        resolve: (_root, { case: id }, ctx) => done(reopenCase(ctx.enquiries, ctx.actor, String(id))),
      }),
      restrictCase: t.boolean({
        description: 'For named readers and the head alone, or for its unit again.',
        args: { ...file, eyesOnly: t.arg.boolean({ required: true }) },
        resolve: (_root, { case: id, eyesOnly }, ctx) =>
          done(restrictCase(ctx.enquiries, ctx.actor, { case: String(id), eyesOnly })),
      }),
      linkConversation: t.boolean({
        args: link,
        resolve: (_root, { case: id, thread }, ctx) =>
          done(linkConversation(ctx.enquiries, ctx.actor, { case: String(id), thread: String(thread) })),
      }),
      unlinkConversation: t.boolean({
        args: link,
        resolve: (_root, { case: id, thread }, ctx) =>
          done(unlinkConversation(ctx.enquiries, ctx.actor, { case: String(id), thread: String(thread) })),
      }),
      proposeJoin: t.id({
        description: 'Says that two files are of one child; another person confirms it.',
        args: { from: t.arg.id({ required: true }), into: t.arg.id({ required: true }) },
        resolve: (_root, { from, into }, ctx) =>
          proposeJoin(ctx.enquiries, ctx.actor, { from: String(from), into: String(into) }),
      }),
      approveJoin: t.boolean({
        args: join,
        resolve: (_root, { join: id }, ctx) => done(approveJoin(ctx.enquiries, ctx.actor, String(id))),
      }),
      undoJoin: t.boolean({
        args: join,
        resolve: (_root, { join: id }, ctx) => done(undoJoin(ctx.enquiries, ctx.actor, String(id))),
      }),
    };
  });
}
