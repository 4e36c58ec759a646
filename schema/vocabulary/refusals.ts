/**
 * Why something cannot be answered: four lists that must not be mixed. A bar forbids sending at all; a ground
 * says why this office cannot answer, and how to ask properly; a deferral only puts off and is never allowed
 * on an urgent enquiry; an outcome is no refusal.
 *
 * There is no ground "withheld": beside "not found" it would mean "yes, the child is here". Whoever may not
 * give the ground answers that no information can be communicated, alike for found and not found.
 * This file exports code lists and nothing else.
 */
import { type CodeOf, codeList, type LabelRow } from './code-list.ts';

const OURS = 'Focalnet';

export const refusalBar = codeList('refusal-bar', 1, 'Hague Convention 1996, Art. 37', {
  'danger-to-child':
    'Likely danger to the child | Danger probable pour l’enfant | Вероятная опасность для ребёнка | خطر محتمل على الطفل',
  'danger-to-childs-property':
    'Likely danger to the child’s property | Danger probable pour les biens de l’enfant | Вероятная опасность для имущества ребёнка | خطر محتمل على ممتلكات الطفل',
  'threat-to-family-member':
    'Serious threat to the liberty or life of a family member | Menace grave pour la liberté ou la vie d’un membre de la famille | Серьёзная угроза свободе или жизни члена семьи | تهديد خطير لحرية أو حياة أحد أفراد الأسرة',
});

export const refusalGround = codeList(
  'refusal-ground',
  1,
  `${OURS}; S.I. 2010/1898, reg. 10 and 12 (court leave)`,
  {
    'court-leave-required':
      'Leave of a court is required | L’autorisation d’un tribunal est requise | Требуется разрешение суда | يلزم إذن من المحكمة',
    'contempt-or-offence':
      'Disclosure would be an offence or contempt of court | La communication serait une infraction ou un outrage au tribunal | Раскрытие было бы правонарушением или неуважением к суду | الإفصاح جريمة أو إهانة للمحكمة',
    'no-competence':
      'This office has no competence | Ce bureau n’est pas compétent | Это учреждение не компетентно | هذا المكتب غير مختص',
    'other-authority-designated':
      'Another authority is designated for this legal basis | Une autre autorité est désignée pour cette base juridique | Для этого основания назначен другой орган | سلطة أخرى معينة لهذا الأساس القانوني',
    'no-legal-basis':
      'No legal basis | Absence de base juridique | Нет правового основания | لا يوجد أساس قانوني',
    'contrary-to-best-interests':
      'Manifestly contrary to the best interests of the child | Manifestement contraire à l’intérêt supérieur de l’enfant | Явно противоречит наилучшим интересам ребёнка | مخالف بوضوح لمصالح الطفل الفضلى',
    disproportionate:
      'More is asked than the purpose needs | La demande dépasse ce que la finalité exige | Запрошено больше, чем нужно для цели | المطلوب يتجاوز ما يقتضيه الغرض',
    'agreement-absent':
      'Agreement required by national law is absent | L’accord exigé par le droit national fait défaut | Нет согласия, которого требует национальное право | الموافقة التي يشترطها القانون الوطني غير متوفرة',
    'national-law-bar':
      'A rule of national law forbids it | Une règle de droit national l’interdit | Запрещено нормой национального права | تمنعه قاعدة في القانون الوطني',
  },
);

