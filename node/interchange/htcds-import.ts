/**
 * A record with HTCDS 2.0 field names as statements for a case file: of a JSON export of another system, or one row of a spreadsheet,
 * where several values stand in one cell with semicolons between them. What cannot be read is a problem named by field; what we
 * have no field for is named too. Pure.
 */
import type * as z from 'zod';
import * as people from '#schema/vocabulary/people.ts';
import { isicSection } from '#schema/vocabulary/standards.ts';
import * as trafficking from '#schema/vocabulary/trafficking.ts';
import { type CaseKind, caseKinds, type Provenance } from '../cases/kinds.ts';
import type { NewStatement } from '../cases/statement.ts';
import { fromIso6392 } from './language-codes.ts';
import { type Manifest, openManifest, type Problem, type ReadRecord } from './manifest.ts';

export type ForeignRecord = Readonly<Record<string, unknown>>;

/** Fields that are read together into one statement. */
const READ = {
  name: ['prs_FirstName', 'prs_MiddleName', 'prs_SecondName'],
  birth: ['prs_Birthdate'],
  gender: ['prs_Gender'],
  languages: ['prs_PrimaryLanguage', 'prs_SecondaryLanguage'],
  citizenship: ['prs_Citizenship'],
  identity: ['prs_IdentityNumber'],
  trafficking: [
    'vic_TraffickingStatus',
    'vic_TraffickingStatusDecisionMakingOrg',
    'vic_TypeOfExploitation',
    'vic_MethodsOfControl',
    'vic_MethodOfRecruitment',
    'vic_RelationshipToTrafficker',
    'vic_TypeOfSexExploitation',
    'vic_ForcedLabourIndustry',
    'vic_RecruitmentWebsitesAndApps',
    'vic_ExploitationWebsitesAndApps',
    'vic_AgeWhenTrafficked',
  ],
} as const;
/** What is of an export and says nothing of the child, but that a closed case is taken up again. */
const IGNORED = ['cas_Status', 'hte', 'x_MethodsOfControlAsDefined'];
/** Fields that hold one value: of two, nobody knows which is meant. */
const ONE: readonly string[] = [
  'prs_Birthdate',
  'prs_Gender',
  'prs_PrimaryLanguage',
  'prs_SecondaryLanguage',
  'prs_IdentityNumber',
  'vic_TraffickingStatus',
  'vic_TraffickingStatusDecisionMakingOrg',
  'vic_MethodOfRecruitment',
  'vic_RelationshipToTrafficker',
  'vic_ForcedLabourIndustry',
  'vic_AgeWhenTrafficked',
];

const knownFields: ReadonlySet<string> = new Set([...Object.values(READ).flat(), ...IGNORED]);
export const isHtcdsField = (field: string): boolean => knownFields.has(field);

/** @param provenance of every statement: the record says nothing of where it is from */
export function readHtcds(record: ForeignRecord, provenance: Provenance): ReadRecord {
  const manifest = openManifest();
  const problems: Problem[] = [];
  const statements: NewStatement[] = [];
  const cells = readCells(record, problems);
  const add = (field: string, kind: CaseKind, value: unknown) => {
    const parsed = caseKinds[kind].value.safeParse(value);
    if (parsed.success) statements.push({ kind, value: parsed.data, provenance } as NewStatement);
    else problems.push({ field, problem: describe(parsed.error) });
  };
  for (const [field, values] of cells)
    if (!knownFields.has(field) && values.length > 0) manifest.drop(nameField(field), 'unknown');
    else if (ONE.includes(field) && values.length > 1) problems.push({ field, problem: 'must be one value' });
  if ((first(cells, 'cas_Status') ?? 'Active') !== 'Active') manifest.drop('cas_Status', 'no-field');
  addName(cells, add, problems);
  addPerson(cells, add, problems);
  addTrafficking(cells, add, problems);
  for (const event of readEvents(record, manifest, problems)) add('hte', 'event', event);
  return { statements, dropped: manifest.list(), problems };
}

type Cells = ReadonlyMap<string, readonly string[]>;
type Add = (field: string, kind: CaseKind, value: unknown) => void;

