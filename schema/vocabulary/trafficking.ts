/**
 * Lists of the Human Trafficking Case Data Standard. Codes are HTCDS values to the letter, so that exports
 * validate; a code beginning `x_` is ours, and htcds-export.ts says what it becomes outside. Labels follow the
 * words used for people in this project, not the standard's. The industries of forced labour are in standards.ts.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const HTCDS = 'HTCDS 2.0, CC BY 4.0 (IOM)';

export const traffickingStatus = codeList('trafficking-status', 1, `${HTCDS}, vic_TraffickingStatus`, {
  PossibleVictimOfTrafficking:
    'Presumed victim of trafficking | Victime présumée de la traite | Предполагаемая жертва торговли людьми | ضحية مفترضة للاتجار',
  ActualVictimOfTrafficking:
    'Identified victim of trafficking | Victime identifiée de la traite | Установленная жертва торговли людьми | ضحية اتجار محددة رسميا',
  NotAVictimOfTrafficking:
    'Not identified as a victim of trafficking | Non identifié comme victime de la traite | Не признан жертвой торговли людьми | لم يحدد كضحية للاتجار',
});

export const traffickingStatusDecider = codeList(
  'trafficking-status-decider',
  1,
  `${HTCDS}, vic_TraffickingStatusDecisionMakingOrg`,
  {
    Police: 'Police | Police | Полиция | الشرطة',
    NGO: 'Non-governmental organisation | Organisation non gouvernementale | Неправительственная организация | منظمة غير حكومية',
    CourtOrProsecution: 'Court or prosecution | Tribunal ou parquet | Суд или прокуратура | محكمة أو نيابة',
    NonPoliceGovernmentalOrganization:
      'Public body other than police | Organisme public autre que la police | Государственный орган, кроме полиции | جهة حكومية غير الشرطة',
    Other: 'Other body | Autre organisme | Иной орган | جهة أخرى',
  },
);

export const exploitationType = codeList('exploitation-type', 1, `${HTCDS}, vic_TypeOfExploitation`, {
  ForcedLabour: 'Forced labour | Travail forcé | Принудительный труд | العمل القسري',
  SexualExploitation:
    'Sexual exploitation | Exploitation sexuelle | Сексуальная эксплуатация | الاستغلال الجنسي',
  ChildLabour: 'Child labour | Travail des enfants | Детский труд | عمل الأطفال',
  ForcedMarriage: 'Forced marriage | Mariage forcé | Принудительный брак | الزواج القسري',
  Servitude: 'Servitude | Servitude | Подневольное состояние | الاستعباد',
  ForcedMilitaryByNonStateActors:
    'Recruitment by non-State armed groups | Enrôlement par des groupes armés non étatiques | Вербовка негосударственными вооружёнными группами | التجنيد من قبل جماعات مسلحة غير حكومية',
  OrganRemoval: 'Removal of organs | Prélèvement d’organes | Изъятие органов | نزع الأعضاء',
  ForcedBegging: 'Forced begging | Mendicité forcée | Принуждение к попрошайничеству | التسول القسري',
  ForcedAdoption: 'Forced adoption | Adoption forcée | Принудительное усыновление | التبني القسري',
  Surrogacy:
    'Exploitation through surrogacy | Exploitation de la gestation pour autrui | Эксплуатация через суррогатное материнство | الاستغلال عبر تأجير الأرحام',
  x_ForcedCriminality:
    'Made to commit offences | Contraint à commettre des infractions | Принуждение к правонарушениям | الإكراه على ارتكاب جرائم',
  Other: 'Other exploitation | Autre exploitation | Иная эксплуатация | استغلال آخر',
});

export const sexualExploitationType = codeList(
  'sexual-exploitation-type',
  1,
  `${HTCDS}, vic_TypeOfSexExploitation; display after the Luxembourg terminology guidelines`,
  {
    Prostitution:
      'Sexual exploitation for money or other gain | Exploitation sexuelle contre argent ou avantage | Сексуальная эксплуатация за деньги или выгоду | استغلال جنسي مقابل مال أو منفعة',
    Pornography:
      'Child sexual abuse material | Matériel d’abus sexuel d’enfants | Материалы сексуального насилия над детьми | مواد الاعتداء الجنسي على الأطفال',
    RemoteInteractiveServices:
      'Sexual exploitation through live transmission | Exploitation sexuelle par diffusion en direct | Сексуальная эксплуатация через прямую трансляцию | استغلال جنسي عبر البث المباشر',
    PrivateSexualServices:
      'Sexual exploitation in private premises | Exploitation sexuelle en lieu privé | Сексуальная эксплуатация в частных помещениях | استغلال جنسي في أماكن خاصة',
  },
);

/** Shown under "control experienced (if told)"; never required of a child (CETS 197, Art. 4(c)). */
export const controlMethod = codeList('control-method', 1, `${HTCDS}, vic_MethodsOfControl`, {
  PhysicalThreats: 'Threats of violence | Menaces de violence | Угрозы насилием | التهديد بالعنف',
  ThreatsLawEnforcement:
    'Threats of police or authorities | Menaces de recourir à la police ou aux autorités | Угрозы полицией или властями | التهديد بالشرطة أو السلطات',
  ThreatensChildrenFamily:
    'Threats against children or family | Menaces contre les enfants ou la famille | Угрозы детям или семье | تهديد الأطفال أو الأسرة',
  DebtBondage: 'Debt bondage | Servitude pour dettes | Долговая кабала | إسار الدين',
  FalsePromises: 'False promises | Fausses promesses | Ложные обещания | وعود كاذبة',
  PhysicalAbuse: 'Physical abuse | Violences physiques | Физическое насилие | الإيذاء البدني',
  SexualAbuse: 'Sexual abuse | Abus sexuels | Сексуальное насилие | الاعتداء الجنسي',
  TakesEarnings: 'Earnings taken away | Gains confisqués | Отбирают заработок | أخذ المكاسب',
  RestrictsFinancialAccess:
    'No access to money | Privation d’accès à l’argent | Нет доступа к деньгам | الحرمان من المال',
  RestrictsMedicalCare:
    'No access to medical care | Privation de soins médicaux | Нет доступа к врачу | الحرمان من الرعاية الطبية',
  WithholdsNecessities:
    'Food or other necessities withheld | Privation de nourriture ou de biens essentiels | Лишение еды или необходимого | الحرمان من الطعام أو الضروريات',
  PsychologicalAbuse:
    'Psychological abuse | Violences psychologiques | Психологическое насилие | الإيذاء النفسي',
  PsychoactiveSubstance: 'Drugs or alcohol | Drogues ou alcool | Наркотики или алкоголь | مخدرات أو كحول',
  ExcessiveWorkingHours:
    'Excessive working hours | Horaires de travail excessifs | Чрезмерное рабочее время | ساعات عمل مفرطة',
  WithholdsDocuments: 'Documents withheld | Documents confisqués | Удержание документов | حجز الوثائق',
  x_RestrictsMovement:
    'Movement restricted | Liberté de mouvement restreinte | Ограничение передвижения | تقييد الحركة',
  Other: 'Other control | Autre forme de contrôle | Иной контроль | سيطرة بوسيلة أخرى',
});

