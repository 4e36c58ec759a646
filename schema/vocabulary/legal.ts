/**
 * On which basis and for what an enquiry is made, how pressing it is, and whom the asked State may have to tell.
 * Which basis fits which direction is not decided here. This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const legalBasis = codeList(
  'legal-basis',
  1,
  'Hague Convention 1996; Regulation (EU) 2019/1111; CETS 197; Focalnet',
  {
    'h96-30':
      'Hague 1996, Art. 30: co-operation of Central Authorities | La Haye 1996, art. 30 : coopération des autorités centrales | Гаагская конвенция 1996 г., ст. 30: сотрудничество центральных органов | اتفاقية لاهاي 1996، المادة 30: تعاون السلطات المركزية',
    'h96-31a':
      'Hague 1996, Art. 31(a): easing communications and assistance | La Haye 1996, art. 31 a) : faciliter les communications et l’assistance | Гаагская конвенция 1996 г., ст. 31 a): облегчение связи и помощь | اتفاقية لاهاي 1996، المادة 31(أ): تيسير الاتصال والمساعدة',
    'h96-31b':
      'Hague 1996, Art. 31(b): agreed solutions and mediation | La Haye 1996, art. 31 b) : solutions amiables et médiation | Гаагская конвенция 1996 г., ст. 31 b): согласованные решения и посредничество | اتفاقية لاهاي 1996، المادة 31(ب): الحلول المتفق عليها والوساطة',
    'h96-31c':
      'Hague 1996, Art. 31(c): discovering the whereabouts of the child | La Haye 1996, art. 31 c) : localiser l’enfant | Гаагская конвенция 1996 г., ст. 31 c): установление местонахождения ребёнка | اتفاقية لاهاي 1996، المادة 31(ج): تحديد مكان الطفل',
    'h96-32a':
      'Hague 1996, Art. 32(a): report on the child’s situation | La Haye 1996, art. 32 a) : rapport sur la situation de l’enfant | Гаагская конвенция 1996 г., ст. 32 a): доклад о положении ребёнка | اتفاقية لاهاي 1996، المادة 32(أ): تقرير عن حالة الطفل',
    'h96-32b':
      'Hague 1996, Art. 32(b): asking that measures be considered | La Haye 1996, art. 32 b) : demander d’envisager des mesures | Гаагская конвенция 1996 г., ст. 32 b): просьба рассмотреть меры | اتفاقية لاهاي 1996، المادة 32(ب): طلب النظر في تدابير',
    'h96-33':
      'Hague 1996, Art. 33: placement in another State | La Haye 1996, art. 33 : placement dans un autre État | Гаагская конвенция 1996 г., ст. 33: устройство в другом государстве | اتفاقية لاهاي 1996، المادة 33: الإيداع في دولة أخرى',
    'h96-34':
      'Hague 1996, Art. 34: relevant information when a measure is contemplated | La Haye 1996, art. 34 : informations utiles lorsqu’une mesure est envisagée | Гаагская конвенция 1996 г., ст. 34: сведения, когда рассматривается мера | اتفاقية لاهاي 1996، المادة 34: معلومات مفيدة عند النظر في تدبير',
    'h96-35':
      'Hague 1996, Art. 35: help with measures and contact | La Haye 1996, art. 35 : aide à la mise en œuvre des mesures et droit de visite | Гаагская конвенция 1996 г., ст. 35: содействие в мерах и общении | اتفاقية لاهاي 1996، المادة 35: المساعدة في التدابير والزيارة',
    'h96-36':
      'Hague 1996, Art. 36: child exposed to a serious danger | La Haye 1996, art. 36 : enfant exposé à un grave danger | Гаагская конвенция 1996 г., ст. 36: ребёнок в серьёзной опасности | اتفاقية لاهاي 1996، المادة 36: طفل معرض لخطر جسيم',
    'biib-79':
      'Brussels IIb, Art. 79: tasks of Central Authorities | Bruxelles II ter, art. 79 : tâches des autorités centrales | Регламент Брюссель IIb, ст. 79: задачи центральных органов | لائحة بروكسل IIb، المادة 79: مهام السلطات المركزية',
    'biib-80-1a':
      'Brussels IIb, Art. 80(1)(a): report on the child, proceedings, decisions | Bruxelles II ter, art. 80, § 1, a) : rapport sur l’enfant, procédures, décisions | Регламент Брюссель IIb, ст. 80(1)(a): доклад о ребёнке, производства, решения | لائحة بروكسل IIb، المادة 80(1)(أ): تقرير عن الطفل والإجراءات والقرارات',
    'biib-80-1b':
      'Brussels IIb, Art. 80(1)(b): information on a parent, relative or other carer | Bruxelles II ter, art. 80, § 1, b) : informations sur un parent, un proche ou une autre personne | Регламент Брюссель IIb, ст. 80(1)(b): сведения о родителе, родственнике или ином лице | لائحة بروكسل IIb، المادة 80(1)(ب): معلومات عن والد أو قريب أو مقدم رعاية آخر',
    'biib-80-1c':
      'Brussels IIb, Art. 80(1)(c): asking that measures be considered | Bruxelles II ter, art. 80, § 1, c) : demander d’envisager des mesures | Регламент Брюссель IIb, ст. 80(1)(c): просьба рассмотреть меры | لائحة بروكسل IIb، المادة 80(1)(ج): طلب النظر في تدابير',
    'biib-80-2':
      'Brussels IIb, Art. 80(2): child exposed to a serious danger | Bruxelles II ter, art. 80, § 2 : enfant exposé à un grave danger | Регламент Брюссель IIb, ст. 80(2): ребёнок в серьёзной опасности | لائحة بروكسل IIb، المادة 80(2): طفل معرض لخطر جسيم',
    'biib-81':
      'Brussels IIb, Art. 81: carrying out decisions in another Member State | Bruxelles II ter, art. 81 : mise en œuvre des décisions dans un autre État membre | Регламент Брюссель IIb, ст. 81: исполнение решений в другом государстве-члене | لائحة بروكسل IIb، المادة 81: تنفيذ القرارات في دولة عضو أخرى',
    'biib-82':
      'Brussels IIb, Art. 82: placement in another Member State | Bruxelles II ter, art. 82 : placement dans un autre État membre | Регламент Брюссель IIb, ст. 82: устройство в другом государстве-члене | لائحة بروكسل IIb، المادة 82: الإيداع في دولة عضو أخرى',
    bilateral:
      'Agreement between the two States | Accord entre les deux États | Договор двух государств | اتفاق بين الدولتين',
    'coe-32':
      'CETS 197, Art. 32: general co-operation | STCE 197, art. 32 : coopération générale | СЕД 197, ст. 32: общее сотрудничество | الاتفاقية 197 لمجلس أوروبا، المادة 32: التعاون العام',
    'coe-33-1':
      'CETS 197, Art. 33(1): person in immediate danger | STCE 197, art. 33, § 1 : personne en danger immédiat | СЕД 197, ст. 33(1): лицо в непосредственной опасности | الاتفاقية 197 لمجلس أوروبا، المادة 33(1): شخص في خطر مباشر',
    'coe-33-2':
      'CETS 197, Art. 33(2): missing persons, closer co-operation may be considered | STCE 197, art. 33, § 2 : personnes disparues, coopération renforcée possible | СЕД 197, ст. 33(2): пропавшие лица, возможно более тесное сотрудничество | الاتفاقية 197 لمجلس أوروبا، المادة 33(2): أشخاص مفقودون، يجوز تعزيز التعاون',
    'coe-34':
      'CETS 197, Art. 34: information between Parties | STCE 197, art. 34 : informations entre les Parties | СЕД 197, ст. 34: информация между Сторонами | الاتفاقية 197 لمجلس أوروبا، المادة 34: المعلومات بين الأطراف',
    'national-law': 'National law | Droit national | Национальное право | القانون الوطني',
    courtesy:
      'No treaty: courtesy | Sans traité : courtoisie | Без договора: добрая воля | دون معاهدة: مجاملة',
  },
);

export const purpose = codeList('purpose', 1, `${OURS}; purpose limits use: Hague Convention 1996, Art. 41`, {
  'locate-child': 'Find the child | Retrouver l’enfant | Найти ребёнка | العثور على الطفل',
  'identity-nationality':
    'Identity, age and nationality | Identité, âge et nationalité | Личность, возраст и гражданство | الهوية والسن والجنسية',
  'family-situation': 'Family situation | Situation familiale | Положение семьи | حالة الأسرة',
  'carer-suitability':
    'Suitability of a possible carer | Aptitude d’une personne à prendre soin de l’enfant | Пригодность возможного опекающего лица | أهلية مقدم رعاية محتمل',
  'risk-before-return':
    'Risk and security before a possible return | Risques et sécurité avant un éventuel retour | Риск и безопасность до возможного возвращения | المخاطر والأمن قبل أي عودة محتملة',
  'measures-in-force':
    'Measures and proceedings in force | Mesures et procédures en cours | Действующие меры и производства | التدابير والإجراءات القائمة',
  placement:
    'Placement in the other State | Placement dans l’autre État | Устройство в другом государстве | الإيداع في الدولة الأخرى',
  'status-after-return':
    'Situation after return | Situation après le retour | Положение после возвращения | الوضع بعد العودة',
  'reported-sighting':
    'Reported sighting of the child | Enfant signalé comme aperçu | Сообщение о том, что ребёнка видели | بلاغ عن مشاهدة الطفل',
  other: 'Other purpose | Autre finalité | Иная цель | غرض آخر',
});

export const urgency = codeList('urgency', 1, OURS, {
  'immediate-danger': 'Immediate danger | Danger immédiat | Непосредственная опасность | خطر مباشر',
  urgent: 'Urgent | Urgent | Срочно | عاجل',
  routine: 'Routine | Ordinaire | Обычный порядок | عادي',
});

/** Answers LAW-05; also used by the State profile that a sender reads before sending. */
export const bodyToTell = codeList('body-to-tell', 1, OURS, {
  parents: 'Parents | Parents | Родители | الوالدان',
  police: 'Police | Police | Полиция | الشرطة',
  prosecutor: 'Prosecutor | Procureur | Прокурор | النيابة العامة',
  court: 'Court | Tribunal | Суд | المحكمة',
  consulate: 'Consulate | Consulat | Консульство | القنصلية',
  other: 'Other body | Autre organisme | Иной орган | جهة أخرى',
});
