/**
 * What officers see of clearances: who asked and why, who decided. Resolvers only show; what is allowed is decided in the slice.
 */
import type { ClearanceRow } from '../enquiries/grant-clearance.ts';
import { clearanceStatus } from '../enquiries/list-clearances.ts';
import { clearanceKinds } from '../enquiries/tables.ts';
import type { OfficerBuilder } from './officer-builder.ts';

interface Colleague {
  readonly id: string;
  readonly name: string;
}

const colleague = (id: string | null, name: string | null): Colleague | null =>
  id === null ? null : { id, name: name ?? '' };

/** The kinds of clearance and a clearance. */
export function defineClearance(builder: OfficerBuilder) {
  const ClearanceKind = builder.enumType('ClearanceKind', { values: kindValues() });
  const Person = builder.objectRef<Colleague>('Colleague').implement({
    description: 'A person of this office.',
    fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name') }),
  });
  const Clearance = builder.objectRef<ClearanceRow>('Clearance').implement({
    description: 'A decision of two people that opens a gate for one State, and until a time.',
    fields: (t) => ({
      id: t.exposeID('id'),
      kind: t.field({ type: ClearanceKind, resolve: (row) => row.kind }),
      status: t.string({
        description: 'asked, granted, refused, revoked or expired',
        resolve: (row, _args, ctx) => clearanceStatus(row, ctx.enquiries.surroundings.nowMs()),
      }),
      thread: t.exposeID('thread'),
      proposalId: t.id({
        description:
          'It was asked for this proposal, and is good for it alone unless it is of family contact.',
        resolve: (row) => row.proposal_id,
      }),
      peerState: t.string({ resolve: (row) => row.peer }),
      grounds: t.exposeString('grounds'),
      askedBy: t.field({ type: Person, resolve: (row) => ({ id: row.asked_by, name: row.asked_name }) }),
      askedAt: t.field({ type: 'Instant', resolve: (row) => row.asked_at }),
      grantedBy: t.field({
        type: Person,
        nullable: true,
        resolve: (row) => colleague(row.granted_by, row.granted_name),
      }),
      grantedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.granted_at }),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expires_at }),
      revokedBy: t.field({
        type: Person,
        nullable: true,
        resolve: (row) => colleague(row.revoked_by, row.revoked_name),
      }),
      revokedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.revoked_at }),
      revokeReason: t.string({ nullable: true, resolve: (row) => row.revoke_reason }),
    }),
  });
  return { Clearance, ClearanceKind };
}

/** GraphQL enum names cannot hold hyphens. */
function kindValues() {
  return Object.fromEntries(
    clearanceKinds.map((kind) => [kind.replace('-', '_'), { value: kind }]),
  ) as Record<string, { value: (typeof clearanceKinds)[number] }>;
}
