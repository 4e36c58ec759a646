/**
 * How a record compares with another, field by field, and what a person says of the two. This file exports code lists and nothing
 * else.
 */
import { codeList } from './code-list.ts';

const OURS = 'Focalnet';

export const matchField = codeList('match-field', 1, OURS, {
  names: 'Names | Noms | Имена | الأسماء',
  births: 'Birth | Naissance | Рождение | الولادة',
  gender: 'Gender | Genre | Пол | الجنس',
  nationalities: 'Nationality | Nationalité | Гражданство | الجنسية',
});

export const matchOutcome = codeList('match-outcome', 1, OURS, {
  match: 'Match | Concordance | Совпадает | تطابق',
  near: 'Near match | Concordance proche | Почти совпадает | تطابق قريب',
  mismatch: 'Mismatch | Discordance | Не совпадает | عدم تطابق',
  blank: 'Blank | Non renseigné | Не указано | غير مذكور',
});

export const matchReason = codeList('match-reason', 1, OURS, {
  'not-sought':
    'Not given in what is sought | Absent de ce qui est recherché | Не указано в запросе поиска | غير مذكور في ما يُبحث عنه',
  'not-in-file': 'Not given in the file | Absent du dossier | Не указано в деле | غير مذكور في الملف',
  'in-neither': 'Given in neither | Absent des deux | Не указано нигде | غير مذكور في أي منهما',
  'same-words': 'The same words | Les mêmes mots | Те же слова | الكلمات نفسها',
  'sounds-alike': 'Sounds alike | Prononciation semblable | Звучит похоже | لفظ متشابه',
  'one-word-alike': 'One word is alike | Un mot est semblable | Похоже одно слово | كلمة واحدة متشابهة',
  'given-and-family-alike':
    'Given and family name are alike, others differ | Prénom et nom semblables, d’autres diffèrent | Имя и фамилия похожи, остальное различается | الاسم واللقب متشابهان والباقي مختلف',
  'some-words-alike':
    'Some words are alike | Certains mots sont semblables | Похожи некоторые слова | بعض الكلمات متشابهة',
  'no-word-alike': 'No word is alike | Aucun mot n’est semblable | Ни одно слово не похоже | لا كلمة متشابهة',
  'same-day': 'The same day | Le même jour | Тот же день | اليوم نفسه',
  'intervals-overlap':
    'The two may be the same day | Ce peut être le même jour | Возможно, тот же день | قد يكون اليوم نفسه',
  'day-and-month-exchanged':
    'Day and month are exchanged | Jour et mois sont intervertis | День и месяц переставлены | اليوم والشهر متبادلان',
  'within-a-year': 'Within a year | À moins d’un an | В пределах года | خلال سنة',
  'years-apart': 'Years apart | À des années d’écart | Разница в годы | فارق سنوات',
  'same-code': 'The same | Identique | То же | نفسه',
  'other-code': 'Another | Différent | Другое | مختلف',
  'shared-nationality': 'One in common | Une en commun | Есть общее гражданство | جنسية مشتركة',
  'no-shared-nationality': 'None in common | Aucune en commun | Нет общего гражданства | لا جنسية مشتركة',
});

export const matchVerdict = codeList('match-verdict', 1, OURS, {
  'same-child': 'The same child | Le même enfant | Тот же ребёнок | الطفل نفسه',
  'not-the-same': 'Not the same child | Pas le même enfant | Другой ребёнок | ليس الطفل نفسه',
  'cannot-say': 'Cannot say | Impossible à dire | Нельзя сказать | لا يمكن الجزم',
});