/** Every field as texts; a cell of a spreadsheet may hold several. */
function readCells(record: ForeignRecord, problems: Problem[]): Map<string, string[]> {
  const cells = new Map<string, string[]>();
  for (const [field, value] of Object.entries(record)) {
    if (field === 'hte') continue;
    const values = Array.isArray(value) ? value : value == null ? [] : [value];
    if (values.every((one) => typeof one === 'string' || typeof one === 'number')) {
      const split = Array.isArray(value)
        ? values.map(String)
        : values.flatMap((one) => String(one).split(';'));
      cells.set(
        field,
        split.map((one) => one.trim()).filter((one) => one !== ''),
      );
    } else problems.push({ field: nameField(field), problem: 'must be text, or a list of texts' });
  }
  return cells;
}

const first = (cells: Cells, field: string): string | undefined => cells.get(field)?.[0];

function addName(cells: Cells, add: Add, problems: Problem[]): void {
  const [given, middle, family] = READ.name.map((field) => cells.get(field)?.join(' '));
  const parts = [
    ...(given ? [{ kind: 'given', value: given }] : []),
    ...(middle ? [{ kind: 'patronymic', value: middle }] : []),
    ...(family ? [{ kind: 'family', value: family }] : []),
  ];
  // Marks that nobody sees name nobody.
  if (parts.some(({ value }) => !/[\p{L}\p{N}]/u.test(value)))
    problems.push({ field: 'prs_FirstName', problem: 'a name holds no letter' });
  else if (parts.length > 0)
    add('prs_FirstName', 'name', { kind: 'current', parts, script: scriptOf(parts) });
}

/** ISO 15924 of the first letter that has a script of its own; Latin where there is none. */
function scriptOf(parts: readonly { value: string }[]): string {
  const text = parts.map(({ value }) => value).join(' ');
  return scripts.find(([, pattern]) => pattern.test(text))?.[0] ?? 'Latn';
}
const scripts: readonly (readonly [string, RegExp])[] = [
  ['Cyrl', /\p{Script=Cyrillic}/u],
  ['Arab', /\p{Script=Arabic}/u],
  ['Grek', /\p{Script=Greek}/u],
  ['Hebr', /\p{Script=Hebrew}/u],
  ['Geor', /\p{Script=Georgian}/u],
  ['Armn', /\p{Script=Armenian}/u],
  ['Deva', /\p{Script=Devanagari}/u],
  ['Beng', /\p{Script=Bengali}/u],
  ['Ethi', /\p{Script=Ethiopic}/u],
  ['Hani', /\p{Script=Han}/u],
  ['Thai', /\p{Script=Thai}/u],
];

function addPerson(cells: Cells, add: Add, problems: Problem[]): void {
  const birth = first(cells, 'prs_Birthdate');
  if (birth !== undefined) add('prs_Birthdate', 'birth', readBirth(birth));
  const gender = readCode('prs_Gender', cells, people.gender.codes, problems);
  if (gender) add('prs_Gender', 'gender', { gender });
  for (const [index, field] of READ.languages.entries()) {
    const code = first(cells, field);
    const language = code === undefined ? undefined : fromIso6392(code);
    if (language)
      add(field, 'language', {
        language,
        level: index === 0 ? 'first' : 'fluent',
        interpreterNeeded: index === 0,
      });
    else if (code !== undefined) problems.push({ field, problem: 'must be an ISO 639-2 code' });
  }
  for (const country of cells.get('prs_Citizenship') ?? [])
    add('prs_Citizenship', 'nationality', { country: country.toUpperCase(), status: 'claimed' });
  const number = first(cells, 'prs_IdentityNumber');
  if (number !== undefined) add('prs_IdentityNumber', 'reference', { system: 'national-id', number });
}

/** `2012`, `2012-03`, `2012-03-04`: as exact as it is written (ISO 8601), and not verified. */
function readBirth(text: string) {
  const known = { basis: 'estimate', disputed: false, presumedMinor: true, findings: [] };
  const match = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text);
  if (!match) return { ...known, earliest: text, latest: text, precision: 'day' };
  const [, year, month, day] = match;
  if (day) return { ...known, earliest: text, latest: text, precision: 'day' };
  const lastDay = month ? new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate() : 31;
  return {
    ...known,
    earliest: `${year}-${month ?? '01'}-01`,
    latest: `${year}-${month ?? '12'}-${lastDay}`,
    precision: month ? 'month' : 'year',
  };
}

