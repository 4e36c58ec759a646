/**
 * What guardians are shown, as types. Resolvers only show: what may stand in a row was decided when it was written
 * (node/representation/withhold.ts), and who may see it by the database's views.
 */
import type { OutputRef } from '@pothos/core';
import type { FreeText } from '#schema/conversation/bodies/common.ts';
import { type CodeList, isCodeOf, labelOf } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { questionWording } from '#schema/vocabulary/question-wording.ts';
import { wordResults } from '../representation/answer-word.ts';
import {
  type DecisionShown,
  decisionsOf,
  dueOf,
  erasingOf,
  groundsOf,
  isOpen,
  namedState,
  type QuestionShown,
  questionsOf,
  tellingOf,
  type WordShown,
  wordsOf,
} from '../representation/assemble.ts';
import { type ChildPage, type ReadingAge, tellForChild } from '../representation/for-child.ts';
import {
  answerOutcomes,
  dateOf,
  dayOf,
  decisionKinds,
  holderOf,
  holders,
  milestones,
  monthOf,
  nextOf,
  nextSteps,
  otherSide,
  tellChild,
  tellOfMilestone,
} from '../representation/milestones.ts';
import type { Followed, Reached } from '../representation/read-followed.ts';
import { ofKind, type ShownOf, type Telling } from '../representation/shown.ts';
import type { ShownCode } from '../representation/withhold.ts';
import { type Access, each, type FieldTable } from './guard-fields.ts';
import type { GuardianContext } from './guardian.ts';
import type { PeopleBuilder } from './people-builder.ts';
import { defineLabel, LANGUAGE, type Labelled } from './people-shared-types.ts';

type Builder = PeopleBuilder<GuardianContext>;
/** A row beside what it was shown with. */
type With<K extends Parameters<typeof ofKind>[1]> = { readonly row: ShownOf<K>; readonly of: Followed };

const READ: Access = 'representation.read';

/** Everything below a conversation is content of it: reading it is recorded. */
export const shownFields: FieldTable = {
  ...each(
    'FollowedConversation',
    { content: 'representation.read' },
    'id with state milestone label timeline holder next answerDue erasedFrom purpose legalBasis questions rounds said decisions hearings expected notes contacts views documents forChild',
  ),
  ...each('Milestone', READ, 'milestone label date tell'),
  ...each('Label', READ, 'code text reviewed'),
  ...each('Words', READ, 'text language'),
  ...each('Telling', READ, 'tell how'),
  ...each('AskedQuestion', READ, 'n question answer'),
  ...each('ShownAnswer', READ, 'outcome month interim codes each dates'),
  ...each('AnsweredItem', READ, 'item answer'),
  ...each('DateRange', READ, 'earliest latest'),
  ...each('QuestionRound', READ, 'id until open questions'),
  ...each('RoundQuestion', READ, 'n question'),
  ...each('Said', READ, 'id kind round question on words answer'),
  ...each('SaidAnswer', READ, 'result reason on'),
  ...each('Decision', READ, 'id decision title on reasons words until appealUntil telling'),
  ...each('Hearing', READ, 'id proceeding on telling'),
  ...each('Expected', READ, 'id words by telling'),
  ...each('Note', READ, 'id words on telling'),
  ...each('Contact', READ, 'id role name office reach languages telling'),
  ...each('ChildView', READ, 'id topic on words notHeard interpreter recordedBy'),
  ...each('ShownDocument', READ, 'id title kind media bytes sha256 on telling'),
  ...each('ForChild', READ, 'title sentences'),
};

const label = (list: CodeList, code: string, language: string | null | undefined): Labelled => ({
  code,
  ...(isCodeOf(list, code) ? labelOf(list, code, language ?? 'en') : { text: code, reviewed: false }),
});

const labelIn = ({ list, code }: ShownCode, language: string | null | undefined): Labelled =>
  label(codeLists[list]!, code, language);

