/**
 * Lists of other people's standards that no message type carries yet: for case files, exports and statistics. Codes are the
 * standard's to the letter; what of ours becomes what outside stands in htcds-export.ts and primero-map.ts. UNHCR's needs codes
 * are left out: Primero publishes them without their meaning, and what nobody can read nobody should choose.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const HTCDS = 'HTCDS 2.0, CC BY 4.0 (IOM)';
const CTDC = 'CTDC global dataset (IOM)';
const PRIMERO = 'Primero 2 default configuration (UNICEF), lookup';

export const organisationType = codeList('organisation-type', 1, `${HTCDS}, org_Type`, {
  NGO: 'Non-governmental organisation | Organisation non gouvernementale | Неправительственная организация | منظمة غير حكومية',
  LawEnforcement: 'Law enforcement | Forces de l’ordre | Правоохранительный орган | جهة إنفاذ القانون',
  HealthServiceOrganisation: 'Health service | Service de santé | Медицинская организация | مؤسسة خدمات صحية',
  CentralGovernmentOrganisation:
    'Central government body | Administration centrale | Центральный орган власти | جهة حكومية مركزية',
  LocalGovernmentOrganisation:
    'Local government body | Administration locale | Местный орган власти | جهة حكومية محلية',
  ImmigrationService: 'Immigration service | Service de l’immigration | Миграционная служба | دائرة الهجرة',
  LegalService: 'Legal service | Service juridique | Юридическая служба | خدمة قانونية',
  CorporateBusiness: 'Company | Entreprise | Коммерческая компания | شركة',
  SchoolOrCollege: 'School or college | École ou collège | Школа или колледж | مدرسة أو كلية',
});

export const maritalStatus = codeList('marital-status', 1, `${HTCDS}, prs_MaritalStatus`, {
  Single: 'Single | Célibataire | Не в браке | أعزب',
  Married: 'Married | Marié | В браке | متزوج',
  Widowed: 'Widowed | Veuf | Вдовство | أرمل',
  Divorced: 'Divorced | Divorcé | В разводе | مطلق',
  Separated: 'Separated | Séparé | Живут раздельно | منفصل',
  RegisteredPartnership:
    'Registered partnership | Partenariat enregistré | Зарегистрированное партнёрство | شراكة مسجلة',
});

export const educationLevel = codeList(
  'education-level',
  1,
  `${HTCDS}, prs_HighestLevelOfEducation; ISCED 2011 (UNESCO), levels 0 to 8`,
  {
    EarlyChildhoodEducation:
      'Early childhood education | Éducation de la petite enfance | Дошкольное образование | تعليم الطفولة المبكرة',
    PrimaryEducation: 'Primary education | Enseignement primaire | Начальное образование | التعليم الابتدائي',
    LowerSecondaryEducation:
      'Lower secondary education | Premier cycle du secondaire | Первый этап среднего образования | المرحلة الدنيا من التعليم الثانوي',
    UpperSecondaryEducation:
      'Upper secondary education | Second cycle du secondaire | Второй этап среднего образования | المرحلة العليا من التعليم الثانوي',
    PostSecondaryNonTertiaryEducation:
      'Post-secondary, not tertiary | Postsecondaire non supérieur | Послесреднее нетретичное образование | ما بعد الثانوي غير العالي',
    ShortCycleTertiaryEducation:
      'Short tertiary education | Enseignement supérieur de cycle court | Короткий цикл третичного образования | التعليم العالي قصير المدة',
    BachelorsOrEquivalentLevel:
      'Bachelor’s or equivalent | Licence ou équivalent | Бакалавриат или равноценный уровень | البكالوريوس أو ما يعادله',
    MastersOrEquivalentLevel:
      'Master’s or equivalent | Master ou équivalent | Магистратура или равноценный уровень | الماجستير أو ما يعادله',
    DoctoralOrEquivalentLevel:
      'Doctoral or equivalent | Doctorat ou équivalent | Докторантура или равноценный уровень | الدكتوراه أو ما يعادلها',
  },
);

/** Where forced labour took place. The values HTCDS made of these sections stand in htcds-export.ts. */
export const isicSection = codeList('isic-section', 1, 'ISIC Rev. 4 (United Nations, 2008), sections', {
  A: 'Agriculture, forestry and fishing | Agriculture, sylviculture et pêche | Сельское, лесное и рыбное хозяйство | الزراعة والحراجة وصيد الأسماك',
  B: 'Mining and quarrying | Activités extractives | Горнодобывающая промышленность и карьеры | التعدين واستغلال المحاجر',
  C: 'Manufacturing | Activités de fabrication | Обрабатывающая промышленность | الصناعة التحويلية',
  D: 'Electricity, gas, steam and air conditioning | Électricité, gaz, vapeur et climatisation | Электроэнергия, газ, пар и кондиционирование воздуха | توصيل الكهرباء والغاز والبخار وتكييف الهواء',
  E: 'Water supply, sewerage and waste | Eau, assainissement et déchets | Водоснабжение, канализация и отходы | إمدادات المياه والصرف والنفايات',
  F: 'Construction | Construction | Строительство | التشييد',
  G: 'Trade and repair of vehicles | Commerce et réparation de véhicules | Торговля и ремонт транспортных средств | التجارة وإصلاح المركبات',
  H: 'Transport and storage | Transport et entreposage | Транспорт и складское хозяйство | النقل والتخزين',
  I: 'Accommodation and food service | Hébergement et restauration | Размещение и общественное питание | الإقامة والخدمات الغذائية',
  J: 'Information and communication | Information et communication | Информация и связь | المعلومات والاتصالات',
  K: 'Finance and insurance | Finance et assurance | Финансы и страхование | المالية والتأمين',
  L: 'Real estate | Immobilier | Операции с недвижимым имуществом | الأنشطة العقارية',
  M: 'Professional, scientific and technical activities | Activités spécialisées, scientifiques et techniques | Профессиональная, научная и техническая деятельность | الأنشطة المهنية والعلمية والتقنية',
  N: 'Administrative and support services | Services administratifs et d’appui | Административные и вспомогательные услуги | الخدمات الإدارية وخدمات الدعم',
  O: 'Public administration and defence | Administration publique et défense | Государственное управление и оборона | الإدارة العامة والدفاع',
  P: 'Education | Éducation | Образование | التعليم',
  Q: 'Health and social work | Santé et action sociale | Здравоохранение и социальные услуги | الصحة والعمل الاجتماعي',
  R: 'Arts, entertainment and recreation | Arts, spectacles et loisirs | Искусство, развлечения и отдых | الفنون والترفيه والتسلية',
  S: 'Other services | Autres services | Прочие услуги | خدمات أخرى',
  T: 'Work in private households | Travail dans les ménages privés | Работа в частных домохозяйствах | العمل لدى الأسر المعيشية',
  U: 'Extraterritorial organisations | Organisations extraterritoriales | Экстерриториальные организации | المنظمات غير الخاضعة للولاية الوطنية',
});

