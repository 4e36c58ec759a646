/**
 * The words of a notice, all of them. They say that something waits and nothing of what it is: no name, place, State, case or
 * number, so that a mail read by the wrong eyes tells no more than that its reader works with Focalnet.
 */
import { codeList, knownLanguage, labelOf } from '#schema/vocabulary/code-list.ts';
import type { NoticeKind } from './tables.ts';

/**
 * English, French, Russian, Arabic. Arabic begins with an Arabic word in every line, since the first strong letter is what gives
 * a line of plain text its direction.
 */
export const noticeTexts = codeList('notice-texts', 1, 'this project', {
  'urgent-subject':
    'Focalnet: please sign in now | Focalnet : merci de vous connecter maintenant | Focalnet: пожалуйста, войдите сейчас | يرجى تسجيل الدخول الآن إلى Focalnet',
  'urgent-text':
    'Something in Focalnet waits for you and should not wait long. Please sign in now: | Quelque chose vous attend dans Focalnet et ne doit pas attendre. Merci de vous connecter maintenant : | В Focalnet есть то, что ждёт вас и не терпит промедления. Пожалуйста, войдите сейчас: | ثمة ما ينتظرك في Focalnet ولا يحتمل التأخير. يرجى تسجيل الدخول الآن:',
  'digest-subject':
    'Focalnet: please sign in | Focalnet : merci de vous connecter | Focalnet: пожалуйста, войдите | يرجى تسجيل الدخول إلى Focalnet',
  'digest-text':
    'Something in Focalnet waits for you. Please sign in: | Quelque chose vous attend dans Focalnet. Merci de vous connecter : | В Focalnet есть то, что ждёт вас. Пожалуйста, войдите: | ثمة ما ينتظرك في Focalnet. يرجى تسجيل الدخول:',
  closing:
    'This mail says no more on purpose, and answers to it are not read. Focalnet never asks for a password by mail. | Ce message n’en dit volontairement pas plus et les réponses ne sont pas lues. Focalnet ne demande jamais de mot de passe par courriel. | Это письмо намеренно не сообщает больше ничего, ответы на него не читаются. Focalnet никогда не спрашивает пароль по почте. | لا تذكر هذه الرسالة أكثر من ذلك عن قصد، ولا تُقرأ الردود عليها. لا يُطلب منك في Focalnet أبدًا إرسال كلمة مرور بالبريد.',
});

/**
 * Subject and text of a notice: the same for every notice of a kind in a language, and the same for an alert as for whatever
 * else is urgent.
 * @param language BCP 47; English where the notice has no words in it
 * @param link the node's public address
 */
export function writeNotice(
  kind: NoticeKind,
  language: string,
  link: string,
): { readonly subject: string; readonly text: string } {
  const spoken = knownLanguage(language.toLowerCase().split('-')[0]!);
  const say = (code: string) => labelOf(noticeTexts, code, spoken).text;
  const words = kind === 'digest' ? 'digest' : 'urgent';
  // The link has a line of its own: it is read from left to right whatever surrounds it.
  return {
    subject: say(`${words}-subject`),
    text: [say(`${words}-text`), '', link, '', say('closing'), ''].join('\r\n'),
  };
}