export function defineFollowed(builder: Builder) {
  const Label = defineLabel(builder);
  const language = builder.args((t) => ({
    language: t.string({ defaultValue: 'en', description: LANGUAGE }),
  }));
  const Words = builder.objectRef<FreeText>('Words').implement({
    description: 'In the words and the language of who wrote them.',
    fields: (t) => ({ text: t.exposeString('text'), language: t.exposeString('language') }),
  });
  const Tell = builder.objectRef<Telling>('Telling').implement({
    description: 'What may be told to the child of this, and how.',
    fields: (t) => ({
      tell: t.field({
        type: Label,
        args: language,
        resolve: ({ tell }, args) => label(tellChild, tell, args.language),
      }),
      how: t.field({ type: Words, nullable: true, resolve: ({ how }) => how }),
    }),
  });
  const parts = { builder, Label, language, Words, Tell };
  const Milestone = defineMilestone(parts);
  const Question = defineQuestions(parts);
  const { Round, Said } = defineRounds(parts);
  const items = defineItems(parts);
  const Child = builder.objectRef<ChildPage>('ForChild').implement({
    description: 'Sentences to read to the child or with it, from what is shown, in no words of anybody.',
    fields: (t) => ({
      title: t.field({ type: Label, resolve: ({ title }) => ({ code: 'title', ...title }) }),
      sentences: t.field({
        type: [Label],
        resolve: ({ sentences }) => sentences.map((one, n) => ({ code: String(n + 1), ...one })),
      }),
    }),
  });
  const Age = builder.enumType('ReadingAge', {
    values: { ABOUT_8: { value: 8 }, ABOUT_13: { value: 13 } } as Record<string, { value: ReadingAge }>,
  });
  const last = ({ timeline }: Followed) => timeline.at(-1)!.stage;
  const all = <K extends Parameters<typeof ofKind>[1]>(of: Followed, kind: K): With<K>[] =>
    ofKind(of.shown, kind).map((row) => ({ row, of }));
  return builder.objectRef<Followed>('FollowedConversation').implement({
    description: 'Questions about the child between this State and another.',
    fields: (t) => ({
      id: t.exposeID('id'),
      with: t.string({
        args: language,
        resolve: (_row, args) => labelOf(otherSide, 'another-state', args.language ?? 'en').text,
      }),
      state: t.string({
        nullable: true,
        description: 'Code of the other State, where the focal point has named it to you.',
        resolve: namedState,
      }),
      milestone: t.string({ description: 'The last one.', resolve: last }),
      label: t.string({
        args: language,
        resolve: (row, args) => labelOf(milestones, last(row), args.language ?? 'en').text,
      }),
      timeline: t.field({ type: [Milestone], resolve: (row) => [...row.timeline] }),
      holder: t.field({
        type: Label,
        description: 'Who has it now.',
        args: language,
        resolve: (row, args) => label(holders, holderOf(last(row), row.side), args.language),
      }),
      next: t.field({
        type: Label,
        description: 'What comes next.',
        args: language,
        resolve: (row, args) => label(nextSteps, nextOf(last(row)), args.language),
      }),
      answerDue: t.string({
        nullable: true,
        description: 'The day by whose end the law asks for the answer; null where none is awaited.',
        resolve: dueOf,
      }),
      erasedFrom: t.string({
        nullable: true,
        description:
          'The day from which nothing of this can be read any more; until then you may ask for what the child may need of it.',
        resolve: erasingOf,
      }),
      purpose: t.field({
        type: Label,
        nullable: true,
        description: 'What the other State was asked for.',
        args: language,
        resolve: (row, args) => {
          const { purpose } = groundsOf(row);
          return purpose && labelIn(purpose, args.language);
        },
      }),
      legalBasis: t.field({
        type: [Label],
        description: 'The law on which it was asked.',
        args: language,
        resolve: (row, args) => groundsOf(row).legalBasis.map((one) => labelIn(one, args.language)),
      }),
      questions: t.field({ type: [Question], resolve: questionsOf }),
      rounds: t.field({
        type: [Round],
        description: 'Questions that have not been sent: yours to agree to, or to object to one by one.',
        resolve: (row) => all(row, 'round'),
      }),
      said: t.field({ type: [Said], description: 'What you said, and what became of it.', resolve: wordsOf }),
      decisions: t.field({ type: [items.Decision], resolve: decisionsOf }),
      hearings: t.field({ type: [items.Hearing], resolve: (row) => all(row, 'hearing') }),
      expected: t.field({
        type: [items.Expected],
        description: 'What is expected of you.',
        resolve: (row) => all(row, 'expected'),
      }),
      notes: t.field({ type: [items.Note], resolve: (row) => all(row, 'note') }),
      contacts: t.field({
        type: [items.Contact],
        description: 'Whom you may reach.',
        resolve: (row) => all(row, 'contact'),
      }),
      views: t.field({
        type: [items.View],
        description: 'What the child said, in her or his own words, as officers recorded it.',
        resolve: (row) => ofKind(row.shown, 'view'),
      }),
      documents: t.field({
        type: [items.Document],
        description: 'Each at GET /guardian/documents/{id}.',
        resolve: (row) => all(row, 'document'),
      }),
      forChild: t.field({
        type: Child,
        args: {
          language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }),
          age: t.arg({ type: Age, required: true }),
        },
        resolve: (row, args, { nowMs }) => tellForChild(row, args.age, args.language ?? 'en', nowMs()),
      }),
    }),
  });
}

interface Parts {
  readonly builder: Builder;
  readonly Label: OutputRef<Labelled>;
  readonly language: ReturnType<Builder['args']>;
  readonly Words: OutputRef<FreeText>;
  readonly Tell: OutputRef<Telling>;
}
type InLanguage = { language?: string | null };

