/**
 * Which role may do what: one table. Nothing that is not in it is permitted.
 */
import { AccessError } from './access-error.ts';
import type { Actor, Role } from './actor.ts';

/** People of the focal point itself, and those it lets work on single conversations. */
const everyone: readonly Role[] = ['case-worker', 'officer', 'supervisor', 'legal-adviser', 'head'];
const focalPoint: readonly Role[] = ['officer', 'supervisor', 'head'];
const deciders: readonly Role[] = ['supervisor', 'head'];

const table = {
  'conversation.read': everyone,
  'attachment.store': focalPoint,
  'attachment.store-uncleaned': deciders,
  // A case worker drafts; what they propose always waits for a decider (DOMAIN.md section 4: never releases abroad).
  'act.propose': ['case-worker', ...focalPoint],
  'act.approve': deciders,
  // A refusal is law as much as safety (DOMAIN.md 2.1: supervisor and legal): the one proposes it, the other lets it leave.
  'act.propose-refusal': deciders,
  'act.approve-refusal': ['legal-adviser'],
  'act.mark-read': everyone,
  // Whose word ends an alarm, here and at the other State: who may answer it (PRACTICE.md A20).
  'alert.confirm': focalPoint,
  'evidence.export': deciders,
  'task.close': everyone,
  // What nobody may close alone at a desk: safety reviews and incidents.
  'task.close-safety': deciders,
  'clearance.ask': everyone,
  'clearance.grant': ['supervisor', 'head', 'legal-adviser'],
  // A supervisor, or the head, and a legal adviser together (PRACTICE.md A3, DOMAIN.md 1.8): no head stands in for the law.
  'clearance.ask-asylum': deciders,
  'clearance.grant-asylum': ['legal-adviser'],
  // That a child's place beyond the State may leave (PRACTICE.md A10).
  'clearance.grant-place': deciders,
  'assignment.give': deciders,
  'reader.admit': ['head'],
  'reader.remove': ['head'],
  'glass.break': ['officer', 'supervisor', 'head'],
  'glass.review': deciders,
  'person.manage': ['head'],
  'duty.set': deciders,
  // Questions of another State to a local service without an account.
  'local.give': focalPoint,
  'conversation.move': deciders,
  'work.hand-over': everyone,
  'work.report': deciders,
  'register.read': deciders,
  'register.defer': deciders,
  // To the police, a court, a service of this State: they have no account (DOMAIN.md section 4).
  'disclosure.outside': deciders,
  'disclosure.approve-outside': deciders,
  'breach.report': everyone,
  'breach.update': deciders,
  'reading.review': deciders,
  'deputy.name': ['head'],
  // Case files: a local case worker has their own, in full (DOMAIN.md section 4).
  'case.read': everyone,
  'case.open': ['case-worker', ...focalPoint],
  'case.write': ['case-worker', ...focalPoint],
  // A warning protects until somebody who decides says that it need not.
  'case.lift-warning': deciders,
  'case.restrict': deciders,
  'case.link': ['case-worker', ...focalPoint],
  // By name, among the files the caller sees; whether two are of one child a person says.
  'case.search': ['case-worker', ...focalPoint],
  'case.match': ['case-worker', ...focalPoint],
  'case.join': ['case-worker', ...focalPoint],
  'case.approve-join': deciders,
  'case.close': deciders,
  'case.import': ['case-worker', ...focalPoint],
  // What leaves the node is decided on.
  'case.export': deciders,
  'guardian.propose': focalPoint,
  'guardian.approve': deciders,
  // A third person says why a possible conflict of interest is none (PRACTICE.md A7).
  'guardian.settle-conflict': deciders,
  // Ending it protects: nobody waits for a second person.
  'guardian.revoke': focalPoint,
  // A child complains by a card that anybody who works with it may print, and is heard past whoever represents it.
  'complaint.print-card': everyone,
  'complaint.hear': deciders,
  // Of the other endpoints each has one kind of reader (DOMAIN.md section 4).
  'representation.read': ['guardian'],
  'representation.freeze': deciders,
  'release.read': ['analyst'],
  'trail.read': ['auditor'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof table;

export const permissions = Object.keys(table) as readonly Permission[];

/** Whether the role may do it. */
export function isPermitted(role: Role, permission: Permission): boolean {
  return (table[permission] as readonly Role[]).includes(role);
}

/** Every role that may do it. */
export const rolesThat = (permission: Permission): readonly Role[] => table[permission];

/** @throws AccessError NOT_PERMITTED */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (!isPermitted(actor.role, permission)) throw new AccessError('NOT_PERMITTED');
}
