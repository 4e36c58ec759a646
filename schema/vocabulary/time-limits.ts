/**
 * Every time limit as data, so that a correction is a change of one row. Computing due dates, holidays and
 * which limit applies to a conversation is done elsewhere. Where several rows fit, the strictest holds.
 *
 * Nothing ends because its time has run out: the strongest thing a limit does to a conversation is to call a
 * person. Only an approval and an assessment lapse by time.
 */
import { type CodeOf, codeList } from './code-list.ts';
import type { urgency } from './legal.ts';

export type Urgency = CodeOf<typeof urgency>;

/** S checked in its source; K known, not checked word by word; D default of this project; P practice judgement. */
export type Mark = 'S' | 'K' | 'D' | 'P';
export type Unit = 'minutes' | 'hours' | 'calendar-days' | 'working-days' | 'months';

/**
 * due: overdue from then on. call: show whom to telephone. escalate: to the head of office, by another channel.
 * remind: tell those responsible. hold: leaves not before, at whatever time it was decided. lapse: must be given or made anew. compare: a yardstick, binds nobody.
 */
export type Effect = 'due' | 'call' | 'escalate' | 'remind' | 'hold' | 'lapse' | 'compare';

export const timeLimitEvent = codeList('time-limit', 4, 'Focalnet policy table', {
  'transport-receipt':
    'No transport receipt: alarm | Pas de récépissé de transport : alarme | Нет квитанции о доставке: тревога | لا إيصال بالنقل: إنذار',
  'alert-unread':
    'Urgent alert read by nobody: telephone | Alerte urgente lue par personne : téléphoner | Срочную тревогу никто не прочёл: звонить | إنذار عاجل لم يقرأه أحد: اتصلوا هاتفيا',
  'decision-after-location':
    'Decision on measures once the child is located | Décision sur les mesures une fois l’enfant localisé | Решение о мерах после того, как ребёнок найден | قرار بشأن التدابير بعد تحديد مكان الطفل',
  'alert-information':
    'Answer to a question on an alert | Réponse à une question sur une alerte | Ответ на вопрос о тревоге | الرد على سؤال بشأن إنذار',
  'stand-still-account':
    'Account of acts done, after a stand-still | Compte rendu des actes accomplis après un arrêt | Отчёт о сделанном после остановки | بيان بما تم بعد طلب التوقف',
  'missing-notice':
    'Peers told that the child is missing | Pairs informés de la disparition | Сообщить партнёрам об исчезновении | إبلاغ الشركاء باختفاء الطفل',
  'acknowledgement-routine':
    'Acknowledgement by a person | Accusé de réception par une personne | Подтверждение человеком | إقرار بالاستلام من شخص',
  'acknowledgement-urgent':
    'Acknowledgement by a person, urgent | Accusé de réception par une personne, urgent | Подтверждение человеком, срочно | إقرار بالاستلام من شخص، عاجل',
  'first-look':
    'First look: known? danger? | Premier examen : connu ? danger ? | Первый взгляд: известен ли, есть ли опасность | نظرة أولى: معروف؟ خطر؟',
  'preliminary-answer': 'Preliminary answer | Réponse préliminaire | Предварительный ответ | رد أولي',
  'progress-note':
    'Progress note, each time | Note d’avancement, chaque fois | Сообщение о ходе дела, каждый раз | مذكرة تقدم، كل مرة',
  'answer-routine':
    'Answer: outer wall, not the target | Réponse : limite extrême, non l’objectif | Ответ: крайний срок, а не цель | الرد: حد أقصى لا هدف',
  'answer-urgent': 'Answer, urgent | Réponse, urgent | Ответ, срочно | الرد، عاجل',
  'no-information-first':
    '“No information” leaves, at the earliest | « Aucune information » part au plus tôt | «Сведений нет»: отправка не ранее | «لا معلومات»: أقرب موعد للإرسال',
  'no-information-step':
    '“No information” decided later leaves at the next step | « Aucune information » décidé plus tard : départ au pas suivant | «Сведений нет», решено позже: следующий срок | «لا معلومات» بعد الموعد: الموعد التالي',
  'placement-answer':
    'Answer on placement; silence is not consent | Réponse sur le placement ; le silence ne vaut pas accord | Ответ об устройстве; молчание не согласие | الرد بشأن الإيداع؛ السكوت ليس موافقة',
  'deferral-over':
    'Put off until a day that has passed: a word is due | Report à une date passée : un mot est dû | Срок отсрочки истёк: нужно сообщить | انقضى أجل التأجيل: يلزم إخطار',
  'clarification-unanswered-routine':
    'Clarification unanswered: escalate, never close | Précision sans réponse : relancer plus haut, jamais clore | Нет уточнения: обратиться выше, никогда не закрывать | توضيح دون رد: يصعد ولا يقفل',
  'clarification-unanswered-urgent':
    'Clarification unanswered, urgent: escalate | Précision sans réponse, urgent : relancer plus haut | Нет уточнения, срочно: обратиться выше | توضيح دون رد، عاجل: يصعد',
  'approval-routine':
    'Approval to send loses force | L’autorisation d’envoi perd effet | Разрешение на отправку утрачивает силу | يسقط إذن الإرسال',
  'approval-urgent':
    'Approval to send loses force, urgent | L’autorisation d’envoi perd effet, urgent | Разрешение на отправку утрачивает силу, срочно | يسقط إذن الإرسال، عاجل',
  'erasure-answer':
    'Answer to a demand to erase | Réponse à une demande d’effacement | Ответ на требование стереть | الرد على طلب المحو',
  'second-approval':
    'Second approval after an alert sent by one person | Seconde approbation après une alerte envoyée par une seule personne | Второе одобрение тревоги, отправленной одним лицом | موافقة ثانية بعد إنذار أرسله شخص واحد',
  'task-routine':
    'A task waits for a person | Une tâche attend une personne | Задача ждёт человека | مهمة تنتظر شخصا',
  'task-urgent':
    'An urgent task waits for a person | Une tâche urgente attend une personne | Срочная задача ждёт человека | مهمة عاجلة تنتظر شخصا',
  'envelope-lifetime':
    'Undelivered message: someone must act | Message non remis : une personne doit agir | Недоставленное сообщение: нужны действия | رسالة لم تسلم: يلزم التصرف',
  'guardian-missing':
    'No guardian: remind the appointing authority | Pas de tuteur : rappeler l’autorité de désignation | Нет представителя: напомнить назначающему органу | لا وصي: تذكير السلطة المعينة',
  'arrival-unconfirmed':
    'Arrival not confirmed: urgent alert | Arrivée non confirmée : alerte urgente | Прибытие не подтверждено: срочная тревога | لم يتأكد الوصول: إنذار عاجل',
  'waiver-reflection':
    'Time to think before the child waives a waiting period | Délai de réflexion avant que l’enfant renonce à un délai | Время подумать до отказа ребёнка от срока ожидания | مهلة تفكير قبل تنازل الطفل عن مدة الانتظار',
  'risk-assessment-validity':
    'Risk and security assessment loses force | L’évaluation des risques et de la sécurité perd effet | Оценка риска и безопасности утрачивает силу | يسقط تقييم المخاطر والأمن',
  'report-validity':
    'Report must be refreshed | Le rapport doit être actualisé | Доклад нужно обновить | يجب تحديث التقرير',
  'reaching-18-residence':
    'Before reaching 18: residence and care-leaver steps | Avant 18 ans : séjour et sortie du dispositif d’accueil | До 18 лет: проживание и выход из-под опеки служб | قبل بلوغ 18: الإقامة ومغادرة الرعاية',
  'reaching-18-support':
    'Before reaching 18: support is handed on | Avant 18 ans : relais du soutien | До 18 лет: передача поддержки | قبل بلوغ 18: نقل الدعم',
  'reaching-18-alert':
    'Before reaching 18: open alerts and consents | Avant 18 ans : alertes et accords en cours | До 18 лет: открытые тревоги и согласия | قبل بلوغ 18: الإنذارات والموافقات القائمة',
  'alert-review-at-risk':
    'Review of an alert, child at risk | Réexamen d’une alerte, enfant en danger | Пересмотр тревоги, ребёнок в опасности | مراجعة إنذار، طفل معرض للخطر',
  'alert-review-missing':
    'Review of an alert, child missing | Réexamen d’une alerte, enfant disparu | Пересмотр тревоги, ребёнок пропал | مراجعة إنذار، طفل مفقود',
  'benchmark-first-answer':
    'Usual time to a first answer | Délai habituel d’une première réponse | Обычный срок первого ответа | المدة المعتادة لأول رد',
});

