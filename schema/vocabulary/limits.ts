/**
 * How a question may be asked: from which source, how much may be disclosed, in what manner. Source and
 * disclosure are ordered from strict to wide, so the strictest of several limits is the one that comes first
 * in the list; manners are not ordered. Combining limits is not done here.
 * This file exports code lists and nothing else.
 */
import { codeList, type LabelRow } from './code-list.ts';

const OURS = 'Focalnet';

const sourceRows = {
  S0: 'Registers and own files | Registres et dossiers propres | Реестры и собственные дела | السجلات والملفات الخاصة',
  S1: 'Professionals under confidentiality | Professionnels tenus au secret | Специалисты, обязанные хранить тайну | مهنيون ملزمون بالسرية',
  S2: 'Named safe contact | Contact sûr désigné | Названное надёжное лицо | جهة اتصال آمنة مسماة',
  S3: 'Family or carer, by a social worker | Famille ou personne prenant soin, par un travailleur social | Семья или опекающее лицо, через социального работника | الأسرة أو مقدم الرعاية، عبر عامل اجتماعي',
  S4: 'Community | Communauté | Окружение, местные жители | المجتمع المحلي',
} as const satisfies Record<string, LabelRow>;

export const source = codeList('source', 1, OURS, sourceRows);

/** Sources a catalogue question may name: the child is one of them only where the child is already known there. */
export const questionSource = codeList('question-source', 1, OURS, {
  ...sourceRows,
  'child-by-known-worker':
    'The child, through a worker the child knows | L’enfant, par un intervenant qu’il connaît | Ребёнок, через знакомого ему работника | الطفل، عبر عامل يعرفه',
});

export const disclosure = codeList('disclosure', 1, OURS, {
  D0: 'Nothing, not even that it comes from abroad | Rien, pas même que la demande vient de l’étranger | Ничего, даже то, что запрос из-за рубежа | لا شيء، ولا حتى أن الطلب من الخارج',
  D1: 'That a child-protection enquiry exists | L’existence d’une enquête de protection de l’enfance | Что идёт запрос о защите ребёнка | وجود استعلام لحماية الطفل',
  D2: 'That the child is alive and safe | Que l’enfant est en vie et en sécurité | Что ребёнок жив и в безопасности | أن الطفل حي وآمن',
  D3: 'The State, never the place | L’État, jamais le lieu | Государство, но никогда место | الدولة، وليس المكان أبدا',
});

export const manner = codeList('manner', 1, OURS, {
  announced: 'Announced | Annoncé | С предупреждением | بإعلام مسبق',
  unannounced: 'Unannounced | Inopiné | Без предупреждения | دون إعلام مسبق',
  'together-with-named-person':
    'Together with a named person | Avec une personne nommée | Вместе с названным лицом | مع شخص مسمى',
  'same-gender-worker':
    'By a worker of the same gender | Par un intervenant du même genre | Работником того же пола | بواسطة عامل من الجنس نفسه',
  'named-language': 'In a named language | Dans une langue désignée | На указанном языке | بلغة محددة',
  'named-person-absent':
    'In the absence of a named person | En l’absence d’une personne nommée | В отсутствие названного лица | في غياب شخص مسمى',
});

/** Per person around the child. */
export const contactPermission = codeList('contact-permission', 1, OURS, {
  never: 'Never | Jamais | Никогда | أبدا',
  'after-clearance':
    'Only after clearance | Seulement après autorisation | Только после разрешения | بعد الإذن فقط',
  'through-focal-point':
    'Only through the focal point | Seulement par le point focal | Только через координационный центр | عبر جهة التنسيق فقط',
  free: 'Free | Libre | Свободно | متاح',
});