export const recruitmentMethod = codeList('recruitment-method', 1, `${HTCDS}, vic_MethodOfRecruitment`, {
  AtAPlaceOfBusiness:
    'At a place of business | Dans un commerce ou une entreprise | В торговом или деловом месте | في مكان تجاري',
  AtAnEducationalInstitution:
    'At a school or college | Dans un établissement d’enseignement | В учебном заведении | في مؤسسة تعليمية',
  AtWork: 'At work | Au travail | На работе | في مكان العمل',
  ThroughOnlineSocialNetworks:
    'Through online social networks | Par les réseaux sociaux | Через социальные сети | عبر شبكات التواصل الاجتماعي',
  ThroughAnOnlineAdvertisement:
    'Through an online advertisement | Par une annonce en ligne | Через объявление в интернете | عبر إعلان على الإنترنت',
  ThroughATelevisionAdvert:
    'Through a television advertisement | Par une annonce télévisée | Через рекламу на телевидении | عبر إعلان تلفزيوني',
  ThroughANewspaperAdvert:
    'Through a newspaper advertisement | Par une annonce de presse | Через объявление в газете | عبر إعلان في صحيفة',
  ThroughFamilyOrFamilyEvents:
    'Through family or family events | Par la famille ou un événement familial | Через семью или семейные события | عبر الأسرة أو مناسباتها',
  ThroughFriendsOrSocialEvents:
    'Through friends or social events | Par des amis ou un événement social | Через друзей или встречи | عبر الأصدقاء أو المناسبات الاجتماعية',
  Other: 'Other way | Autre moyen | Иным путём | بطريقة أخرى',
});

export const relationshipToTrafficker = codeList(
  'relationship-to-trafficker',
  1,
  `${HTCDS}, vic_RelationshipToTrafficker`,
  {
    Familial: 'Family | Famille | Семья | صلة عائلية',
    Acquainted: 'Known to the child | Connu de l’enfant | Знакомый ребёнку | معروف للطفل',
    Unaquainted: 'Not known to the child | Inconnu de l’enfant | Незнакомый ребёнку | غير معروف للطفل',
  },
);