export const caseStatus = codeList('case-status', 1, `${HTCDS}, cas_Status`, {
  Active: 'Active | Actif | Ведётся | نشطة',
  FollowUp: 'Follow-up | Suivi | Наблюдение | متابعة',
  Closed: 'Closed | Clos | Закрыто | مقفلة',
  ClosedReferred: 'Closed and referred | Clos et orienté ailleurs | Закрыто с направлением | مقفلة ومحالة',
});

export const referralReason = codeList(
  'referral-reason',
  1,
  `${HTCDS}, cas_ReasonForIncomingReferral and cas_ReasonForOutgoingReferral`,
  {
    AdditionalServicesRequired:
      'More services are needed | D’autres services sont nécessaires | Нужны дополнительные услуги | يلزم مزيد من الخدمات',
    MigrationOrChangeOfLocation:
      'Migration or change of place | Migration ou changement de lieu | Миграция или смена места | الهجرة أو تغيير المكان',
    Other: 'Other reason | Autre raison | Иная причина | سبب آخر',
  },
);

/** For case files and exports. What a person asks of a State for protection is never told to another one. */
export const migrationStatus = codeList(
  'migration-status',
  1,
  'HTCDS guidance 7, values of migration and protection status; the codes are ours',
  {
    'asylum-seeker':
      'Asks for international protection | Demande une protection internationale | Просит о международной защите | طالب حماية دولية',
    refugee:
      'Protected under the 1951 Convention | Protégé par la Convention de 1951 | Под защитой Конвенции 1951 года | محمي بموجب اتفاقية 1951',
    'complementary-protection':
      'Complementary protection | Protection complémentaire | Дополнительная защита | حماية تكميلية',
    stateless: 'Stateless | Apatride | Без гражданства | عديم الجنسية',
    'irregular-migrant':
      'Migrant in an irregular situation | Migrant en situation irrégulière | Мигрант с неурегулированным статусом | مهاجر في وضع غير نظامي',
    'vulnerable-migrant':
      'Migrant in a vulnerable situation | Migrant en situation de vulnérabilité | Мигрант в уязвимом положении | مهاجر في وضع هش',
    'stranded-migrant':
      'Stranded migrant | Migrant bloqué en route | Мигрант, застрявший в пути | مهاجر عالق',
    'forced-migrant': 'Forced to move | Migrant forcé | Вынужденный мигрант | مهاجر قسرا',
    'internally-displaced':
      'Displaced within the country | Déplacé interne | Перемещён внутри страны | نازح داخليا',
    returnee: 'Returned to the country | Revenu au pays | Вернулся в страну | عائد إلى البلد',
    deportee: 'Removed by a State | Éloigné par un État | Выслан государством | مرحل من دولة',
    'ex-combatant': 'Former fighter | Ancien combattant | Бывший участник боевых действий | مقاتل سابق',
    'separated-child': 'Separated child | Enfant séparé | Разлучённый ребёнок | طفل منفصل عن ذويه',
    'unaccompanied-child':
      'Unaccompanied child | Enfant non accompagné | Несопровождаемый ребёнок | طفل غير مصحوب',
  },
);

