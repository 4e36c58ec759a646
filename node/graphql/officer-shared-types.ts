/**
 * What officers see of peers, files and lines of text. Resolvers only show; what is allowed and what it means is
 * decided in the slices.
 */
import { calendarOf, holidaysFrom } from '#schema/conversation/calendar.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import type { StoppedBy } from '../enquiries/enquiry-error.ts';
import type { Transfer } from '../exchange/transfers.ts';
import type { OfficerBuilder } from './officer-builder.ts';
import type { AttachmentRow } from './officer-context.ts';
import type { Line } from './render-body.ts';

export const LANGUAGE = 'Reader’s language: en, fr, ru or ar; anything else is read as English.';

/** Types that several others use. */
export function defineShared(builder: OfficerBuilder) {
  const Line = builder.objectRef<Line>('Line').implement({
    description: 'One line of a message as its reader sees it.',
    fields: (t) => ({
      depth: t.exposeInt('depth'),
      label: t.exposeString('label'),
      value: t.exposeString('value', { nullable: true, description: 'Null for a heading.' }),
      language: t.exposeString('language', {
        nullable: true,
        description: 'BCP 47, where the value has one of its own.',
      }),
      reviewed: t.exposeBoolean('reviewed', {
        description: 'A speaker of the language has confirmed the label.',
      }),
    }),
  });
  const File = builder.objectRef<AttachmentRow>('Attachment').implement({
    description: 'A file. Its bytes are at GET /attachments/{id}.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      media: t.exposeString('media'),
      bytes: t.float({ resolve: (row) => row.bytes }),
      removed: t.stringList({
        description: 'Codes of what cleaning took out.',
        resolve: (row) => (JSON.parse(row.removed) as { kind: string }[]).map((one) => one.kind),
      }),
      uncleanedReason: t.string({ nullable: true, resolve: (row) => row.uncleaned_reason }),
    }),
  });
  const Rule = builder.objectRef<StoppedBy>('Rule').implement({
    description: 'A rule of protection or procedure, with what it says and where it comes from.',
    fields: (t) => ({
      gate: t.string({ nullable: true, resolve: (one) => one.gate ?? null }),
      rule: t.exposeString('rule'),
      explanation: t.exposeString('explanation'),
      source: t.string({ nullable: true, resolve: (one) => one.source ?? null }),
    }),
  });
  const Transfer = builder.objectRef<Transfer>('Transfer').implement({
    description: 'Files on their way to or from another State, in bytes as they are sealed.',
    fields: (t) => ({
      peerState: t.string({ resolve: (one) => one.peer }),
      doneBytes: t.float({ resolve: (one) => one.doneBytes }),
      totalBytes: t.float({
        nullable: true,
        description: 'Null while the message that names its files has not come.',
        resolve: (one) => one.totalBytes,
      }),
    }),
  });
  return { Line, File, Rule, Transfer };
}

export type Shared = ReturnType<typeof defineShared>;

type Phone = ListedNode['profile']['dutyPhones'][number];

/** A peer with its profile. */
export function definePeer(builder: OfficerBuilder) {
  const DutyPhone = builder.objectRef<Phone>('DutyPhone').implement({
    fields: (t) => ({
      number: t.exposeString('number'),
      hours: t.exposeString('hours'),
      languages: t.exposeStringList('languages'),
    }),
  });
  const Designation = builder.objectRef<{ legalBasis: string; office: string }>('Designation').implement({
    fields: (t) => ({ legalBasis: t.exposeString('legalBasis'), office: t.exposeString('office') }),
  });
  const MustTell = builder.objectRef<{ body: string; when: string }>('MustTell').implement({
    description: 'Whom that State’s law obliges it to tell about an enquiry.',
    fields: (t) => ({ body: t.exposeString('body'), when: t.exposeString('when') }),
  });
  return builder.objectRef<ListedNode>('Peer').implement({
    description: 'Another State, as the trust list in force describes it.',
    fields: (t) => ({
      state: t.string({ resolve: (node) => node.node }),
      reachable: t.boolean({
        description: 'It takes part at present.',
        resolve: (node) => node.status === 'active',
      }),
      languages: t.stringList({ resolve: (node) => node.profile.languages }),
      dutyPhones: t.field({ type: [DutyPhone], resolve: (node) => node.profile.dutyPhones }),
      officeHours: t.string({ resolve: (node) => node.profile.officeHours }),
      weekend: t.intList({
        description: 'Days of the week without work: 0 for Sunday to 6 for Saturday.',
        resolve: (node) => calendarOf(node).weekend,
      }),
      nextHolidays: t.stringList({
        description: 'Dates without work from today on, as far as the trust list names them.',
        resolve: (node, _args, { enquiries }) => [
          ...holidaysFrom(enquiries.surroundings.nowMs(), calendarOf(node)),
        ],
      }),
      designations: t.field({ type: [Designation], resolve: (node) => node.profile.designations }),
      mustTell: t.field({ type: [MustTell], resolve: (node) => node.profile.mustTell }),
      typicalDays: t.int({ resolve: (node) => node.profile.typicalDays }),
      hague1996: t.boolean({ resolve: (node) => node.profile.hague1996 }),
      brusselsIIb: t.boolean({ resolve: (node) => node.profile.biib }),
      types: t.stringList({
        description: 'Message types its node understands.',
        resolve: (node) => node.types,
      }),
    }),
  });
}
