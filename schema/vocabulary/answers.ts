/**
 * How an answer is given: the frame of every answer, where it comes from, how sure it is, why something is
 * absent, and the fixed answers of the coded questions. "No indication found" is never worded as "no".
 * This file exports code lists and nothing else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const answerStatus = codeList('answer-status', 1, OURS, {
  answered: 'Answered | Répondu | Ответ дан | تمت الإجابة',
  partly: 'Partly answered | Répondu en partie | Ответ дан частично | إجابة جزئية',
  'could-not': 'Could not be found out | N’a pas pu être établi | Не удалось установить | تعذر التحقق',
  refused:
    'Cannot be answered: ground given | Réponse impossible : motif indiqué | Ответить нельзя: основание указано | لا يمكن الإجابة: مع بيان السبب',
  'not-asked-unsafe':
    'Not asked because unsafe | Non posé car dangereux | Не задан: небезопасно | لم يطرح لأنه غير آمن',
  'no-information':
    'No information can be communicated | Aucune information ne peut être communiquée | Сведения не могут быть сообщены | لا يمكن تقديم معلومات',
});

export const confidence = codeList('confidence', 1, OURS, {
  verified: 'Verified | Vérifié | Проверено | مؤكد',
  likely: 'Likely | Probable | Вероятно | مرجح',
  claimed: 'Claimed | Déclaré | Заявлено | مدعى به',
  contradicted: 'Contradicted | Contredit | Противоречит другим данным | متناقض',
  unknown: 'Unknown | Inconnu | Неизвестно | غير معروف',
});

export const informationSource = codeList('information-source', 1, OURS, {
  child: 'Child | Enfant | Ребёнок | الطفل',
  guardian: 'Guardian | Tuteur | Законный представитель | الوصي',
  parent: 'Parent | Parent | Родитель | أحد الوالدين',
  relative: 'Relative | Proche | Родственник | قريب',
  school: 'School | École | Школа | المدرسة',
  health: 'Health service | Service de santé | Медицинская служба | خدمة صحية',
  police: 'Police | Police | Полиция | الشرطة',
  register: 'Register | Registre | Реестр | سجل',
  document: 'Document | Document | Документ | وثيقة',
  'worker-observation':
    'Observation by the worker | Observation de l’intervenant | Наблюдение работника | ملاحظة العامل الاجتماعي',
  'third-state-focal-point':
    'Focal point of a third State | Point focal d’un État tiers | Координационный центр третьего государства | جهة التنسيق في دولة ثالثة',
});

/** Why a field holds no value. A field is never simply blank. */
export const absence = codeList('absence', 1, `${OURS}; not-known and not-relevant as in the ICACU form`, {
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
  'not-relevant': 'Not relevant | Sans objet | Не относится к делу | غير ذي صلة',
  'withheld-for-safety':
    'Withheld for safety | Non communiqué pour raison de sécurité | Не сообщается ради безопасности | محجوب لأسباب تتعلق بالسلامة',
  'not-yet-asked': 'Not yet asked | Pas encore demandé | Ещё не спрашивали | لم يسأل عنه بعد',
});

export const yesNoUnknown = codeList('yes-no-unknown', 1, OURS, {
  yes: 'Yes | Oui | Да | نعم',
  no: 'No | Non | Нет | لا',
  unknown: 'Unknown | Inconnu | Неизвестно | غير معروف',
});

export const rating = codeList('rating-5', 1, OURS, {
  protective: 'Protective | Protecteur | Защищает | عامل حماية',
  neutral: 'Neutral | Neutre | Нейтрально | محايد',
  concern: 'Concern | Préoccupation | Есть опасения | مثير للقلق',
  'serious-concern': 'Serious concern | Préoccupation grave | Серьёзные опасения | مثير لقلق بالغ',
  unknown: 'Unknown | Inconnu | Неизвестно | غير معروف',
});

