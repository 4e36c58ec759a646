/**
 * What children say of who represents them: cards to print, and what came by them for those who hear it. Resolvers only show, or call
 * one operation each.
 */
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { complaintReason } from '#schema/vocabulary/representation.ts';
import { isInForce } from '../access/decide.ts';
import {
  answerComplaint,
  type HeardComplaint,
  listComplaints,
  readWords,
} from '../complaints/hear-complaints.ts';
import { type PrintedCard, printCard } from '../complaints/print-card.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { nowOf } from './officer-context.ts';
import { LANGUAGE } from './officer-shared-types.ts';

export function defineComplaints(builder: OfficerBuilder): void {
  const Complaint = defineComplaint(builder);
  const Card = builder.objectRef<PrintedCard>('ComplaintCard').implement({
    description: 'Shown once: nothing of it can be looked up, nor whether it was used.',
    fields: (t) => ({
      path: t.exposeString('path', { description: 'On the public address of this node.' }),
      link: t.exposeString('link', {
        description: 'The same as a whole address, if this node knows its own.',
      }),
      code: t.exposeString('code'),
      page: t.exposeString('page', { description: 'The card as HTML, to print and give to the child.' }),
    }),
  });
  builder.queryField('complaints', (t) =>
    t.field({
      type: [Complaint],
      description:
        'What children said of who represents them, for the head and for supervisors who had no part in that.',
      resolve: async (_root, _args, ctx) => {
        const heard = await listComplaints(await ctx.reading.reader(), ctx.actor, nowOf(ctx));
        for (const { id } of heard) ctx.reading.noteContent(id);
        return heard;
      },
    }),
  );
  builder.mutationFields((t) => ({
    printComplaintCard: t.field({
      type: Card,
      description:
        'A card for the child: an address and a code for one message that does not pass its guardian.',
      args: {
        about: t.arg.id({ required: true, description: 'The child’s file, or a conversation.' }),
        language: t.arg.string({ required: true, description: 'Of the child: en, fr, ru, ar.' }),
      },
      resolve: (_root, { about, language }, ctx) =>
        printCard(ctx.enquiries, ctx.actor, { about: String(about), language }),
    }),
    answerComplaint: t.boolean({
      description: 'Answers the child, who reads it where the message was written.',
      args: { complaint: t.arg.id({ required: true }), answer: t.arg.string({ required: true }) },
      resolve: async (_root, { complaint, answer }, ctx) => {
        await answerComplaint(ctx.enquiries, ctx.actor, String(complaint), answer);
        return true;
      },
    }),
  }));
}

function defineComplaint(builder: OfficerBuilder) {
  return builder.objectRef<HeardComplaint>('Complaint').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      about: t.exposeID('about', { description: 'The child’s file, or a conversation.' }),
      givenAt: t.field({ type: 'Instant', resolve: (row) => row.given_at }),
      by: t.string({ description: 'child or helper.', resolve: (row) => readWords(row).by }),
      danger: t.boolean({ resolve: (row) => readWords(row).danger }),
      reasons: t.stringList({
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (row, { language }) =>
          readWords(row).reasons.map((code) => labelOf(complaintReason, code, language ?? 'en').text),
      }),
      words: t.string({ nullable: true, resolve: (row) => readWords(row).text ?? null }),
      answer: t.exposeString('answer', { nullable: true }),
      answeredBy: t.string({ nullable: true, resolve: (row) => row.answered_by }),
      answeredAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.answered_at }),
      links: t.idList({
        description:
          'Links of the child that are in force: what is new can be held back from them (freezeRepresentation).',
        resolve: async (row, _args, ctx) =>
          ((await ctx.linksOver(row.about)) ?? [])
            .filter((link) => isInForce({ ...link, ends_at: link.over_at }, nowOf(ctx)))
            .map(({ id }) => id),
      }),
    }),
  });
}
