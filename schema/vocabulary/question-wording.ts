/**
 * The wording of the 40 coded questions, list `fnq` version 1. A reader sees question and coded answer in the
 * reader's own language, so nothing here needs translating again. What may be done with a question: questions.ts.
 */
import { codeList } from './code-list.ts';

export const questionWording = codeList('fnq', 1, 'Focalnet question catalogue', {
  'LAW-05':
    'Before anything is done: which rules would oblige you to tell parents, police, prosecutor, court, consulate or another body about this enquiry? | Avant tout acte : quelles règles vous obligeraient à informer les parents, la police, le procureur, le tribunal, le consulat ou un autre organisme de cette demande ? | До любых действий: какие нормы обязали бы вас сообщить об этом запросе родителям, полиции, прокурору, суду, консульству или иному органу? | قبل أي إجراء: ما القواعد التي تلزمكم بإبلاغ الوالدين أو الشرطة أو النيابة أو المحكمة أو القنصلية أو جهة أخرى بهذا الطلب؟',
  'IDN-01':
    'Is a birth registered that matches these particulars? Give names, date and place as registered. | Une naissance correspondant à ces indications est-elle enregistrée ? Donnez les noms, la date et le lieu tels qu’enregistrés. | Зарегистрировано ли рождение, соответствующее этим данным? Укажите имена, дату и место по записи. | هل سجلت ولادة تطابق هذه البيانات؟ اذكروا الأسماء والتاريخ والمكان كما هي مسجلة.',
  'IDN-02':
    'Which identity or travel documents were issued for the child, and is any reported lost, stolen, altered or false? | Quels documents d’identité ou de voyage ont été délivrés pour l’enfant, et l’un d’eux est-il signalé perdu, volé, altéré ou faux ? | Какие удостоверения личности или проездные документы выданы на ребёнка и заявлен ли какой-либо как утерянный, украденный, изменённый или поддельный? | ما وثائق الهوية أو السفر الصادرة للطفل، وهل أبلغ عن فقدان أي منها أو سرقته أو تغييره أو تزويره؟',
  'IDN-03':
    'Which dates of birth or ages appear in registers, school or health records? Give each with its source. | Quelles dates de naissance ou quels âges figurent dans les registres, les dossiers scolaires ou de santé ? Donnez chacun avec sa source. | Какие даты рождения или возраст указаны в реестрах, школьных или медицинских записях? Приведите каждую с источником. | ما تواريخ الميلاد أو الأعمار الواردة في السجلات العامة أو المدرسية أو الصحية؟ اذكروا كلا منها مع مصدره.',
  'IDN-04':
    'What do your records show of the child’s nationality, statelessness or right of residence? | Que montrent vos registres sur la nationalité, l’apatridie ou le droit de séjour de l’enfant ? | Что показывают ваши записи о гражданстве, безгражданстве или праве проживания ребёнка? | ماذا تبين سجلاتكم عن جنسية الطفل أو انعدام جنسيته أو حقه في الإقامة؟',
  'IDN-05':
    'By what other names, spellings or nicknames is the child known? | Sous quels autres noms, orthographes ou surnoms l’enfant est-il connu ? | Под какими другими именами, написаниями или прозвищами известен ребёнок? | بأي أسماء أو طرق كتابة أو ألقاب أخرى يعرف الطفل؟',
  'LOC-01':
    'Is the child known to child-protection services? Since when, and is any measure in force? | L’enfant est-il connu des services de protection de l’enfance ? Depuis quand, et une mesure est-elle en vigueur ? | Известен ли ребёнок службам защиты детей? С какого времени и действует ли какая-либо мера? | هل الطفل معروف لدى خدمات حماية الطفل؟ منذ متى، وهل هناك تدبير سار؟',
  'LOC-02':
    'Is, or was, the child recorded as missing? Give each period and how it ended. | L’enfant est-il ou a-t-il été enregistré comme disparu ? Donnez chaque période et son issue. | Числится или числился ли ребёнок пропавшим? Укажите каждый период и чем он закончился. | هل الطفل مسجل، أو كان مسجلا، كمفقود؟ اذكروا كل فترة وكيف انتهت.',
  'LOC-03':
    'When, where (district) and by whom was the child last reliably seen in your State? | Quand, où (district) et par qui l’enfant a-t-il été vu de façon fiable pour la dernière fois dans votre État ? | Когда, где (район) и кем ребёнка в последний раз достоверно видели в вашем государстве? | متى وأين (المنطقة) ومن شاهد الطفل آخر مرة بصورة موثوقة في دولتكم؟',
  'LOC-04':
    'Can the whereabouts of the named parent or carer be established without contacting them? | Peut-on établir où se trouve le parent ou la personne nommée sans la contacter ? | Можно ли установить местонахождение названного родителя или опекающего лица, не связываясь с ним? | هل يمكن تحديد مكان الوالد أو مقدم الرعاية المسمى دون الاتصال به؟',
  'FAM-01':
    'Who are the child’s parents, and who holds parental responsibility, on what basis? | Qui sont les parents de l’enfant, et qui exerce la responsabilité parentale, sur quelle base ? | Кто родители ребёнка, кто несёт родительскую ответственность и на каком основании? | من والدا الطفل، ومن يتولى المسؤولية الأبوية، وعلى أي أساس؟',
  'FAM-02':
    'Who lives in the household now, and what has changed since the child left? | Qui vit actuellement au foyer, et qu’est-ce qui a changé depuis le départ de l’enfant ? | Кто живёт в семье сейчас и что изменилось после отъезда ребёнка? | من يعيش في المنزل الآن، وما الذي تغير منذ مغادرة الطفل؟',
  'FAM-03':
    'What is the situation of siblings and other children in the home: in care, missing, exploited, at risk? | Quelle est la situation des frères et sœurs et des autres enfants du foyer : pris en charge, disparus, exploités, en danger ? | Каково положение братьев, сестёр и других детей в доме: на попечении служб, пропали, эксплуатируются, в опасности? | ما حالة الإخوة والأطفال الآخرين في المنزل: تحت الرعاية أو مفقودون أو مستغلون أو معرضون للخطر؟',
  'FAM-04':
    'Which other relatives or close persons could be considered as carers or as contacts? | Quels autres parents ou proches pourraient être envisagés pour prendre soin de l’enfant ou comme contacts ? | Каких других родственников или близких можно рассмотреть как опекающих лиц или для общения? | أي أقارب أو مقربين آخرين يمكن النظر فيهم كمقدمي رعاية أو جهات اتصال؟',
  'FAM-05':
    'What do the parents or carers say about how and why the child left, and what do they know now? | Que disent les parents ou les personnes prenant soin de l’enfant de la manière et des raisons de son départ, et que savent-ils aujourd’hui ? | Что родители или опекающие лица говорят о том, как и почему ребёнок уехал, и что они знают сейчас? | ماذا يقول الوالدان أو مقدمو الرعاية عن كيفية مغادرة الطفل وأسبابها، وماذا يعرفون الآن؟',
  'FAM-06':
    'Has anyone asked for, looked for or threatened the child or family since departure? Who, how, when? | Quelqu’un a-t-il demandé, recherché ou menacé l’enfant ou la famille depuis le départ ? Qui, comment, quand ? | Спрашивал ли кто-нибудь о ребёнке или семье, искал их или угрожал им после отъезда? Кто, как, когда? | هل سأل أحد عن الطفل أو الأسرة أو بحث عنهم أو هددهم منذ المغادرة؟ من وكيف ومتى؟',
  'CAR-01':
    'Are there known concerns about a parent’s or carer’s ability to care (violence, neglect, substance use, health)? | Existe-t-il des préoccupations connues quant à l’aptitude d’un parent ou d’une autre personne à prendre soin de l’enfant (violence, négligence, substances, santé) ? | Известны ли опасения относительно способности родителя или опекающего лица заботиться (насилие, пренебрежение, зависимости, здоровье)? | هل هناك مخاوف معروفة بشأن قدرة والد أو مقدم رعاية على الرعاية (عنف، إهمال، تعاطي مواد، صحة)؟',
  'CAR-02':
    'Is the named carer willing to receive the child? Give words used, date, who heard it and who was present. | La personne nommée est-elle disposée à accueillir l’enfant ? Donnez les mots employés, la date, qui les a entendus et qui était présent. | Согласно ли названное лицо принять ребёнка? Приведите слова, дату, кто слышал и кто присутствовал. | هل مقدم الرعاية المسمى راغب في استقبال الطفل؟ اذكروا كلماته والتاريخ ومن سمعها ومن كان حاضرا.',
  'CAR-03':
    'In your professional opinion is the carer able to care for and protect the child (relationship, housing, means, support)? | Selon votre avis professionnel, cette personne est-elle en mesure de prendre soin de l’enfant et de le protéger (relation, logement, ressources, soutien) ? | По вашему профессиональному мнению, способно ли это лицо заботиться о ребёнке и защищать его (отношения, жильё, средства, поддержка)? | في رأيكم المهني، هل مقدم الرعاية قادر على رعاية الطفل وحمايته (العلاقة، السكن، الموارد، الدعم)؟',
  'CAR-04':
    'Do records open to you by law show convictions, orders or investigations that bear on care by the named person? | Les registres que la loi vous ouvre font-ils apparaître des condamnations, ordonnances ou enquêtes touchant à la prise en charge par la personne nommée ? | Показывают ли доступные вам по закону записи судимости, предписания или расследования, важные для заботы со стороны названного лица? | هل تبين السجلات المتاحة لكم قانونا إدانات أو أوامر أو تحقيقات تؤثر في رعاية الشخص المسمى للطفل؟',
  'CAR-05':
    'If family care is not suitable, which alternative care is available, where in general terms, and from when? | Si une prise en charge familiale ne convient pas, quelle autre prise en charge est disponible, où en termes généraux, et à partir de quand ? | Если забота в семье не подходит, какая альтернативная забота доступна, где в общих чертах и с какого времени? | إذا لم تكن رعاية الأسرة مناسبة، فما الرعاية البديلة المتاحة، وأين بصورة عامة، ومنذ متى؟',
  'SAF-01':
    'Is there any indication that a relative or carer took part in, arranged, or profited from the child’s departure or exploitation? | Existe-t-il un indice qu’un proche ou une personne prenant soin de l’enfant a participé à son départ ou à son exploitation, les a organisés ou en a tiré profit ? | Есть ли признаки того, что родственник или опекающее лицо участвовали в отъезде или эксплуатации ребёнка, организовали их или получили выгоду? | هل هناك ما يشير إلى أن قريبا أو مقدم رعاية شارك في مغادرة الطفل أو استغلاله أو رتب لهما أو انتفع منهما؟',
  'SAF-02':
    'Is a debt, payment, promise or pledge connected with the child outstanding, and to whom (role, not name)? | Une dette, un paiement, une promesse ou un gage lié à l’enfant est-il en suspens, et envers qui (rôle, pas de nom) ? | Остаётся ли связанный с ребёнком долг, платёж, обещание или залог, и перед кем (роль, не имя)? | هل هناك دين أو دفعة أو وعد أو رهن قائم متصل بالطفل، ولمن (الدور لا الاسم)؟',
  'SAF-03':
    'In summary only: are suspected recruiters or exploiters present, influential or recently released in the locality? | En résumé seulement : des recruteurs ou exploiteurs présumés sont-ils présents, influents ou récemment libérés dans la localité ? | Только в общих чертах: находятся ли в этой местности предполагаемые вербовщики или эксплуататоры, влиятельны ли они, недавно ли освобождены? | بإيجاز فقط: هل يوجد في المنطقة مجندون أو مستغلون مشتبه بهم، أو لهم نفوذ، أو أفرج عنهم مؤخرا؟',
  'SAF-04':
    'Is there a risk of violence at home or in the community, forced marriage, genital mutilation or reprisal? | Existe-t-il un risque de violence au foyer ou dans la communauté, de mariage forcé, de mutilation génitale ou de représailles ? | Есть ли риск насилия в семье или окружении, принудительного брака, калечащих операций на половых органах или мести? | هل هناك خطر عنف في المنزل أو المجتمع المحلي أو زواج قسري أو تشويه الأعضاء التناسلية أو انتقام؟',
  'SAF-05':
    'How would the community be likely to receive the child (stigma, rejection, pressure)? | Comment la communauté accueillerait-elle probablement l’enfant (stigmatisation, rejet, pression) ? | Как окружение, вероятно, встретит ребёнка (клеймо, отторжение, давление)? | كيف يرجح أن يستقبل المجتمع المحلي الطفل (وصم، رفض، ضغط)؟',
  'SAF-06':
    'Should any office, official, institution, interpreter or person not be involved or informed? | Y a-t-il un bureau, un agent, une institution, un interprète ou une personne à ne pas associer ni informer ? | Есть ли учреждение, должностное лицо, организация, переводчик или человек, которых нельзя привлекать или извещать? | هل هناك مكتب أو مسؤول أو مؤسسة أو مترجم أو شخص ينبغي عدم إشراكه أو إبلاغه؟',
  'SAF-07':
    'Which protection can be given to the child, and to relatives at risk, by whom and from when? | Quelle protection peut être accordée à l’enfant et aux proches en danger, par qui et à partir de quand ? | Какую защиту можно предоставить ребёнку и родственникам в опасности, кто её обеспечит и с какого времени? | ما الحماية الممكنة للطفل وللأقارب المعرضين للخطر، ومن يوفرها ومنذ متى؟',
  'SAF-08':
    'What is your opinion of the risk that the child would be trafficked again, and on what facts does it rest? | Quel est votre avis sur le risque que l’enfant soit à nouveau victime de traite, et sur quels faits repose-t-il ? | Каково ваше мнение о риске того, что ребёнок снова станет объектом торговли людьми, и на каких фактах оно основано? | ما رأيكم في خطر الاتجار بالطفل مرة أخرى، وعلى أي وقائع يستند؟',
  'LAW-01':
    'Which judgments, orders or protective measures concerning the child are in force? | Quels jugements, ordonnances ou mesures de protection concernant l’enfant sont en vigueur ? | Какие решения, предписания или меры защиты в отношении ребёнка действуют? | ما الأحكام أو الأوامر أو تدابير الحماية السارية بشأن الطفل؟',
  'LAW-02':
    'Which proceedings are pending in which the child is party, victim or witness? | Quelles procédures sont pendantes dans lesquelles l’enfant est partie, victime ou témoin ? | Какие ведутся производства, в которых ребёнок — сторона, потерпевший или свидетель? | ما الإجراءات الجارية التي يكون الطفل فيها طرفا أو مجنيا عليه أو شاهدا؟',
  'LAW-03':
    'Is the child investigated, charged, fined or convicted for acts that may be connected with exploitation? | L’enfant fait-il l’objet d’une enquête, d’une inculpation, d’une amende ou d’une condamnation pour des actes pouvant être liés à l’exploitation ? | Расследуются ли в отношении ребёнка, вменены ли ему, наказаны ли штрафом или приговором действия, возможно связанные с эксплуатацией? | هل الطفل موضع تحقيق أو اتهام أو غرامة أو إدانة بسبب أفعال قد تتصل بالاستغلال؟',
  'LAW-04':
    'Who would represent the child on arrival, appointed by whom, and how soon? | Qui représenterait l’enfant à son arrivée, désigné par qui, et dans quel délai ? | Кто представлял бы ребёнка по прибытии, кем назначен и как скоро? | من سيمثل الطفل عند وصوله، ومن يعينه، ومتى؟',
  'SVC-01':
    'Which named body would be responsible for the child, who pays, and for how long? | Quel organisme désigné serait responsable de l’enfant, qui paie, et pour combien de temps ? | Какой именно орган отвечал бы за ребёнка, кто платит и как долго? | أي جهة مسماة ستكون مسؤولة عن الطفل، ومن يدفع، ولأي مدة؟',
  'SVC-02':
    'Which of these can be used within 30 days: medical care, psychological care, schooling or training, specialised support for trafficked children, in the child’s language? | Lesquels peuvent être utilisés sous 30 jours : soins médicaux, soutien psychologique, scolarité ou formation, soutien spécialisé aux enfants victimes de traite, dans la langue de l’enfant ? | Что из этого доступно в течение 30 дней: медицинская помощь, психологическая помощь, школа или обучение, специальная помощь детям, пострадавшим от торговли людьми, на языке ребёнка? | أي مما يلي متاح خلال 30 يوما بلغة الطفل: رعاية طبية، رعاية نفسية، تعليم أو تدريب، دعم متخصص للأطفال المتاجر بهم؟',
  'HIS-01':
    'Which contacts did services have with the child or family before departure, and what was found? | Quels contacts les services ont-ils eus avec l’enfant ou la famille avant le départ, et qu’ont-ils constaté ? | Какие контакты были у служб с ребёнком или семьёй до отъезда и что было установлено? | ما الاتصالات التي جرت بين الخدمات والطفل أو الأسرة قبل المغادرة، وماذا تبين؟',
  'HIS-02':
    'When did the child last attend school or health services, and was any concern noted? | Quand l’enfant a-t-il fréquenté l’école ou les services de santé pour la dernière fois, et une préoccupation a-t-elle été notée ? | Когда ребёнок в последний раз посещал школу или медицинские службы и были ли отмечены опасения? | متى تردد الطفل آخر مرة على المدرسة أو الخدمات الصحية، وهل سجل ما يثير القلق؟',
  'MON-01':
    'Has the child arrived, and been seen in person by a social worker? Date, place in general terms. | L’enfant est-il arrivé et a-t-il été vu en personne par un travailleur social ? Date, lieu en termes généraux. | Прибыл ли ребёнок и видел ли его лично социальный работник? Дата, место в общих чертах. | هل وصل الطفل ورآه عامل اجتماعي شخصيا؟ التاريخ والمكان بصورة عامة.',
  'MON-02':
    'What does the child say of the present situation, heard alone, by whom, in which language? (Only with the child’s agreement; not about past exploitation.) | Que dit l’enfant de sa situation actuelle, entendu seul, par qui, dans quelle langue ? (Seulement avec son accord ; pas sur l’exploitation passée.) | Что ребёнок говорит о нынешнем положении, выслушанный наедине, кем, на каком языке? (Только с согласия ребёнка; не о прошлой эксплуатации.) | ماذا يقول الطفل عن وضعه الحالي، مستمعا إليه على انفراد، ومن استمع إليه وبأي لغة؟ (بموافقة الطفل فقط؛ دون التطرق إلى الاستغلال السابق.)',
  'MON-03':
    'Are there signs of renewed control, debt, absence from school or care, or exploitation? | Y a-t-il des signes d’un nouveau contrôle, de dette, d’absence de l’école ou du lieu de vie, ou d’exploitation ? | Есть ли признаки нового контроля, долга, отсутствия в школе или по месту проживания либо эксплуатации? | هل هناك مؤشرات على سيطرة متجددة أو دين أو غياب عن المدرسة أو الرعاية أو استغلال؟',
});
