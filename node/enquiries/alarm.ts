/**
 * Which acts must be read by a person within half an hour (PRACTICE.md A12, A16, A20), and which children somebody must look after
 * because they are held or accused (A22). Pure.
 */
import type { Act } from '#schema/conversation/acts.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';

export function isAlarm({ type, facts }: Pick<Act, 'type' | 'facts'>): boolean {
  return (
    (type === 'URG' && facts.phase !== 'ended') ||
    (type === 'STP' && facts.phase === 'ask') ||
    (type === 'MIS' && facts.phase === 'opened')
  );
}

/** Held, or accused of what it was made to do: never a neutral value (OSCE recommendation 8). */
export const isHeldOrAccused = ({
  deprivedOfLiberty,
  accused,
}: Pick<EnquiryBody['children'][number]['situation'], 'deprivedOfLiberty' | 'accused'>): boolean =>
  deprivedOfLiberty || accused === 'yes';

/** Whether an act is an enquiry about such a child. @param body of the act, which has passed its schema */
export const isAboutHeldOrAccused = (type: Act['type'], body: unknown): boolean =>
  type === 'ENQ' && (body as EnquiryBody).children.some(({ situation }) => isHeldOrAccused(situation));
