/**
 * What two States say to each other about erasing what one has of the other, and why an office keeps what would be erased.
 * Nothing here says anything of a child. This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

/** Why the State that sent something asks the other to erase it (GDPR Art. 17, 19). */
export const erasureGround = codeList('erasure-ground', 1, OURS, {
  'period-over':
    'The time for keeping it is over | La durée de conservation est écoulée | Срок хранения истёк | انتهت مدة الحفظ',
  unlawful:
    'It was processed unlawfully | Le traitement était illicite | Обработано незаконно | عولج بصورة غير مشروعة',
  'agreement-withdrawn':
    'Agreement, its only basis, was withdrawn | L’accord, son seul fondement, a été retiré | Согласие, единственное основание, отозвано | سحبت الموافقة وهي الأساس الوحيد',
  'sent-in-error': 'Sent in error | Envoyé par erreur | Отправлено по ошибке | أرسل خطأ',
  'court-order': 'Ordered by a court | Ordonné par un tribunal | По решению суда | بأمر من محكمة',
});

export const erasureResult = codeList('erasure-result', 1, OURS, {
  erased:
    'Made permanently unreadable | Rendu définitivement illisible | Навсегда сделано нечитаемым | جعل غير مقروء نهائيا',
  held: 'Kept for now by law | Conservé pour l’instant en vertu de la loi | Пока хранится по закону | محفوظ حاليا بحكم القانون',
});

/** What of an erased message is still there. */
export const erasureRemains = codeList('erasure-remains', 1, OURS, {
  'log-entries':
    'Entries of the log, without content | Entrées du journal, sans contenu | Записи журнала без содержания | قيود السجل دون محتوى',
  receipts: 'Signed receipts | Récépissés signés | Подписанные квитанции | إيصالات موقعة',
  'times-and-types':
    'Number, type and time of each act | Numéro, type et heure de chaque acte | Номер, вид и время каждого действия | رقم كل إجراء ونوعه ووقته',
});

/** Who demands that it be kept; an authority whose name could endanger somebody is named by its kind alone. */
export const holdAuthority = codeList('hold-authority', 1, OURS, {
  court: 'Court | Tribunal | Суд | محكمة',
  prosecutor: 'Prosecutor | Ministère public | Прокурор | النيابة العامة',
  police: 'Police | Police | Полиция | الشرطة',
  'compensation-authority':
    'Authority for compensation | Autorité d’indemnisation | Орган по возмещению вреда | سلطة التعويض',
  'supervisory-authority':
    'Data protection authority | Autorité de protection des données | Орган по защите данных | سلطة حماية البيانات',
  'other-authority': 'Another authority | Une autre autorité | Иной орган | سلطة أخرى',
});

/** Why it must be kept (DOMAIN.md P9). It stays in the office and never travels. */
export const holdGround = codeList('hold-ground', 1, OURS, {
  'criminal-proceedings': 'Penal proceedings | Procédure pénale | Уголовное производство | إجراءات جنائية',
  compensation:
    'Compensation for the child | Indemnisation de l’enfant | Возмещение вреда ребёнку | تعويض الطفل',
  'family-proceedings':
    'Proceedings about the child | Procédure relative à l’enfant | Производство о ребёнке | إجراءات تخص الطفل',
  complaint:
    'A complaint is being looked into | Une plainte est en examen | Рассматривается жалоба | شكوى قيد النظر',
  'asked-by-the-child':
    'The child’s side asks that it be kept | La partie de l’enfant demande sa conservation | Сторона ребёнка просит сохранить | طلب جانب الطفل حفظه',
});
