/**
 * How far a conversation has come, as the child's guardian is told: few words, so that what must not be told has no place in them.
 * A stand-still for safety, an alert, a missing child, who asks back and whom: none of it moves a milestone (SECURITY.md, T2).
 */
import type { Stage } from '#schema/conversation/conversation.ts';
import { codeList } from '#schema/vocabulary/code-list.ts';

export const milestones = codeList('representation-milestone', 1, 'Focalnet', {
  asked: 'The question has been put | La demande a été faite | Запрос направлен | تم توجيه الطلب',
  'in-progress': 'It is being worked on | Traitement en cours | В работе | قيد العمل',
  answered: 'An answer has come | Une réponse est arrivée | Получен ответ | ورد رد',
  'cannot-be-answered':
    'It cannot be answered | Il ne peut y être répondu | Ответить невозможно | لا يمكن الرد',
  ended: 'It has ended | C’est terminé | Завершено | انتهى',
});
export type Milestone = (typeof milestones.codes)[number];

/** Who the other side is, as far as a guardian is told. */
export const otherSide = codeList('representation-other-side', 1, 'Focalnet', {
  'another-state': 'Another State | Un autre État | Другое государство | دولة أخرى',
});

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

/** Decisions of persons: their day is told, since time to object runs from it; of all else the month (PRACTICE.md B14). */
const DECISIONS: readonly Milestone[] = ['cannot-be-answered', 'ended'];

/** `2027-01-15` for a decision, `2027-01` for the rest; UTC. */
export function dateOf(milestone: Milestone, atMs: number): string {
  const day = new Date(atMs).toISOString().slice(0, 10);
  return DECISIONS.includes(milestone) ? day : day.slice(0, 7);
}