/** Ages by which CTDC publishes, in years. */
export const ctdcAgeBand = codeList('ctdc-age-band', 1, `${CTDC}, ageBroad`, {
  '0--8': '0 to 8 years | De 0 à 8 ans | От 0 до 8 лет | من 0 إلى 8 سنوات',
  '9--17': '9 to 17 years | De 9 à 17 ans | От 9 до 17 лет | من 9 إلى 17 سنة',
  '18--20': '18 to 20 years | De 18 à 20 ans | От 18 до 20 лет | من 18 إلى 20 سنة',
  '21--23': '21 to 23 years | De 21 à 23 ans | От 21 до 23 лет | من 21 إلى 23 سنة',
  '24--26': '24 to 26 years | De 24 à 26 ans | От 24 до 26 лет | من 24 إلى 26 سنة',
  '27--29': '27 to 29 years | De 27 à 29 ans | От 27 до 29 лет | من 27 إلى 29 سنة',
  '30--38': '30 to 38 years | De 30 à 38 ans | От 30 до 38 лет | من 30 إلى 38 سنة',
  '39--47': '39 to 47 years | De 39 à 47 ans | От 39 до 47 лет | من 39 إلى 47 سنة',
  '48+': '48 years and over | 48 ans et plus | 48 лет и старше | 48 سنة فأكثر',
});

export const ctdcLabourType = codeList('ctdc-labour-type', 1, `${CTDC}, typeOfLabour`, {
  Agriculture: 'Agriculture | Travaux agricoles | Сельское хозяйство | الزراعة',
  Aquafarming: 'Fish farming | Aquaculture | Рыбоводство | تربية الأحياء المائية',
  Begging: 'Begging | Mendicité | Попрошайничество | التسول',
  Construction: 'Construction | Construction | Строительство | البناء',
  DomesticWork: 'Domestic work | Travail domestique | Домашний труд | العمل المنزلي',
  Hospitality:
    'Hotels and restaurants | Hôtellerie et restauration | Гостиницы и рестораны | الفنادق والمطاعم',
  IllicitActivities: 'Unlawful activities | Activités illicites | Незаконная деятельность | أنشطة غير مشروعة',
  Manufacturing: 'Manufacturing | Fabrication | Производство | التصنيع',
  MiningOrDrilling: 'Mining or drilling | Mines ou forage | Добыча или бурение | التعدين أو الحفر',
  Peddling: 'Selling in the street | Vente ambulante | Уличная торговля | البيع المتجول',
  Transportation: 'Transport | Transport | Транспорт | النقل',
  Other: 'Other work | Autre travail | Иная работа | عمل آخر',
  NotSpecified: 'Not specified | Non précisé | Не указано | غير محدد',
});