function addTrafficking(cells: Cells, add: Add, problems: Problem[]): void {
  if (READ.trafficking.every((field) => (cells.get(field)?.length ?? 0) === 0)) return;
  const one = <Code extends string>(field: string, codes: readonly Code[]) =>
    readCode(field, cells, codes, problems);
  const many = <Code extends string>(field: string, codes: readonly Code[]) =>
    (cells.get(field) ?? []).filter((code) => isCode(field, code, codes, problems));
  const status = one('vic_TraffickingStatus', trafficking.traffickingStatus.codes);
  if (status === undefined) {
    problems.push({
      field: 'vic_TraffickingStatus',
      problem: 'must be there where anything else about trafficking is',
    });
    return;
  }
  const decidedBy = one('vic_TraffickingStatusDecisionMakingOrg', trafficking.traffickingStatusDecider.codes);
  const recruitment = one('vic_MethodOfRecruitment', trafficking.recruitmentMethod.codes);
  const relation = one('vic_RelationshipToTrafficker', trafficking.relationshipToTrafficker.codes);
  add('vic_TraffickingStatus', 'trafficking', {
    status,
    exploitation: many('vic_TypeOfExploitation', trafficking.exploitationType.codes),
    control: many('vic_MethodsOfControl', trafficking.controlMethod.codes),
    ...(decidedBy && { decidedBy }),
    ...(recruitment && { recruitment }),
    ...(relation && { relationshipToTrafficker: relation }),
    ...readFurther(cells, many, problems),
  });
}

type ReadMany = <Code extends string>(field: string, codes: readonly Code[]) => Code[];

/** What is there only where somebody said it. */
function readFurther(cells: Cells, many: ReadMany, problems: Problem[]): object {
  const lists = {
    sexualExploitation: many('vic_TypeOfSexExploitation', trafficking.sexualExploitationType.codes),
    recruitedThrough: many('vic_RecruitmentWebsitesAndApps', trafficking.websiteOrApp.codes),
    exploitedThrough: many('vic_ExploitationWebsitesAndApps', trafficking.websiteOrApp.codes),
  };
  const industry = first(cells, 'vic_ForcedLabourIndustry');
  // The standard writes the section of ISIC first: the letter says which one, however the rest is spelled.
  const section = isicSection.codes.find((code) => industry?.startsWith(`${code}_`));
  if (industry !== undefined && section === undefined)
    problems.push({
      field: 'vic_ForcedLabourIndustry',
      problem: 'must begin with a section of ISIC, as in A_',
    });
  const age = first(cells, 'vic_AgeWhenTrafficked');
  const isAge = age !== undefined && /^\d{1,3}$/.test(age);
  if (age !== undefined && !isAge)
    problems.push({ field: 'vic_AgeWhenTrafficked', problem: 'must be years' });
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, codes]) => codes.length > 0)),
    ...(section && { sector: section }),
    ...(isAge && { ageWhenTrafficked: Number(age) }),
  };
}

const EVENT = ['hte_Type', 'hte_Country', 'hte_Date'];

/** Events of an export, by the standard's names; what is no event is left to the schema of its kind. */
function readEvents({ hte }: ForeignRecord, manifest: Manifest, problems: Problem[]): object[] {
  if (hte === undefined || hte === null || hte === '') return [];
  if (!Array.isArray(hte)) {
    problems.push({ field: 'hte', problem: 'must be a list of events' });
    return [];
  }
  return hte.map((one: Record<string, unknown> | null) => {
    for (const field of Object.keys(one ?? {}))
      if (!EVENT.includes(field)) manifest.drop(`hte.${nameField(field)}`, 'unknown');
    return {
      event: one?.hte_Type,
      ...(one?.hte_Country !== undefined && { country: one.hte_Country }),
      ...(one?.hte_Date !== undefined && { from: one.hte_Date }),
    };
  });
}

function readCode<Code extends string>(
  field: string,
  cells: Cells,
  codes: readonly Code[],
  problems: Problem[],
) {
  const value = first(cells, field);
  return value !== undefined && isCode(field, value, codes, problems) ? value : undefined;
}

function isCode<Code extends string>(
  field: string,
  value: string,
  codes: readonly Code[],
  problems: Problem[],
): value is Code {
  if ((codes as readonly string[]).includes(value)) return true;
  problems.push({ field, problem: `must be one of ${codes.join(', ')}` });
  return false;
}

/** Names of columns are somebody's text: only what looks like a name is repeated. */
export const nameField = (field: string): string =>
  /^[A-Za-z_][A-Za-z0-9_ ]{0,60}$/.test(field) ? field : 'a column';

const describe = (error: z.ZodError): string => {
  const [issue] = error.issues;
  const rule = issue!.code === 'custom' ? issue!.message : issue!.code.replaceAll('_', ' ');
  return [issue!.path.map(String).join('.'), rule].filter(Boolean).join(': ');
};
