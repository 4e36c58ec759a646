/**
 * The one policy: may this person do this, to this, now. Pure, and the first wall; the policies of the database
 * (node/storage/walls.ts) are the second and know the same of conversations. Unknown role, unknown action: no.
 */
import { AccessError } from './access-error.ts';
import type { Actor } from './actor.ts';
import { isPermitted, type Permission } from './permit.ts';
import { purposesOf } from './purpose.ts';

/** How one person stands to one conversation, to the draft that would open one, or to a case file. */
export interface Standing {
  /** Whose conversation it is. */
  readonly unit: string;
  /** For named readers only (PRACTICE.md A15). */
  readonly eyesOnly: boolean;
  /** The person is one of them. */
  readonly isReader: boolean;
  /** Assigned to the person, or to the pool of their role and unit. */
  readonly isAssigned: boolean;
  /** Opened in need, within the last hour. */
  readonly isOpenedInNeed: boolean;
  /** Who drafted it, while it is not a conversation yet. */
  readonly draftedBy: string | null;
  /** The person stands in for who drafted it. */
  readonly isStandIn: boolean;
}

/** That an authority appointed somebody guardian of a child, as far as it decides who sees something. Times in milliseconds. */
export interface Link {
  readonly person: string;
  readonly approved_at: number | null;
  readonly revoked_at: number | null;
  /** By its appointment or by the child's majority (`app_link_end`). */
  readonly ends_at: number | null;
}

/** What an action is done to; nothing, for what concerns no conversation. */
export interface Resource {
  readonly standing?: Standing | undefined;
  /** The link by which a guardian comes to it. */
  readonly link?: Link | undefined;
  /** Of a complaint: whether the person is, wrote, approved or vouched for who represents the child (`app_involved_in`). */
  readonly involved?: boolean | undefined;
  /** Who asked for what is decided now: never the same person. */
  readonly proposer?: string | undefined;
}

export type Denial = 'NOT_FOUND' | 'NOT_PERMITTED' | 'SAME_PERSON' | 'STEP_UP_NEEDED' | 'READ_ONLY_IN_NEED';
export type Decision = { readonly allow: true } | { readonly allow: false; readonly code: Denial };

/** For these, having proved who one is must be this fresh, in milliseconds (SECURITY.md, Access). */
export const FRESH_MS = 5 * 60_000;
/** Not sending an alert in danger: nothing there waits for a provider that is down (SECURITY.md, Signing in). Its second person proves anew. */
const NEEDS_FRESH: readonly Permission[] = [
  'act.approve',
  'act.approve-refusal',
  'clearance.grant',
  'clearance.grant-asylum',
  'clearance.grant-place',
  'glass.break',
  'person.manage',
  'reader.admit',
  'deputy.name',
  'guardian.approve',
  'guardian.settle-conflict',
  'case.approve-join',
  'attachment.store-uncleaned',
  'disclosure.outside',
  'disclosure.approve-outside',
  'representation.show-warned',
  'retention.decide',
];
/** Not for those who only see it, by assignment or in need: for who decides in the unit whose it is. */
const OF_THE_UNIT: readonly Permission[] = [
  'assignment.give',
  'conversation.move',
  'case.restrict',
  'case.approve-join',
  'case.close',
];
/** What somebody may do who opened a conversation in need. */
const READING: readonly Permission[] = ['conversation.read', 'act.mark-read', 'evidence.export', 'case.read'];

export function decide(actor: Actor, action: Permission, resource: Resource, nowMs: number): Decision {
  const deny = (code: Denial): Decision => ({ allow: false, code });
  const { standing, link, involved, proposer } = resource;
  if (!isPermitted(actor.role, action)) return deny('NOT_PERMITTED');
  if (!purposesOf[actor.role].includes(actor.purpose)) return deny('NOT_PERMITTED');
  if (link && !(link.person === actor.id && isInForce(link, nowMs))) return deny('NOT_FOUND');
  if (involved) return deny('NOT_FOUND');
  if (standing && !sees(actor, standing)) return deny('NOT_FOUND');
  if (standing && !READING.includes(action) && !sees(actor, { ...standing, isOpenedInNeed: false }))
    return deny('READ_ONLY_IN_NEED');
  if (standing && OF_THE_UNIT.includes(action) && !isOfUnit(actor, standing.unit))
    return deny('NOT_PERMITTED');
  if (proposer === actor.id) return deny('SAME_PERSON');
  if (NEEDS_FRESH.includes(action) && nowMs - actor.signedInMs > FRESH_MS) return deny('STEP_UP_NEEDED');
  return { allow: true };
}

/** @throws AccessError with the code of the denial */
export function requireAllowed(actor: Actor, action: Permission, resource: Resource, nowMs: number): void {
  const decision = decide(actor, action, resource, nowMs);
  if (!decision.allow) throw new AccessError(decision.code);
}

/** Approved, not revoked, not over; `app_my_links` says the same (link-tables.ts). */
export const isInForce = (link: Link, nowMs: number): boolean =>
  link.approved_at !== null && link.revoked_at === null && (link.ends_at === null || link.ends_at > nowMs);

/** The head belongs to every unit. */
export const isOfUnit = (actor: Pick<Actor, 'role' | 'unit'>, unit: string): boolean =>
  actor.role === 'head' || actor.unit === unit;

/**
 * What is put before who decides in a unit, and about people: its supervisors and the head. The same rule as `decidesIn` in
 * node/storage/people-walls.ts.
 */
export const decidesIn = (actor: Pick<Actor, 'role' | 'unit'>, unit: string): boolean =>
  (actor.role === 'supervisor' || actor.role === 'head') && isOfUnit(actor, unit);

/** A task about people is for who decides in its unit, and who caused it may see that it is there (`seesTask` there). */
export const seesTask = (
  actor: Actor,
  task: { readonly unit: string | null; readonly opened_by: string | null },
): boolean => task.unit === null || decidesIn(actor, task.unit) || task.opened_by === actor.id;

/** Need to know; the same rule as `seesConversation` and `seesDraft` (node/storage/walls.ts) with `app_my_threads` and `seesProposal` (people-walls.ts). Local case workers and legal advisers see what they are assigned to; focal points their unit's. */
export function sees(actor: Actor, standing: Standing): boolean {
  const { unit, eyesOnly, draftedBy } = standing;
  if (actor.role === 'head' || draftedBy === actor.id) return true;
  const isOwnUnit = unit === actor.unit;
  if (eyesOnly) return standing.isReader || (draftedBy !== null && isOwnUnit && actor.role === 'supervisor');
  if (standing.isAssigned || standing.isOpenedInNeed || standing.isStandIn) return true;
  return isOwnUnit && (actor.role === 'officer' || actor.role === 'supervisor');
}
