/**
 * The few facts of a body that the state of a conversation rests on. Everything else in a body is for people.
 * Kept beside the act when the content itself has been made permanently unreadable, so no field here may
 * identify a person: numbers, codes and local references only.
 */
import type { BodyOf, MessageCode } from './message-types.ts';

export type Facts = {
  /** Number of the peer's act that this one answers. */
  readonly re?: number;
  /** What this act does within its type: ask, account, lift, raised, ended, … */
  readonly phase?: string;
  /** Names one alert or one missing episode within the conversation, e.g. `requester:1`. */
  readonly episode?: string;
  /** References of the questions it asks, names, answers or withdraws. */
  readonly questions?: readonly string[];
  readonly urgency?: 'immediate-danger' | 'urgent' | 'routine';
  /** The enquiry says a child is missing now. */
  readonly childMissing?: boolean;
  /** Last word of its author on whether a child is in the care of someone suspected. */
  readonly careOfSuspect?: boolean;
  /** Progress or status code. */
  readonly status?: string;
  /** Forwarded out of the network: paper, ISS, another authority's own channel. */
  readonly outside?: boolean;
  /** A withdrawal of the enquiry as a whole, not of single questions. */
  readonly whole?: boolean;
  /** A refusal that only puts off. */
  readonly deferral?: boolean;
  /** The last day of a deferral, or on which something is kept by law, ISO 8601. */
  readonly until?: string;
  /** A supervisor stands behind this act by name. */
  readonly bySupervisor?: boolean;
  /** Number of the one act that is to be erased. */
  readonly act?: number;
  /** When the child was located, milliseconds since 1970. */
  readonly locatedAtMs?: number;
};

const episodeOf = (by: string, number: number) => `${by}:${number}`;

/** An enquiry's own statement that a child is missing counts as the requester's episode 0. */
export const MISSING_IN_ENQUIRY = episodeOf('requester', 0);

/** The facts of a body that its schema has already accepted. */
export function factsOf<C extends MessageCode>(type: C, body: BodyOf<C>): Facts {
  const extract = EXTRACT[type] as ((body: BodyOf<C>) => Facts) | undefined;
  return extract?.(body) ?? {};
}

type Extract = { readonly [C in MessageCode]?: (body: BodyOf<C>) => Facts };

const EXTRACT: Extract = {
  ENQ: enquiryFacts,
  ACK: ({ re }) => ({ re }),
  CLR: ({ asks, supervisor }) => ({
    questions: asks.map((ask) => ask.question),
    bySupervisor: supervisor !== undefined,
  }),
  CLA: ({ re }) => ({ re }),
  FWD: ({ route }) => ({ status: route, outside: OUTSIDE.includes(route) }),
  PRG: ({ status }) => ({ status }),
  INT: ({ careOfSuspect }) => care(careOfSuspect),
  RPT: ({ conclusion }) => care(conclusion.careOfSuspect),
  REF: ({ form, until }) => ({ deferral: form === 'deferral', ...(until !== undefined && { until }) }),
  SUP: (body) => ({ ...phaseAndRe(body), questions: body.questions }),
  WDR: ({ questions }) => ({ whole: questions.length === 0, questions }),
  STP: phaseAndRe,
  MIS: ({ phase, openedBy, episode }) => ({ phase, episode: episodeOf(openedBy, episode) }),
  STA: ({ status, careOfSuspect }) => ({ status, ...care(careOfSuspect) }),
  URG: ({ phase, raisedBy, episode, locatedAt }) => ({
    phase,
    episode: episodeOf(raisedBy, episode),
    ...(locatedAt !== undefined && { locatedAtMs: Date.parse(locatedAt) }),
  }),
  MSR: phaseAndRe,
  USE: phaseAndRe,
  CLS: ({ ground }) => ({ status: ground }),
  ERS: erasureFacts,
};

const OUTSIDE: readonly string[] = ['central-authority-outside', 'iss', 'red-cross', 'paper'];

function enquiryFacts(body: BodyOf<'ENQ'>): Facts {
  const suspect =
    body.warnings.some((warning) => warning.code === 'in-care-of-suspect') ||
    body.children.some((child) => child.situation.careOfSuspect === 'yes');
  return {
    questions: body.questions.map((question) => question.ref),
    urgency: body.urgency,
    childMissing: body.children.some((child) => child.situation.missing === 'missing'),
    ...(suspect && { careOfSuspect: true }),
  };
}

function erasureFacts(body: BodyOf<'ERS'>): Facts {
  const { act, ground, result, keptUntil } = body;
  return {
    ...phaseAndRe(body),
    status: ground ?? result ?? '',
    ...(act !== undefined && { act }),
    ...(keptUntil !== undefined && { until: keptUntil }),
  };
}

function care(state: 'yes' | 'no' | 'unknown'): Facts {
  return state === 'unknown' ? {} : { careOfSuspect: state === 'yes' };
}

function phaseAndRe({ phase, re }: { phase: string; re?: number | undefined }): Facts {
  return re === undefined ? { phase } : { phase, re };
}
