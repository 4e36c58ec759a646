/**
 * Texts of the pages for local services, in the languages of the vocabulary. Not reviewed by speakers yet.
 */
const en = {
  title: 'Questions of the child-protection focal point',
  number: 'The number you were told by telephone',
  open: 'Open',
  wrongNumber: 'That is not the number. After five wrong ones the link ends: ring the focal point.',
  gone: 'This link is not valid, or not any more. Ring the focal point.',
  limits: 'Before you do anything',
  askWho: 'Ring the focal point before you speak with anybody: it says who is meant.',
  mustNot: 'Ask nobody and tell nobody more than stands beside each question. Do not question the child.',
  child: 'The child',
  born: 'born',
  mayAsk: 'Whom or what you may ask',
  maySay: 'What you may tell them',
  answer: 'Your answer; leave it empty if you cannot answer safely',
  answeredBy: 'Your name and function',
  once: 'You can send this once. Afterwards the link shows nothing any more.',
  send: 'Send',
  incomplete: 'Answer at least one question and say who you are. Nothing has been sent yet.',
  thanks: 'Thank you. The focal point has your answer. Please close this page and keep nothing of it.',
  questions: 'The questions',
  wayBack: 'How to answer',
  openAddress:
    'Open this address. It asks for a number that the focal point tells you by telephone and never writes down beside it.',
  until: 'The address holds until',
  ring: 'If you cannot open it, or anything is unclear, ring the focal point',
  destroy: 'Keep this letter locked up while you work, and destroy it afterwards.',
  forChild:
    'A card for the child, by which it can say what is not right about who speaks for it. Give it to the child alone.',
  printCard: 'Show the card to print',
};

export type PageTexts = typeof en;