export const ctdcRecruiterRelation = codeList('ctdc-recruiter-relation', 1, `${CTDC}, recruiterRelation`, {
  IntimatePartner: 'Intimate partner | Partenaire intime | Интимный партнёр | شريك حميم',
  Friend: 'Friend | Ami | Друг | صديق',
  Family: 'Family | Famille | Семья | الأسرة',
  Other: 'Other relation | Autre relation | Иная связь | علاقة أخرى',
  Unknown: 'Unknown | Inconnue | Неизвестна | غير معروفة',
});

export const primeroProtectionStatus = codeList(
  'primero-protection-status',
  1,
  `${PRIMERO} protection-status`,
  {
    unaccompanied: 'Unaccompanied | Non accompagné | Без сопровождения | غير مصحوب',
    separated: 'Separated from parents | Séparé de ses parents | Разлучён с родителями | منفصل عن والديه',
  },
);

export const primeroRiskLevel = codeList('primero-risk-level', 1, `${PRIMERO} risk-level`, {
  high: 'High | Élevé | Высокий | مرتفع',
  medium: 'Medium | Moyen | Средний | متوسط',
  low: 'Low | Faible | Низкий | منخفض',
});

/** `trafficked_smuggled` merges two things: it is read, and never written for a child who was trafficked. */
export const primeroProtectionConcern = codeList(
  'primero-protection-concern',
  1,
  `${PRIMERO} protection-concerns, the 18 values before 2.0`,
  {
    sexually_exploited:
      'Sexual exploitation | Exploitation sexuelle | Сексуальная эксплуатация | استغلال جنسي',
    gbv_survivor: 'Gender-based violence | Violence fondée sur le genre | Гендерное насилие | عنف جنساني',
    trafficked_smuggled:
      'Trafficking or smuggling, not told apart | Traite ou passage clandestin, non distingués | Торговля людьми или незаконный провоз, без различия | اتجار أو تهريب دون تمييز',
    statelessness: 'Statelessness | Apatridie | Безгражданство | انعدام الجنسية',
    arrested_detained: 'Arrested or detained | Arrêté ou détenu | Задержан или под стражей | موقوف أو محتجز',
    migrant: 'Migrant | Migrant | Мигрант | مهاجر',
    disabled: 'Disability | Handicap | Инвалидность | إعاقة',
    serious_health_issue:
      'Serious health problem | Grave problème de santé | Серьёзная проблема со здоровьем | مشكلة صحية خطيرة',
    refugee:
      'Protected under the 1951 Convention | Protégé par la Convention de 1951 | Под защитой Конвенции 1951 года | محمي بموجب اتفاقية 1951',
    caafag:
      'Associated with armed forces or groups | Associé à des forces ou groupes armés | Связан с вооружёнными силами или группами | مرتبط بقوات أو جماعات مسلحة',
    street_child: 'Living in the street | Vit dans la rue | Живёт на улице | يعيش في الشارع',
    child_mother: 'Child who is a mother | Enfant mère | Ребёнок-мать | طفلة أم',
    physically_or_mentally_abused:
      'Physical or mental abuse | Violences physiques ou psychologiques | Физическое или психическое насилие | إيذاء بدني أو نفسي',
    living_with_vulnerable_person:
      'Lives with a vulnerable person | Vit avec une personne vulnérable | Живёт с уязвимым лицом | يعيش مع شخص مستضعف',
    worst_forms_of_child_labor:
      'Worst forms of child labour | Pires formes de travail des enfants | Наихудшие формы детского труда | أسوأ أشكال عمل الأطفال',
    child_headed_household:
      'Household headed by a child | Ménage dirigé par un enfant | Семья во главе с ребёнком | أسرة يعيلها طفل',
    mentally_distressed: 'Mental distress | Détresse psychique | Душевные страдания | ضائقة نفسية',
    other: 'Other concern | Autre préoccupation | Иная проблема | شاغل آخر',
  },
);

