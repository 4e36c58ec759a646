// Names and births of 100,000 generated cases: invented, the same in every run. Given names and family names of eleven languages
// are put together, the first of each list more often than the last, as names are.
import type { SearchableFacts } from '#node/matching/facts.ts';

interface Culture {
  readonly script: string;
  readonly language: string;
  readonly given: readonly string[];
  readonly family: readonly string[];
  /** Cases of it among so many of all. */
  readonly share: number;
}

const words = (text: string): string[] => text.trim().split(/\s+/);
/** Every stem with every ending. */
const compose = (stems: string, endings: string): string[] =>
  words(endings).flatMap((ending) => words(stems).map((stem) => `${stem}${ending === '-' ? '' : ending}`));

const cultures: readonly Culture[] = [
  {
    script: 'Cyrl',
    language: 'ru',
    share: 14,
    given: words(
      'Анна Мария Александр Дмитрий Екатерина Ольга Иван Наталья Сергей Татьяна Юлия Михаил Дарья Максим Ксения Павел Вера Кирилл Полина Никита Алина Тимур Карина Роман Марина Фёдор Инна Егор Зоя Глеб',
    ),
    family: compose(
      'Петр Иван Сидор Кузнец Волк Мороз Соловь Жук Щерб Цвет Чех Яковл Белк Зайц Лебед Орл Фёдор Громк Крыл Савел Тихон Уткин Хохл Шишк Юр Быстр Вдов Гусь Дубр Ефрем',
      'ов ова ев ева ин ина енко ский ская цев',
    ),
  },
  {
    script: 'Cyrl',
    language: 'uk',
    share: 12,
    given: words(
      'Олена Олександр Володимир Оксана Тетяна Сергій Юлія Дмитро Галина Богдан Ірина Микола Мар’яна Тарас Софія Остап Злата Ярослав Надія Євген Христина Данило Соломія Назар',
    ),
    family: compose(
      'Шевч Коваль Бонда Мельни Кравч Ткач Бой Лис Гриць Мороз Савч Руд Поліщ Гончар Дяч Клим Марч Олій Пана Радч Сем Тищ Федор Хом Цимбал Яц',
      'енко ук чук ко ик ець ишин ський',
    ),
  },
  {
    script: 'Arab',
    language: 'ar',
    share: 16,
    given: words(
      'محمد أحمد فاطمة علي حسن مريم عمر خديجة يوسف زينب إبراهيم عائشة خالد نور حسين ليلى محمود سارة مصطفى ياسمين عبدالله هدى طارق رانيا سامي سلمى كريم جميلة بلال هبة',
    ),
    family: [
      ...compose(
        'حسن راشد خليل منصور قاسم حداد شريف ناصر سعيد طاهر جابر عباس عثمان فارس صالح حمدان زيدان رمضان بكر غانم شاكر نجار خطيب عطار',
        '- ي',
      ),
      ...words(
        'حسن راشد خليل منصور قاسم حداد شريف ناصر سعيد طاهر جابر عباس فارس صالح شامي مصري تميمي زهراني طائي دليمي',
      ).map((stem) => `ال${stem}`),
    ],
  },
  {
    script: 'Arab',
    language: 'fa',
    share: 6,
    given: words(
      'محمد فاطمه علی زهرا رضا مریم حسین پریسا مهدی نرگس امیر ژاله حمید شیرین فرهاد لیلا بهرام گلناز یاسر نسرین',
    ),
    family: compose(
      'احمد کریم رضا حسین محمد نور صادق رحیم گودرز چراغ پرویز فرهاد شیراز تهران کرمان قاسم ملک زمان',
      'ی یان زاده پور',
    ),
  },
  {
    script: 'Latn',
    language: 'ro',
    share: 10,
    given: words(
      'Maria Ion Elena Andrei Ioana Ștefan Ana Mihai Cristina Vasile Alina Gheorghe Daniela Nicolae Gabriela Florin Simona Marius Raluca Cosmin',
    ),
    family: compose(
      'Pop Ion Rus Munt Dumitr Stan Gheorgh Marin Toma Nistor Ciob Țurc Barb Căl Dobr Fil Grig Laz Mold Olt',
      'escu eanu anu ea aru oiu',
    ),
  },
  {
    script: 'Latn',
    language: 'en',
    share: 12,
    given: words(
      'Blessing Amina Fatou Aisha Emeka Chioma Mamadou Aminata Samuel Grace Peace Joseph Mary Abdul Ibrahim Esther Kwame Ama Moussa Mariam Joy Daniel Favour Precious',
    ),
    family: compose(
      'Oka Ade Dia Tra Kou Ban Ess Nwo Obi Ebu Iro Mus Oso Yus Bel Cam Kei Sow Tou Bar',
      'for bayo llo ore yaté gura ien su kwo deji ro ra',
    ),
  },
  {
    script: 'Latn',
    language: 'vi',
    share: 6,
    given: words('Hương Linh Minh Anh Thảo Tuấn Hoa Dũng Lan Nam Mai Đức Trang Hùng Ngọc Phong Thủy Quang'),
    family: compose(
      'Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý',
      '- \u00a0Thị \u00a0Văn \u00a0Đức',
    ),
  },
  {
    script: 'Latn',
    language: 'sr-Latn',
    share: 6,
    given: words(
      'Jelena Marko Ana Nikola Milica Stefan Ivana Luka Jovana Đorđe Sanja Živko Dragana Miloš Željka Nenad',
    ),
    family: compose(
      'Jovan Petr Nikol Mark Đorđ Pavl Stank Ilij Mil Rad Kost Šar Čol Žik Vuk Laz',
      'ović ević ić inović',
    ),
  },
  {
    script: 'Beng',
    language: 'bn',
    share: 8,
    given: words('রহিমা মোহাম্মদ ফাতেমা করিম আয়েশা হাসান সুমি রাজু প্রিয়া বিকাশ নাসরিন জাহিদ শিলা কামাল রুপা মিতা সোহেল তানিয়া'),
    family: words(
      'খাতুন ইসলাম আক্তার হোসেন বেগম আলী দাস রহমান মিয়া চক্রবর্তী সরকার মন্ডল শেখ খান সাহা পাল ঘোষ নাথ বিশ্বাস রায় মজুমদার তালুকদার',
    ),
  },
  {
    script: 'Geor',
    language: 'ka',
    share: 5,
    given: words(
      'ნინო გიორგი მარიამ დავით თამარ ლუკა ანა ზურაბ ქეთევან ლაშა სალომე ირაკლი ელენე გიგა ნანა ვახტანგ',
    ),
    family: compose(
      'მაისურ ბერ კაპან ჯაფარ ჭავჭავ წერეთ გელოვ ხუციშ ლომ ქავთარ შენგელ ცინც ღვინი დოლ',
      'აძე იძე შვილი იანი',
    ),
  },
  {
    script: 'Deva',
    language: 'ne',
    share: 5,
    given: words('सीता राम बिमला कृष्ण पूजा राजेश सुनीता अनिल लक्ष्मी दीपक गीता सुरेश माया हरि कमला विकास'),
    family: words(
      'थापा शर्मा श्रेष्ठ गुरुङ तामाङ राई लामा यादव चौधरी कुमार खड़का अधिकारी भण्डारी पौडेल बस्नेत के०सी० मगर शाह',
    ),
  },
];