export const roleInProcess = codeList('role-in-process', 1, `${HTCDS}, per_RoleInProcess`, {
  TravellingPartner:
    'Travelled with the child | A voyagé avec l’enfant | Ехал вместе с ребёнком | سافر مع الطفل',
  Transporter: 'Suspected transporter | Transporteur présumé | Предполагаемый перевозчик | ناقل مشتبه به',
  RecruiterOrIntermediary:
    'Suspected recruiter or go-between | Recruteur ou intermédiaire présumé | Предполагаемый вербовщик или посредник | مجند أو وسيط مشتبه به',
  BrokerTravelAgent:
    'Broker or travel agent | Courtier ou agent de voyage | Посредник или турагент | سمسار أو وكيل سفر',
  TransferredIndividual:
    'Suspected of passing the child on | Soupçonné d’avoir remis l’enfant à autrui | Подозревается в передаче ребёнка | مشتبه في تسليمه الطفل لغيره',
  HarbouredIndividual:
    'Suspected of harbouring the child | Soupçonné d’avoir hébergé l’enfant | Подозревается в укрывательстве ребёнка | مشتبه في إيوائه الطفل',
  SoldIndividual:
    'Suspected of selling the child | Soupçonné d’avoir vendu l’enfant | Подозревается в продаже ребёнка | مشتبه في بيعه الطفل',
  BoughtIndividual:
    'Suspected of buying the child | Soupçonné d’avoir acheté l’enfant | Подозревается в покупке ребёнка | مشتبه في شرائه الطفل',
  ReceivedIndividual:
    'Suspected of receiving the child | Soupçonné d’avoir reçu l’enfant | Подозревается в получении ребёнка | مشتبه في استلامه الطفل',
  ControlledIndividual:
    'Suspected of controlling the child | Soupçonné d’avoir contrôlé l’enfant | Подозревается в контроле над ребёнком | مشتبه في سيطرته على الطفل',
  Smuggler: 'Suspected smuggler | Passeur présumé | Предполагаемый перевозчик через границу | مهرب مشتبه به',
  Abuser:
    'Person who is a safety risk | Personne présentant un risque | Лицо, представляющее опасность | شخص يشكل خطرا',
  Kidnapper: 'Suspected abductor | Ravisseur présumé | Предполагаемый похититель | خاطف مشتبه به',
  Exploiter: 'Suspected exploiter | Exploiteur présumé | Предполагаемый эксплуататор | مستغل مشتبه به',
  Other: 'Other role | Autre rôle | Иная роль | دور آخر',
});

export const traffickingEvent = codeList('trafficking-event', 1, `${HTCDS}, hte_Type`, {
  Recruitment: 'Recruitment | Recrutement | Вербовка | التجنيد',
  Transit: 'Transit | Transit | Перевозка | العبور',
  Exploitation: 'Exploitation | Exploitation | Эксплуатация | الاستغلال',
});

export const websiteOrApp = codeList(
  'website-or-app',
  1,
  `${HTCDS}, vic_RecruitmentWebsitesAndApps and vic_ExploitationWebsitesAndApps`,
  {
    Facebook: 'Facebook | Facebook | Фейсбук | فيسبوك',
    Instagram: 'Instagram | Instagram | Инстаграм | إنستغرام',
    WhatsApp: 'WhatsApp | WhatsApp | Ватсап | واتساب',
    Telegram: 'Telegram | Telegram | Телеграм | تيليغرام',
    FacebookMessenger: 'Facebook Messenger | Facebook Messenger | Фейсбук-мессенджер | فيسبوك ماسنجر',
    Viber: 'Viber | Viber | Вайбер | فايبر',
    SnapChat: 'Snapchat | Snapchat | Снэпчат | سناب شات',
    Line: 'Line | Line | Приложение Line | تطبيق لاين',
    '4Sale': '4Sale | 4Sale | Приложение 4Sale | تطبيق فور سيل',
    WeChat: 'WeChat | WeChat | Вичат | وي تشات',
    QQ: 'QQ | QQ | Приложение QQ | تطبيق كيو كيو',
    QZone: 'Qzone | Qzone | Приложение Qzone | تطبيق كيو زون',
    TikTok: 'TikTok | TikTok | Тикток | تيك توك',
    Twitter: 'Twitter (X) | Twitter (X) | Твиттер (X) | تويتر (إكس)',
    Other: 'Other website or app | Autre site ou application | Иной сайт или приложение | موقع أو تطبيق آخر',
  },
);

export const supportType = codeList('support-type', 1, `${HTCDS}, spl_Type`, {
  Education: 'Education | Éducation | Образование | التعليم',
  Financial: 'Financial support | Aide financière | Денежная помощь | دعم مالي',
  Health: 'Health care | Soins de santé | Медицинская помощь | رعاية صحية',
  LabourExploitationRehabilitation:
    'Recovery after labour exploitation | Rétablissement après exploitation par le travail | Восстановление после трудовой эксплуатации | التعافي من الاستغلال في العمل',
  Legal: 'Legal support | Aide juridique | Юридическая помощь | دعم قانوني',
  Livelihood: 'Livelihood | Moyens de subsistance | Средства к существованию | سبل العيش',
  RightsBasedTraining: 'Training on rights | Formation aux droits | Обучение правам | تدريب على الحقوق',
  SexualExploitationRehabilitation:
    'Recovery after sexual exploitation | Rétablissement après exploitation sexuelle | Восстановление после сексуальной эксплуатации | التعافي من الاستغلال الجنسي',
  SocialCare: 'Social care | Accompagnement social | Социальная помощь | رعاية اجتماعية',
});
