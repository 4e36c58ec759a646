/**
 * What was given to bodies of this State that have no account, on the officers' endpoint. No logic: each field calls one operation of
 * node/access/.
 */
import {
  approveOutside,
  discloseOutside,
  type OutsideDisclosureRow,
  withdrawOutside,
} from '../access/disclose-outside.ts';
import { listOutsideDisclosures } from '../access/list-oversight.ts';
import { outsideBodies, outsideClasses, outsideGrounds } from '../access/people-tables.ts';
import { codesOf } from './codes.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import { showRows } from './officer-queries.ts';

export function defineOutside(builder: OfficerBuilder): void {
  const Outside = defineType(builder);
  builder.queryField('outsideDisclosures', (t) =>
    t.field({
      type: [Outside],
      description:
        'What was given, or is to be given, to bodies without an account: police, courts, services; the newest first, at most 200.',
      args: { thread: t.arg.id() },
      resolve: async (_root, { thread }, ctx) => {
        const of = thread === null || thread === undefined ? undefined : String(thread);
        return showRows(
          ctx,
          'outside-disclosure',
          await listOutsideDisclosures(await ctx.reading.reader(), of),
        );
      },
    }),
  );
  defineMutations(builder);
}

function defineType(builder: OfficerBuilder) {
  return builder.objectRef<OutsideDisclosureRow>('OutsideDisclosure').implement({
    description: 'Something given one way to a body of this State: codes, and no words.',
    fields: (t) => ({
      id: t.exposeID('id'),
      thread: t.exposeID('thread'),
      body: t.exposeString('body'),
      ground: t.exposeString('ground'),
      given: t.stringList({ description: 'Classes of data.', resolve: (row) => row.given }),
      imminent: t.exposeBoolean('imminent'),
      givenAt: t.field({
        type: 'Instant',
        nullable: true,
        description: 'Null: it waits for a second person and must not be given, or it was taken back.',
        resolve: (row) => row.given_at,
      }),
      statedBy: t.string({ resolve: (row) => row.stated_by }),
      statedAt: t.field({ type: 'Instant', resolve: (row) => row.stated_at }),
      approver: t.exposeString('approver', { nullable: true }),
      approvedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.approved_at }),
      withdrawnBy: t.string({ nullable: true, resolve: (row) => row.withdrawn_by }),
    }),
  });
}

function defineMutations(builder: OfficerBuilder): void {
  const Body = codesOf(builder, 'OutsideBody', outsideBodies);
  const Ground = codesOf(builder, 'OutsideGround', outsideGrounds);
  const Class = codesOf(builder, 'OutsideClass', outsideClasses);
  builder.mutationFields((t) => ({
    discloseOutside: t.id({
      description:
        'Enters what is to be given to a body of this State. Give it when a second person has agreed; in imminent danger give it, enter it, and a second person looks at it afterwards. Immigration enforcement is refused. Answers its id.',
      args: {
        thread: t.arg.id({ required: true }),
        body: t.arg({ type: Body, required: true }),
        ground: t.arg({ type: Ground, required: true }),
        given: t.arg({ type: [Class], required: true }),
        imminent: t.arg.boolean({ defaultValue: false }),
        at: t.arg.string({
          description: 'In imminent danger, when it was given: ISO 8601; without it, now.',
        }),
      },
      resolve: (_root, { thread, body, ground, given, imminent, at }, ctx) =>
        discloseOutside(ctx.enquiries, ctx.actor, {
          thread: String(thread),
          body,
          ground,
          given,
          imminent: imminent ?? false,
          at: at ?? undefined,
        }),
    }),
    approveOutsideDisclosure: t.boolean({
      args: { disclosure: t.arg.id({ required: true }) },
      resolve: async (_root, { disclosure }, ctx) => {
        await approveOutside(ctx.enquiries, ctx.actor, String(disclosure));
        return true;
      },
    }),
    withdrawOutsideDisclosure: t.boolean({
      description: 'It is not given after all.',
      args: { disclosure: t.arg.id({ required: true }) },
      resolve: async (_root, { disclosure }, ctx) => {
        await withdrawOutside(ctx.enquiries, ctx.actor, String(disclosure));
        return true;
      },
    }),
  }));
}
