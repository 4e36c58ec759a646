/**
 * What two States do to each other in a conversation, and what they say about it: message types, states,
 * withdrawal, closing, missing episodes, status notices, representatives, the first look. Words only: which
 * act is allowed when is decided by schema/conversation.
 *
 * No code that reaches the peer may betray a claim for protection, and none lets a conversation close because
 * nobody answered. This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const messageType = codeList('message-type', 2, OURS, {
  ENQ: 'Social enquiry | Demande d’enquête sociale | Запрос о социальном обследовании | طلب بحث اجتماعي',
  ACK: 'Acknowledgement by a person | Accusé de réception par une personne | Подтверждение человеком | إقرار بالاستلام من شخص',
  FLK: 'First look | Premier examen | Первый взгляд | نظرة أولى',
  CLR: 'Clarification asked | Précision demandée | Просьба уточнить | طلب توضيح',
  CLA: 'Clarification given | Précision donnée | Уточнение | توضيح',
  FWD: 'Forwarded to another authority | Transmis à une autre autorité | Передано другому органу | إحالة إلى سلطة أخرى',
  PRG: 'Progress note | Note d’avancement | Сообщение о ходе дела | مذكرة تقدم',
  INT: 'Interim answer | Réponse provisoire | Промежуточный ответ | رد مؤقت',
  RPT: 'Family and social circumstances report | Rapport sur la situation familiale et sociale | Доклад о семье и социальных условиях | تقرير عن الظروف الأسرية والاجتماعية',
  NEG: 'Nothing found | Rien trouvé | Ничего не найдено | لم يعثر على شيء',
  NIC: 'No information can be communicated | Aucune information ne peut être communiquée | Сведения не могут быть сообщены | لا يمكن تقديم معلومات',
  LSW: 'Located and safe, whereabouts withheld | Localisé et en sécurité, lieu non communiqué | Найден, в безопасности, место не сообщается | عثر عليه وهو آمن، والمكان محجوب',
  REF: 'Cannot be answered: ground given | Réponse impossible : motif indiqué | Ответить нельзя: основание указано | لا يمكن الرد: مع بيان السبب',
  SUP: 'Supplement or correction | Complément ou rectification | Дополнение или исправление | تكملة أو تصحيح',
  WDR: 'Withdrawal | Retrait | Отзыв | سحب',
  STP: 'Stand still now | Arrêt immédiat de tout acte | Остановить все действия | توقف فوري عن كل عمل',
  MIS: 'Missing episode | Épisode de disparition | Случай исчезновения | حالة اختفاء',
  REP: 'Change of representative | Changement de représentant | Смена представителя | تغيير الممثل',
  STA: 'Status notice | Avis de changement de statut | Сообщение о статусе | إشعار بالوضع',
  URG: 'Urgent alert | Alerte urgente | Срочная тревога | إنذار عاجل',
  SGT: 'Reported sighting or location | Signalement ou localisation | Сообщение о том, что ребёнка видели или нашли | بلاغ عن مشاهدة أو تحديد مكان',
  MSR: 'Request to consider protective measures | Demande d’envisager des mesures de protection | Просьба рассмотреть меры защиты | طلب النظر في تدابير حماية',
  USE: 'Leave to use, show or pass on | Autorisation d’utiliser, montrer ou transmettre | Разрешение использовать, показать или передать | إذن بالاستخدام أو العرض أو الإحالة',
  OUT: 'Outcome told to the State that answered | Issue communiquée à l’État qui a répondu | Итог, сообщённый ответившему государству | إبلاغ النتيجة إلى الدولة المجيبة',
  CLS: 'Closing notice | Avis de clôture | Сообщение о закрытии | إشعار بالإقفال',
  RPN: 'Reopening | Réouverture | Возобновление | إعادة الفتح',
  ERS: 'Erasure | Effacement | Стирание | محو',
});

export const conversationState = codeList('conversation-state', 2, OURS, {
  DRAFT: 'Draft | Brouillon | Черновик | مسودة',
  SENT: 'Sent | Envoyé | Отправлено | أرسل',
  DELIVERED: 'Delivered | Remis | Доставлено | تم التسليم',
  ACKNOWLEDGED: 'Read by a person | Lu par une personne | Прочитано человеком | اطلع عليه شخص',
  CLARIFYING: 'Clarification asked | Précision demandée | Уточняется | قيد التوضيح',
  DEFERRED:
    'Put off until a day named | Reporté à une date indiquée | Отложено до указанного дня | مؤجل إلى يوم محدد',
  IN_PROGRESS: 'In progress | En cours | В работе | قيد العمل',
  INTERIM: 'Interim answer given | Réponse provisoire donnée | Дан промежуточный ответ | قدم رد مؤقت',
  ANSWERED: 'Answered | Répondu | Ответ дан | تمت الإجابة',
  ACCEPTED:
    'Accepted by the requesting office | Accepté par le bureau demandeur | Принято запросившим учреждением | قبله المكتب الطالب',
  SUPPLEMENT_ASKED: 'Supplement asked | Complément demandé | Запрошено дополнение | طلبت تكملة',
  CLOSED: 'Closed | Clos | Закрыто | مقفل',
  REFUSED: 'Cannot be answered | Réponse impossible | Ответить нельзя | لا يمكن الرد',
  WITHDRAWN: 'Withdrawn | Retiré | Отозвано | مسحوب',
  FORWARDED: 'Forwarded | Transmis | Передано | محال',
  EXPIRED:
    'Not delivered in time: someone must act | Non remis à temps : une personne doit agir | Не доставлено вовремя: нужны действия | لم يسلم في الوقت: يلزم التصرف',
  ON_HOLD_SAFETY:
    'On hold for safety | Suspendu pour raison de sécurité | Приостановлено ради безопасности | معلق لأسباب تتعلق بالسلامة',
  AWAITING_COURT: 'Awaiting a court | En attente d’un tribunal | Ожидается суд | في انتظار المحكمة',
  AWAITING_CHILD:
    'The child needs time | L’enfant a besoin de temps | Ребёнку нужно время | الطفل يحتاج إلى وقت',
  TRANSFERRED_OUTSIDE:
    'Continues outside the network | Se poursuit hors du réseau | Продолжается вне сети | مستمر خارج الشبكة',
  MONITORING: 'Being followed up | Suivi en cours | Наблюдение | قيد المتابعة',
  REOPENED: 'Reopened | Rouvert | Возобновлено | أعيد فتحه',
  ALERT: 'Urgent alert open | Alerte urgente en cours | Срочная тревога открыта | إنذار عاجل قائم',
});

export const withdrawalReason = codeList('withdrawal-reason', 1, OURS, {
  'child-withdrew-agreement':
    'The child withdrew agreement | L’enfant a retiré son accord | Ребёнок отозвал согласие | سحب الطفل موافقته',
  'guardian-withdrew-agreement':
    'The guardian withdrew agreement | Le tuteur a retiré son accord | Законный представитель отозвал согласие | سحب الوصي موافقته',
  'parent-withdrew-agreement':
    'A parent withdrew agreement | Un parent a retiré son accord | Родитель отозвал согласие | سحب أحد الوالدين موافقته',
  safety: 'Safety | Sécurité | Безопасность | السلامة',
  'no-longer-needed': 'No longer needed | N’est plus nécessaire | Больше не требуется | لم يعد لازما',
  'replaced-by-new-enquiry':
    'Replaced by a new enquiry | Remplacé par une nouvelle demande | Заменено новым запросом | حل محله طلب جديد',
  'sent-in-error': 'Sent in error | Envoyé par erreur | Отправлено по ошибке | أرسل خطأ',
  'not-stated': 'Reason not stated | Motif non indiqué | Причина не указана | السبب غير مذكور',
});

/** Why an office takes back what has not reached its recipient. It stays in that office and never travels. */
export const recallReason = codeList('recall-reason', 1, OURS, {
  'wrong-recipient':
    'Meant for another State | Destiné à un autre État | Предназначалось другому государству | موجه إلى دولة أخرى',
  'wrong-child': 'About another child | Concerne un autre enfant | Касается другого ребёнка | يخص طفلا آخر',
  'content-wrong': 'Something in it is wrong | Contient une erreur | Содержит ошибку | فيه خطأ',
  'says-too-much':
    'Says more than is needed | En dit plus que nécessaire | Сообщает больше, чем нужно | يذكر أكثر من اللازم',
  safety: 'Safety | Sécurité | Безопасность | السلامة',
  'agreement-withdrawn':
    'Agreement was withdrawn | L’accord a été retiré | Согласие отозвано | سحبت الموافقة',
  'no-longer-needed': 'No longer needed | N’est plus nécessaire | Больше не требуется | لم يعد لازما',
});

