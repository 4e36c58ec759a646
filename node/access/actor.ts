/**
 * Who acts: a person known to this node, in one role and one unit. What a role may do stands in permit.ts.
 */
import * as z from 'zod';
import { purposes } from './purpose.ts';

/**
 * DOMAIN.md section 4. A person has one entry and so one role: what compares ids (two-person acts, in code and in the database)
 * compares humans. Who must do another's work gets another role, never a second entry (enterPerson).
 */
export const roles = [
  'case-worker',
  'officer',
  'supervisor',
  'head',
  'legal-adviser',
  'guardian',
  'panel-member',
  'analyst',
  'auditor',
  'operator',
] as const;
export type Role = (typeof roles)[number];

/** Endpoints for people. What an audience may not see is not in its schema. */
export const audiences = ['officer', 'guardian', 'ministry', 'auditor', 'operator'] as const;
export type Audience = (typeof audiences)[number];

/** The one endpoint of each role; a panel's sessions come with the formal determination. */
export const audienceOf: Readonly<Record<Role, Audience | null>> = {
  'case-worker': 'officer',
  officer: 'officer',
  supervisor: 'officer',
  head: 'officer',
  'legal-adviser': 'officer',
  guardian: 'guardian',
  'panel-member': null,
  analyst: 'ministry',
  auditor: 'auditor',
  operator: 'operator',
};

export const Actor = z.strictObject({
  /** Stable id of the person within this node; what logs and two-person rules compare. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  /** As the peer's reader sees it. */
  name: z.string().min(1).max(200),
  role: z.enum(roles),
  office: z.string().min(1).max(200),
  /** The unit of the office the person works in: whose conversations they see. */
  unit: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  /**
   * When the person last proved who they are (OIDC `auth_time`), milliseconds since 1970; 0 where the proof of this session is
   * good enough for coming in and not for what needs a fresh one (`stepUpAcr`).
   */
  signedInMs: z.int().min(0),
  /** What for they act now. */
  purpose: z.enum(purposes),
  /** By a browser, whose operations are known beforehand (node/graphql/named-operations.ts); otherwise by a program. */
  browser: z.literal(true).optional(),
});
export type Actor = z.infer<typeof Actor>;