/** Distinct people by name; each name is that of several cases with births of their own. */
export const PEOPLE = 20_000;
export const CASES = 100_000;
/** What a part is to measure. @property cases in the database */
export interface Size {
  readonly cases: number;
  readonly profileFolder: string | null;
}
/** Days of birth that occur. */
export const BIRTH_DAYS = 6_205;
const FIRST_DAY_MS = Date.UTC(2008, 10, 26);
const DAY_MS = 86_400_000;

export type Random = () => number;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Earlier ones more often, about as names are. */
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(list.length * random() ** 1.8)]!;

export function makePerson(random: Random): SearchableFacts['names'][number] {
  const of = cultures.reduce((sum, { share }) => sum + share, 0) * random();
  const before = (n: number) => cultures.slice(0, n).reduce((sum, { share }) => sum + share, 0);
  const culture = cultures.find(({ share }, n) => before(n) + share > of) ?? cultures[0]!;
  return {
    parts: [
      { kind: 'given', value: pick(culture.given, random) },
      { kind: 'family', value: pick(culture.family, random) },
    ],
    script: culture.script,
    language: culture.language,
  };
}

/** ISO date of the nth day of birth. */
export const birthDay = (n: number): string => new Date(FIRST_DAY_MS + n * DAY_MS).toJSON().slice(0, 10);