const wayToAsk: Record<CodeOf<typeof refusalGround>, LabelRow> = {
  'court-leave-required':
    'Send the reasons and the questions for the court; this office puts them to the court, then send a new enquiry naming the leave. | Envoyez les motifs et les questions pour le tribunal ; ce bureau les lui soumet, puis envoyez une nouvelle demande mentionnant l’autorisation. | Пришлите доводы и вопросы для суда; это учреждение передаст их суду, затем направьте новый запрос со ссылкой на разрешение. | أرسلوا الأسباب والأسئلة الموجهة إلى المحكمة؛ يعرضها هذا المكتب عليها، ثم أرسلوا طلبا جديدا يذكر الإذن.',
  'contempt-or-offence':
    'Ask the court that holds the file to release the part needed, through the competent authority named in the answer. | Demandez au tribunal saisi de communiquer la partie nécessaire, par l’autorité compétente indiquée dans la réponse. | Просите суд, у которого дело, выдать нужную часть через компетентный орган, указанный в ответе. | اطلبوا من المحكمة الحائزة للملف الإفراج عن الجزء اللازم عبر السلطة المختصة المذكورة في الرد.',
  'no-competence':
    'Address the enquiry to the office named in the answer, or ask this office to forward it. | Adressez la demande au bureau indiqué dans la réponse ou demandez à ce bureau de la transmettre. | Направьте запрос в учреждение, указанное в ответе, или просите переслать его. | وجهوا الطلب إلى المكتب المذكور في الرد أو اطلبوا إحالته.',
  'other-authority-designated':
    'Send the enquiry through the designated authority of your State to the one named in the answer. | Envoyez la demande par l’autorité désignée de votre État à celle indiquée dans la réponse. | Направьте запрос через назначенный орган вашего государства органу, указанному в ответе. | أرسلوا الطلب عبر السلطة المعينة في دولتكم إلى السلطة المذكورة في الرد.',
  'no-legal-basis':
    'Name another legal basis, or ask by courtesy and say which measure is contemplated. | Indiquez une autre base juridique, ou demandez à titre de courtoisie en précisant la mesure envisagée. | Укажите другое основание или просите в порядке доброй воли, назвав рассматриваемую меру. | اذكروا أساسا قانونيا آخر أو اطلبوا على سبيل المجاملة مع بيان التدبير المزمع.',
  'contrary-to-best-interests':
    'Telephone the supervisor named in the answer before asking anything further. | Téléphonez au responsable indiqué dans la réponse avant toute autre demande. | Прежде чем спрашивать дальше, позвоните руководителю, указанному в ответе. | اتصلوا بالمشرف المذكور في الرد قبل طرح أي سؤال آخر.',
  disproportionate:
    'Ask fewer questions, each with the reason why the purpose needs it. | Posez moins de questions, chacune avec la raison pour laquelle la finalité l’exige. | Задайте меньше вопросов, для каждого укажите, зачем он нужен для цели. | اطرحوا أسئلة أقل مع بيان سبب لزوم كل منها للغرض.',
  'agreement-absent':
    'Obtain the agreement of the person named by that law, in writing and with the date, and send it with a new enquiry. | Obtenez l’accord de la personne désignée par cette loi, écrit et daté, et joignez-le à une nouvelle demande. | Получите письменное датированное согласие лица, указанного в законе, и приложите к новому запросу. | احصلوا على موافقة مكتوبة ومؤرخة ممن يحدده ذلك القانون وأرفقوها بطلب جديد.',
  'national-law-bar':
    'Read the rule named in the answer; ask only for what it leaves open. | Lisez la règle indiquée dans la réponse ; ne demandez que ce qu’elle permet. | Прочтите норму, указанную в ответе; просите лишь то, что она допускает. | راجعوا القاعدة المذكورة في الرد واطلبوا ما تسمح به فقط.',
};

/** How to ask properly: one text for each ground. */
export const refusalWayToAsk = codeList('refusal-way-to-ask', 1, OURS, wayToAsk);

export const refusalDeferral = codeList('refusal-deferral', 1, `${OURS}; never on an urgent enquiry`, {
  'translation-missing': 'A translation is missing | Une traduction manque | Нет перевода | الترجمة ناقصة',
  'insufficient-information':
    'More information is needed to begin | Des informations manquent pour commencer | Чтобы начать, нужны ещё сведения | يلزم مزيد من المعلومات للبدء',
  'court-decision-awaited':
    'A decision of a court is awaited | Une décision de justice est attendue | Ожидается решение суда | قرار المحكمة منتظر',
  'child-needs-time':
    'The child needs time | L’enfant a besoin de temps | Ребёнку нужно время | الطفل يحتاج إلى وقت',
  'costs-not-agreed':
    'Costs are not agreed | Les frais ne sont pas convenus | Расходы не согласованы | التكاليف غير متفق عليها',
});

export const refusalOutcome = codeList('refusal-outcome', 1, OURS, {
  'not-found': 'Nothing found | Rien trouvé | Ничего не найдено | لم يعثر على شيء',
  duplicate:
    'The same enquiry is already open | La même demande est déjà ouverte | Такой запрос уже открыт | الطلب نفسه مفتوح بالفعل',
  forwarded:
    'Forwarded to another authority | Transmis à une autre autorité | Передано другому органу | أحيل إلى سلطة أخرى',
});
