/**
 * Names of countries and languages in the reader's language. Which codes exist is fixed here, byte for byte the
 * same everywhere; the names come from the runtime (Intl, CLDR) and are for display only: two nodes may show
 * different spellings of the same code.
 */
import { knownLanguage, type Label, type LabelRow, type Language } from './code-list.ts';

/** ISO 3166-1 alpha-2, officially assigned, and XK (user-assigned; use is a matter of each State's policy). */
export const countryCodes: readonly string[] = Object.freeze(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR ' +
    'GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT ' +
    'JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
    'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY ' +
    'QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR ' +
    'TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK'
  ).split(' '),
);

/** Invented States of the test network, and the codes ICAO 9303 keeps for persons whom no State names. */
const ownPlaces: Readonly<Record<string, LabelRow>> = {
  XA: 'Invented State A | État inventé A | Вымышленное государство A | دولة مخترعة أ',
  XB: 'Invented State B | État inventé B | Вымышленное государство B | دولة مخترعة ب',
  XC: 'Invented State C | État inventé C | Вымышленное государство C | دولة مخترعة ج',
  XXA: 'Stateless person | Personne apatride | Лицо без гражданства | شخص عديم الجنسية',
  XXB: 'Holder of a 1951 Convention travel document | Titulaire d’un titre de voyage au titre de la Convention de 1951 | Владелец проездного документа по Конвенции 1951 года | حامل وثيقة سفر بموجب اتفاقية 1951',
  XXC: 'Holder of another protection travel document | Titulaire d’un autre titre de voyage de protection | Владелец иного проездного документа о защите | حامل وثيقة سفر أخرى للحماية',
  XXX: 'Nationality not specified | Nationalité non précisée | Гражданство не указано | جنسية غير محددة',
};

/** Languages that children speak and CLDR does not name apart. */
const ownLanguages: Readonly<Record<string, LabelRow>> = {
  rmn: 'Romani (Balkan) | Romani des Balkans | Цыганский (балканский) | الرومنية البلقانية',
  rmy: 'Romani (Vlax) | Romani vlax | Цыганский (влашский) | الرومنية الفلاخية',
  rmc: 'Romani (Carpathian) | Romani des Carpates | Цыганский (карпатский) | الرومنية الكارباتية',
  rml: 'Romani (Baltic) | Romani de la Baltique | Цыганский (балтийский) | الرومنية البلطيقية',
  rmo: 'Sinti Romani | Romani sinté | Цыганский (синти) | رومنية السنتي',
  rsl: 'Russian Sign Language | Langue des signes russe | Русский жестовый язык | لغة الإشارة الروسية',
  und: 'Language not identified | Langue non identifiée | Язык не установлен | لغة غير محددة',
  mis: 'Language without a code | Langue sans code | Язык без кода | لغة بلا رمز',
};

const order: Readonly<Record<Language, number>> = { en: 0, fr: 1, ru: 2, ar: 3 };
const assigned: ReadonlySet<string> = new Set(countryCodes);

/** Nobody has confirmed a code that stands for itself. */
const asItCame = (text: string): Label => ({ text, reviewed: false });

/**
 * @param code ISO 3166-1 alpha-2 in either case, a test State, or an ICAO 9303 code (XXA, XXB, XXC, XXX); anything else is
 *   shown as it came
 * @param language `en`, `fr`, `ru` or `ar`; anything else is read as English
 */
export function countryName(code: string, language: string): Label {
  const upper = code.toUpperCase();
  const own = ownName(ownPlaces, upper, language);
  if (own !== undefined) return own;
  return (assigned.has(upper) ? nameFromRuntime('region', upper, language) : undefined) ?? asItCame(code);
}

/**
 * @param tag BCP 47, such as `bg`, `sr-Latn` or, with ISO 639-3, `pus`. A language the runtime cannot name is shown by its tag:
 *   naming it wrongly would bring the wrong interpreter.
 */
export function languageName(tag: string, language: string): Label {
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag)) return asItCame(tag);
  const english = () => nameFromRuntime('language', tag, 'en')?.text;
  return (
    ownName(ownLanguages, tag.toLowerCase(), language) ??
    nameFromRuntime('language', tag, language) ??
    asItCame(english() ?? tag)
  );
}

/** @param code ISO 15924, e.g. `Cyrl`; one the runtime cannot name is shown as it came */
export function scriptName(code: string, language: string): Label {
  return (
    (/^[A-Z][a-z]{3}$/.test(code) ? nameFromRuntime('script', code, language) : undefined) ?? asItCame(code)
  );
}

function ownName(
  rows: Readonly<Record<string, LabelRow>>,
  code: string,
  language: string,
): Label | undefined {
  if (!Object.hasOwn(rows, code)) return undefined;
  const known = knownLanguage(language);
  const text = rows[code]?.split(' | ')[order[known]];
  return text === undefined ? undefined : { text, reviewed: known === 'en' };
}

type NameType = 'region' | 'language' | 'script';

const opened = new Map<string, Intl.DisplayNames>();

/** Opening the names of a language costs more than a thousand look-ups. */
function namesFor(type: NameType, language: Language): Intl.DisplayNames {
  const key = `${type} ${language}`;
  const names = opened.get(key) ?? new Intl.DisplayNames(language, { type, fallback: 'none' });
  opened.set(key, names);
  return names;
}

/** Speakers of each language have voted on the names of CLDR, so they count as confirmed. */
function nameFromRuntime(type: NameType, code: string, language: string): Label | undefined {
  try {
    const text = namesFor(type, knownLanguage(language)).of(code);
    return text === undefined ? undefined : { text, reviewed: true };
  } catch {
    // A tag of the right form whose parts no registry allows.
    return undefined;
  }
}
