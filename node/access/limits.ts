/**
 * Numbers of who may see what, for how long, and who looks at it afterwards: data, not ifs. Times in milliseconds. S checked,
 * D default of this project, P practice.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const accessLimits = {
  /** How long a conversation opened in need may be read (SECURITY.md, Access). The database knows the same number. */
  needMs: HOUR_MS,
  /** Within so many working days another person reviews that (SECURITY.md, Access). */
  needReviewDays: 3,
  /**
   * Named readers of a conversation beside the head of office. Practice is one officer (PRACTICE.md A15); whoever wrote an
   * act for named readers and whoever approved it have read it, and make three with that one. P
   */
  namedReaders: 3,
  /** Conversations whose content one person may be shown within an hour before a supervisor looks at it. D */
  conversationsPerHour: 40,
  /** Searches by name of one person within an hour before a supervisor looks at it. D */
  searchesPerHour: 30,
  /** Readings of a unit's people that are put before another decider each week. D */
  readingsPerReview: 10,
  /** Within so long of its opening a review of readings is due. D */
  readingReviewMs: 7 * DAY_MS,
  /** Longest time of an assignment with an end, of standing in, of being a deputy. D */
  longestMs: 366 * DAY_MS,
  /** Whoever moves a conversation to another unit can still be asked about it for so long. D */
  moverStaysMs: 7 * DAY_MS,
  /** Whoever an alert is told to from outside its unit sees its conversation for so long; longer while they are still called. D */
  calledStaysMs: DAY_MS,
  /** A legal adviser whom a measure against a child calls to its case file sees that for so long; longer with the next. D */
  adviserStaysMs: 30 * DAY_MS,
  /** From noticing a breach to telling the supervisory authority: GDPR Art. 33(1). S */
  breachMs: 72 * HOUR_MS,
  /** So long before that time is over those who must tell it are told again. D */
  breachWarningMs: 24 * HOUR_MS,
  /** A second person looks at what is to be given outside the network, or was given in danger, within so long. D */
  outsideMs: DAY_MS,
  /** At the latest then it is looked at again whether the child's side must still not be told. D */
  longestDeferralMs: 90 * DAY_MS,
  /** Whoever represents so many children already is looked at before they are given one more. D */
  childrenPerGuardian: 20,
} as const;
