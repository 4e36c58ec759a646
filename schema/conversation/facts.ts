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
  /** A supervisor stands behind this act by name. */
  readonly bySupervisor?: boolean;
  /** When the child was located, milliseconds since 1970. */
  readonly locatedAtMs?: number;
};

type Extract<C extends MessageCode> = (body: BodyOf<C>) => Facts;

const episodeOf = (by: string, number: number) => `${by}:${number}`;

/** An enquiry's own statement that a child is missing counts as the requester's episode 0. */
export const MISSING_IN_ENQUIRY = episodeOf('requester', 0);

const none = (): Facts => ({});
const reOnly = (body: { re?: number | undefined }): Facts => (body.re === undefined ? {} : { re: body.re });
const care = (state: 'yes' | 'no' | 'unknown' | undefined): Facts =>
  state === 'yes' || state === 'no' ? { careOfSuspect: state === 'yes' } : {};
const phaseAndRe = (body: { phase: string; re?: number | undefined }): Facts => ({ phase: body.phase, ...reOnly(body) });
