/**
 * Looking for the file of a child, and what has surfaced by itself, as officers and case workers see it. Resolvers only show, or call
 * one operation each.
 */
import type { InputRef, OutputRef } from '@pothos/core';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { matchField, matchOutcome, matchReason, matchVerdict } from '#schema/vocabulary/matching.ts';
import { gender } from '#schema/vocabulary/people.ts';
import { countryName } from '#schema/vocabulary/places.ts';
import { CaseError } from '../cases/case-error.ts';
import { factsOfCase } from '../cases/case-facts.ts';
import { decideCandidate, decideMatch, type MatchRow } from '../cases/decide-match.ts';
import { readItems } from '../cases/history.ts';
import { readCase } from '../cases/list-cases.ts';
import { type Candidate, readSought, SoughtChild, searchCases } from '../cases/search-cases.ts';
import type { CaseRow } from '../cases/store.ts';
import type { ConversationRow } from '../enquiries/store.ts';
import type { SearchableFacts } from '../matching/facts.ts';
import { type ShownField, showComparisonWith } from '../matching/show-comparison.ts';
import { codesOf } from './codes.ts';
import type { Derivation } from './derive.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { filesOfChild, nowOf, type OfficerContext, readWith, requireSeen } from './officer-context.ts';
import { LANGUAGE } from './officer-shared-types.ts';
import { plain } from './plain-input.ts';

interface Types {
  readonly CaseFile: OutputRef<CaseRow>;
  readonly Conversation: OutputRef<ConversationRow>;
}

export function defineMatching(builder: OfficerBuilder, derivation: Derivation, types: Types): void {
  const Field = defineField(builder);
  const Verdict = codesOf(builder, 'MatchVerdict', matchVerdict.codes);
  defineSearch(builder, derivation, { ...types, Field });
  const Match = defineMatch(builder, { ...types, Field, Verdict });
  builder.queryField('caseMatch', (t) =>
    t.field({
      type: Match,
      description: 'What a task about a possible match is about (Task.about).',
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, ctx) => {
        const query = (await ctx.reading.trx()).selectFrom('case_match').selectAll();
        const row = await query.where('id', '=', String(id)).executeTakeFirst();
        if (!row || !(await ctx.caseOf(row.case_id))) throw new CaseError('MATCH_UNKNOWN');
        return row;
      },
    }),
  );
  defineDeciding(builder, Verdict);
}

function defineField(builder: OfficerBuilder) {
  const language = { language: { type: 'String' as const, defaultValue: 'en', description: LANGUAGE } };
  return builder.objectRef<ShownField>('MatchField').implement({
    description: 'One field of two records side by side.',
    fields: (t) => ({
      field: t.exposeString('field'),
      outcome: t.exposeString('outcome', { description: 'match, near, mismatch or blank' }),
      reason: t.exposeString('reason', { description: 'Why; of a blank, on which side.' }),
      label: t.string({
        args: { language: t.arg(language.language) },
        resolve: ({ field }, args) => labelOf(matchField, field, args.language ?? 'en').text,
      }),
      outcomeLabel: t.string({
        args: { language: t.arg(language.language) },
        resolve: ({ outcome }, args) => labelOf(matchOutcome, outcome, args.language ?? 'en').text,
      }),
      reasonLabel: t.string({
        args: { language: t.arg(language.language) },
        resolve: ({ reason }, args) => labelOf(matchReason, reason, args.language ?? 'en').text,
      }),
      sought: t.stringList({
        description: 'As written on the side that is looked for.',
        args: { language: t.arg(language.language) },
        resolve: ({ field, sought }, args) =>
          sought.map((one) => showValue(field, one, args.language ?? 'en')),
      }),
      file: t.stringList({
        description: 'As written in the file.',
        args: { language: t.arg(language.language) },
        resolve: ({ field, file }, args) => file.map((one) => showValue(field, one, args.language ?? 'en')),
      }),
    }),
  });
}

function showValue(field: ShownField['field'], value: string, language: string): string {
  if (field === 'gender') return labelOf(gender, value, language).text;
  return field === 'nationalities' ? countryName(value, language).text : value;
}

