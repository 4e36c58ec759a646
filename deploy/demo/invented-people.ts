/**
 * The invented people of the demo's States: one for every role in every State.
 */
import { type Role, roles } from '#node/access/actor.ts';
import type { Person } from '#node/access/people.ts';

const NAMES: Readonly<Record<Role, string>> = {
  'case-worker': 'Case Worker Five',
  officer: 'Officer One',
  supervisor: 'Supervisor Two',
  head: 'Head Four',
  'legal-adviser': 'Legal Adviser Three',
  guardian: 'Guardian Six',
  'panel-member': 'Panel Member Seven',
  analyst: 'Analyst Eight',
  auditor: 'Auditor Nine',
  operator: 'Operator Ten',
};

/** By which the demo and its commands know somebody, e.g. `officer.xa`: id at the node and subject at the provider. */
export const personId = (role: Role, code: string): string => `${role}.${code}`;

/** @param issuer of the demo's identity provider */
export function inventedPeople(code: string, issuer: string): Person[] {
  return roles.map((role) => ({
    id: personId(role, code),
    issuer,
    subject: personId(role, code),
    name: `${NAMES[role]} (INVENTED)`,
    role,
    office: `Focal point of ${code} (INVENTED)`,
    unit: 'national',
    email: null,
    language: 'en',
  }));
}
