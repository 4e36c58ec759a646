/**
 * Working together, on the officers' endpoint: who is there, who works on what, who stands in, who may read what is for named
 * readers. No logic: each field calls one operation of node/access/.
 */

import type { OutputRef } from '@pothos/core';
import type { Selectable } from 'kysely';
import { admitReader, removeReader } from '../access/admit-reader.ts';
import { type AssignmentRow, assignConversation, endAssignment } from '../access/assign-conversation.ts';
import { disablePerson } from '../access/disable-person.ts';
import { type Colleague, listPeople } from '../access/find-person.ts';
import { endHandOver, handOver } from '../access/hand-over.ts';
import {
  listAssignments,
  listDeputies,
  listMyAssignments,
  listMyProposals,
  listMyStandIns,
  listMyTasks,
  listReaders,
} from '../access/list-work.ts';
import { moveConversation } from '../access/move-conversation.ts';
import { endDeputy, nameDeputy } from '../access/name-deputy.ts';
import type { DeputyTable, HandOverTable } from '../access/people-tables.ts';
import type { ReaderTable } from '../access/tables.ts';
import { findUnattended, type Unattended } from '../access/unattended.ts';
import { keepVisible } from '../enquiries/read-conversation.ts';
import type { Opened } from '../vault/sealed-columns.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import {
  nowOf,
  type OfficerContext,
  type ProposalRow,
  requireSeen,
  type TaskRow,
} from './officer-context.ts';
import { showRows, showTasks } from './officer-queries.ts';

const ISO = 'ISO 8601 with an offset, e.g. 2027-03-01T18:00:00Z.';

export function definePeople(
  builder: OfficerBuilder,
  types: { Task: OutputRef<TaskRow>; Proposal: OutputRef<ProposalRow> },
): void {
  defineQueries(builder, { ...types, ...defineTypes(builder) });
  defineAssigning(builder);
  defineStandingIn(builder);
}

function defineTypes(builder: OfficerBuilder) {
  const Person = builder.objectRef<Colleague>('Person').implement({
    description: 'Somebody of this office, for choosing whom to give work to.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      role: t.exposeString('role'),
      unit: t.exposeString('unit'),
      office: t.exposeString('office'),
    }),
  });
  const Assignment = builder.objectRef<AssignmentRow>('Assignment').implement({
    description: 'That somebody works on a conversation whatever their unit.',
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeID('thread'),
      assignee: t.exposeString('assignee', {
        description: 'A person’s id, or `role:ROLE@UNIT` for everybody of a role in a unit.',
      }),
      givenBy: t.string({ resolve: (row) => row.given_by }),
      givenAt: t.field({ type: 'Instant', resolve: (row) => row.given_at }),
      until: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.until }),
    }),
  });
  const HandOver = builder.objectRef<Opened<Selectable<HandOverTable>, 'note'>>('HandOver').implement({
    description: 'Somebody is away, and another does their work until then.',
    fields: (t) => ({
      id: t.exposeID('id'),
      from: t.string({ resolve: (row) => row.from_person }),
      to: t.string({ nullable: true, resolve: (row) => row.to_person }),
      until: t.field({ type: 'Instant', resolve: (row) => row.until }),
      givenBy: t.string({ resolve: (row) => row.given_by }),
      note: t.exposeString('note', { nullable: true }),
    }),
  });
  return { Person, Assignment, HandOver, ...defineSmallTypes(builder) };
}

function defineSmallTypes(builder: OfficerBuilder) {
  const Reader = builder.objectRef<Selectable<ReaderTable>>('Reader').implement({
    description: 'Somebody who may read what is for named readers in a conversation.',
    fields: (t) => ({
      person: t.exposeString('person'),
      admittedBy: t.string({ resolve: (row) => row.admitted_by }),
      admittedAt: t.field({ type: 'Instant', resolve: (row) => row.admitted_at }),
    }),
  });
  const Deputy = builder.objectRef<Selectable<DeputyTable>>('Deputy').implement({
    description:
      'Somebody from outside who may be the second person for a small unit, in what their role may decide.',
    fields: (t) => ({
      id: t.exposeID('id'),
      person: t.exposeString('person'),
      unit: t.exposeString('unit'),
      until: t.field({ type: 'Instant', resolve: (row) => row.until }),
    }),
  });
  const Left = builder.objectRef<Unattended>('Unattended').implement({
    description: 'Work that waits for somebody who is not there.',
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'assignment, task or proposal' }),
      id: t.exposeID('id'),
      thread: t.exposeID('thread', { nullable: true }),
      person: t.exposeString('person'),
      why: t.exposeString('why', { description: 'disabled, away or nobody-of-that-role' }),
      since: t.field({ type: 'Instant', resolve: (row) => row.since }),
    }),
  });
  return { Reader, Deputy, Left };
}

