/**
 * What the pages for signing in say, in four languages. The refusals are those of access-error.ts that a browser can meet here.
 */
import { codeList } from '#schema/vocabulary/code-list.ts';

export const signInTexts = codeList('sign-in-texts', 1, 'this project', {
  'signed-in': 'Signed in | Connexion établie | Вход выполнен | تم تسجيل الدخول',
  'you-are-signed-in': 'You are signed in. | Vous êtes connecté. | Вы вошли. | لقد سجلت الدخول.',
  'go-on': 'Go on | Continuer | Продолжить | متابعة',
  'code-for-program':
    'Code for your program | Code pour votre programme | Код для вашей программы | رمز لبرنامجك',
  'type-this-code':
    'Type this code into the program that sent you here, within two minutes. It is good once. | Saisissez ce code dans le programme qui vous a envoyé ici, dans les deux minutes. Il ne sert qu’une fois. | Введите этот код в программу, которая направила вас сюда, в течение двух минут. Он действует один раз. | أدخل هذا الرمز خلال دقيقتين في البرنامج الذي أرسلك إلى هنا. يصلح مرة واحدة.',
  'give-it-to-nobody':
    'Did you not start a program yourself, or does somebody ask you for the code? Give it to nobody, close this page, and tell who operates this node. | Vous n’avez pas lancé de programme vous-même, ou quelqu’un vous demande ce code ? Ne le donnez à personne, fermez cette page et prévenez l’exploitant de ce nœud. | Вы не запускали программу сами, или кто-то просит у вас код? Не давайте его никому, закройте страницу и сообщите тому, кто обслуживает этот узел. | ألم تشغل برنامجا بنفسك، أو يطلب منك أحد هذا الرمز؟ لا تعطه لأحد، وأغلق هذه الصفحة، وأخبر من يدير هذه العقدة.',
  'not-signed-in': 'Not signed in | Connexion non établie | Вход не выполнен | لم يتم تسجيل الدخول',
  SIGN_IN_NEEDED: 'Sign in first. | Connectez-vous d’abord. | Сначала войдите. | سجل الدخول أولا.',
  SESSION_OVER:
    'The session is over: sign in again. | La session est terminée : reconnectez-vous. | Сеанс окончен: войдите снова. | انتهت الجلسة: سجل الدخول من جديد.',
  NO_ENDPOINT:
    'There is no place here yet for people of this role. | Il n’y a pas encore de place ici pour ce rôle. | Для этой роли здесь пока нет места. | لا مكان هنا بعد لأصحاب هذا الدور.',
  PERSON_UNKNOWN:
    'You are known to the identity provider and not entered here: show issuer and subject to the head of your office, who can have you entered. | Le fournisseur d’identité vous connaît, mais vous n’êtes pas inscrit ici : montrez « issuer » et « subject » au chef de votre bureau, qui peut vous faire inscrire. | Поставщик удостоверений вас знает, но здесь вы не внесены: покажите issuer и subject руководителю, он может поручить внести вас. | يعرفك مزود الهوية ولست مسجلا هنا: أطلع رئيس مكتبك على issuer و subject ليطلب تسجيلك.',
  PERSON_DISABLED:
    'You may not come in at present: ask the head of your office. | L’accès vous est fermé pour le moment : adressez-vous au chef de votre bureau. | Сейчас вход для вас закрыт: обратитесь к руководителю. | لا يسمح لك بالدخول حاليا: راجع رئيس مكتبك.',
  OTHER_PERSON:
    'Another person signed in than the one whose session this is: sign out first. | Une autre personne s’est connectée que celle de cette session : déconnectez-vous d’abord. | Вошёл не тот, чей это сеанс: сначала выйдите. | سجل الدخول شخص غير صاحب هذه الجلسة: سجل الخروج أولا.',
  SIGN_IN_STALE:
    'This sign-in was not begun by this browser in the last ten minutes, or was used already: begin again. | Cette connexion n’a pas été commencée par ce navigateur dans les dix dernières minutes, ou a déjà servi : recommencez. | Этот вход не был начат в этом браузере за последние десять минут или уже использован: начните снова. | لم يبدأ هذا الدخول من هذا المتصفح خلال الدقائق العشر الأخيرة أو سبق استعماله: ابدأ من جديد.',
  SIGN_IN_REFUSED:
    'The identity provider did not sign you in: begin again. | Le fournisseur d’identité ne vous a pas connecté : recommencez. | Поставщик удостоверений не подтвердил вход: начните снова. | لم يسجل مزود الهوية دخولك: ابدأ من جديد.',
  TOKEN_INVALID:
    'What the identity provider said of you does not hold: tell who operates this node. | Ce que le fournisseur d’identité dit de vous n’est pas valable : prévenez l’exploitant de ce nœud. | То, что сообщил о вас поставщик удостоверений, недействительно: сообщите тому, кто обслуживает этот узел. | ما قاله مزود الهوية عنك غير صالح: أخبر من يدير هذه العقدة.',
  ACR_TOO_LOW:
    'The way you proved who you are is not enough here: use your second factor. | La preuve de votre identité ne suffit pas ici : utilisez votre second facteur. | Такого подтверждения личности здесь недостаточно: используйте второй фактор. | طريقة إثبات هويتك لا تكفي هنا: استعمل العامل الثاني.',
  AUTH_STALE:
    'The identity provider did not ask you anew: sign out there, then begin again. | Le fournisseur d’identité ne vous a pas interrogé de nouveau : déconnectez-vous chez lui, puis recommencez. | Поставщик удостоверений не спросил вас заново: выйдите у него и начните снова. | لم يسألك مزود الهوية من جديد: سجل الخروج لديه ثم ابدأ من جديد.',
  RETURN_INVALID:
    'The address to return to is none of this office. | L’adresse de retour n’est pas de ce bureau. | Адрес возврата не принадлежит этому ведомству. | عنوان العودة ليس من هذا المكتب.',
  CHALLENGE_INVALID:
    'The address that your program showed is incomplete: copy all of it. | L’adresse affichée par votre programme est incomplète : copiez-la en entier. | Адрес, показанный программой, неполный: скопируйте его целиком. | العنوان الذي أظهره برنامجك ناقص: انسخه كاملا.',
  TOO_MANY_TRIES:
    'Too many tries to sign in from this address: wait a few seconds and try again. | Trop d’essais de connexion depuis cette adresse : attendez quelques secondes et réessayez. | Слишком много попыток входа с этого адреса: подождите несколько секунд и повторите. | محاولات دخول كثيرة جدا من هذا العنوان: انتظر بضع ثوان وحاول ثانية.',
  PROVIDER_AWAY:
    'The identity provider cannot be reached: try again in a moment. Who is signed in, stays. | Le fournisseur d’identité est injoignable : réessayez dans un instant. Qui est connecté le reste. | Поставщик удостоверений недоступен: повторите чуть позже. Кто вошёл, остаётся в системе. | يتعذر الوصول إلى مزود الهوية: حاول بعد لحظة. من سجل الدخول يبقى كذلك.',
  SIGN_IN_NOT_SET_UP:
    'No identity provider is set up here: tell who operates this node. | Aucun fournisseur d’identité n’est configuré ici : prévenez l’exploitant de ce nœud. | Поставщик удостоверений здесь не настроен: сообщите тому, кто обслуживает этот узел. | لم يضبط هنا أي مزود هوية: أخبر من يدير هذه العقدة.',
});
export type SignInText = (typeof signInTexts.codes)[number];
export const isSignInText = (code: string): code is SignInText =>
  signInTexts.codes.includes(code as SignInText);
