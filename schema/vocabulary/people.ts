/**
 * Who the child is and who stands around the child: identity, names, ages, care, guardian, photograph.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';
const HTCDS = 'HTCDS 2.0, CC BY 4.0 (IOM)';

export const gender = codeList('gender', 1, `${HTCDS}, prs_Gender`, {
  Feminine: 'Feminine | Féminin | Женский | أنثى',
  Masculine: 'Masculine | Masculin | Мужской | ذكر',
  TransgenderFeminine:
    'Transgender feminine | Transgenre féminin | Трансгендер, женский | متحول جنسيا (أنثى)',
  TransgenderMasculine:
    'Transgender masculine | Transgenre masculin | Трансгендер, мужской | متحول جنسيا (ذكر)',
  NonConforming: 'Non-conforming | Non conforme aux catégories | Вне этих категорий | غير مطابق للفئات',
  NonSpecifiedUnknown:
    'Not specified or unknown | Non précisé ou inconnu | Не указан или неизвестен | غير محدد أو غير معروف',
});

export const nameKind = codeList(
  'name-kind',
  1,
  `${OURS}; SIS Regulation (EU) 2018/1862, Art. 20(3)(a)-(d)`,
  {
    birth: 'Name at birth | Nom de naissance | Имя при рождении | الاسم عند الولادة',
    current: 'Current name | Nom actuel | Нынешнее имя | الاسم الحالي',
    previous: 'Previous name | Nom antérieur | Прежнее имя | اسم سابق',
    alias: 'Alias | Autre identité utilisée | Вымышленное имя | اسم مستعار',
    nickname: 'Nickname | Surnom | Прозвище | لقب',
    'given-by-trafficker':
      'Name given by a suspected exploiter | Nom donné par un exploiteur présumé | Имя, данное предполагаемым эксплуататором | اسم أطلقه مستغل مشتبه به',
    religious: 'Religious name | Nom religieux | Религиозное имя | اسم ديني',
    guessed:
      'Guessed by a worker | Supposé par un intervenant | Предположено работником | اسم مفترض من العامل الاجتماعي',
  },
);

export const namePartKind = codeList('name-part-kind', 1, OURS, {
  given: 'Given name | Prénom | Личное имя | الاسم الشخصي',
  family: 'Family name | Nom de famille | Фамилия | اسم العائلة',
  'second-family': 'Second family name | Second nom de famille | Вторая фамилия | اسم العائلة الثاني',
  patronymic: 'Patronymic | Patronyme | Отчество | اسم منسوب إلى الأب',
  matronymic: 'Matronymic | Matronyme | Матроним | اسم منسوب إلى الأم',
  father: 'Name of the father | Nom du père | Имя отца | اسم الأب',
  grandfather: 'Name of the grandfather | Nom du grand-père | Имя деда | اسم الجد',
  clan: 'Clan or tribal name | Nom de clan ou de tribu | Имя рода или племени | اسم العشيرة أو القبيلة',
  particle: 'Particle | Particule | Частица имени | أداة نسب',
  suffix: 'Generational or other suffix | Suffixe | Дополнение к имени | لاحقة الاسم',
  undivided:
    'Whole name, not divided | Nom entier, non divisé | Имя целиком, без разделения | الاسم كاملا دون تقسيم',
});

export const ageBasis = codeList('age-basis', 1, OURS, {
  document: 'Document | Document | Документ | وثيقة',
  registry: 'Registry | Registre | Реестр | سجل',
  parent: 'Statement of a parent | Déclaration d’un parent | Слова родителя | إفادة أحد الوالدين',
  'child-statement': 'Statement of the child | Déclaration de l’enfant | Слова ребёнка | إفادة الطفل',
  'age-assessment': 'Age assessment | Évaluation de l’âge | Оценка возраста | تقدير السن',
  estimate: 'Estimate | Estimation | Приблизительно | تقدير تقريبي',
});

export const ageStanding = codeList('age-standing', 1, `${OURS}; CETS 197, Art. 10(3)`, {
  declared: 'Declared | Déclaré | Заявленный | مصرح به',
  assessed: 'Assessed | Évalué | Установленный оценкой | مقدر بعد تقييم',
  presumed: 'Presumed to be a child | Présumé enfant | Считается ребёнком до проверки | يفترض أنه طفل',
});

export const datePrecision = codeList('date-precision', 1, OURS, {
  day: 'Exact day | Jour exact | Точный день | يوم محدد',
  month: 'Month | Mois | Месяц | شهر',
  year: 'Year | Année | Год | سنة',
  range: 'Range | Intervalle | Промежуток | مدى زمني',
});

export const nationalityStatus = codeList('nationality-status', 1, OURS, {
  confirmed: 'Confirmed | Confirmée | Подтверждено | مؤكدة',
  claimed: 'Claimed | Déclarée | Заявлено | مدعى بها',
  denied:
    'Denied by the State concerned | Niée par l’État concerné | Отрицается этим государством | تنفيها الدولة المعنية',
});

export const statelessness = codeList('statelessness', 1, `${OURS}; HTCDS migration guidance`, {
  recognised:
    'Recognised as stateless | Reconnu apatride | Признан лицом без гражданства | معترف به كعديم الجنسية',
  likely: 'Likely stateless | Probablement apatride | Вероятно, без гражданства | يرجح أنه عديم الجنسية',
  'under-determination':
    'Statelessness being determined | Apatridie en cours de détermination | Безгражданство устанавливается | تحديد انعدام الجنسية جار',
});

export const familyRelationship = codeList('family-relationship', 1, OURS, {
  mother: 'Mother | Mère | Мать | الأم',
  father: 'Father | Père | Отец | الأب',
  'step-parent': 'Step-parent | Beau-parent | Отчим или мачеха | زوج الأم أو زوجة الأب',
  'adoptive-parent': 'Adoptive parent | Parent adoptif | Усыновитель | والد بالتبني',
  sister: 'Sister | Sœur | Сестра | الأخت',
  brother: 'Brother | Frère | Брат | الأخ',
  'half-or-step-sibling':
    'Half-sibling or step-sibling | Demi-frère, demi-sœur ou enfant du conjoint | Неполнородные или сводные брат или сестра | أخ أو أخت غير شقيق',
  grandmother: 'Grandmother | Grand-mère | Бабушка | الجدة',
  grandfather: 'Grandfather | Grand-père | Дедушка | الجد',
  aunt: 'Aunt | Tante | Тётя | العمة أو الخالة',
  uncle: 'Uncle | Oncle | Дядя | العم أو الخال',
  cousin: 'Cousin | Cousin ou cousine | Двоюродный брат или сестра | ابن أو بنت العم أو الخال',
  'own-child': 'Child of the child | Enfant de l’enfant | Ребёнок самого ребёнка | ابن أو ابنة الطفل',
  'named-as-spouse':
    'Named as husband or wife | Désigné comme époux ou épouse | Называется мужем или женой | مقدم كزوج أو زوجة',
  partner: 'Partner | Compagnon ou compagne | Партнёр | شريك',
  'other-relative': 'Other relative | Autre parent | Другой родственник | قريب آخر',
  'claims-kinship':
    'Claims to be a relative, not shown | Se dit parent, non établi | Называет себя родственником, не подтверждено | يدعي القرابة دون إثبات',
  'close-person':
    'Close person, not a relative | Proche sans lien de parenté | Близкий человек, не родственник | شخص مقرب من غير الأقارب',
  unrelated: 'No family link | Sans lien familial | Нет родства | لا صلة قرابة',
});

export const careArrangement = codeList(
  'care-arrangement',
  1,
  'Primero lookup care-arrangements (13 values)',
  {
    parent: 'With a parent | Chez un parent | У родителя | مع أحد الوالدين',
    'step-parent':
      'With a step-parent | Chez un beau-parent | У отчима или мачехи | مع زوج الأم أو زوجة الأب',
    'customary-carer':
      'With the usual carer | Chez la personne qui s’en occupe habituellement | У обычно заботящегося лица | مع مقدم الرعاية المعتاد',
    'adult-sibling':
      'With an adult sibling | Chez un frère ou une sœur adulte | У взрослого брата или сестры | مع أخ أو أخت بالغة',
    kinship: 'With relatives | Chez des proches parents | У родственников | لدى الأقارب',
    foster: 'Foster care | Famille d’accueil | Приёмная семья | أسرة حاضنة',
    residential: 'Residential care | Accueil en établissement | Учреждение для детей | رعاية مؤسسية',
    kafala: 'Kafala | Kafala (recueil légal) | Кафала | كفالة',
    independent: 'Living independently | Vit de manière autonome | Живёт самостоятельно | يعيش مستقلا',
    'child-headed':
      'Household headed by a child | Ménage dirigé par un enfant | Семья во главе с ребёнком | أسرة يعيلها طفل',
    'unrelated-adult':
      'With an unrelated adult | Chez un adulte non apparenté | У постороннего взрослого | مع بالغ من غير الأقارب',
    none: 'No care | Sans prise en charge | Без попечения | دون رعاية',
    other: 'Other care | Autre prise en charge | Иная форма заботы | رعاية أخرى',
  },
);

export const guardianKind = codeList('guardian-kind', 1, `${OURS}; CETS 197, Art. 10(4)(a)`, {
  temporary: 'Temporary guardian | Tuteur provisoire | Временный законный представитель | وصي مؤقت',
  permanent: 'Permanent guardian | Tuteur permanent | Постоянный законный представитель | وصي دائم',
  'ad-hoc':
    'Guardian for one procedure | Administrateur ad hoc | Представитель для одного дела | وصي لإجراء واحد',
  organisation:
    'Organisation acting as guardian | Organisation exerçant la tutelle | Организация как законный представитель | منظمة تتولى الوصاية',
  authority:
    'Authority acting as guardian | Autorité exerçant la tutelle | Орган власти как законный представитель | سلطة تتولى الوصاية',
});

export const representativeRole = codeList('representative-role', 1, OURS, {
  guardian:
    'Legally appointed guardian | Tuteur légalement désigné | Законно назначенный представитель | وصي معين قانونا',
  'person-caring-now':
    'Person caring now | Personne s’occupant actuellement de l’enfant | Лицо, заботящееся сейчас | من يرعى الطفل حاليا',
  lawyer: 'Lawyer | Avocat | Адвокат | محام',
});

export const missingStatus = codeList('missing-status', 1, OURS, {
  'in-care': 'In care | Pris en charge | На попечении служб | تحت الرعاية',
  missing: 'Missing | Disparu | Пропал | مفقود',
  located: 'Located | Localisé | Найден | تم تحديد مكانه',
  'at-risk-of-going-missing':
    'At risk of going missing | Risque de disparition | Может пропасть | معرض للاختفاء',
});

export const missingCategory = codeList(
  'missing-category',
  1,
  'SIS Regulation (EU) 2018/1862, Art. 32(1)(a)-(e)',
  {
    'sis-32-1-a':
      'Missing, to be placed under protection | Disparu, à placer sous protection | Пропал, нуждается в помещении под защиту | مفقود يجب وضعه تحت الحماية',
    'sis-32-1-b':
      'Missing, no placement under protection needed | Disparu, sans placement sous protection | Пропал, помещение под защиту не требуется | مفقود لا يلزم وضعه تحت الحماية',
    'sis-32-1-c':
      'At risk of abduction by a parent, relative or guardian | Risque d’enlèvement par un parent, un proche ou un tuteur | Риск похищения родителем, родственником или опекуном | معرض للخطف من والد أو قريب أو وصي',
    'sis-32-1-d':
      'At risk of being taken away for trafficking, forced marriage, gender-based violence, terrorism or armed groups | Risque d’être emmené : traite, mariage forcé, violence fondée sur le genre, terrorisme ou groupes armés | Риск вывоза: торговля людьми, принудительный брак, гендерное насилие, терроризм, вооружённые группы | معرض للنقل لغرض الاتجار أو الزواج القسري أو العنف الجنساني أو الإرهاب أو الجماعات المسلحة',
    'sis-32-1-e':
      'Vulnerable adult to be prevented from travelling | Adulte vulnérable à empêcher de voyager | Уязвимый взрослый, выезд которого следует предотвратить | بالغ مستضعف يجب منعه من السفر',
  },
);

export const photoPermission = codeList('photo-permission', 1, OURS, {
  'registers-only':
    'Compare with registers only | Comparer aux registres seulement | Только сверка с реестрами | للمقارنة بالسجلات فقط',
  'named-professional':
    'Show to a named professional | Montrer à un professionnel nommé | Показать названному специалисту | يعرض على مهني مسمى',
  'named-person':
    'Show to a named person | Montrer à une personne nommée | Показать названному лицу | يعرض على شخص مسمى',
  none: 'No use | Aucun usage | Использовать нельзя | لا يجوز استخدامها',
});