type Types = ReturnType<typeof defineTypes> & {
  readonly Task: OutputRef<TaskRow>;
  readonly Proposal: OutputRef<ProposalRow>;
};

function defineQueries(builder: OfficerBuilder, types: Types): void {
  const { Person, Assignment, HandOver, Reader, Deputy, Left, Task, Proposal } = types;
  builder.queryFields((t) => ({
    people: t.field({
      type: [Person],
      args: { unit: t.arg.string(), role: t.arg.string() },
      resolve: async (_root, { unit, role }, ctx) =>
        listPeople(await ctx.reading.trx(), ctx.actor, {
          unit: unit ?? undefined,
          role: role ?? undefined,
        }),
    }),
    assignments: t.field({
      type: [Assignment],
      description: 'Who is assigned to a conversation.',
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) => {
        await requireSeen(ctx, 'conversation.read', String(thread));
        return listAssignments(await ctx.reading.trx(), String(thread), nowOf(ctx));
      },
    }),
    readers: t.field({
      type: [Reader],
      description: 'Who beside the head may read what is for named readers in a conversation.',
      args: { thread: t.arg.id({ required: true }) },
      resolve: async (_root, { thread }, ctx) => {
        await requireSeen(ctx, 'conversation.read', String(thread));
        return listReaders(await ctx.reading.trx(), String(thread));
      },
    }),
    myAssignments: t.field({
      type: [Assignment],
      description:
        'What is assigned to the caller, to their role in their unit, or to whom they stand in for.',
      resolve: async (_root, _args, ctx) =>
        showRows(ctx, 'assignment', await listMyAssignments(await ctx.reading.trx(), ctx.actor, nowOf(ctx))),
    }),
    myTasks: t.field({
      type: [Task],
      description: 'What waits for the caller, or for whom they stand in for, by name.',
      resolve: async (_root, _args, ctx) =>
        showTasks(ctx, await listMyTasks(await ctx.reading.trx(), ctx.actor, nowOf(ctx))),
    }),
    myProposals: t.field({
      type: [Proposal],
      description: 'What the caller, or whom they stand in for, proposed and has not left.',
      resolve: async (_root, _args, ctx) =>
        showRows(ctx, 'proposal', await listMyProposals(await ctx.reading.reader(), ctx.actor, nowOf(ctx))),
    }),
    myStandIns: t.field({
      type: [HandOver],
      description: 'Who stands in for the caller, and for whom the caller stands in.',
      resolve: async (_root, _args, ctx) => listMyStandIns(await ctx.reading.reader(), ctx.actor, nowOf(ctx)),
    }),
    deputies: t.field({
      type: [Deputy],
      resolve: async (_root, _args, ctx) => listDeputies(await ctx.reading.trx(), nowOf(ctx)),
    }),
    unattended: t.field({
      type: [Left],
      description:
        'What waits only for people who are disabled, away without a stand-in, or for a role nobody has.',
      resolve: async (_root, _args, ctx) => showUnattended(ctx),
    }),
  }));
}

async function showUnattended(ctx: OfficerContext): Promise<Unattended[]> {
  const trx = await ctx.reading.trx();
  const rows = await findUnattended(trx, nowOf(ctx));
  const threads = rows.flatMap(({ thread }) => (thread === null ? [] : [{ thread }]));
  const visible = new Set(
    (await keepVisible(trx, ctx.actor, threads, nowOf(ctx))).map(({ thread }) => thread),
  );
  const shown = rows.filter(({ thread }) => thread === null || visible.has(thread));
  ctx.reading.noteList('unattended', shown.length);
  return shown;
}