export type TimeLimitId = CodeOf<typeof timeLimitEvent>;

export type TimeLimit = {
  readonly id: TimeLimitId;
  /** What falls due, in English; other languages: `timeLimitEvent.labels(id)`. */
  readonly event: string;
  readonly value: { readonly amount: number; readonly unit: Unit };
  /** Absent where urgency makes no difference. */
  readonly appliesTo?: readonly Urgency[];
  readonly effect: Effect;
  readonly source: string;
  readonly mark: Mark;
};

const SHORT = {
  minutes: 'minutes',
  hours: 'hours',
  days: 'calendar-days',
  working: 'working-days',
  months: 'months',
} as const;
type Row = readonly [
  value: `${number} ${keyof typeof SHORT}`,
  effect: Effect,
  mark: Mark,
  source: string,
  ...appliesTo: Urgency[],
];

const rows: Readonly<Record<TimeLimitId, Row>> = {
  'transport-receipt': ['1 hours', 'call', 'D', 'Focalnet default'],
  'alert-unread': [
    '30 minutes',
    'call',
    'P',
    'Practice: the telephone number must be in front of whoever waits',
    'immediate-danger',
    'urgent',
  ],
  'decision-after-location': [
    '12 hours',
    'due',
    'D',
    'Analogy to SIS 2018/1862 Art. 33(3), a police rule that binds the executing State',
  ],
  'alert-information': ['12 hours', 'due', 'D', 'Analogy to SIRENE Manual 1.3.5, a police rule'],
  'stand-still-account': ['1 hours', 'call', 'D', 'Focalnet default: answered at once, by a person'],
  'missing-notice': ['1 hours', 'due', 'D', 'Focalnet default: a family visit that night may be fatal'],
  'acknowledgement-routine': [
    '3 working',
    'due',
    'D',
    'Focalnet default; outer analogies 30 days Reg. 4/2009 Art. 58(3), 6 weeks Hague 2007 Art. 12(3)',
    'routine',
  ],
  'acknowledgement-urgent': ['24 hours', 'due', 'D', 'Focalnet default', 'immediate-danger', 'urgent'],
  'first-look': ['5 working', 'due', 'P', 'Practice: known or not, danger or not, in two clicks'],
  'preliminary-answer': ['30 days', 'due', 'P', 'Practice: three months is the outer wall, not the target'],
  'progress-note': [
    '30 days',
    'due',
    'D',
    'Focalnet default; analogies 60 days Reg. 4/2009 Art. 58(4), 3 months Hague 2007 Art. 12(4)',
  ],
  'answer-routine': [
    '3 months',
    'escalate',
    'K',
    'Reg. 2019/1111 Art. 80(4), from receipt; S.I. 2010/1898 reg. 10(5), 12(5)',
  ],
  'answer-urgent': ['14 days', 'escalate', 'D', 'Focalnet default', 'immediate-danger', 'urgent'],
  'no-information-first': [
    '3 working',
    'hold',
    'P',
    'Practice: equal in form, size and time for found and not found; counted from receipt',
  ],
  'no-information-step': ['1 working', 'hold', 'P', 'Practice: the same hour of a later working day'],
  'placement-answer': [
    '3 months',
    'escalate',
    'K',
    'Reg. 2019/1111 Art. 82(6); no placement without consent: Art. 82(1), (5)',
  ],
  'deferral-over': [
    '1 days',
    'escalate',
    'P',
    'Practice: what is put off stays open; counted from the beginning of the day it names',
  ],
  'clarification-unanswered-routine': [
    '10 working',
    'escalate',
    'D',
    'Focalnet default; replaces Hague 2007 Art. 12(9), which would let it close',
    'routine',
  ],
  'clarification-unanswered-urgent': [
    '24 hours',
    'escalate',
    'D',
    'Focalnet default',
    'immediate-danger',
    'urgent',
  ],
  'approval-routine': [
    '72 hours',
    'lapse',
    'P',
    'Practice: a harm test passed on day 0 says nothing on day 29',
    'routine',
  ],
  'approval-urgent': [
    '2 hours',
    'lapse',
    'P',
    'Practice: as for routine, sooner',
    'immediate-danger',
    'urgent',
  ],
  'erasure-answer': [
    '1 months',
    'due',
    'K',
    'GDPR Art. 12(3), 17, 19: without undue delay, at latest within a month',
  ],
  'second-approval': ['24 hours', 'escalate', 'D', 'Focalnet default'],
  'task-routine': ['24 hours', 'remind', 'D', 'Focalnet default'],
  'task-urgent': ['2 hours', 'remind', 'D', 'Focalnet default'],
  'envelope-lifetime': ['30 days', 'escalate', 'D', 'Focalnet protocol default'],
  'guardian-missing': [
    '1 days',
    'remind',
    'P',
    'Practice, after CETS 197 Art. 10(4)(a): each day until appointed',
  ],
  'arrival-unconfirmed': ['12 hours', 'call', 'D', 'Focalnet default where the two offices agreed no time'],
  'waiver-reflection': ['24 hours', 'due', 'P', 'Practice: advised, with guardian and lawyer, in writing'],
  'risk-assessment-validity': ['3 months', 'lapse', 'P', 'Practice; void at once on a trigger event'],
  'report-validity': ['6 months', 'lapse', 'D', 'Focalnet default'],
  'reaching-18-residence': ['12 months', 'remind', 'P', 'Practice: before the earliest plausible date'],
  'reaching-18-support': ['6 months', 'remind', 'P', 'Practice: before the earliest plausible date'],
  'reaching-18-alert': [
    '4 months',
    'remind',
    'K',
    'SIS 2018/1862 Art. 32 alert rule; before the earliest plausible date',
  ],
  'alert-review-at-risk': ['12 months', 'remind', 'K', 'SIS 2018/1862 Art. 53'],
  'alert-review-missing': ['60 months', 'remind', 'K', 'SIS 2018/1862 Art. 53'],
  'benchmark-first-answer': [
    '42 days',
    'compare',
    'S',
    'Garden Court 2018: 4 to 6 weeks for a first answer of a central authority in the UK',
  ],
};

/** Every row, frozen. */
export const timeLimits: readonly TimeLimit[] = Object.freeze(timeLimitEvent.codes.map(timeLimit));

/** One row by its id. */
export function timeLimit(id: TimeLimitId): TimeLimit {
  const [value, effect, mark, source, ...appliesTo] = rows[id];
  const [amount, unit] = value.split(' ') as [string, keyof typeof SHORT];
  return Object.freeze({
    id,
    event: timeLimitEvent.labels(id).en.text,
    value: Object.freeze({ amount: Number(amount), unit: SHORT[unit] }),
    ...(appliesTo.length > 0 && { appliesTo: Object.freeze(appliesTo) }),
    effect,
    source,
    mark,
  });
}