export const withdrawalSpeaker = codeList('withdrawal-speaker', 1, OURS, {
  child: 'Child | Enfant | Ребёнок | الطفل',
  guardian: 'Guardian | Tuteur | Законный представитель | الوصي',
  parent: 'Parent | Parent | Родитель | أحد الوالدين',
  lawyer: 'Lawyer | Avocat | Адвокат | محام',
  other: 'Other person | Autre personne | Иное лицо | شخص آخر',
});

/** Several may hold. A withdrawal always leads to a safety review: a controlled child "withdraws" too. */
export const withdrawalCircumstance = codeList('withdrawal-circumstance', 1, OURS, {
  'in-person': 'Said in person | Exprimé en personne | Сказано лично | قيل حضوريا',
  'by-telephone': 'Said by telephone | Exprimé par téléphone | Сказано по телефону | قيل هاتفيا',
  'in-writing': 'In writing | Par écrit | Письменно | كتابة',
  alone:
    'The child was alone with the worker | L’enfant était seul avec l’intervenant | Ребёнок был наедине с работником | كان الطفل وحده مع العامل',
  'other-person-present':
    'Another person was present | Une autre personne était présente | Присутствовало другое лицо | كان شخص آخر حاضرا',
  'guardian-present':
    'The guardian was present | Le tuteur était présent | Присутствовал законный представитель | كان الوصي حاضرا',
  'interpreter-present':
    'An interpreter was present | Un interprète était présent | Присутствовал переводчик | كان مترجم حاضرا',
  'not-known':
    'Circumstances not known | Circonstances inconnues | Обстоятельства неизвестны | الظروف غير معروفة',
});

