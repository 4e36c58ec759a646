/**
 * Who acts: a person of this office in one role. What a role may do stands in permit.ts.
 */
import * as z from 'zod';

export const roles = ['officer', 'supervisor', 'legal-adviser', 'head'] as const;
export type Role = (typeof roles)[number];

export const Actor = z.strictObject({
  /** Stable id of the person within this office; what logs and two-person rules compare. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  /** As the peer's reader sees it. */
  name: z.string().min(1).max(200),
  role: z.enum(roles),
  office: z.string().min(1).max(200),
});
export type Actor = z.infer<typeof Actor>;
