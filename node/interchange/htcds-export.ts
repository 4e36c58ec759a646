/**
 * A case file as a record of the Human Trafficking Case Data Standard 2.0 (24 Dec 2021): values exactly as the standard writes them,
 * and a manifest of everything that had no place in it. The standard knows no uncertain age, no scripts, no guardian, no provenance;
 * what protects the child does not leave at all (DOMAIN.md 5.1, P2). Pure.
 */
import { ctdcControlMethod, htcdsIndustry, toHtcds } from '#schema/vocabulary/htcds-export.ts';
import type { CaseItem } from '../cases/history.ts';
import { type CaseKind, caseKindNames, type ValueOf } from '../cases/kinds.ts';
import { toIso6392 } from './language-codes.ts';
import { type Dropped, type Manifest, openManifest, type Settled, settledValues } from './manifest.ts';

export const HTCDS_STANDARD = 'HTCDS 2.0, 24 December 2021';

export type HtcdsRecord = Readonly<
  Record<string, string | readonly string[] | readonly Readonly<Record<string, string>>[]>
>;

export interface HtcdsExport {
  readonly standard: typeof HTCDS_STANDARD;
  readonly record: HtcdsRecord;
  readonly dropped: readonly Dropped[];
}

/** @param isOpen whether the file is: for cas_Status */
export function exportHtcds(items: readonly CaseItem[], isOpen: boolean): HtcdsExport {
  const manifest = openManifest();
  const values = settledValues(items, manifest);
  const record = {
    ...writeNames(values('name'), manifest),
    ...writePerson(values, manifest),
    ...writeTrafficking(values('trafficking')[0], manifest),
    ...writeEvents(values('event'), manifest),
    cas_Status: isOpen ? 'Active' : 'Closed',
  };
  for (const kind of caseKindNames)
    if (!WRITTEN.includes(kind))
      manifest.drop(kind, NOT_SHARED.includes(kind) ? 'not-shared' : 'no-field', values(kind).length);
  return { standard: HTCDS_STANDARD, record, dropped: manifest.list() };
}

const WRITTEN: readonly CaseKind[] = [
  'name',
  'birth',
  'gender',
  'nationality',
  'language',
  'trafficking',
  'event',
];
const NOT_SHARED: readonly CaseKind[] = [
  'birthplace',
  'residence',
  'sighting',
  'situation',
  'person',
  'warning',
  'measure',
  'recipient',
  'consent',
];

/** The current name in Latin script, else the romanised form; other names have no field. */
function writeNames(names: readonly ValueOf<'name'>[], manifest: Manifest): HtcdsRecord {
  const shared = names.filter(({ kind }) => kind !== 'given-by-trafficker');
  manifest.drop('name', 'not-shared', names.length - shared.length);
  const latin = (kind: string) => shared.find((one) => one.kind === kind && one.script === 'Latn');
  const name = latin('current') ?? latin('birth') ?? shared.find(({ script }) => script === 'Latn');
  manifest.drop('name', 'one-only', shared.length - (name ? 1 : 0));
  if (!name) return {};
  const parts = (...kinds: string[]) =>
    name.parts
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ value }) => value)
      .join(' ');
  return withoutEmpty({
    prs_FirstName: parts('given', 'undivided'),
    prs_MiddleName: parts('patronymic', 'matronymic', 'father', 'grandfather'),
    prs_SecondName: parts('particle', 'family', 'second-family', 'clan', 'suffix'),
  });
}

function writePerson(values: Settled, manifest: Manifest): HtcdsRecord {
  const [birth] = values('birth');
  const isExact = birth !== undefined && birth.earliest === birth.latest && !birth.disputed;
  if (birth && !isExact) manifest.drop('birth', 'not-exact');
  const [gender] = values('gender');
  const nationalities = values('nationality');
  const confirmed = nationalities.filter(({ status }) => status === 'confirmed');
  manifest.drop('nationality', 'not-exact', nationalities.length - confirmed.length);
  const spoken = values('language').map(({ language }) => toIso6392(language));
  const known = spoken.filter((code) => code !== undefined);
  manifest.drop('language', 'no-code', spoken.length - known.length);
  manifest.drop('language', 'one-only', Math.max(0, known.length - 2));
  return withoutEmpty({
    prs_Birthdate: isExact ? birth.earliest : '',
    prs_Gender: gender?.gender ?? '',
    prs_PrimaryLanguage: known[0] ?? '',
    prs_SecondaryLanguage: known[1] ?? '',
    prs_Citizenship: confirmed.map(({ country }) => country),
  });
}

function writeTrafficking(facts: ValueOf<'trafficking'> | undefined, manifest: Manifest): HtcdsRecord {
  if (!facts) return {};
  const own = (codes: readonly string[]) => codes.filter((code) => code.startsWith('x_')).length;
  manifest.drop('trafficking.exploitation', 'no-code', own(facts.exploitation));
  manifest.drop('trafficking.control', 'no-code', own(facts.control));
  if (facts.decidedOn) manifest.drop('trafficking.decidedOn', 'no-field');
  const industry = facts.sector && htcdsIndustry[facts.sector];
  if (industry === null) manifest.drop('trafficking.sector', 'no-code');
  const unique = (codes: readonly string[]) => [...new Set(codes.map(toHtcds))];
  return withoutEmpty({
    vic_TraffickingStatus: facts.status,
    vic_TraffickingStatusDecisionMakingOrg: facts.decidedBy ?? '',
    vic_TypeOfExploitation: unique(facts.exploitation),
    vic_TypeOfSexExploitation: facts.sexualExploitation ?? [],
    vic_ForcedLabourIndustry: industry ?? '',
    vic_MethodsOfControl: unique(facts.control),
    vic_MethodOfRecruitment: facts.recruitment ?? '',
    vic_RelationshipToTrafficker: facts.relationshipToTrafficker ?? '',
    vic_RecruitmentWebsitesAndApps: facts.recruitedThrough ?? [],
    vic_ExploitationWebsitesAndApps: facts.exploitedThrough ?? [],
    vic_AgeWhenTrafficked: facts.ageWhenTrafficked === undefined ? '' : String(facts.ageWhenTrafficked),
    // The definitions file of the standard names the methods otherwise than its field list: both are given.
    x_MethodsOfControlAsDefined: [...new Set(facts.control.map((code) => ctdcControlMethod[code]))],
  });
}

function writeEvents(events: readonly ValueOf<'event'>[], manifest: Manifest): HtcdsRecord {
  manifest.drop('event.place', 'not-shared', events.filter(({ place }) => place !== undefined).length);
  manifest.drop('event.to', 'no-field', events.filter(({ to }) => to !== undefined).length);
  manifest.drop(
    'event.description',
    'not-shared',
    events.filter(({ description }) => description !== undefined).length,
  );
  const written = events.map(({ event, country, from }) =>
    withoutEmpty({ hte_Type: event, hte_Country: country ?? '', hte_Date: from ?? '' }),
  );
  return written.length === 0 ? {} : { hte: written };
}

function withoutEmpty<Value extends string | readonly string[]>(fields: Readonly<Record<string, Value>>) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.length > 0));
}
