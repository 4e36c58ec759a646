/**
 * What officers see and do so that nobody is waited for: the duty roster, confirming an alert, questions to a local service.
 * Resolvers only call one operation each.
 */
import type { OutputRef } from '@pothos/core';
import { endDuty, type Shift, setDuty } from '../duty/set-duty.ts';
import { confirmAlert } from '../enquiries/confirm-alert.ts';
import { type Given, giveQuestions, withdrawQuestions } from '../local-services/give-questions.ts';
import {
  type LocalRequestRow,
  listLocalRequests,
  type ReadAnswers,
  readAnswers,
} from '../local-services/list-requests.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import type { ProposalRow } from './officer-context.ts';
import { showProposal, showRows } from './officer-queries.ts';
import { LANGUAGE } from './officer-shared-types.ts';

const instant = (text: string): number => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : ms;
};

export function defineDuty(builder: OfficerBuilder, Proposal: OutputRef<ProposalRow>): void {
  const OneShift = builder.objectRef<Shift>('Shift').implement({
    description: 'Who of a unit is told first of an alert (rank 1), or stands in (rank 2).',
    fields: (t) => ({
      id: t.exposeID('id'),
      unit: t.exposeString('unit'),
      person: t.exposeString('person'),
      rank: t.exposeInt('rank'),
      from: t.field({ type: 'Instant', resolve: (row) => row.from_at }),
      until: t.field({ type: 'Instant', resolve: (row) => row.until_at }),
    }),
  });
  builder.queryField('dutyRoster', (t) =>
    t.field({
      type: [OneShift],
      description: 'Shifts that have not ended, of every unit.',
      resolve: async (_root, _args, ctx) => {
        const trx = await ctx.reading.trx();
        const query = trx.selectFrom('duty_shift').selectAll().where('ended_at', 'is', null);
        const open = query.where('until_at', '>', ctx.enquiries.surroundings.nowMs());
        return open.orderBy('from_at').orderBy('id').limit(500).execute();
      },
    }),
  );
  builder.mutationFields((t) => ({
    setDuty: t.id({
      args: {
        person: t.arg.id({ required: true }),
        rank: t.arg.int({ required: true, description: '1: told first; 2: stands in.' }),
        from: t.arg.string({ required: true, description: 'ISO 8601.' }),
        until: t.arg.string({ required: true, description: 'ISO 8601, within 31 days of `from`.' }),
        unit: t.arg.string({ description: 'Without it, the own one.' }),
      },
      resolve: (_root, { person, rank, from, until, unit }, ctx) =>
        setDuty(ctx.enquiries, ctx.actor, {
          person: String(person),
          rank,
          fromMs: instant(from),
          untilMs: instant(until),
          unit: unit ?? undefined,
        }),
    }),
    endDuty: t.boolean({
      args: { shift: t.arg.id({ required: true }) },
      resolve: async (_root, { shift }, ctx) => {
        await endDuty(ctx.enquiries, ctx.actor, String(shift));
        return true;
      },
    }),
    confirmAlert: t.field({
      type: [Proposal],
      description:
        'Reads alerts of the other State and acknowledges them in the own name, in one step: both sides say who has them. Only this ends their alarm.',
      args: {
        thread: t.arg.id({ required: true }),
        alert: t.arg.id({
          description: 'Message id of one alert; without it every unconfirmed one of the conversation.',
        }),
      },
      resolve: async (_root, { thread, alert }, ctx) => {
        const one = alert == null ? undefined : String(alert);
        const confirmed = await confirmAlert(ctx.enquiries, ctx.actor, String(thread), one);
        const shown: ProposalRow[] = [];
        for (const { id } of confirmed) shown.push(await showProposal(ctx, id));
        return shown;
      },
    }),
  }));
  defineLocalServices(builder);
}

