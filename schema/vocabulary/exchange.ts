/**
 * Codes of the acts two States exchange: what stands in an enquiry beside persons and questions, and what the
 * smaller acts say. What an act does to a conversation is decided in schema/conversation, never here.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const childPresence = codeList(
  'child-presence',
  1,
  `${OURS}; Hague 1996 Art. 32, 34; Reg. 2019/1111 Art. 80`,
  {
    'asking-state':
      'In the asking State | Dans l’État requérant | В запрашивающем государстве | في الدولة الطالبة',
    'asked-state':
      'In the State asked | Dans l’État requis | В запрашиваемом государстве | في الدولة المطلوب منها',
    'third-state': 'In a third State | Dans un État tiers | В третьем государстве | في دولة ثالثة',
    'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
  },
);

export const languageLevel = codeList('language-level', 1, OURS, {
  first: 'First language | Langue première | Родной язык | اللغة الأولى',
  good: 'Speaks it well | Le parle bien | Хорошо говорит | يتكلمها جيدا',
  some: 'Speaks some | Le parle un peu | Немного говорит | يتكلمها قليلا',
  'not-identified': 'Not yet identified | Pas encore identifiée | Ещё не определён | لم تحدد بعد',
});

export const documentCategory = codeList('document-category', 1, OURS, {
  passport: 'Passport | Passeport | Паспорт | جواز سفر',
  'identity-card': 'Identity card | Carte d’identité | Удостоверение личности | بطاقة هوية',
  'birth-certificate': 'Birth certificate | Acte de naissance | Свидетельство о рождении | شهادة ميلاد',
  'residence-document': 'Residence document | Titre de séjour | Вид на жительство | وثيقة إقامة',
  'school-document': 'School document | Document scolaire | Школьный документ | وثيقة مدرسية',
  'health-document': 'Health document | Document médical | Медицинский документ | وثيقة صحية',
  'guardianship-paper': 'Guardianship paper | Document de tutelle | Документ об опеке | وثيقة وصاية',
  'court-document': 'Court document | Document judiciaire | Судебный документ | وثيقة قضائية',
  other: 'Other document | Autre document | Иной документ | وثيقة أخرى',
});

export const attachmentKind = codeList('attachment-kind', 1, OURS, {
  photo: 'Photograph | Photographie | Фотография | صورة',
  document: 'Document | Document | Документ | وثيقة',
  translation: 'Translation | Traduction | Перевод | ترجمة',
  report: 'Report | Rapport | Доклад | تقرير',
});

export const notHeardGround = codeList('not-heard-ground', 1, `${OURS}; CRC Art. 12; GC14 para. 89-91`, {
  'too-young': 'Too young | Trop jeune | Слишком мал | صغير جدا',
  'chose-not-to-speak':
    'The child chose not to speak | L’enfant a choisi de ne pas parler | Ребёнок предпочёл не говорить | اختار الطفل ألا يتكلم',
  'danger-of-delay': 'Waiting would be dangerous | L’attente serait dangereuse | Ждать опасно | الانتظار خطر',
  'no-interpreter':
    'No suitable interpreter yet | Pas encore d’interprète adapté | Пока нет подходящего переводчика | لا مترجم مناسب بعد',
  'child-not-present':
    'The child is not here | L’enfant n’est pas présent | Ребёнка здесь нет | الطفل ليس هنا',
  other: 'Other ground | Autre motif | Иная причина | سبب آخر',
});

export const viewTopic = codeList('view-topic', 1, OURS, {
  'this-enquiry': 'This enquiry | Cette enquête | Этот запрос | هذا الاستعلام',
  'contact-with-family':
    'Contact with the family | Contact avec la famille | Связь с семьёй | الاتصال بالأسرة',
  return: 'Return | Retour | Возвращение | العودة',
  'present-care': 'Present care | Prise en charge actuelle | Нынешние условия | الرعاية الحالية',
  'the-future': 'The future | L’avenir | Будущее | المستقبل',
});

export const agreementPurpose = codeList('agreement-purpose', 1, OURS, {
  enquiry: 'This enquiry | Cette enquête | Этот запрос | هذا الاستعلام',
  'sharing-with-state':
    'Sharing with the State asked | Partage avec l’État requis | Передача запрашиваемому государству | المشاركة مع الدولة المطلوب منها',
  'family-contact': 'Contact with the family | Contact avec la famille | Связь с семьёй | الاتصال بالأسرة',
  photograph: 'Use of the photograph | Usage de la photographie | Использование фотографии | استخدام الصورة',
  statistics: 'Statistics | Statistiques | Статистика | الإحصاءات',
});

export const agreementState = codeList('agreement-state', 1, OURS, {
  given: 'Given | Donné | Дано | أعطيت',
  'not-given': 'Not given | Non donné | Не дано | لم تعط',
  'not-asked': 'Not asked | Non demandé | Не спрашивали | لم تطلب',
  withdrawn: 'Withdrawn | Retiré | Отозвано | سحبت',
});

export const proceedingKind = codeList('proceeding-kind', 1, `${OURS}; CETS 197 Art. 16(2)`, {
  'child-protection': 'Child protection | Protection de l’enfance | Защита ребёнка | حماية الطفل',
  family: 'Family | Familiale | Семейное | أسرية',
  guardianship: 'Guardianship | Tutelle | Опека | وصاية',
  criminal: 'Penal | Pénale | Уголовное | جنائية',
  compensation: 'Compensation | Indemnisation | О возмещении | تعويض',
  other: 'Other | Autre | Иное | أخرى',
});

export const questionPriority = codeList('question-priority', 1, OURS, {
  first: 'Answer first | À traiter d’abord | Ответить в первую очередь | يجاب أولا',
  normal: 'Normal | Normale | Обычная | عادية',
  'if-possible': 'If possible | Si possible | По возможности | إن أمكن',
});

export const lifeStatus = codeList('life-status', 1, OURS, {
  alive: 'Alive | En vie | Жив | على قيد الحياة',
  dead: 'Dead | Décédé | Умер | متوفى',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const reportMethod = codeList('report-method', 1, OURS, {
  registers: 'Registers | Registres | Реестры | السجلات',
  'own-files': 'Own files | Dossiers propres | Собственные дела | الملفات الخاصة',
  'interview-professionals':
    'Talks with professionals | Entretiens avec des professionnels | Беседы со специалистами | مقابلات مع مهنيين',
  'interview-family':
    'Talks with family or carers | Entretiens avec la famille | Беседы с семьёй | مقابلات مع الأسرة',
  'visit-announced': 'Announced visit | Visite annoncée | Посещение с предупреждением | زيارة معلنة',
  'visit-unannounced': 'Unannounced visit | Visite inopinée | Посещение без предупреждения | زيارة غير معلنة',
  'child-seen': 'Child seen in person | Enfant vu en personne | Ребёнка видели лично | شوهد الطفل شخصيا',
});

export const reportSection = codeList(
  'report-section',
  1,
  `${OURS}; Reg. 2019/1111 Art. 80(1); UNICEF 2006 ch. 10; GC14`,
  {
    household: 'Household | Ménage | Состав семьи | الأسرة المعيشية',
    'carers-capacity':
      'Capacity of parents and carers | Capacités des parents et des proches | Возможности родителей и опекающих | قدرات الوالدين ومقدمي الرعاية',
    'carers-willingness':
      'Willingness to receive the child | Volonté d’accueillir l’enfant | Готовность принять ребёнка | الاستعداد لاستقبال الطفل',
    housing: 'Housing and means | Logement et ressources | Жильё и средства | السكن والموارد',
    siblings:
      'Siblings and other children | Fratrie et autres enfants | Братья, сёстры, другие дети | الإخوة والأطفال الآخرون',
    'violence-and-involvement':
      'Violence, neglect, part in trafficking | Violence, négligence, rôle dans la traite | Насилие, пренебрежение, участие в торговле | العنف والإهمال والضلوع في الاتجار',
    debts: 'Debts and pressure | Dettes et pressions | Долги и давление | الديون والضغوط',
    community: 'Community | Communauté | Окружение | المجتمع المحلي',
    schooling: 'School and training | École et formation | Учёба | الدراسة والتدريب',
    health: 'Health | Santé | Здоровье | الصحة',
    'social-services':
      'Social services and support plan | Services sociaux et plan de soutien | Социальные службы и план помощи | الخدمات الاجتماعية وخطة الدعم',
    legal: 'Legal situation | Situation juridique | Правовое положение | الوضع القانوني',
    'exploiters-in-locality':
      'Suspected exploiters, in summary | Exploiteurs présumés, en résumé | Подозреваемые эксплуататоры, кратко | المشتبه باستغلالهم بإيجاز',
    'ties-and-culture':
      'Ties, language, culture | Liens, langue, culture | Связи, язык, культура | الروابط واللغة والثقافة',
    alternatives: 'Other care | Autres solutions de prise en charge | Иные варианты | بدائل الرعاية',
    conclusion:
      'Professional opinion and its limits | Avis professionnel et ses limites | Мнение специалиста и его пределы | الرأي المهني وحدوده',
  },
);

export const negativeResult = codeList('negative-result', 1, `${OURS}; Hague 1996 Art. 31(c)`, {
  'nothing-found': 'Nothing found | Rien trouvé | Ничего не найдено | لم يعثر على شيء',
  'not-traced':
    'The child was not traced | L’enfant n’a pas été retrouvé | Ребёнок не найден | لم يعثر على الطفل',
});

export const noInformation = codeList('no-information', 1, OURS, {
  'no-information-can-be-communicated':
    'No information can be communicated | Aucune information ne peut être communiquée | Сведения сообщить нельзя | لا يمكن تقديم معلومات',
});

export const locatedSafe = codeList('located-safe', 1, OURS, {
  'located-safe-whereabouts-withheld':
    'Located and safe, whereabouts withheld | Localisé et en sécurité, lieu non communiqué | Найден, в безопасности, место не сообщается | وجد وهو بأمان، المكان محجوب',
});

export const answerForm = codeList('answer-form', 1, OURS, {
  bar: 'Bar | Interdiction | Запрет | مانع',
  ground: 'Ground | Motif | Основание | سبب',
  deferral: 'Put off | Report | Отсрочка | تأجيل',
  outcome: 'Outcome | Résultat | Исход | نتيجة',
});

export const progressStatus = codeList('progress-status', 1, OURS, {
  working: 'Work goes on | Le travail se poursuit | Работа идёт | العمل مستمر',
  'awaiting-court': 'Awaiting a court | En attente d’un tribunal | Ожидание суда | بانتظار المحكمة',
  'awaiting-child':
    'The child needs time | L’enfant a besoin de temps | Ребёнку нужно время | الطفل بحاجة إلى وقت',
});

export const forwardRoute = codeList('forward-route', 1, OURS, {
  'designated-authority': 'Designated authority | Autorité désignée | Назначенный орган | السلطة المعينة',
  court: 'Court | Tribunal | Суд | محكمة',
  'local-service':
    'Local child-protection service | Service local de protection | Местная служба защиты детей | خدمة حماية محلية',
  'central-authority-outside':
    'Central Authority, outside this network | Autorité centrale, hors réseau | Центральный орган вне сети | السلطة المركزية خارج الشبكة',
  iss: 'International Social Service | Service social international | Международная социальная служба | الخدمة الاجتماعية الدولية',
  'red-cross':
    'Red Cross or Red Crescent | Croix-Rouge ou Croissant-Rouge | Красный Крест или Полумесяц | الصليب الأحمر أو الهلال الأحمر',
  paper: 'Paper | Papier | На бумаге | ورقيا',
});

export const standStillPhase = codeList('stand-still-phase', 1, OURS, {
  ask: 'Stop every act now | Cessez tout acte maintenant | Немедленно остановить всё | أوقفوا كل عمل الآن',
  account: 'Account of what was done | Compte rendu de ce qui a été fait | Отчёт о сделанном | بيان بما تم',
  lift: 'Stand-still lifted | Arrêt levé | Остановка снята | رفع التوقف',
});

export const supplementPhase = codeList('supplement-phase', 1, OURS, {
  ask: 'Supplement asked | Complément demandé | Запрошено дополнение | طلب استكمال',
  give: 'Supplement given | Complément fourni | Дополнение дано | قدم الاستكمال',
  correct: 'Correction | Correction | Исправление | تصحيح',
});

export const requestPhase = codeList('request-phase', 1, OURS, {
  ask: 'Asked | Demandé | Запрошено | طلب',
  answer: 'Answered | Répondu | Отвечено | أجيب',
});

export const alertPhase = codeList('alert-phase', 1, OURS, {
  raised: 'Raised | Lancée | Объявлена | أطلق',
  updated: 'Updated | Mise à jour | Обновлена | حدث',
  ended: 'Ended | Levée | Снята | انتهى',
});

export const conversationSide = codeList('conversation-side', 1, OURS, {
  requester: 'Requesting side | Partie requérante | Запрашивающая сторона | الجانب الطالب',
  requested: 'Requested side | Partie requise | Запрашиваемая сторона | الجانب المطلوب منه',
});

export const dangerKind = codeList('danger-kind', 1, `${OURS}; Hague 1996 Art. 36; CETS 197 Art. 33(1)`, {
  'with-suspected-exploiter':
    'With a suspected exploiter | Avec un exploiteur présumé | С подозреваемым эксплуататором | مع مشتبه باستغلاله',
  'being-moved': 'Being moved | En cours de déplacement | Перевозят | يجري نقله',
  'violence-expected': 'Violence expected | Violence à craindre | Ожидается насилие | عنف متوقع',
  'life-in-danger': 'Life in danger | Vie en danger | Угроза жизни | الحياة في خطر',
  'forced-marriage-imminent':
    'Forced marriage about to happen | Mariage forcé imminent | Скорое принуждение к браку | زواج قسري وشيك',
  'missing-from-care':
    'Missing from care | Disparu du lieu d’accueil | Пропал из-под опеки служб | مفقود من الرعاية',
  'self-harm': 'Self-harm | Automutilation | Самоповреждение | إيذاء النفس',
});

export const missingOutcome = codeList('missing-outcome', 1, OURS, {
  'returned-alone': 'Came back alone | Revenu seul | Вернулся сам | عاد وحده',
  'found-safe': 'Found safe | Retrouvé en sécurité | Найден, в безопасности | عثر عليه آمنا',
  'found-harmed': 'Found, harmed | Retrouvé, ayant subi un préjudice | Найден, пострадал | عثر عليه متضررا',
  'found-elsewhere':
    'Found in another State | Retrouvé dans un autre État | Найден в другом государстве | عثر عليه في دولة أخرى',
  'was-not-missing': 'Was not missing | N’était pas disparu | Не пропадал | لم يكن مفقودا',
  dead: 'Found dead | Retrouvé décédé | Найден мёртвым | عثر عليه متوفى',
});

export const sightingKind = codeList('sighting-kind', 1, OURS, {
  'seen-in-person': 'Seen in person | Vu en personne | Видели лично | شوهد شخصيا',
  'reported-by-witness': 'Reported by a witness | Signalé par un témoin | Сообщил свидетель | أبلغ عنه شاهد',
  'register-entry': 'Entry in a register | Inscription dans un registre | Запись в реестре | قيد في سجل',
  online: 'Seen online | Vu en ligne | Видели в сети | شوهد على الإنترنت',
});

export const measureResult = codeList(
  'measure-result',
  1,
  `${OURS}; Hague 1996 Art. 32(b); Reg. 2019/1111 Art. 80(1)(c)`,
  {
    taken: 'Measure taken | Mesure prise | Мера принята | اتخذ تدبير',
    'considered-not-taken':
      'Considered, not taken | Examinée, non prise | Рассмотрена, не принята | نظر فيه ولم يتخذ',
    'passed-to-authority':
      'Passed to the competent authority | Transmise à l’autorité compétente | Передано компетентному органу | أحيل إلى السلطة المختصة',
  },
);

export const leaveResult = codeList('leave-result', 1, OURS, {
  granted: 'Leave given | Autorisation donnée | Разрешено | أذن به',
  'granted-in-part': 'Leave given in part | Autorisation partielle | Разрешено частично | أذن به جزئيا',
  'not-granted': 'Leave not given | Autorisation non donnée | Не разрешено | لم يؤذن به',
});

export const intendedUse = codeList('intended-use', 1, OURS, {
  'evidence-in-court':
    'As evidence in court | Comme preuve en justice | Как доказательство в суде | دليلا أمام المحكمة',
  'show-to-person': 'To be shown to a person | À montrer à une personne | Показать лицу | لعرضه على شخص',
  'pass-to-authority':
    'To be passed to an authority | À transmettre à une autorité | Передать органу | لإحالته إلى سلطة',
});

export const outcomeTold = codeList('outcome-told', 1, OURS, {
  'stays-where-child-is':
    'Stays where the child is | Reste là où est l’enfant | Остаётся там, где находится | يبقى حيث هو',
  'returned-to-parents':
    'Lives with parents in the State of origin | Vit chez ses parents dans l’État d’origine | Живёт у родителей в государстве происхождения | يعيش مع والديه في دولة المنشأ',
  'returned-to-kin':
    'Lives with relatives in the State of origin | Vit chez des proches dans l’État d’origine | Живёт у родственников в государстве происхождения | يعيش مع أقاربه في دولة المنشأ',
  'third-state-kin':
    'Lives with relatives in a third State | Vit chez des proches dans un État tiers | Живёт у родственников в третьем государстве | يعيش مع أقاربه في دولة ثالثة',
  'reunified-where-child-is':
    'Reunited where the child is | Réuni avec sa famille sur place | Воссоединён на месте | التأم شمله حيث هو',
  'in-protection': 'In a safe place | En lieu sûr | В безопасном месте | في مكان آمن',
  'charges-dropped': 'Charges dropped | Poursuites abandonnées | Обвинения сняты | أسقطت التهم',
  'age-recognised': 'Recognised as a child | Reconnu comme enfant | Признан ребёнком | اعترف به طفلا',
  'not-decided': 'Not decided yet | Pas encore décidé | Ещё не решено | لم يقرر بعد',
  'cannot-be-told': 'Cannot be told | Ne peut être communiqué | Сообщить нельзя | لا يمكن إبلاغه',
});

export const newFact = codeList('new-fact', 1, OURS, {
  'seen-again': 'The child was met again | L’enfant a été revu | Ребёнка встретили снова | شوهد الطفل مجددا',
  'control-again':
    'Signs of renewed control | Signes d’une nouvelle emprise | Признаки нового контроля | علامات سيطرة جديدة',
  'other-basis':
    'Another basis than agreement | Autre fondement que l’accord | Иное основание, чем согласие | أساس غير الموافقة',
  'leave-granted':
    'A court gave leave | Un tribunal a donné son autorisation | Суд дал разрешение | أذنت محكمة',
  'family-change': 'Change in the family | Changement dans la famille | Изменение в семье | تغير في الأسرة',
  'child-changed-view':
    'The child’s view has changed | L’avis de l’enfant a changé | Мнение ребёнка изменилось | تغير رأي الطفل',
  other: 'Other new fact | Autre fait nouveau | Иной новый факт | واقعة جديدة أخرى',
});

export const withdrawalBasis = codeList('withdrawal-basis', 1, OURS, {
  'rested-on-agreement':
    'What rested on agreement | Ce qui reposait sur l’accord | То, что опиралось на согласие | ما استند إلى الموافقة',
  'everything-asked': 'Everything asked | Tout ce qui a été demandé | Всё запрошенное | كل ما طلب',
});
