/**
 * What has happened, told to a child at two reading ages: about 8 and about 13. Only from coded events, in sentences of our own: no free
 * text of anybody, no name, no State, no person, no day before it has come. Pure.
 *
 * The sentences stand in four languages; `reviewed` is false until a speaker who knows child protection has confirmed one. English is
 * the wording the project stands behind; no child has tried it yet (README, Not yet).
 */
import { codeList, type Label, labelOf } from '#schema/vocabulary/code-list.ts';
import type { Milestone } from './milestones.ts';
import type { Followed } from './read-followed.ts';

export type ReadingAge = 8 | 13;

const ABOUT_8 = codeList('representation-child-8', 1, 'Focalnet', {
  title: 'What is happening | Ce qui se passe | Что происходит | ماذا يحدث',
  asked:
    'We asked people in another country about you. They help children too. | Nous avons posé une question sur toi à des gens d’un autre pays. Eux aussi aident les enfants. | Мы спросили о тебе людей в другой стране. Они тоже помогают детям. | سألنا عنك أشخاصا في بلد آخر. هم أيضا يساعدون الأطفال.',
  'in-progress':
    'They are looking for an answer. That can take a long time. | Ils cherchent la réponse. Cela peut durer longtemps. | Они ищут ответ. Это может быть долго. | إنهم يبحثون عن الجواب. قد يطول ذلك.',
  answered:
    'An answer has come. Your guardian will talk about it with you. | Une réponse est arrivée. Ton tuteur en parlera avec toi. | Пришёл ответ. Твой представитель поговорит с тобой о нём. | وصل جواب. سيتحدث معك الوصي عنه.',
  'cannot-be-answered':
    'They could not answer. That is not your fault. We think about what to do next. | Ils n’ont pas pu répondre. Ce n’est pas ta faute. Nous cherchons quoi faire ensuite. | Они не смогли ответить. Ты в этом не виноват. Мы думаем, что делать дальше. | لم يتمكنوا من الجواب. هذا ليس ذنبك. نفكر فيما سنفعله.',
  ended:
    'This question is finished now. Ask your guardian what that means for you. | Cette question est terminée. Demande à ton tuteur ce que cela veut dire pour toi. | Этот вопрос закончен. Спроси своего представителя, что это значит для тебя. | انتهى هذا السؤال الآن. اسأل الوصي ماذا يعني ذلك لك.',
  hearing:
    'There will be a talk where grown-ups decide something about you. You can say what you think. You can also say nothing. | Il y aura une réunion où des adultes décident de quelque chose pour toi. Tu peux dire ce que tu penses. Tu peux aussi ne rien dire. | Будет встреча, где взрослые решают что-то о тебе. Можно сказать, что ты думаешь. Можно и промолчать. | سيكون هناك لقاء يقرر فيه الكبار أمرا يخصك. يمكنك أن تقول رأيك. ويمكنك ألا تقول شيئا.',
  round:
    'We want to ask a new question. If you do not want it, tell your guardian. | Nous voulons poser une nouvelle question. Si tu ne veux pas, dis-le à ton tuteur. | Мы хотим задать новый вопрос. Если ты не хочешь, скажи своему представителю. | نريد أن نسأل سؤالا جديدا. إن كنت لا تريد ذلك فأخبر الوصي.',
  voice:
    'You can always say what you want. You can change your mind. | Tu peux toujours dire ce que tu veux. Tu peux changer d’avis. | Ты всегда можешь сказать, чего хочешь. Можно передумать. | يمكنك دائما أن تقول ما تريد. ويمكنك تغيير رأيك.',
});

