/**
 * What an act of appointment says, and what was looked into before somebody is let near a child: the content of a link, how it is
 * sealed, and what of it the guardian reads.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import * as z from 'zod';
import { Label, YesNoUnknown } from '#schema/conversation/bodies/common.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { identitySeen, linkKind } from '#schema/vocabulary/representation.ts';
import type { Operation } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { type Opened, openRows, type Reader, sealColumns } from '../vault/sealed-columns.ts';
import { sealedLink, sealedLinkVersion } from './link-tables.ts';

const DAY_MS = 86_400_000;
/** Every appointment looked at here has conversations about one child, rarely many. */
const MAX_THREADS = 20;

const Text = z.string().trim().min(1).max(500);
const Id = z.string().min(1).max(64);
const Day = z.iso.date();

/** What was asked of the person and found out about them; what is not known is not ruled out (PRACTICE.md A7). */
export const GuardianConflicts = z
  .strictObject({
    /** Runs or works for the place where the child is cared for. */
    runsPlaceOfCare: YesNoUnknown,
    /** Employed by an authority that decides on return or immigration. */
    employedByDecider: YesNoUnknown,
    paidPerChild: YesNoUnknown,
    /** Kin of, or known to, somebody around the child. */
    knownToParticipant: YesNoUnknown,
    /** What was looked at, and where. */
    lookedInto: Text,
  })
  .meta({ id: 'GuardianConflicts' });

/** What is approved, and nothing beside it. */
export const GuardianAppointment = z
  .strictObject({
    person: Id,
    kind: coded(linkKind),
    /** The child's file: every conversation of it, later ones too. Or `threads`, where there is no file. */
    case: Id.optional(),
    threads: z.array(Id).min(1).max(MAX_THREADS).optional(),
    /** Who appointed the guardian, under which number and on which day. */
    authority: Text,
    number: Text,
    appointedOn: Day,
    /** What for, in the words of the act. */
    scope: Text,
    /** The last day; left out where the act names none. */
    endsOn: Day.optional(),
    /** Who has seen that the person is who they say. */
    identitySeen: coded(identitySeen),
    /** Other names and spellings of the person: before a marriage, in another script. */
    otherNames: z.array(Label).max(8).optional(),
    /** Whom the guardian works for, as they call themselves; left out for nobody. */
    organisation: Label.optional(),
    conflicts: GuardianConflicts,
  })
  .refine(
    ({ appointedOn, endsOn }) => endsOn === undefined || endsOn >= appointedOn,
    'It ends before it begins.',
  )
  .refine(
    ({ case: file, threads }) => (file === undefined) !== (threads === undefined),
    'A case file, or conversations.',
  );
export type GuardianAppointment = z.infer<typeof GuardianAppointment>;

/** What the guardian may read of their own appointment: who appointed them, under which number, what for and for how long. */
export interface ShownAppointment {
  readonly authority: string;
  readonly number: string;
  readonly scope: string;
  readonly appointedOn: string;
  readonly endsOn?: string | undefined;
}

export type SealedLinkRow = Selectable<Database['guardian_link']>;
/** A link as officers read it. */
export type GuardianLinkRow = Opened<SealedLinkRow, 'content' | 'shown' | 'revoke_reason'>;

export const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');
export const textOf = (appointment: GuardianAppointment): string =>
  new TextDecoder().decode(encodeCanonical(appointment));

const shownOf = ({
  authority,
  number,
  scope,
  appointedOn,
  endsOn,
}: GuardianAppointment): ShownAppointment => ({
  ...{ authority, number, scope, appointedOn },
  ...(endsOn !== undefined && { endsOn }),
});

/** What a link holds of an appointment in the open. */
function openColumnsOf(appointment: GuardianAppointment) {
  const { person, kind, case: file, threads = [], endsOn } = appointment;
  // Over with the end of its last day.
  const ends_at = endsOn === undefined ? null : Date.parse(`${endsOn}T00:00:00Z`) + DAY_MS;
  return { person, kind, case_id: file ?? null, threads, ends_at };
}

/** What a link holds of an appointment, sealed. */
export async function columnsOf(op: Operation, id: string, appointment: GuardianAppointment) {
  const content = textOf(appointment);
  const shown = JSON.stringify(shownOf(appointment));
  const sealed = await sealColumns(op, sealedLink, { id }, { content, shown });
  return { ...openColumnsOf(appointment), digest: digestOf(content), ...sealed };
}

/** Whether all of a link says what its content says: whom it lets in, to what and until when, and what they are shown of it. */
export function isOfContent(link: GuardianLinkRow): boolean {
  const { person, kind, case_id, threads, ends_at, digest, shown } = link;
  if (digestOf(link.content!) !== digest) return false;
  const appointment = readContent(link.content!);
  return (
    JSON.stringify({ person, kind, case_id, threads, ends_at }) ===
      JSON.stringify(openColumnsOf(appointment)) && shown === JSON.stringify(shownOf(appointment))
  );
}

/** A version as it is kept. */
export const sealVersion = (op: Operation, row: { link: string; digest: string }, content: string) =>
  sealColumns(op, sealedLinkVersion, row, { content });

/** Rows that the node has not sealed yet show what they hold all the same (seal-open-links.ts). @throws VaultError */
export async function openLinks(reader: Reader, rows: readonly SealedLinkRow[]): Promise<GuardianLinkRow[]> {
  const opened = await openRows(reader, sealedLink, rows);
  return opened.map((row) => (row.unsealed === null ? row : { ...row, ...row.unsealed }));
}

/** The appointment as it was approved; one from before conflicts were asked for answers that nothing is known of them. */
export function readContent(content: string): GuardianAppointment {
  const read = JSON.parse(content) as GuardianAppointment | OldAppointment;
  if (typeof read.conflicts !== 'string') return read as GuardianAppointment;
  const unknown = 'unknown' as const;
  return {
    ...(read as OldAppointment),
    kind: 'guardian',
    conflicts: {
      runsPlaceOfCare: unknown,
      employedByDecider: unknown,
      paidPerChild: unknown,
      knownToParticipant: unknown,
      lookedInto: read.conflicts,
    },
  };
}
type OldAppointment = Omit<GuardianAppointment, 'kind' | 'conflicts'> & { readonly conflicts: string };

/** What of an appointment from before is shown to its guardian. */
export const shownOfContent = (content: string): string => JSON.stringify(shownOf(readContent(content)));