function defineLocalServices(builder: OfficerBuilder): void {
  const LetterQuestion = builder.objectRef<Given['letter']['questions'][number]>('LetterQuestion').implement({
    fields: (t) => ({
      ref: t.exposeString('ref'),
      wording: t.exposeString('wording'),
      source: t.exposeString('source'),
      disclosure: t.exposeString('disclosure'),
      manner: t.exposeStringList('manner'),
    }),
  });
  const LetterChild = builder.objectRef<Given['letter']['children'][number]>('LetterChild').implement({
    description: 'What the service needs to recognise a child whom the questions are about, and no more.',
    fields: (t) => ({
      names: t.stringList({ resolve: ({ names }) => [...names] }),
      born: t.exposeString('born', { description: 'A year, or the first and the last it may be.' }),
    }),
  });
  const OneGiven = builder.objectRef<Given>('Given').implement({
    description: 'Shown once: neither the link nor the number can be looked up again.',
    fields: (t) => ({
      id: t.exposeID('id'),
      path: t.exposeString('path', { description: 'Of the link, on the public address of this node.' }),
      number: t.exposeString('pin', { description: 'To be told by telephone, never beside the link.' }),
      link: t.exposeString('link', {
        description: 'The same as a whole address, if this node knows its own.',
      }),
      page: t.exposeString('page', {
        description:
          'The letter as a page of HTML, to be printed now: limits, child, questions, and the way back without the number.',
      }),
      children: t.field({ type: [LetterChild], resolve: ({ letter }) => [...letter.children] }),
      warnings: t.stringList({ resolve: ({ letter }) => [...letter.warnings] }),
      questions: t.field({ type: [LetterQuestion], resolve: ({ letter }) => [...letter.questions] }),
    }),
  });
  const Answer = builder.objectRef<ReadAnswers['answers'][number]>('LocalAnswer').implement({
    fields: (t) => ({ ref: t.exposeString('ref'), text: t.exposeString('text') }),
  });
  const Request = builder.objectRef<LocalRequestRow>('LocalRequest').implement({
    description: 'Questions given to a local service without an account, and what came back.',
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeID('thread'),
      service: t.exposeString('service'),
      givenBy: t.string({ resolve: (row) => row.given_by }),
      givenAt: t.field({ type: 'Instant', resolve: (row) => row.given_at }),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expires_at }),
      openedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.opened_at }),
      answeredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.answered_at }),
      withdrawnAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.withdrawn_at }),
      answeredBy: t.string({ nullable: true, resolve: (row) => readAnswers(row)?.answeredBy ?? null }),
      answers: t.field({ type: [Answer], resolve: (row) => [...(readAnswers(row)?.answers ?? [])] }),
    }),
  });
  builder.queryField('localRequests', (t) =>
    t.field({
      type: [Request],
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) =>
        showRows(ctx, 'local-request', await listLocalRequests(await ctx.reading.reader(), String(thread))),
    }),
  );
  builder.mutationFields((t) => ({
    giveQuestions: t.field({
      type: OneGiven,
      description:
        'Gives up to three questions of another State to a local service by a link that takes one answer, with a letter to print.',
      args: {
        thread: t.arg.id({ required: true }),
        questions: t.arg.stringList({ required: true, description: 'Their references, e.g. q1.' }),
        service: t.arg.string({ required: true }),
        language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }),
        days: t.arg.int({ required: true, description: '1 to 14.' }),
        cardLanguage: t.arg.string({
          description:
            'Of the child: the service can then print a card by which the child complains of who represents it.',
        }),
      },
      resolve: (_root, { thread, questions, service, language, days, cardLanguage }, ctx) => {
        // The letter shows a child and what is asked.
        ctx.reading.noteContent(String(thread));
        return giveQuestions(ctx.enquiries, ctx.actor, {
          thread: String(thread),
          questions,
          service,
          language: language ?? 'en',
          days,
          cardLanguage: cardLanguage ?? undefined,
        });
      },
    }),
    withdrawQuestions: t.boolean({
      args: { request: t.arg.id({ required: true }) },
      resolve: async (_root, { request }, ctx) => {
        await withdrawQuestions(ctx.enquiries, ctx.actor, String(request));
        return true;
      },
    }),
  }));
}
