/**
 * The duty telephones of every State by a trust list, to be printed and pinned to the wall: at three in the morning, with the node
 * down, an officer needs a number (PRACTICE.md A20). Holds nothing but what the list says of offices. Pure.
 */
import type { ListedNode, TrustList } from '#schema/protocol/trust-list.ts';
import { codeList, knownLanguage, labelOf } from '#schema/vocabulary/code-list.ts';
import { countryName, languageName } from '#schema/vocabulary/places.ts';

/** English, French, Russian, Arabic. */
export const telephoneTexts = codeList('telephone-texts', 1, 'this project', {
  title:
    'Duty telephones of the focal points | Téléphones de permanence des points focaux | Дежурные телефоны координационных центров | هواتف المناوبة لجهات التنسيق',
  advice:
    'Print this every week and keep it where it is found at night without a computer. | À imprimer chaque semaine et à garder à un endroit accessible la nuit sans ordinateur. | Распечатывайте каждую неделю и храните там, где это можно найти ночью без компьютера. | تطبع كل أسبوع وتحفظ حيث يمكن العثور عليها ليلا دون حاسوب.',
  list: 'By trust list | Selon la liste de confiance | По списку доверия | وفق قائمة الثقة',
  dated: 'of | du | от | بتاريخ',
  until: 'valid until | valable jusqu’au | действует до | صالحة حتى',
  languages: 'Languages of the office | Langues du bureau | Языки учреждения | لغات المكتب',
  hours: 'Office hours | Heures de bureau | Часы работы | ساعات العمل',
  office: 'Office | Bureau | Учреждение | المكتب',
  telephone: 'Duty telephone | Téléphone de permanence | Дежурный телефон | هاتف المناوبة',
  when: 'When | Quand | Когда | متى',
  spoken: 'Languages spoken | Langues parlées | Языки | اللغات',
  none: 'none in the list: ask the network authority | aucun dans la liste : demander à l’autorité du réseau | в списке нет: спросите орган сети | لا يوجد في القائمة: اسألوا سلطة الشبكة',
  suspended:
    'suspended: use the telephone | suspendu : utiliser le téléphone | участие приостановлено: звоните | موقوفة: استخدموا الهاتف',
});
type Text = (typeof telephoneTexts.codes)[number];

/** What is said of one State. */
export interface OfficeTelephones {
  readonly state: string;
  readonly isSuspended: boolean;
  readonly offices: readonly string[];
  readonly languages: readonly string[];
  readonly officeHours: string;
  readonly phones: ListedNode['profile']['dutyPhones'];
}

export interface Telephones {
  /** Version of the list, its day and its last day (UTC, `YYYY-MM-DD`). */
  readonly version: number;
  readonly issued: string;
  readonly until: string;
  /** By code; a State that has left is not among them, a suspended one is: then the telephone is all there is. */
  readonly states: readonly OfficeTelephones[];
}

/** What is read of a trust list. */
export type ListedOffices = Pick<TrustList, 'ver' | 'iat' | 'exp'> & {
  readonly nodes: readonly ListedNode[];
};

export function gatherTelephones({ ver, iat, exp, nodes }: ListedOffices): Telephones {
  const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const states = nodes
    .filter(({ status }) => status !== 'left')
    .map(({ node, status, profile }) => ({
      state: node as string,
      isSuspended: status === 'suspended',
      offices: [...new Set(profile.designations.map(({ office }) => office))],
      languages: profile.languages,
      officeHours: profile.officeHours,
      phones: profile.dutyPhones,
    }))
    .sort((a, b) => (a.state < b.state ? -1 : 1));
  return { version: ver, issued: dayOf(iat), until: dayOf(exp), states };
}

/** The words of a language, English where there are none in it. */
export function telephoneWords(language: string): (text: Text) => string {
  const spoken = knownLanguage(language.toLowerCase().split('-')[0]!);
  return (text) => labelOf(telephoneTexts, text, spoken).text;
}

/** The State by its name, with the code that officers know. */
export const nameState = (state: string, language: string): string =>
  `${countryName(state, language).text} (${state.toUpperCase()})`;

/** Languages by their names: at night nobody looks up a code. */
export const nameLanguages = (tags: readonly string[], language: string): string =>
  tags.map((tag) => languageName(tag, language).text).join(', ');

/** Text of its own direction, and what is read from left to right whatever surrounds it (Unicode isolates). */
const own = (text: string) => `\u2068${text}\u2069`;
const fromLeft = (text: string) => `\u2066${text}\u2069`;

/** The same as plain text, for a terminal or a printer. */
export function writeTelephones({ version, issued, until, states }: Telephones, language: string): string {
  const say = telephoneWords(language);
  const one = ({ state, isSuspended, offices, languages, officeHours, phones }: OfficeTelephones) => [
    '',
    `${own(nameState(state, language))}${isSuspended ? ` (${say('suspended')})` : ''}`,
    ...offices.map((office) => `  ${say('office')}: ${own(office)}`),
    `  ${say('languages')}: ${own(nameLanguages(languages, language))}`,
    `  ${say('hours')}: ${own(officeHours)}`,
    ...(phones.length === 0 ? [`  ${say('telephone')}: ${say('none')}`] : []),
    ...phones.map(
      ({ number, hours, languages: spoken }) =>
        `  ${say('telephone')}: ${fromLeft(number)}  ${own(hours)} (${own(nameLanguages(spoken, language))})`,
    ),
  ];
  return [
    say('title'),
    `${say('list')} ${version}, ${say('dated')} ${fromLeft(issued)}, ${say('until')} ${fromLeft(until)}`,
    say('advice'),
    ...states.flatMap(one),
    '',
  ].join('\n');
}