export const closingGround = codeList('closing-ground', 2, OURS, {
  'answer-accepted': 'The answer was accepted | La réponse a été acceptée | Ответ принят | قبل الرد',
  'cannot-be-answered':
    'The enquiry cannot be answered | La demande ne peut recevoir de réponse | На запрос нельзя ответить | لا يمكن الرد على الطلب',
  withdrawn:
    'Withdrawn, safety review done | Retiré, examen de sécurité effectué | Отозвано, проверка безопасности проведена | مسحوب بعد مراجعة السلامة',
  'alert-resolved': 'The alert is resolved | L’alerte est résolue | Тревога снята | انتهى الإنذار',
  'alert-unfounded':
    'The alert proved unfounded | L’alerte s’est révélée infondée | Тревога не подтвердилась | تبين أن الإنذار بلا أساس',
  'monitoring-completed': 'Follow-up completed | Suivi achevé | Наблюдение завершено | اكتملت المتابعة',
  'continues-outside':
    'Continues outside the network | Se poursuit hors du réseau | Продолжается вне сети | مستمر خارج الشبكة',
  duplicate:
    'Continued in another conversation | Poursuivi dans un autre échange | Продолжается в другой переписке | مستمر في مراسلة أخرى',
  'adult-decided':
    'The person is now an adult and so decided | La personne, désormais adulte, en a décidé ainsi | Лицо стало взрослым и так решило | الشخص بالغ الآن وقرر ذلك',
  'child-died': 'The child has died | L’enfant est décédé | Ребёнок умер | توفي الطفل',
});

export const missingPhase = codeList('missing-phase', 1, OURS, {
  opened: 'Opened | Ouvert | Начато | بدأت',
  updated: 'Updated | Mis à jour | Обновлено | حدثت',
  ended: 'Ended | Terminé | Завершено | انتهت',
});

export const statusNotice = codeList('status-notice', 1, OURS, {
  'reached-18': 'Has reached 18 | A atteint 18 ans | Исполнилось 18 лет | بلغ 18 سنة',
  'care-changed': 'Care has changed | La prise en charge a changé | Условия ухода изменились | تغيرت الرعاية',
  'age-determined': 'Age determined | Âge déterminé | Возраст установлен | حدد السن',
  'identification-decided':
    'Identification decided | Décision sur l’identification | Принято решение об идентификации | صدر قرار التعرف',
});

export const representativeChange = codeList('representative-change', 1, OURS, {
  appointed: 'Appointed | Désigné | Назначен | عين',
  changed: 'Changed | Remplacé | Сменён | تغير',
  'scope-changed': 'Scope changed | Étendue modifiée | Изменены полномочия | تغير نطاق الصلاحية',
  ended: 'Ended | Mission terminée | Полномочия прекращены | انتهت مهمته',
});

export const firstLookKnown = codeList('first-look-known', 1, OURS, {
  known: 'Known | Connu | Известен | معروف',
  'not-known': 'Not known | Non connu | Неизвестен | غير معروف',
  'cannot-say': 'Cannot say | Ne peut se prononcer | Сказать нельзя | لا يمكن الجزم',
});

export const firstLookDanger = codeList('first-look-danger', 1, OURS, {
  yes: 'Yes | Oui | Да | نعم',
  no: 'No | Non | Нет | لا',
  'cannot-say': 'Cannot say | Ne peut se prononcer | Сказать нельзя | لا يمكن الجزم',
});