interface WithField extends Types {
  readonly Field: OutputRef<ShownField>;
}

function defineSearch(builder: OfficerBuilder, derivation: Derivation, { CaseFile, Field }: WithField): void {
  const Found = builder.objectRef<Candidate>('CaseCandidate').implement({
    description: 'A file that may be of whoever is sought. Whether it is, a person says.',
    fields: (t) => ({
      case: t.field({ type: CaseFile, resolve: ({ row }) => row }),
      fields: t.field({ type: [Field], resolve: ({ fields }) => [...fields] }),
    }),
  });
  builder.queryField('searchCases', (t) =>
    t.field({
      type: [Found],
      description:
        'Files among those the caller sees, the likeliest first: of whoever is sought, of the child of a file, or of a child of another State’s enquiry. Each search is recorded, without what was sought.',
      args: {
        sought: t.arg({
          type: derivation.input(SoughtChild, 'SoughtChild') as InputRef<Record<string, unknown>>,
        }),
        case: t.arg.id({ description: 'Other files of the child of this one.' }),
        thread: t.arg.id(),
        child: t.arg.string({ description: 'Its reference in the enquiry, e.g. c1.' }),
        first: t.arg.int({ defaultValue: 10, description: 'At most 20.' }),
      },
      resolve: async (_root, args, ctx) => {
        const { sought, except } = await readWanted(ctx, args);
        const reader = await ctx.reading.reader();
        const first = args.first ?? 10;
        const found = await searchCases(reader, ctx.actor, nowOf(ctx), { sought, except, first });
        ctx.reading.noteList('search', 1);
        ctx.reading.noteList('candidate', found.length);
        for (const { row } of found) ctx.reading.noteContent(row.id);
        return found;
      },
    }),
  );
}

type Wanted = {
  readonly sought?: Record<string, unknown> | null | undefined;
  readonly case?: string | number | null | undefined;
  readonly thread?: string | number | null | undefined;
  readonly child?: string | null | undefined;
};

/** @throws CaseError SEARCH_UNCLEAR, SEARCH_INVALID, CASE_UNKNOWN, CHILD_UNKNOWN; AccessError NOT_FOUND */
async function readWanted(
  ctx: OfficerContext,
  { sought, case: id, thread, child }: Wanted,
): Promise<{ sought: SearchableFacts; except?: string }> {
  if ([sought, id, thread].filter((one) => one != null).length !== 1 || (thread == null) !== (child == null))
    throw new CaseError('SEARCH_UNCLEAR');
  if (sought != null) return { sought: readSought(plain(sought)) };
  if (id != null) {
    const row = await readWith(
      ctx,
      await readCase(await ctx.reading.trx(), ctx.actor, String(id), nowOf(ctx)),
    );
    return { sought: await factsOfRow(ctx, row), except: row.id };
  }
  await requireSeen(ctx, 'conversation.read', String(thread));
  const subject = await readSubject(ctx, String(thread), child!);
  if (!subject) throw new CaseError('CHILD_UNKNOWN');
  return { sought: subject };
}

async function factsOfRow(ctx: OfficerContext, { id }: CaseRow): Promise<SearchableFacts> {
  ctx.reading.noteContent(id);
  return factsOfCase(readItems((await ctx.entriesOf(id)) ?? []));
}

async function readSubject(
  ctx: OfficerContext,
  thread: string,
  ref: string,
): Promise<SearchableFacts | undefined> {
  const subjects = (await ctx.subjectsOf(thread)) ?? [];
  if (subjects.length > 0) ctx.reading.noteContent(thread);
  return subjects.find((one) => one.ref === ref)?.facts;
}

type VerdictRef = ReturnType<typeof codesOf<(typeof matchVerdict.codes)[number]>>;