function defineMilestone({ builder, Label, language }: Parts) {
  return builder.objectRef<Reached>('Milestone').implement({
    fields: (t) => ({
      milestone: t.string({ resolve: (row) => row.stage }),
      label: t.string({
        args: language,
        resolve: (row, args: InLanguage) => labelOf(milestones, row.stage, args.language ?? 'en').text,
      }),
      date: t.string({
        description: 'The day of a decision, the month of everything else: 2027-01-15, 2027-01.',
        resolve: (row) => dateOf(row.stage, row.at),
      }),
      tell: t.field({
        type: Label,
        description: 'What may be told to the child of it.',
        args: language,
        resolve: (row, args: InLanguage) => label(tellChild, tellOfMilestone[row.stage], args.language),
      }),
    }),
  });
}

function defineQuestions({ builder, Label, language }: Parts) {
  type Given = NonNullable<QuestionShown['answer']>;
  const Item = builder.objectRef<Given['each'][number]>('AnsweredItem').implement({
    fields: (t) => ({
      item: t.field({
        type: Label,
        args: language,
        resolve: ({ item }, args: InLanguage) => labelIn(item, args.language),
      }),
      answer: t.field({
        type: Label,
        args: language,
        resolve: ({ code }, args: InLanguage) => labelIn(code, args.language),
      }),
    }),
  });
  const Range = builder.objectRef<Given['dates'][number]>('DateRange').implement({
    fields: (t) => ({ earliest: t.exposeString('earliest'), latest: t.exposeString('latest') }),
  });
  const Answer = builder.objectRef<Given>('ShownAnswer').implement({
    description: 'The coded parts of an answer that speak of the child alone.',
    fields: (t) => ({
      outcome: t.field({
        type: Label,
        args: language,
        resolve: ({ outcome }, args: InLanguage) => label(answerOutcomes, outcome, args.language),
      }),
      month: t.string({ resolve: ({ at }) => monthOf(at) }),
      interim: t.exposeBoolean('interim', { description: 'More may come.' }),
      codes: t.field({
        type: [Label],
        args: language,
        resolve: ({ codes }, args: InLanguage) => codes.map((code) => labelIn(code, args.language)),
      }),
      each: t.field({ type: [Item], resolve: ({ each }) => [...each] }),
      dates: t.field({ type: [Range], resolve: ({ dates }) => [...dates] }),
    }),
  });
  return builder.objectRef<QuestionShown>('AskedQuestion').implement({
    fields: (t) => ({
      n: t.exposeInt('n'),
      question: t.field({
        type: Label,
        args: language,
        resolve: ({ code }, args: InLanguage) => label(questionWording, code, args.language),
      }),
      answer: t.field({ type: Answer, nullable: true, resolve: ({ answer }) => answer }),
    }),
  });
}

function defineRounds({ builder, Label, language, Words }: Parts) {
  type Round = With<'round'>;
  const Question = builder
    .objectRef<Round['row']['content']['questions'][number]>('RoundQuestion')
    .implement({
      fields: (t) => ({
        n: t.exposeInt('n'),
        question: t.field({
          type: Label,
          args: language,
          resolve: ({ code }, args: InLanguage) => label(questionWording, code, args.language),
        }),
      }),
    });
  const RoundType = builder.objectRef<Round>('QuestionRound').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      until: t.field({ type: 'Instant', resolve: ({ row }) => row.content.untilMs }),
      open: t.boolean({
        description: 'Its time is not over, and its questions have not left.',
        resolve: ({ of, row }, _args, { nowMs }) => isOpen(of.shown, row, nowMs()),
      }),
      questions: t.field({ type: [Question], resolve: ({ row }) => [...row.content.questions] }),
    }),
  });
  const Answer = builder.objectRef<ShownOf<'answer'>>('SaidAnswer').implement({
    fields: (t) => ({
      result: t.field({
        type: Label,
        args: language,
        resolve: ({ content }, args: InLanguage) => label(wordResults, content.result, args.language),
      }),
      reason: t.field({ type: Words, resolve: ({ content }) => content.reason }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ at }) => dayOf(at) }),
    }),
  });
  const Said = builder.objectRef<WordShown>('Said').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      kind: t.exposeString('kind', { description: 'objection, agreement, view, request or pause' }),
      round: t.id({ nullable: true, resolve: ({ about }) => about }),
      question: t.exposeInt('question', { nullable: true }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ at }) => dayOf(at) }),
      words: t.field({ type: Words, nullable: true, resolve: ({ text }) => text }),
      answer: t.field({ type: Answer, nullable: true, resolve: ({ answer }) => answer }),
    }),
  });
  return { Round: RoundType, Said };
}

