/**
 * What a child's case file knows beyond an enquiry: numbers under which others keep the child, measures taken against the child,
 * why a case ends. This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const externalReference = codeList('external-reference', 1, OURS, {
  'police-case': 'Police case | Dossier de police | Дело полиции | ملف الشرطة',
  'sis-alert':
    'Alert in the Schengen Information System | Signalement dans le Système d’information Schengen | Запись в Шенгенской информационной системе | تنبيه في نظام شنغن للمعلومات',
  'interpol-notice': 'INTERPOL notice | Notice INTERPOL | Уведомление Интерпола | نشرة الإنتربول',
  'red-cross-tracing':
    'Tracing request, Red Cross or Red Crescent | Demande de recherche, Croix-Rouge ou Croissant-Rouge | Розыск по линии Красного Креста или Красного Полумесяца | طلب بحث، الصليب الأحمر أو الهلال الأحمر',
  unhcr: 'UNHCR number | Numéro du HCR | Номер УВКБ ООН | رقم المفوضية السامية لشؤون اللاجئين',
  hotline:
    'Case of a missing-children hotline | Dossier d’une ligne pour enfants disparus | Обращение на линию помощи пропавшим детям | ملف خط الأطفال المفقودين',
  'court-file': 'Court file | Dossier du tribunal | Дело суда | ملف المحكمة',
  'national-id':
    'National identity number | Numéro national d’identité | Национальный личный номер | الرقم الوطني',
  'other-system': 'Other system | Autre système | Другая система | نظام آخر',
});

export const measureAgainstChild = codeList(
  'measure-against-child',
  1,
  `${OURS}; OSCE recommendation 8; Directive 2011/36/EU, Art. 8`,
  {
    detention: 'Detention | Privation de liberté | Лишение свободы | سلب الحرية',
    'restriction-of-liberty':
      'Restriction of liberty short of detention | Restriction de liberté sans détention | Ограничение свободы без лишения её | تقييد الحرية دون احتجاز',
    investigation:
      'Investigation by police or prosecution | Enquête de police ou du parquet | Расследование полиции или прокуратуры | تحقيق الشرطة أو النيابة',
    charge: 'Charge | Inculpation | Обвинение | توجيه اتهام',
    fine: 'Fine | Amende | Штраф | غرامة',
    conviction: 'Conviction | Condamnation | Осуждение | إدانة',
    'placement-order':
      'Placement ordered for an act of the child | Placement ordonné pour un acte de l’enfant | Помещение, назначенное за деяние ребёнка | إيداع بسبب فعل الطفل',
  },
);

export const caseClosing = codeList('case-closing', 1, OURS, {
  'solution-in-place':
    'A lasting solution is in place and was followed up | Une solution durable est en place et a été suivie | Устойчивое решение действует и проверено | حل دائم قائم وتمت متابعته',
  'care-transferred':
    'Another State has taken over the care | Un autre État a repris la prise en charge | Заботу приняло другое государство | تولت دولة أخرى الرعاية',
  'reached-18': 'Reached 18 | A atteint 18 ans | Достигнуто 18 лет | بلغ الثامنة عشرة',
  'not-a-child': 'Found to be an adult | Reconnu adulte | Установлено совершеннолетие | تبين أنه بالغ',
  'opened-in-error': 'Opened in error | Ouvert par erreur | Заведено по ошибке | فتح بالخطأ',
  deceased: 'Has died | Est décédé | Умер | توفي',
});

/** Names of fields that stand in case files alone; the others are those of bodies (field-names.ts). */
export const caseFieldName = codeList('case-field-name', 3, 'Focalnet, fields of node/cases/kinds.ts', {
  ageWhenTrafficked:
    'Age when trafficked | Âge lors de la traite | Возраст на момент торговли | العمر وقت الاتجار',
  attachment: 'File | Fichier | Файл | الملف',
  authority: 'Authority | Autorité | Орган | الجهة',
  decidedBy: 'Decided by | Décidé par | Кем решено | صاحب القرار',
  decidedOn: 'Decided on | Décidé le | Когда решено | تاريخ القرار',
  event: 'Event | Événement | Событие | الحدث',
  exploitedThrough: 'Exploited through | Exploité au moyen de | Эксплуатация через | الاستغلال عبر',
  mark: 'Distinguishing mark | Signe particulier | Особая примета | علامة مميزة',
  measure: 'Measure against the child | Mesure visant l’enfant | Мера в отношении ребёнка | إجراء بحق الطفل',
  notHeard: 'Why not heard | Pourquoi non entendu | Почему не выслушан | سبب عدم الاستماع',
  permission: 'What it may be used for | Usage permis | Для чего разрешено | الاستخدام المسموح',
  recruitedThrough: 'Recruited through | Recruté au moyen de | Вербовка через | التجنيد عبر',
  reportedAt: 'Reported at | Signalé le | Когда сообщено | وقت الإبلاغ',
  reviewOn: 'To be looked at again on | À réexaminer le | Пересмотреть | تاريخ المراجعة',
  sector: 'Sector | Secteur d’activité | Отрасль | القطاع',
  seenAt: 'Seen at | Vu le | Когда видели | وقت المشاهدة',
  sexualExploitation:
    'Form of sexual exploitation | Forme d’exploitation sexuelle | Форма сексуальной эксплуатации | شكل الاستغلال الجنسي',
  system: 'System | Système | Система | النظام',
  takenOn: 'Taken on | Prise le | Когда снято | تاريخ التصوير',
  who: 'Who | Qui | Кто | من',
  withState: 'With which State | Avec quel État | С каким государством | مع أي دولة',
});
