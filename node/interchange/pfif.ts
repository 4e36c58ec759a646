/**
 * Reported sightings as other registers of missing persons exchange them: the fields of the People Finder Interchange Format 1.4 in
 * JSON, a person and notes about them. PFIF is made to be public, and this is not: what goes out are names, gender, year of birth and
 * that the child was seen, on which day and in which country; who saw it, where, and the account stay (DOMAIN.md 5, P2). Pure.
 */
import * as z from 'zod';
import type { CaseItem } from '../cases/history.ts';
import { type CaseKind, caseKinds, type Provenance, type ValueOf } from '../cases/kinds.ts';
import type { NewStatement } from '../cases/statement.ts';
import {
  type Dropped,
  type Manifest,
  openManifest,
  type Problem,
  type ReadRecord,
  type Settled,
  settledValues,
} from './manifest.ts';

/** Notes that one file may bring. */
export const MOST_NOTES = 200;

export const PFIF_STANDARD = 'PFIF 1.4';

const text = z.string().trim().min(1).optional().catch(undefined);
/** What of a note is read; `other` is named in the manifest. */
const Note = z.object({
  note_record_id: text,
  source_date: text,
  entry_date: text,
  expiry_date: text,
  status: text,
  text,
  x_country: text,
  last_known_location: text,
});
/** Keys that say nothing of the child. */
const KNOWN = new Set([...Object.keys(Note.shape), 'person_record_id']);

/** @param file `{notes: […]}`, fields as in PFIF; country as `x_country`, which PFIF has no field for */
export function readPfif(file: unknown, provenance: Provenance, language: string): ReadRecord {
  const manifest = openManifest();
  const notes = z
    .object({ notes: z.array(z.record(z.string(), z.unknown())).min(1).max(MOST_NOTES) })
    .safeParse(file);
  if (!notes.success)
    return {
      statements: [],
      dropped: [],
      problems: [{ field: 'notes', problem: `must be 1 to ${MOST_NOTES} notes` }],
    };
  const problems: Problem[] = [];
  const statements: NewStatement[] = [];
  notes.data.notes.forEach((raw, index) => {
    for (const key of Object.keys(raw))
      if (!KNOWN.has(key)) manifest.drop(FIELD.has(key) ? key : 'a field', dropOf(key));
    const parsed = caseKinds.sighting.value.safeParse(sightingOf(Note.parse(raw), language));
    if (parsed.success) statements.push({ kind: 'sighting', value: parsed.data, provenance });
    else
      for (const { path } of parsed.error.issues)
        problems.push({
          field: `notes.${index + 1}.${PFIF_NAME[String(path[0])] ?? 'note'}`,
          problem: 'is missing or not valid',
        });
  });
  return { statements, dropped: manifest.list(), problems };
}

/** Who wrote a note and how to reach them is of that register, and nothing of the child. */
const CONTACTS = [
  'author_name',
  'author_email',
  'author_phone',
  'email_of_found_person',
  'phone_of_found_person',
];
const FIELD = new Set([
  ...CONTACTS,
  'author_made_contact',
  'linked_person_record_id',
  'photo_url',
  'source_name',
  'source_url',
]);
const dropOf = (key: string) =>
  CONTACTS.includes(key) ? 'not-shared' : FIELD.has(key) ? 'no-field' : 'unknown';

const PFIF_NAME: Readonly<Record<string, string>> = {
  status: 'status',
  seenAt: 'source_date',
  reportedAt: 'entry_date',
  country: 'x_country',
  place: 'last_known_location',
  account: 'text',
  number: 'note_record_id',
  until: 'expiry_date',
};

const sightingOf = (note: z.infer<typeof Note>, language: string) => ({
  status: note.status,
  seenAt: note.source_date,
  ...(note.entry_date && { reportedAt: note.entry_date }),
  ...(note.x_country && { country: note.x_country }),
  ...(note.last_known_location && { place: note.last_known_location }),
  ...(note.text && { account: { text: note.text, language } }),
  ...(note.note_record_id && { number: note.note_record_id }),
  ...(note.expiry_date && { until: note.expiry_date.slice(0, 10) }),
});

type Fields = Readonly<Record<string, string>>;

export interface PfifExport {
  readonly standard: typeof PFIF_STANDARD;
  readonly person: Fields;
  readonly notes: readonly Fields[];
  readonly dropped: readonly Dropped[];
}

/**
 * @param record a name for this export, which is nobody's number
 * @param nowMs what is of use no more by then stays
 */
export function exportPfif(items: readonly CaseItem[], record: string, nowMs: number): PfifExport {
  const manifest = openManifest();
  const settled = settledValues(items, manifest);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const sightings = settled('sighting');
  const current = sightings.filter(({ until }) => until === undefined || until >= today);
  manifest.drop('sighting', 'expired', sightings.length - current.length);
  manifest.drop(
    'sighting.account',
    'not-shared',
    current.filter(({ account }) => account !== undefined).length,
  );
  manifest.drop('sighting.place', 'not-shared', current.filter(({ place }) => place !== undefined).length);
  manifest.drop('sighting.number', 'not-shared', current.filter(({ number }) => number !== undefined).length);
  const kept = new Set<CaseKind>(['name', 'birth', 'gender', 'sighting']);
  for (const item of items) if (!kept.has(item.kind)) manifest.drop(item.kind, 'not-shared');
  return {
    standard: PFIF_STANDARD,
    person: { person_record_id: record, ...personOf(settled, manifest) },
    notes: current.map((sighting, index) => noteOf(sighting, record, index + 1)),
    dropped: manifest.list(),
  };
}

const SEX: Readonly<Record<string, string>> = { Masculine: 'male', Feminine: 'female' };

function personOf(settled: Settled, manifest: Manifest): Fields {
  const names = settled('name');
  const shared = names.filter(({ kind }) => kind !== 'given-by-trafficker');
  manifest.drop('name', 'not-shared', names.length - shared.length);
  const written = shared.map(({ parts }) => parts.map(({ value }) => value).join(' '));
  const [birth] = settled('birth');
  const year =
    birth && birth.earliest.slice(0, 4) === birth.latest.slice(0, 4) ? birth.earliest.slice(0, 4) : null;
  if (birth) manifest.drop('birth', 'not-exact');
  const sex = SEX[settled('gender')[0]?.gender ?? ''];
  return {
    ...(written[0] && { full_name: written[0] }),
    ...(written.length > 1 && { alternate_names: written.slice(1).join('\n') }),
    ...(year && { date_of_birth: year }),
    ...(sex && { sex }),
  };
}

const noteOf = (
  { status, seenAt, country, until }: ValueOf<'sighting'>,
  record: string,
  n: number,
): Fields => ({
  note_record_id: `${record}/${n}`,
  person_record_id: record,
  status,
  // The day; the hour says where the child was when.
  source_date: `${seenAt.slice(0, 10)}T00:00:00Z`,
  ...(country && { x_country: country }),
  ...(until && { expiry_date: `${until}T00:00:00Z` }),
});
