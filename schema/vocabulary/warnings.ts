/**
 * What protects the child while others read and act: safety warnings, handling, onward transfer, and where the
 * child stands with asylum. Which of them stops which act is not decided here.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const safetyWarning = codeList(
  'safety-warning',
  1,
  `${OURS}; CRC GC6 para. 80; SIS 2018/1862, Art. 20(3)(j)`,
  {
    'do-not-contact-family':
      'Do not contact the family | Ne pas contacter la famille | Не связываться с семьёй | لا تتصلوا بالأسرة',
    'do-not-contact-named-person':
      'Do not contact a named person | Ne pas contacter une personne nommée | Не связываться с названным лицом | لا تتصلوا بشخص مسمى',
    'do-not-reveal-location':
      'Do not reveal where the child is | Ne pas révéler où se trouve l’enfant | Не раскрывать, где ребёнок | لا تكشفوا مكان الطفل',
    'do-not-reveal-that-child-is-in-care':
      'Do not reveal that the child is in care | Ne pas révéler que l’enfant est pris en charge | Не раскрывать, что ребёнок на попечении служб | لا تكشفوا أن الطفل تحت الرعاية',
    'do-not-tell-consulate':
      'Do not tell the consulate | Ne pas informer le consulat | Не сообщать консульству | لا تبلغوا القنصلية',
    'do-not-involve':
      'Do not involve a named office, institution, interpreter or person | Ne pas associer un bureau, une institution, un interprète ou une personne nommés | Не привлекать названное учреждение, организацию, переводчика или лицо | لا تشركوا مكتبا أو مؤسسة أو مترجما أو شخصا مسمى',
    'trafficker-may-have-insider':
      'Suspected exploiters may have someone inside an office | Des exploiteurs présumés peuvent avoir un complice dans un service | У предполагаемых эксплуататоров может быть свой человек в учреждении | قد يكون للمستغلين المشتبه بهم متعاون داخل أحد المكاتب',
    'in-care-of-suspect':
      'The child may be in the care of a suspect | L’enfant est peut-être aux mains d’un suspect | Ребёнок может находиться у подозреваемого | قد يكون الطفل لدى مشتبه به',
    'retaliation-risk-to-relatives':
      'Relatives may suffer reprisals | Des proches risquent des représailles | Родственникам грозит месть | قد يتعرض الأقارب للانتقام',
    'self-harm-risk':
      'Risk of self-harm | Risque d’automutilation ou de suicide | Риск причинения себе вреда | خطر إيذاء النفس',
    medical: 'Medical need | Besoin médical | Нуждается в медицинской помощи | حاجة طبية',
    'likely-to-abscond':
      'Likely to leave care without notice | Risque de quitter le lieu d’accueil sans prévenir | Может уйти без предупреждения | قد يغادر مكان الرعاية دون إخطار',
  },
);

/** From strict to wide. */
export const handling = codeList('handling', 1, OURS, {
  'eyes-only': 'Named persons only | Personnes nommées seulement | Только названные лица | أشخاص مسمون فقط',
  'case-team':
    'Assigned team and supervisor | Équipe chargée du dossier et responsable | Назначенная группа и руководитель | الفريق المكلف والمشرف',
  office:
    'Office of the focal point | Bureau du point focal | Учреждение координационного центра | مكتب جهة التنسيق',
});

export const mayBeShownTo = codeList('may-be-shown-to', 1, OURS, {
  child: 'Child | Enfant | Ребёнок | الطفل',
  guardian: 'Guardian | Tuteur | Законный представитель | الوصي',
  lawyer: 'Lawyer of the child | Avocat de l’enfant | Адвокат ребёнка | محامي الطفل',
  parents: 'Parents | Parents | Родители | الوالدان',
  court: 'Court | Tribunal | Суд | المحكمة',
});

/** From strict to wide. */
export const onwardTransfer = codeList(
  'onward-transfer',
  1,
  `${OURS}; Regulation (EU) 2019/1111, Art. 87-89`,
  {
    no: 'Not to be passed on | Ne pas transmettre | Не передавать | لا يحال',
    'ask-first':
      'Ask the sender first | Demander d’abord à l’expéditeur | Сначала спросить отправителя | يستأذن المرسل أولا',
    'within-purpose':
      'May be passed on within the purpose | Peut être transmis dans les limites de la finalité | Можно передавать в пределах цели | يجوز نقله في حدود الغرض',
  },
);

/** There is no "none" and no default: an assessment that did not take place is `not-assessed`, and stops data. */
export const asylumStatus = codeList('asylum-status', 1, `${OURS}; CRC GC6 para. 80`, {
  'not-assessed':
    'Protection need not assessed | Besoin de protection non évalué | Потребность в защите не оценена | لم تقيم الحاجة إلى الحماية',
  possible:
    'Protection need possible | Besoin de protection possible | Потребность в защите возможна | الحاجة إلى الحماية محتملة',
  pending: 'Claim pending | Demande en cours d’examen | Ходатайство рассматривается | الطلب قيد النظر',
  recognised:
    'International protection granted | Protection internationale accordée | Международная защита предоставлена | منحت الحماية الدولية',
  'appeal-open':
    'Appeal open or possible | Recours pendant ou encore possible | Обжалование идёт или ещё возможно | الطعن قائم أو ما زال ممكنا',
  'counselled-not-sought':
    'Counselled, protection not sought | Conseillé, protection non demandée | Получил консультацию, защиты не просит | تلقى المشورة ولم يطلب الحماية',
  'finally-rejected': 'Finally rejected | Définitivement rejetée | Окончательно отказано | رفض نهائيا',
});
