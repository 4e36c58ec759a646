/**
 * The three invented States of the demo: what officers elsewhere must know of them. Numbers are from ranges kept for fiction.
 */
import type { ListedNode } from '#schema/protocol/trust-list.ts';

export const NET = 'focalnet.example';

export const inventedProfiles: Record<'xa' | 'xb' | 'xc', ListedNode['profile']> = {
  xa: {
    biib: true,
    hague1996: true,
    languages: ['en', 'fr'],
    dutyPhones: [{ number: '+44 1632 960001', hours: 'day and night', languages: ['en', 'fr'] }],
    officeHours: 'Monday to Friday 08:00 to 17:00 (UTC+1)',
    designations: [
      { legalBasis: 'h96-34', office: 'Office for Children Across Borders (invented)' },
      { legalBasis: 'biib-80-1a', office: 'Central Authority of xa (invented)' },
    ],
    mustTell: [
      { body: 'prosecutor', when: 'where a person of full age is suspected of trafficking a child' },
    ],
    typicalDays: 21,
    transferGround: 'adequacy decision (invented)',
  },
  xb: {
    biib: true,
    hague1996: true,
    languages: ['ru', 'en'],
    dutyPhones: [
      { number: '+44 1632 960002', hours: 'day and night', languages: ['ru', 'en'] },
      { number: '+44 1632 960012', hours: 'Monday to Friday 09:00 to 18:00', languages: ['ru', 'ar'] },
    ],
    officeHours: 'Monday to Friday 09:00 to 18:00 (UTC+3)',
    designations: [
      { legalBasis: 'h96-34', office: 'Child Protection Directorate of xb (invented)' },
      { legalBasis: 'biib-80-1a', office: 'Central Authority of xb (invented)' },
    ],
    mustTell: [
      { body: 'court', when: 'where a protective measure is in force' },
      { body: 'parents', when: 'before a home visit, unless the enquiry says that this endangers the child' },
    ],
    typicalDays: 35,
    transferGround: 'convention 108+ (invented)',
  },
  xc: {
    biib: false,
    hague1996: false,
    languages: ['ar', 'fr'],
    dutyPhones: [{ number: '+44 1632 960003', hours: 'daily 07:00 to 22:00', languages: ['ar', 'fr'] }],
    officeHours: 'Sunday to Thursday 08:00 to 15:00 (UTC+2)',
    calendar: {
      weekend: [5, 6],
      holidays: ['2026-09-06', '2026-12-20', '2027-03-21', '2027-06-13', '2027-09-05', '2027-12-19'],
      offsets: [{ from: 1_600_000_000, minutes: 120 }],
    },
    designations: [{ legalBasis: 'courtesy', office: 'National Council for Childhood of xc (invented)' }],
    mustTell: [{ body: 'police', when: 'where a document is suspected to be false' }],
    typicalDays: 60,
    transferGround: 'important public interest, case by case (invented)',
  },
};