export const nationalityFinding = codeList('nationality-finding', 1, `${OURS}, question IDN-04`, {
  'nationality-confirmed':
    'Nationality confirmed | Nationalité confirmée | Гражданство подтверждено | الجنسية مؤكدة',
  'nationality-not-recorded':
    'Nationality not recorded | Nationalité non enregistrée | Гражданство не зарегистрировано | الجنسية غير مسجلة',
  'right-of-residence':
    'Right of residence recorded | Droit de séjour enregistré | Записано право проживания | حق إقامة مسجل',
  'stateless-recognised':
    'Recognised as stateless | Reconnu apatride | Признан лицом без гражданства | معترف به كعديم الجنسية',
  'stateless-likely':
    'Likely stateless | Probablement apatride | Вероятно, без гражданства | يرجح أنه عديم الجنسية',
  'under-determination': 'Being determined | En cours de détermination | Устанавливается | قيد التحديد',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const recordBasis = codeList('record-basis', 1, `${OURS}, question IDN-04`, {
  'civil-register': 'Civil register | État civil | Реестр актов гражданского состояния | السجل المدني',
  'nationality-register': 'Nationality register | Registre de nationalité | Реестр граждан | سجل الجنسية',
  'residence-register': 'Residence register | Registre de résidence | Реестр проживания | سجل الإقامة',
  document: 'Document | Document | Документ | وثيقة',
  decision:
    'Decision of a court or authority | Décision d’un tribunal ou d’une autorité | Решение суда или органа | قرار محكمة أو سلطة',
  other: 'Other record | Autre source | Иная запись | سجل آخر',
});

export const responsibilityBasis = codeList('responsibility-basis', 1, `${OURS}, question FAM-01`, {
  'by-law': 'By law | De plein droit | По закону | بحكم القانون',
  judgment: 'Court decision | Décision de justice | Решение суда | حكم قضائي',
  'administrative-act': 'Act of an authority | Acte d’une autorité | Акт органа власти | قرار إداري',
  agreement: 'Agreement | Accord | Соглашение | اتفاق',
  custom: 'Custom | Coutume | Обычай | العرف',
  disputed: 'Disputed | Contesté | Оспаривается | متنازع عليه',
  'held-by-nobody': 'Held by nobody | Exercé par personne | Никто не имеет | لا يتولاه أحد',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const siblingSituation = codeList('sibling-situation', 1, `${OURS}, question FAM-03`, {
  'in-care': 'In care | Pris en charge | На попечении служб | تحت الرعاية',
  missing: 'Missing | Disparu | Пропал | مفقود',
  exploited: 'Exploited | Exploité | Эксплуатируется | مستغل',
  'at-risk': 'At risk | En danger | В группе риска | معرض للخطر',
  'no-concern-found':
    'No concern found | Aucune préoccupation constatée | Опасений не выявлено | لم يتبين ما يثير القلق',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const departureAccount = codeList('departure-account', 1, `${OURS}, question FAM-05`, {
  'with-parental-consent':
    'Left with the consent of a parent | Parti avec l’accord d’un parent | Уехал с согласия родителя | غادر بموافقة أحد الوالدين',
  'without-parental-consent':
    'Left without the consent of a parent | Parti sans l’accord d’un parent | Уехал без согласия родителя | غادر دون موافقة الوالدين',
  'sold-or-pledged': 'Sold or pledged | Vendu ou mis en gage | Продан или отдан в залог | بيع أو رهن',
  fled: 'Fled | A fui | Бежал | فر',
  'for-study-or-sport':
    'For study or sport | Pour des études ou le sport | Ради учёбы или спорта | للدراسة أو الرياضة',
  'for-work': 'For work | Pour travailler | Ради работы | للعمل',
  'for-marriage': 'For marriage | Pour un mariage | Ради брака | للزواج',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const carerWillingness = codeList('carer-willingness', 1, `${OURS}, question CAR-02`, {
  willing: 'Willing | Disposé | Согласен | راغب',
  'willing-with-conditions':
    'Willing with conditions | Disposé sous conditions | Согласен на условиях | راغب بشروط',
  unwilling: 'Unwilling | Non disposé | Не согласен | غير راغب',
  undecided: 'Undecided | Indécis | Не решил | متردد',
  'not-asked': 'Not asked | Non interrogé | Не спрашивали | لم يسأل',
});

export const carerAbilityAspect = codeList('carer-ability-aspect', 1, `${OURS}, question CAR-03`, {
  relationship: 'Relationship | Relation | Отношения | العلاقة',
  housing: 'Housing | Logement | Жильё | السكن',
  means: 'Means | Ressources | Средства | الموارد',
  support: 'Support | Soutien | Поддержка | الدعم',
});

export const recordFinding = codeList('record-finding', 1, `${OURS}, question CAR-04`, {
  yes: 'Yes | Oui | Да | نعم',
  no: 'No | Non | Нет | لا',
  unknown: 'Unknown | Inconnu | Неизвестно | غير معروف',
  'may-not-be-disclosed':
    'May not be disclosed | Ne peut être communiqué | Не подлежит сообщению | لا يجوز الإفصاح',
});

export const familyInvolvement = codeList('family-involvement', 1, `${OURS}, question SAF-01`, {
  yes: 'Yes | Oui | Да | نعم',
  suspected: 'Suspected | Soupçonné | Подозревается | مشتبه فيه',
  'no-indication-found':
    'No indication found | Aucun indice trouvé | Признаков не найдено | لم يعثر على مؤشرات',
  'not-assessed': 'Not assessed | Non évalué | Не оценивалось | لم يقيم',
  'cannot-be-answered-safely':
    'Cannot be answered safely | Réponse impossible sans danger | Нельзя ответить безопасно | لا يمكن الإجابة بأمان',
});

export const exploiterPresence = codeList('exploiter-presence', 1, `${OURS}, question SAF-03`, {
  present:
    'Present in the locality | Présents dans la localité | Находятся в этой местности | موجودون في المنطقة',
  'present-and-influential':
    'Present and influential | Présents et influents | Находятся там и влиятельны | موجودون ونافذون',
  'absent-but-influential':
    'Absent but influential | Absents mais influents | Отсутствуют, но влиятельны | غائبون لكنهم نافذون',
  'recently-released': 'Recently released | Récemment libérés | Недавно освобождены | أفرج عنهم مؤخرا',
  'no-indication-found':
    'No indication found | Aucun indice trouvé | Признаков не найдено | لم يعثر على مؤشرات',
  'not-assessed': 'Not assessed | Non évalué | Не оценивалось | لم يقيم',
  'cannot-be-answered-safely':
    'Cannot be answered safely | Réponse impossible sans danger | Нельзя ответить безопасно | لا يمكن الإجابة بأمان',
});

export const violenceRisk = codeList('violence-risk', 1, `${OURS}, question SAF-04`, {
  'violence-in-household': 'Violence in the household | Violence au foyer | Насилие в семье | عنف في المنزل',
  'violence-in-community':
    'Violence in the community | Violence dans la communauté | Насилие в окружении | عنف في المجتمع المحلي',
  'forced-marriage': 'Forced marriage | Mariage forcé | Принудительный брак | الزواج القسري',
  'genital-mutilation':
    'Genital mutilation | Mutilation génitale | Калечащие операции на половых органах | تشويه الأعضاء التناسلية',
  reprisal: 'Reprisal | Représailles | Месть | الانتقام',
});

export const retraffickingRisk = codeList('retrafficking-risk', 1, `${OURS}, question SAF-08`, {
  low: 'Low | Faible | Низкий | منخفض',
  medium: 'Medium | Moyen | Средний | متوسط',
  high: 'High | Élevé | Высокий | مرتفع',
  unacceptable: 'Unacceptable | Inacceptable | Недопустимый | غير مقبول',
  'cannot-say': 'Cannot say | Ne peut se prononcer | Сказать нельзя | لا يمكن الجزم',
});

export const representationOnArrival = codeList('representation-on-arrival', 1, `${OURS}, question LAW-04`, {
  'guardian-appointed':
    'Guardian already appointed | Tuteur déjà désigné | Законный представитель уже назначен | وصي معين بالفعل',
  'guardian-by-court':
    'Guardian to be appointed by a court | Tuteur à désigner par un tribunal | Представителя назначит суд | وصي تعينه محكمة',
  'guardian-by-authority':
    'Guardian to be appointed by an authority | Tuteur à désigner par une autorité | Представителя назначит орган власти | وصي تعينه سلطة',
  'holder-of-parental-responsibility':
    'Holder of parental responsibility | Titulaire de la responsabilité parentale | Носитель родительской ответственности | صاحب المسؤولية الأبوية',
  nobody: 'Nobody foreseen | Personne n’est prévu | Никто не предусмотрен | لا أحد مقرر',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const serviceKind = codeList('service-kind', 1, `${OURS}, question SVC-02`, {
  'medical-care': 'Medical care | Soins médicaux | Медицинская помощь | رعاية طبية',
  'psychological-care': 'Psychological care | Soutien psychologique | Психологическая помощь | رعاية نفسية',
  'schooling-or-training':
    'Schooling or training | Scolarité ou formation | Школа или обучение | تعليم أو تدريب',
  'specialised-support':
    'Specialised support for trafficked children | Soutien spécialisé aux enfants victimes de traite | Специальная помощь детям, пострадавшим от торговли людьми | دعم متخصص للأطفال المتاجر بهم',
});

export const serviceAvailability = codeList('service-availability', 1, `${OURS}, question SVC-02`, {
  'in-childs-language':
    'Within 30 days, in the child’s language | Sous 30 jours, dans la langue de l’enfant | В течение 30 дней, на языке ребёнка | خلال 30 يوما بلغة الطفل',
  'with-interpreter':
    'Within 30 days, with an interpreter | Sous 30 jours, avec interprète | В течение 30 дней, с переводчиком | خلال 30 يوما بمترجم',
  'without-interpreter':
    'Within 30 days, not in the child’s language | Sous 30 jours, pas dans la langue de l’enfant | В течение 30 дней, не на языке ребёнка | خلال 30 يوما بغير لغة الطفل',
  later: 'Later than 30 days | Au-delà de 30 jours | Позже 30 дней | بعد أكثر من 30 يوما',
  'not-available': 'Not available | Non disponible | Недоступно | غير متاح',
  'not-known': 'Not known | Non connu | Неизвестно | غير معروف',
});

export const childsPresentView = codeList('childs-present-view', 1, `${OURS}, question MON-02`, {
  content: 'Content with the situation | Satisfait de la situation | Доволен положением | راض عن الوضع',
  mixed: 'Mixed | Partagé | Отношение смешанное | موقف متباين',
  unhappy: 'Unhappy with the situation | Mécontent de la situation | Недоволен положением | غير راض عن الوضع',
  'wants-change':
    'Wants to live elsewhere | Souhaite vivre ailleurs | Хочет жить в другом месте | يرغب في العيش في مكان آخر',
  'chose-not-to-speak':
    'Chose not to speak | A choisi de ne pas s’exprimer | Предпочёл не говорить | اختار عدم الكلام',
  'could-not-be-heard-alone':
    'Could not be heard alone | N’a pas pu être entendu seul | Не удалось выслушать наедине | تعذر الاستماع إليه على انفراد',
});

export const renewedSigns = codeList('renewed-signs', 1, `${OURS}, question MON-03`, {
  'clear-signs': 'Clear signs | Signes clairs | Явные признаки | مؤشرات واضحة',
  'some-signs': 'Some signs | Quelques signes | Отдельные признаки | بعض المؤشرات',
  'no-sign-found': 'No sign found | Aucun signe constaté | Признаков не найдено | لم يعثر على مؤشرات',
  'not-assessed': 'Not assessed | Non évalué | Не оценивалось | لم يقيم',
  'cannot-be-answered-safely':
    'Cannot be answered safely | Réponse impossible sans danger | Нельзя ответить безопасно | لا يمكن الإجابة بأمان',
});
