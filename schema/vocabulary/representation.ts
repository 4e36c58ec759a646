/**
 * What is known of who represents a child: as what they were appointed, what may stand against them, and what a child complains of.
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

/** Whom an authority appointed. A person caring now has no link: care is not representation (PRACTICE.md A7, section 4). */
export const linkKind = codeList('representation-link-kind', 1, `${OURS}; CETS 197, Art. 10(4)(a)`, {
  guardian:
    'Legally appointed guardian | Tuteur légalement désigné | Законно назначенный представитель | وصي معين قانونا',
  'legal-adviser':
    'Legal adviser of the child | Conseil juridique de l’enfant | Юрист ребёнка | المستشار القانوني للطفل',
});

export const identitySeen = codeList('representation-identity-seen', 1, OURS, {
  'in-person': 'Seen in person | Vue en personne | Проверена лично | جرى التحقق حضوريا',
  'by-authority':
    'Seen by the appointing authority | Vue par l’autorité de désignation | Проверена назначившим органом | تحققت منها جهة التعيين',
});

/** Why somebody may not be free to stand for the child alone (PRACTICE.md A7). A possible conflict is not a proven one. */
export const conflictGround = codeList(
  'representation-conflict',
  1,
  `${OURS}; UN Guidelines for Alternative Care, para. 101-104`,
  {
    'runs-place-of-care':
      'Runs or works for the place of care | Dirige le lieu d’accueil ou y travaille | Руководит местом размещения или работает в нём | يدير مكان الرعاية أو يعمل فيه',
    'employed-by-decider':
      'Employed by an authority that decides on return or immigration | Employé par une autorité décidant du retour ou du séjour | Работает в органе, решающем о возвращении или миграции | يعمل لدى جهة تقرر العودة أو الهجرة',
    'paid-per-child':
      'Paid per child | Payé par enfant | Оплачивается за каждого ребёнка | يتقاضى أجرا عن كل طفل',
    'known-to-participant':
      'Kin of or known to somebody around the child | Parent ou connaissance d’une personne de l’entourage | Родственник или знакомый кого-то из окружения | قريب أو معروف لأحد المحيطين بالطفل',
    'many-children':
      'Represents very many children | Représente de très nombreux enfants | Представляет очень много детей | يمثل عددا كبيرا جدا من الأطفال',
    'name-alike':
      'The name is like that of somebody in the file | Le nom ressemble à celui d’une personne du dossier | Имя похоже на имя лица из дела | الاسم يشبه اسم شخص في الملف',
    'family-name-alike':
      'The family name is like one in the file | Le nom de famille ressemble à un nom du dossier | Фамилия похожа на фамилию в деле | اسم العائلة يشبه اسما في الملف',
    'organisation-alike':
      'The organisation is like one in the file | L’organisation ressemble à une organisation du dossier | Организация похожа на организацию в деле | المنظمة تشبه منظمة في الملف',
  },
);

/** What a child picks, or says in own words instead. Nothing has to be picked. */
export const complaintReason = codeList('complaint-reason', 1, OURS, {
  'does-not-listen':
    'This person does not listen to me | Cette personne ne m’écoute pas | Этот человек меня не слушает | هذا الشخص لا يسمعني',
  'not-there':
    'I never see this person | Je ne vois jamais cette personne | Я никогда не вижу этого человека | لا أرى هذا الشخص أبدا',
  'does-not-explain':
    'Nobody explains to me what is decided | On ne m’explique pas ce qui est décidé | Мне не объясняют, что решено | لا أحد يشرح لي ما يتقرر',
  'against-my-wish':
    'This person decides against what I want | Cette personne décide contre ce que je veux | Этот человек решает против моей воли | هذا الشخص يقرر ضد رغبتي',
  'tells-others':
    'This person tells others about me | Cette personne parle de moi à d’autres | Этот человек рассказывает обо мне другим | هذا الشخص يخبر الآخرين عني',
  'knows-them':
    'This person knows the people I am afraid of | Cette personne connaît ceux dont j’ai peur | Этот человек знает тех, кого я боюсь | هذا الشخص يعرف من أخاف منهم',
  'asks-for-something':
    'This person wants money, work or something else from me | Cette personne me demande de l’argent, du travail ou autre chose | Этот человек требует от меня денег, работы или чего-то ещё | هذا الشخص يريد مني مالا أو عملا أو شيئا آخر',
  'afraid-of':
    'I am afraid of this person | J’ai peur de cette personne | Я боюсь этого человека | أخاف من هذا الشخص',
  'hurts-me':
    'This person hurts me | Cette personne me fait du mal | Этот человек причиняет мне боль | هذا الشخص يؤذيني',
  another: 'Something else | Autre chose | Другое | شيء آخر',
});