/** Primero lists `poverty` twice; the sixteen different values. */
export const primeroSeparationCause = codeList('primero-separation-cause', 1, `${PRIMERO} separation-cause`, {
  conflict: 'Conflict | Conflit | Конфликт | نزاع',
  death: 'Death | Décès | Смерть | وفاة',
  family_abuse_violence_exploitation:
    'Abuse, violence or exploitation in the family | Maltraitance, violence ou exploitation dans la famille | Жестокость, насилие или эксплуатация в семье | إساءة أو عنف أو استغلال في الأسرة',
  lack_of_access_to_services_support:
    'No access to services or support | Absence de services ou d’aide | Нет доступа к услугам или поддержке | عدم الوصول إلى الخدمات أو الدعم',
  caafag:
    'Association with armed forces or groups | Association à des forces ou groupes armés | Связь с вооружёнными силами или группами | الارتباط بقوات أو جماعات مسلحة',
  sickness_of_family_member:
    'Sickness in the family | Maladie dans la famille | Болезнь в семье | مرض أحد أفراد الأسرة',
  entrusted_into_the_care_of_an_individual:
    'Entrusted to somebody | Confié à quelqu’un | Вверен чьей-то заботе | عهد به إلى شخص',
  arrest_and_detention:
    'Arrest and detention | Arrestation et détention | Арест и содержание под стражей | توقيف واحتجاز',
  abandonment: 'Abandonment | Abandon | Оставление ребёнка | التخلي عن الطفل',
  repatriation: 'Repatriation | Rapatriement | Репатриация | إعادة إلى الوطن',
  population_movement:
    'Movement of a population | Mouvement de population | Перемещение населения | تنقل السكان',
  migration: 'Migration | Migration | Миграция | هجرة',
  poverty: 'Poverty | Pauvreté | Бедность | فقر',
  natural_disaster: 'Natural disaster | Catastrophe naturelle | Стихийное бедствие | كارثة طبيعية',
  divorce_remarriage:
    'Divorce or remarriage | Divorce ou remariage | Развод или новый брак | طلاق أو زواج جديد',
  other_please_specify: 'Other cause | Autre cause | Иная причина | سبب آخر',
});

export const primeroTracingStatus = codeList('primero-tracing-status', 1, `${PRIMERO} tracing-status`, {
  open: 'Open | Ouvert | Открыто | مفتوح',
  tracing_in_progress: 'Tracing in progress | Recherche en cours | Идёт розыск | البحث جار',
  verified: 'Verified | Vérifié | Проверено | تم التحقق',
  reunified: 'Family reunited | Famille réunie | Семья воссоединена | جمع شمل الأسرة',
  closed: 'Closed | Clos | Закрыто | مقفل',
});

export const primeroTransitionStatus = codeList(
  'primero-transition-status',
  1,
  'Primero 2 (UNICEF), statuses of referrals and transfers',
  {
    in_progress: 'In progress | En cours | В работе | قيد التنفيذ',
    accepted: 'Accepted | Accepté | Принято | مقبول',
    rejected: 'Rejected | Rejeté | Отклонено | مرفوض',
    done: 'Done | Terminé | Завершено | منجز',
    revoked: 'Revoked | Révoqué | Отозвано | ملغى',
  },
);

/** What the author of a note about a reported sighting knows. */
export const pfifNoteStatus = codeList('pfif-note-status', 1, 'PFIF 1.4, status of a note', {
  information_sought:
    'Information is sought | Des informations sont recherchées | Разыскиваются сведения | تطلب معلومات',
  is_note_author:
    'The author is this person | L’auteur est cette personne | Автор и есть это лицо | الكاتب هو الشخص نفسه',
  believed_alive: 'Believed alive | Cru en vie | Считается живым | يعتقد أنه حي',
  believed_missing: 'Believed missing | Cru disparu | Считается пропавшим | يعتقد أنه مفقود',
  believed_dead: 'Believed dead | Cru mort | Считается умершим | يعتقد أنه متوفى',
});