function defineMatch(
  builder: OfficerBuilder,
  { CaseFile, Conversation, Field, Verdict }: WithField & { readonly Verdict: VerdictRef },
) {
  const Match = builder.objectRef<MatchRow>('CaseMatch').implement({
    description:
      'A file, and another file or what another State sent, that may be of one child. The other side is shown to whoever sees it anyway.',
    fields: (t) => ({
      id: t.exposeID('id'),
      case: t.field({
        type: CaseFile,
        nullable: true,
        description: 'The file that was here first.',
        resolve: async (row, _args, ctx) => (await ctx.caseOf(row.case_id)) ?? null,
      }),
      other: t.field({
        type: CaseFile,
        nullable: true,
        resolve: async (row, _args, ctx) =>
          row.other_case === null ? null : ((await ctx.caseOf(row.other_case)) ?? null),
      }),
      conversation: t.field({
        type: Conversation,
        nullable: true,
        resolve: async (row, _args, ctx) =>
          row.thread === null ? null : ((await ctx.conversationOf(row.thread)) ?? null),
      }),
      ofAnotherState: t.boolean({
        description: 'The other side is an enquiry, an alert or a sighting, and no file.',
        resolve: (row) => row.thread !== null,
      }),
      child: t.exposeString('child', { nullable: true, description: 'Reference in the enquiry.' }),
      fields: t.field({
        type: [Field],
        description: 'Both sides field by field; none for who does not see both.',
        resolve: async (row, _args, ctx) => compareBoth(ctx, row),
      }),
      foundAt: t.field({ type: 'Instant', resolve: (row) => row.found_at }),
      verdict: t.field({ type: Verdict, nullable: true, resolve: (row) => row.verdict }),
      decidedBy: t.exposeString('decided_by', { nullable: true }),
      decidedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.decided_at }),
    }),
  });
  builder.objectField(CaseFile as never, 'matches', (t) =>
    t.field({
      type: [Match],
      description:
        'What may be of the same child, as far as the caller may know of it, and what was said of it.',
      resolve: async (row, _args, ctx) => {
        const files = await filesOfChild(ctx, row as unknown as CaseRow);
        const found = await Promise.all(files.map(ctx.matchesOf));
        // One between two of these files is told by both.
        return [...new Map(found.flatMap((rows) => rows ?? []).map((one) => [one.id, one])).values()];
      },
    }),
  );
  return Match;
}

async function compareBoth(ctx: OfficerContext, row: MatchRow): Promise<ShownField[]> {
  const [file, other] = await Promise.all([factsOf(ctx, row.case_id), otherFacts(ctx, row)]);
  return file && other ? [...showComparisonWith(other)(file).fields] : [];
}

/** Of a file, or of the one it is read with, where the caller sees it. */
async function factsOf(ctx: OfficerContext, id: string): Promise<SearchableFacts | undefined> {
  const row = await ctx.caseOf(id);
  const into = row?.joined_into ? await ctx.caseOf(row.joined_into) : row;
  return into && factsOfRow(ctx, into);
}

async function otherFacts(ctx: OfficerContext, row: MatchRow): Promise<SearchableFacts | undefined> {
  if (row.other_case !== null) return factsOf(ctx, row.other_case);
  return (await ctx.conversationOf(row.thread!)) && readSubject(ctx, row.thread!, row.child!);
}

function defineDeciding(builder: OfficerBuilder, Verdict: VerdictRef): void {
  builder.mutationFields((t) => ({
    decideMatch: t.id({
      nullable: true,
      description:
        'Says whether the two are of one child. Two files of the same child are proposed to be joined, and the answer is the id of the proposal; a conversation is put with the file.',
      args: { match: t.arg.id({ required: true }), verdict: t.arg({ type: Verdict, required: true }) },
      resolve: (_root, { match, verdict }, ctx) =>
        decideMatch(ctx.enquiries, ctx.actor, { match: String(match), verdict }),
    }),
    decideCandidate: t.id({
      nullable: true,
      description: 'The same of two files that somebody has found by searching.',
      args: {
        case: t.arg.id({ required: true }),
        other: t.arg.id({ required: true }),
        verdict: t.arg({ type: Verdict, required: true }),
      },
      resolve: (_root, { case: one, other, verdict }, ctx) =>
        decideCandidate(ctx.enquiries, ctx.actor, { one: String(one), other: String(other), verdict }),
    }),
  }));
}
