/**
 * What people read where a node names what waits for them, how far an act has come, and what an entry of a case file is about. Which
 * of it there is, the node decides (node/enquiries/tables.ts, node/cases/kinds.ts).
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const taskKind = codeList('task-kind', 1, OURS, {
  'call-duty-phone':
    'No person has confirmed this alert: ring if it stays so | Personne n’a confirmé cette alerte : téléphoner si cela dure | Никто не подтвердил тревогу: звоните, если так и останется | لم يؤكد أحد هذا الإنذار: اتصلوا هاتفيا إن بقي كذلك',
  'safety-review':
    'Look at the child’s safety anew | Réexaminer la sécurité de l’enfant | Заново оценить безопасность ребёнка | إعادة النظر في سلامة الطفل',
  'account-owed':
    'Say what was done until everything stood still | Dire ce qui a été fait jusqu’à l’arrêt | Сообщить, что было сделано до остановки | بيان ما أنجز حتى التوقف',
  'missing-notice':
    'Tell the other State that the child is missing | Informer l’autre État que l’enfant est porté disparu | Сообщить другому государству, что ребёнок пропал | إبلاغ الدولة الأخرى بفقدان الطفل',
  'second-approval-due':
    'One person let this leave: a second looks at it | Une seule personne l’a envoyé : une seconde l’examine | Отправлено одним лицом: пусть проверит второе | أرسله شخص واحد: ينظر فيه شخص ثان',
  incident:
    'Something went wrong: look at it | Un incident : à examiner | Произошёл сбой: проверьте | حدث خلل: انظروا فيه',
  undelivered:
    'It did not arrive: use another way | Non remis : utiliser une autre voie | Не доставлено: используйте другой путь | لم يصل: استعملوا طريقا آخر',
  'expired-release':
    'It was released and did not leave in time: confirm it anew | Libéré mais non parti à temps : confirmer de nouveau | Разрешено, но не ушло вовремя: подтвердите заново | أجيز ولم يرسل في حينه: أكدوه من جديد',
  'arrived-after-all':
    'It was taken back and arrived all the same: withdraw it or have it stopped | Repris mais arrivé tout de même : le retirer ou faire arrêter | Отозвано, но всё же дошло: отзовите или остановите | سحب ووصل مع ذلك: اطلبوا سحبه أو وقفه',
  'clearance-asked':
    'A clearance is asked for | Une autorisation est demandée | Запрошено разрешение | طلب إذن',
  escalation:
    'A time limit is over: somebody must act | Un délai est dépassé : il faut agir | Срок истёк: нужно действовать | انقضت مهلة: يجب التصرف',
  'local-answer':
    'A local service has answered | Un service local a répondu | Местная служба ответила | أجابت جهة محلية',
  'approval-waits':
    'Something waits for a second person | Une proposition attend une seconde personne | Ожидается второе лицо | هناك ما ينتظر شخصا ثانيا',
  'proposal-lapsed':
    'Nobody approved it in time | Personne ne l’a approuvé à temps | Никто не утвердил вовремя | لم يوافق عليه أحد في حينه',
  'need-review':
    'Something was opened in need: review it | Un accès d’urgence : à vérifier | Открыто по необходимости: проверьте | فتح للضرورة: راجعوه',
  'need-overdue':
    'Nobody has reviewed what was opened in need | Un accès d’urgence n’a pas été vérifié | Открытое по необходимости не проверено | ما فتح للضرورة لم يراجع',
  'reading-review':
    'Readings wait for a review | Des lectures attendent une vérification | Просмотры ждут проверки | قراءات تنتظر المراجعة',
  'many-readings':
    'Somebody read unusually much | Quelqu’un a lu anormalement beaucoup | Кто-то прочёл необычно много | قرأ أحدهم أكثر من المعتاد',
  'many-searches':
    'Somebody searched unusually much | Quelqu’un a cherché anormalement souvent | Кто-то искал необычно часто | بحث أحدهم أكثر من المعتاد',
  'work-left':
    'Work waits for nobody who is there: hand it over | Du travail n’attend plus personne : le confier | Работа осталась без исполнителя: передайте | عمل لا يتولاه أحد: سلموه',
  'deferral-review':
    'Why the child’s side is not told: look again | Pourquoi le côté de l’enfant n’est pas informé : réexaminer | Почему сторона ребёнка не извещена: пересмотрите | سبب عدم إبلاغ جانب الطفل: أعيدوا النظر',
  'conversation-moved':
    'A conversation was given to this unit | Une conversation a été confiée à cette unité | Переписка передана этому отделу | أحيلت محادثة إلى هذه الوحدة',
  breach: 'A breach: act now | Une violation : agir | Нарушение: действуйте | خرق: تصرفوا',
  'breach-due':
    'A breach must be reported soon | Une violation doit bientôt être notifiée | О нарушении скоро нужно сообщить | خرق يجب الإبلاغ عنه قريبا',
  'breach-overdue':
    'A breach should have been reported | Une violation aurait dû être notifiée | О нарушении уже следовало сообщить | خرق فات موعد الإبلاغ عنه',
  'disclosure-waits':
    'Something to be given outside waits for a second person | Une communication à l’extérieur attend une seconde personne | Передача вовне ждёт второго лица | إفشاء للخارج ينتظر شخصا ثانيا',
  'measure-against-child':
    'The child is held or accused: call a legal adviser | L’enfant est détenu ou mis en cause : appeler un conseil juridique | Ребёнка удерживают или обвиняют: вызовите юриста | الطفل محتجز أو متهم: استدعوا مستشارا قانونيا',
  'erasure-asked':
    'The other State asks for erasure: answer | L’autre État demande l’effacement : répondre | Другое государство просит удалить: ответьте | الدولة الأخرى تطلب المحو: أجيبوا',
  'erasure-due': 'It will soon be erased | Bientôt effacé | Скоро будет удалено | سيمحى قريبا',
  'hold-ended':
    'What was kept by law may be erased again | La conservation légale a pris fin | Срок хранения по закону закончился | انتهى الحفظ بحكم القانون',
  'retention-waits':
    'A decision on keeping or erasing waits for a second person | Une décision de conservation attend une seconde personne | Решение о хранении ждёт второго лица | قرار حفظ أو محو ينتظر شخصا ثانيا',
  'possible-match':
    'This may be a child you know: say whether it is | C’est peut-être un enfant connu : le dire | Возможно, это известный ребёнок: решите | قد يكون طفلا معروفا: قولوا هل هو',
  'guardian-said':
    'The child’s guardian has said something: answer | Le tuteur de l’enfant s’est exprimé : répondre | Законный представитель обратился: ответьте | قال الوصي شيئا: أجيبوا',
  'guardian-conflict':
    'Something may stand against who represents the child | Un conflit d’intérêts possible du représentant | Возможен конфликт интересов представителя | قد يوجد ما يتعارض مع من يمثل الطفل',
  'representative-ended':
    'Who represented the child no longer does | La représentation de l’enfant a pris fin | Представительство ребёнка прекращено | انتهى تمثيل الطفل',
  'reaching-18':
    'The child may soon be 18: prepare it | L’enfant aura peut-être bientôt 18 ans : à préparer | Скоро может исполниться 18: подготовьтесь | قد يبلغ الطفل الثامنة عشرة قريبا: استعدوا',
  'adult-consents':
    'Now an adult: ask for agreement anew | Désormais adulte : redemander son accord | Уже взрослый: спросите согласие заново | صار بالغا: اطلبوا موافقته من جديد',
  'notice-draft':
    'The other State should be told: a draft is ready | L’autre État devrait être informé : un projet est prêt | Другое государство следует известить: черновик готов | يجب إبلاغ الدولة الأخرى: المسودة جاهزة',
  'child-complaint':
    'A child says something of who represents it | Un enfant s’exprime sur qui le représente | Ребёнок сообщает о своём представителе | طفل يقول شيئا عمن يمثله',
});

export const deliveryStage = codeList('delivery-stage', 1, OURS, {
  queued: 'has not left yet | pas encore parti | ещё не отправлено | لم يرسل بعد',
  relayed: 'waits at the gateway | en attente à la passerelle | ждёт на шлюзе | ينتظر في البوابة',
  delivered: 'delivered | remis | доставлено | تم التسليم',
  opened: 'opened by a person there | ouvert par une personne là-bas | открыто человеком | فتحه شخص هناك',
  rejected: 'not accepted there | non accepté là-bas | не принято получателем | لم يقبل هناك',
  undelivered: 'not delivered | non remis | не доставлено | لم يسلم',
});

export const caseEntryKind = codeList('case-entry-kind', 2, OURS, {
  name: 'Name | Nom | Имя | الاسم',
  birth: 'Birth | Naissance | Рождение | الميلاد',
  birthplace: 'Place of birth | Lieu de naissance | Место рождения | مكان الميلاد',
  gender: 'Gender | Genre | Пол | النوع الاجتماعي',
  nationality: 'Nationality | Nationalité | Гражданство | الجنسية',
  statelessness: 'Statelessness | Apatridie | Безгражданство | انعدام الجنسية',
  residence: 'Residence | Résidence | Место жительства | الإقامة',
  language: 'Language | Langue | Язык | اللغة',
  document: 'Document | Document | Документ | وثيقة',
  photo: 'Photograph | Photographie | Фотография | صورة',
  mark: 'Distinguishing mark | Signe particulier | Особая примета | علامة مميزة',
  attachment: 'Paper about the child | Pièce sur l’enfant | Документ о ребёнке | ورقة عن الطفل',
  trafficking: 'Trafficking | Traite | Торговля людьми | الاتجار',
  event: 'Event | Événement | Событие | حدث',
  situation: 'Care and living situation | Situation de vie | Условия жизни и ухода | الرعاية وظروف المعيشة',
  missing: 'Missing episode | Disparition | Случай пропажи | حالة فقدان',
  sighting:
    'Reported sighting | Observation signalée | Сообщение о том, что ребёнка видели | مشاهدة مبلغ عنها',
  person:
    'Person around the child | Personne de l’entourage | Человек из окружения ребёнка | شخص محيط بالطفل',
  consent: 'Agreement | Accord | Согласие | موافقة',
  view: 'What the child says | Avis de l’enfant | Мнение ребёнка | رأي الطفل',
  warning: 'SAFETY WARNING | ALERTE DE SÉCURITÉ | ПРЕДУПРЕЖДЕНИЕ О БЕЗОПАСНОСТИ | تحذير يتعلق بالسلامة',
  measure: 'Measure against the child | Mesure visant l’enfant | Мера в отношении ребёнка | إجراء بحق الطفل',
  reference: 'Reference elsewhere | Référence ailleurs | Ссылка в другой системе | مرجع خارجي',
  told: 'What the child has told already | Ce que l’enfant a déjà dit | Что ребёнок уже рассказал | ما سبق أن قاله الطفل',
  recipient: 'Who else knows | Qui d’autre est informé | Кто ещё знает | من يعلم غيرنا',
  note: 'Note | Note | Заметка | ملاحظة',
});