const ABOUT_13 = codeList('representation-child-13', 1, 'Focalnet', {
  title: 'What is happening | Ce qui se passe | Что происходит | ماذا يحدث',
  asked:
    'The office that protects children here has put questions about you to the same kind of office in another country. | Le service qui protège les enfants ici a posé des questions à ton sujet à un service semblable d’un autre pays. | Служба защиты детей здесь задала вопросы о тебе такой же службе в другой стране. | وجهت الجهة التي تحمي الأطفال هنا أسئلة عنك إلى جهة مماثلة في بلد آخر.',
  'in-progress':
    'That office is working on it. Finding out takes weeks, sometimes months. | Ce service y travaille. Se renseigner prend des semaines, parfois des mois. | Та служба работает над этим. На это уходят недели, иногда месяцы. | تعمل تلك الجهة على ذلك. قد يستغرق الأمر أسابيع وأحيانا أشهرا.',
  answered:
    'An answer has come. Nothing is decided by it yet. Ask your guardian to go through it with you. | Une réponse est arrivée. Rien n’est encore décidé. Demande à ton tuteur de la lire avec toi. | Пришёл ответ. Пока ничего не решено. Попроси своего представителя разобрать его с тобой. | وصل جواب. لم يقرر شيء بعد. اطلب من الوصي أن يراجعه معك.',
  'cannot-be-answered':
    'The other office cannot answer. It is not because of anything you did. There may be another way to find out. | L’autre service ne peut pas répondre. Ce n’est pas à cause de toi. Il y a peut-être un autre moyen de savoir. | Другая служба не может ответить. Это не из-за тебя. Возможно, есть другой способ узнать. | لا تستطيع الجهة الأخرى الجواب. ليس ذلك بسبب شيء فعلته. قد توجد طريقة أخرى لمعرفة ذلك.',
  ended:
    'These questions have ended. Your guardian can explain why, and what you can do if you do not agree. | Ces questions sont closes. Ton tuteur peut t’expliquer pourquoi, et ce que tu peux faire si tu n’es pas d’accord. | Эти вопросы закрыты. Твой представитель объяснит, почему, и что делать, если ты не согласен. | انتهت هذه الأسئلة. يستطيع الوصي أن يشرح لك السبب وماذا يمكنك أن تفعل إن لم توافق.',
  hearing:
    'There will be a hearing about you. You have the right to say what you think, and the right to stay silent. | Il y aura une audience à ton sujet. Tu as le droit de dire ce que tu penses, et le droit de te taire. | Будет слушание о тебе. Ты имеешь право сказать, что думаешь, и право молчать. | ستعقد جلسة بشأنك. لك الحق في أن تقول رأيك ولك الحق في الصمت.',
  round:
    'New questions are planned. If there is one you do not want asked, tell your guardian, who can object to it. | De nouvelles questions sont prévues. S’il y en a une que tu ne veux pas, dis-le à ton tuteur, qui peut s’y opposer. | Планируются новые вопросы. Если какого-то ты не хочешь, скажи своему представителю: он может возразить. | هناك أسئلة جديدة مخططة. إن كان بينها سؤال لا تريده فأخبر الوصي الذي يستطيع الاعتراض عليه.',
  voice:
    'You can say at any time what you want and what you do not want, and you can change your mind. | Tu peux dire à tout moment ce que tu veux et ce que tu ne veux pas, et changer d’avis. | Ты в любое время можешь сказать, чего хочешь и чего не хочешь, и передумать. | يمكنك في أي وقت أن تقول ما تريد وما لا تريد ويمكنك تغيير رأيك.',
});

const LISTS = { 8: ABOUT_8, 13: ABOUT_13 } as const;
type Sentence = Milestone | 'hearing' | 'round' | 'voice';

export interface ChildPage {
  readonly title: Label;
  readonly sentences: readonly Label[];
}

/** Where it stands now, what is to come, and that the child may speak. What has passed is not told again. */
export function tellForChild(
  followed: Followed,
  age: ReadingAge,
  language: string,
  nowMs: number,
): ChildPage {
  const say = (code: Sentence | 'title') => labelOf(LISTS[age], code, language);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const { timeline, shown, words } = followed;
  const reached = timeline.at(-1)!.stage;
  const told: Sentence[] = reached === 'asked' ? ['asked'] : ['asked', reached];
  const hasHearing = shown.some((row) => row.kind === 'hearing' && row.content.on >= today);
  const isSettled = (round: string) => words.some(({ about }) => about === round);
  const hasRound = shown.some(
    (row) => row.kind === 'round' && row.content.untilMs > nowMs && !isSettled(row.id),
  );
  const sentences = [
    ...told,
    ...(hasHearing ? (['hearing'] as const) : []),
    ...(hasRound ? (['round'] as const) : []),
    'voice' as const,
  ];
  return { title: say('title'), sentences: sentences.map(say) };
}