function defineItems({ builder, Label, language, Words, Tell }: Parts) {
  const on = (atMs: number) => dayOf(atMs);
  const Decision = builder.objectRef<DecisionShown>('Decision').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      decision: t.field({
        type: Label,
        nullable: true,
        args: language,
        resolve: ({ code }, args: InLanguage) =>
          code === null ? null : label(decisionKinds, code, args.language),
      }),
      title: t.exposeString('title', { nullable: true }),
      on: t.exposeString('on', { description: 'ISO 8601 day.' }),
      reasons: t.field({
        type: [Label],
        args: language,
        resolve: ({ reasons }, args: InLanguage) => reasons.map((code) => labelIn(code, args.language)),
      }),
      words: t.field({ type: Words, nullable: true, resolve: ({ text }) => text }),
      until: t.exposeString('until', { nullable: true, description: 'The day until which it is put off.' }),
      appealUntil: t.exposeString('appealUntil', { nullable: true, description: 'The last day to appeal.' }),
      telling: t.field({ type: Tell, resolve: ({ telling }) => telling }),
    }),
  });
  const Hearing = builder.objectRef<With<'hearing'>>('Hearing').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      proceeding: t.field({
        type: Label,
        args: language,
        resolve: ({ row }, args: InLanguage) =>
          labelIn({ list: 'proceeding-kind', code: row.content.proceeding }, args.language),
      }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ row }) => row.content.on }),
      telling: t.field({ type: Tell, resolve: ({ of, row }) => tellingOf(of, row) }),
    }),
  });
  const Expected = builder.objectRef<With<'expected'>>('Expected').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      words: t.field({ type: Words, resolve: ({ row }) => row.content.text }),
      by: t.string({ description: 'ISO 8601 day, to its end.', resolve: ({ row }) => row.content.by }),
      telling: t.field({ type: Tell, resolve: ({ of, row }) => tellingOf(of, row) }),
    }),
  });
  const Note = builder.objectRef<With<'note'>>('Note').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      words: t.field({ type: Words, resolve: ({ row }) => row.content.text }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ row }) => on(row.at) }),
      telling: t.field({ type: Tell, resolve: ({ of, row }) => tellingOf(of, row) }),
    }),
  });
  const Contact = builder.objectRef<With<'contact'>>('Contact').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      role: t.field({
        type: Label,
        args: language,
        resolve: ({ row }, args: InLanguage) =>
          labelIn({ list: 'representative-role', code: row.content.contact.role }, args.language),
      }),
      name: t.string({ resolve: ({ row }) => row.content.contact.name }),
      office: t.string({ nullable: true, resolve: ({ row }) => row.content.contact.office ?? null }),
      reach: t.string({ resolve: ({ row }) => row.content.contact.reach }),
      languages: t.stringList({ resolve: ({ row }) => [...row.content.contact.languages] }),
      telling: t.field({ type: Tell, resolve: ({ of, row }) => tellingOf(of, row) }),
    }),
  });
  const View = builder.objectRef<ShownOf<'view'>>('ChildView').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      topic: t.field({
        type: Label,
        args: language,
        resolve: ({ content }, args: InLanguage) =>
          labelIn({ list: 'view-topic', code: content.topic }, args.language),
      }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ content }) => content.on }),
      words: t.field({ type: Words, nullable: true, resolve: ({ content }) => content.words ?? null }),
      notHeard: t.field({
        type: Label,
        nullable: true,
        args: language,
        resolve: ({ content }, args: InLanguage) =>
          content.notHeard === undefined
            ? null
            : labelIn({ list: 'not-heard-ground', code: content.notHeard }, args.language),
      }),
      interpreter: t.string({ resolve: ({ content }) => content.interpreter }),
      recordedBy: t.field({
        type: Label,
        args: language,
        resolve: (_row, args: InLanguage) => label(holders, 'focal-point-here', args.language),
      }),
    }),
  });
  const Document = builder.objectRef<With<'document'>>('ShownDocument').implement({
    fields: (t) => ({
      id: t.id({ resolve: ({ row }) => row.id }),
      title: t.string({ resolve: ({ row }) => row.content.title }),
      kind: t.field({
        type: Label,
        args: language,
        resolve: ({ row }, args: InLanguage) =>
          labelIn({ list: 'attachment-kind', code: row.content.file.kind }, args.language),
      }),
      media: t.string({ resolve: ({ row }) => row.content.file.media }),
      bytes: t.int({ resolve: ({ row }) => row.content.file.bytes }),
      sha256: t.string({ resolve: ({ row }) => row.content.file.sha256 }),
      on: t.string({ description: 'ISO 8601 day.', resolve: ({ row }) => on(row.at) }),
      telling: t.field({ type: Tell, resolve: ({ of, row }) => tellingOf(of, row) }),
    }),
  });
  return { Decision, Hearing, Expected, Note, Contact, View, Document };
}
