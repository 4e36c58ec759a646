/**
 * How far a conversation has come, as the child's guardian is told: few words, so that what must not be told has no place in them.
 * A stand-still for safety, an alert, a missing child, who asks back and whom: none of it moves a milestone (SECURITY.md, T2).
 */
import type { Side } from '#schema/conversation/acts.ts';
import type { Stage } from '#schema/conversation/conversation.ts';
import { type CodeOf, codeList } from '#schema/vocabulary/code-list.ts';

export const milestones = codeList('representation-milestone', 1, 'Focalnet', {
  asked: 'The question has been put | La demande a été faite | Запрос направлен | تم توجيه الطلب',
  'in-progress': 'It is being worked on | Traitement en cours | В работе | قيد العمل',
  answered: 'An answer has come | Une réponse est arrivée | Получен ответ | ورد رد',
  'cannot-be-answered':
    'It cannot be answered | Il ne peut y être répondu | Ответить невозможно | لا يمكن الرد',
  ended: 'It has ended | C’est terminé | Завершено | انتهى',
});
export type Milestone = CodeOf<typeof milestones>;

/** Who the other side is, as far as a guardian is told. */
export const otherSide = codeList('representation-other-side', 1, 'Focalnet', {
  'another-state': 'Another State | Un autre État | Другое государство | دولة أخرى',
});

/** Who has it now. */
export const holders = codeList('representation-holder', 1, 'Focalnet', {
  'focal-point-here':
    'The focal point of this State | Le point focal de cet État | Координационный центр этого государства | جهة التنسيق في هذه الدولة',
  'focal-point-of-another-state':
    'The focal point of another State | Le point focal d’un autre État | Координационный центр другого государства | جهة التنسيق في دولة أخرى',
  nobody: 'Nobody: it has ended | Personne : c’est terminé | Никто: завершено | لا أحد: انتهى الأمر',
});
export type Holder = CodeOf<typeof holders>;

/** What comes next. */
export const nextSteps = codeList('representation-next', 1, 'Focalnet', {
  'answer-expected': 'An answer is expected | Une réponse est attendue | Ожидается ответ | ينتظر ورود رد',
  'answer-looked-at':
    'The answer is looked at; the focal point tells you what follows | La réponse est examinée ; le point focal vous dira la suite | Ответ изучается; центр сообщит, что дальше | تدرس الإجابة وستخبركم جهة التنسيق بما يلي',
  'way-on-looked-for':
    'Another way is looked for; the focal point tells you what follows | Une autre voie est recherchée ; le point focal vous dira la suite | Ищется другой путь; центр сообщит, что дальше | يبحث عن طريق آخر وستخبركم جهة التنسيق بما يلي',
  nothing:
    'Nothing more is expected | Rien de plus n’est attendu | Больше ничего не ожидается | لا ينتظر شيء آخر',
});
export type NextStep = CodeOf<typeof nextSteps>;

/** What may be told to the child (PRACTICE.md 3, Guardian 5). */
export const tellChild = codeList('representation-tell-child', 1, 'Focalnet', {
  'may-be-told':
    'May be told to the child | Peut être dit à l’enfant | Можно рассказать ребёнку | يمكن إخبار الطفل',
  'with-care':
    'With care: choose the moment, and stay with the child afterwards | Avec précaution : choisir le moment et rester ensuite auprès de l’enfant | Осторожно: выбрать время и побыть потом с ребёнком | بحذر: اختيار الوقت والبقاء مع الطفل بعد ذلك',
  'not-yet':
    'Not yet: speak with the focal point first | Pas encore : parler d’abord avec le point focal | Пока нет: сначала поговорите с центром | ليس بعد: تحدثوا أولا مع جهة التنسيق',
});
export type TellChild = CodeOf<typeof tellChild>;

/** Of what the node shows by itself: an answer is spoken about first, an ending is never told in passing. */
export const tellOfMilestone: Readonly<Record<Milestone, TellChild>> = {
  asked: 'may-be-told',
  'in-progress': 'may-be-told',
  answered: 'not-yet',
  'cannot-be-answered': 'with-care',
  ended: 'with-care',
};

/** Null for what is no matter of the guardian: drafts, and alerts before anything was asked. */
export const milestoneOf: Readonly<Record<Stage, Milestone | null>> = {
  DRAFT: null,
  ALERT: null,
  SENT: 'asked',
  ACKNOWLEDGED: 'in-progress',
  FORWARDED: 'in-progress',
  IN_PROGRESS: 'in-progress',
  INTERIM: 'in-progress',
  ANSWERED: 'answered',
  REFUSED: 'cannot-be-answered',
  WITHDRAWN: 'ended',
  CLOSED: 'ended',
};

const NEXT: Readonly<Record<Milestone, NextStep>> = {
  asked: 'answer-expected',
  'in-progress': 'answer-expected',
  answered: 'answer-looked-at',
  'cannot-be-answered': 'way-on-looked-for',
  ended: 'nothing',
};

export const nextOf = (reached: Milestone): NextStep => NEXT[reached];

/** Whose desk it lies on: of who was asked until they have said a last word, then of who asked. */
export function holderOf(reached: Milestone, ourSide: Side): Holder {
  if (reached === 'ended') return 'nobody';
  const isWithAsked = NEXT[reached] === 'answer-expected';
  return isWithAsked === (ourSide === 'requested') ? 'focal-point-here' : 'focal-point-of-another-state';
}

/** Decisions of persons: their day is told, since time to object runs from it; of all else the month (docs/adr/0012). */
const DECISIONS: readonly Milestone[] = ['cannot-be-answered', 'ended'];

/** `2027-01-15` for a decision, `2027-01` for the rest; UTC. */
export const dateOf = (milestone: Milestone, atMs: number): string =>
  DECISIONS.includes(milestone) ? dayOf(atMs) : monthOf(atMs);

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
export const monthOf = (atMs: number): string => dayOf(atMs).slice(0, 7);

/** What a decision in a conversation was. */
export const decisionKinds = codeList('representation-decision', 1, 'Focalnet', {
  'cannot-be-answered':
    'The question cannot be answered | Il ne peut être répondu à la question | На вопрос нельзя ответить | لا يمكن الرد على السؤال',
  'put-off': 'The answer is put off | La réponse est reportée | Ответ отложен | أجل الرد',
  'nothing-found': 'Nothing was found | Rien n’a été trouvé | Ничего не найдено | لم يعثر على شيء',
  withdrawn: 'The question was taken back | La question a été retirée | Вопрос отозван | سحب السؤال',
  closed: 'It was closed | L’échange a été clos | Закрыто | أقفل الأمر',
});

/** What became of a question. */
export const answerOutcomes = codeList('representation-answer', 1, 'Focalnet', {
  given: 'Answered | Répondu | Ответ дан | تمت الإجابة',
  'to-be-told':
    'An answer has come: the focal point tells you of it | Une réponse est arrivée : le point focal vous en parle | Ответ получен: центр расскажет о нём | ورد رد وستحدثكم عنه جهة التنسيق',
  'not-given': 'No answer was given | Pas de réponse | Ответ не дан | لم يرد رد',
});