function defineAssigning(builder: OfficerBuilder): void {
  builder.mutationFields((t) => ({
    assignConversation: t.id({
      description: 'Lets a person work on a conversation of the caller’s unit. Answers the assignment’s id.',
      args: {
        thread: t.arg.id({ required: true }),
        person: t.arg.id({ required: true }),
        until: t.arg.string({ description: `${ISO} Without it, until somebody ends it.` }),
      },
      resolve: (_root, { thread, person, until }, ctx) =>
        assignConversation(ctx.enquiries, ctx.actor, {
          thread: String(thread),
          person: String(person),
          until: until ?? undefined,
        }),
    }),
    endAssignment: t.boolean({
      args: { assignment: t.arg.id({ required: true }) },
      resolve: async (_root, { assignment }, ctx) => {
        await endAssignment(ctx.enquiries, ctx.actor, String(assignment));
        return true;
      },
    }),
    moveConversation: t.boolean({
      description:
        'Gives a conversation to another unit, which is told by a task and may move it back. The caller stays assigned for a week.',
      args: { thread: t.arg.id({ required: true }), unit: t.arg.string({ required: true }) },
      resolve: async (_root, { thread, unit }, ctx) => {
        await moveConversation(ctx.enquiries, ctx.actor, { thread: String(thread), unit });
        return true;
      },
    }),
    admitReader: t.boolean({
      description: 'The head lets a person read what is for named readers in a conversation.',
      args: { thread: t.arg.id({ required: true }), person: t.arg.id({ required: true }) },
      resolve: async (_root, { thread, person }, ctx) => {
        await admitReader(ctx.enquiries, ctx.actor, { thread: String(thread), person: String(person) });
        return true;
      },
    }),
    removeReader: t.boolean({
      args: { thread: t.arg.id({ required: true }), person: t.arg.id({ required: true }) },
      resolve: async (_root, { thread, person }, ctx) => {
        await removeReader(ctx.enquiries, ctx.actor, { thread: String(thread), person: String(person) });
        return true;
      },
    }),
  }));
}

function defineStandingIn(builder: OfficerBuilder): void {
  builder.mutationFields((t) => ({
    handOver: t.id({
      description:
        'Somebody is away: a colleague of the unit does their work until then. Without `to` it only says that they are away.',
      args: {
        from: t.arg.id({ required: true }),
        to: t.arg.id(),
        until: t.arg.string({ required: true, description: ISO }),
        note: t.arg.string(),
      },
      resolve: (_root, { from, to, until, note }, ctx) =>
        handOver(ctx.enquiries, ctx.actor, {
          from: String(from),
          to: to === null || to === undefined ? undefined : String(to),
          until,
          note: note ?? undefined,
        }),
    }),
    endHandOver: t.boolean({
      args: { handOver: t.arg.id({ required: true }) },
      resolve: async (_root, args, ctx) => {
        await endHandOver(ctx.enquiries, ctx.actor, String(args.handOver));
        return true;
      },
    }),
    nameDeputy: t.id({
      description:
        'The head names a decider or legal adviser of another unit or office as second person for a small unit.',
      args: {
        person: t.arg.id({ required: true }),
        unit: t.arg.string({ required: true }),
        until: t.arg.string({ required: true, description: ISO }),
      },
      resolve: (_root, { person, unit, until }, ctx) =>
        nameDeputy(ctx.enquiries, ctx.actor, { person: String(person), unit, until }),
    }),
    endDeputy: t.boolean({
      args: { deputy: t.arg.id({ required: true }) },
      resolve: async (_root, { deputy }, ctx) => {
        await endDeputy(ctx.enquiries, ctx.actor, String(deputy));
        return true;
      },
    }),
    disablePerson: t.boolean({
      description: 'The head ends a person’s sessions and lets them begin no other.',
      args: { person: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
      resolve: async (_root, { person, reason }, ctx) => {
        await disablePerson(ctx.enquiries, ctx.actor, String(person), reason);
        return true;
      },
    }),
  }));
}