export const pageTexts: Readonly<Record<'en' | 'fr' | 'ru' | 'ar', PageTexts>> = {
  en,
  fr: {
    title: 'Questions du point focal de protection de l’enfance',
    number: 'Le numéro qui vous a été donné par téléphone',
    open: 'Ouvrir',
    wrongNumber: 'Ce n’est pas le bon numéro. Après cinq erreurs, le lien expire : appelez le point focal.',
    gone: 'Ce lien n’est pas valable, ou ne l’est plus. Appelez le point focal.',
    limits: 'Avant toute démarche',
    askWho: 'Avant de parler à qui que ce soit, appelez le point focal : il dit de qui il s’agit.',
    mustNot:
      'N’interrogez personne et ne dites rien de plus que ce qui figure à côté de chaque question. N’interrogez pas l’enfant.',
    child: 'L’enfant',
    born: 'né(e) en',
    mayAsk: 'À qui ou à quoi vous pouvez vous adresser',
    maySay: 'Ce que vous pouvez leur dire',
    answer: 'Votre réponse ; laissez vide si vous ne pouvez pas répondre sans danger',
    answeredBy: 'Votre nom et votre fonction',
    once: 'L’envoi n’est possible qu’une fois. Ensuite, le lien n’affiche plus rien.',
    send: 'Envoyer',
    incomplete: 'Répondez au moins à une question et indiquez qui vous êtes. Rien n’a encore été envoyé.',
    thanks: 'Merci. Le point focal a votre réponse. Fermez cette page et n’en conservez rien.',
    questions: 'Les questions',
    wayBack: 'Comment répondre',
    openAddress:
      'Ouvrez cette adresse. Elle demande un numéro que le point focal vous donne par téléphone et n’écrit jamais à côté.',
    until: 'L’adresse est valable jusqu’au',
    ring: 'Si vous ne pouvez pas l’ouvrir, ou en cas de doute, appelez le point focal',
    destroy: 'Gardez cette lettre sous clé pendant votre travail et détruisez-la ensuite.',
    forChild:
      'Une carte pour l’enfant, avec laquelle il peut dire ce qui ne va pas avec la personne qui parle pour lui. Remettez-la à l’enfant seul.',
    printCard: 'Afficher la carte à imprimer',
  },
  ru: {
    title: 'Вопросы координационного центра по защите детей',
    number: 'Номер, сообщённый вам по телефону',
    open: 'Открыть',
    wrongNumber:
      'Номер неверен. После пяти ошибок ссылка перестаёт действовать: позвоните в координационный центр.',
    gone: 'Эта ссылка недействительна или больше не действует. Позвоните в координационный центр.',
    limits: 'Прежде чем что-либо делать',
    askWho: 'Прежде чем говорить с кем-либо, позвоните в координационный центр: там скажут, о ком речь.',
    mustNot:
      'Никого не спрашивайте и никому не говорите больше, чем указано у каждого вопроса. Не расспрашивайте ребёнка.',
    child: 'Ребёнок',
    born: 'год рождения',
    mayAsk: 'Кого или что можно спросить',
    maySay: 'Что можно сообщить',
    answer: 'Ваш ответ; оставьте пустым, если ответить безопасно нельзя',
    answeredBy: 'Ваше имя и должность',
    once: 'Отправить можно один раз. После этого ссылка ничего не показывает.',
    send: 'Отправить',
    incomplete: 'Ответьте хотя бы на один вопрос и укажите, кто вы. Пока ничего не отправлено.',
    thanks: 'Спасибо. Координационный центр получил ваш ответ. Закройте эту страницу и ничего не сохраняйте.',
    questions: 'Вопросы',
    wayBack: 'Как ответить',
    openAddress:
      'Откройте этот адрес. Потребуется номер, который координационный центр сообщает по телефону и никогда не пишет рядом.',
    until: 'Адрес действует до',
    ring: 'Если открыть не удаётся или что-то неясно, позвоните в координационный центр',
    destroy: 'Пока вы работаете, держите это письмо под замком, затем уничтожьте его.',
    forChild:
      'Карточка для ребёнка: по ней он может рассказать, что не так с тем, кто говорит от его имени. Отдайте её только ребёнку.',
    printCard: 'Показать карточку для печати',
  },
  ar: {
    title: 'أسئلة جهة التنسيق لحماية الطفل',
    number: 'الرقم الذي أُبلغتم به هاتفيا',
    open: 'فتح',
    wrongNumber: 'الرقم غير صحيح. بعد خمس محاولات خاطئة ينتهي الرابط: اتصلوا بجهة التنسيق.',
    gone: 'هذا الرابط غير صالح أو لم يعد صالحا. اتصلوا بجهة التنسيق.',
    limits: 'قبل القيام بأي شيء',
    askWho: 'اتصلوا بجهة التنسيق قبل التحدث إلى أي شخص: ستخبركم بمن المقصود.',
    mustNot: 'لا تسألوا أحدا ولا تخبروا أحدا بأكثر مما هو مذكور بجانب كل سؤال. لا تستجوبوا الطفل.',
    child: 'الطفل',
    born: 'سنة الميلاد',
    mayAsk: 'من أو ما يمكنكم سؤاله',
    maySay: 'ما يمكنكم قوله لهم',
    answer: 'إجابتكم؛ اتركوها فارغة إذا تعذرت الإجابة بأمان',
    answeredBy: 'اسمكم وصفتكم',
    once: 'يمكن الإرسال مرة واحدة فقط. بعدها لا يعرض الرابط شيئا.',
    send: 'إرسال',
    incomplete: 'أجيبوا عن سؤال واحد على الأقل واذكروا من أنتم. لم يُرسل شيء بعد.',
    thanks: 'شكرا. وصلت إجابتكم إلى جهة التنسيق. أغلقوا هذه الصفحة ولا تحتفظوا بشيء منها.',
    questions: 'الأسئلة',
    wayBack: 'كيفية الإجابة',
    openAddress: 'افتحوا هذا العنوان. سيُطلب رقم تبلغكم به جهة التنسيق هاتفيا ولا تكتبه أبدا بجانبه.',
    until: 'العنوان صالح حتى',
    ring: 'إذا تعذر فتحه أو كان شيء غير واضح فاتصلوا بجهة التنسيق',
    destroy: 'احفظوا هذه الرسالة في مكان مقفل أثناء عملكم ثم أتلفوها.',
    forChild: 'بطاقة للطفل يستطيع بها أن يقول ما ليس صحيحا بشأن من يتكلم باسمه. سلموها للطفل وحده.',
    printCard: 'عرض البطاقة للطباعة',
  },
};

/** English where a language has no texts. */
export const pageTextsOf = (language: string): PageTexts =>
  pageTexts[language as keyof typeof pageTexts] ?? pageTexts.en;
