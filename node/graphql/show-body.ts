/**
 * Bodies as the person who asks may read them. Every field that shows words of an act or a proposal takes them from here: what is
 * for named persons alone is left out (node/enquiries/hide-warnings.ts), and that content was shown goes into the record of reading.
 */
import type { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import { decide } from '../access/decide.ts';
import { hideWarnings, holdsNamedWarnings } from '../enquiries/hide-warnings.ts';
import type { Body } from '../enquiries/parse-body.ts';
import { approvalOf } from '../enquiries/second-person.ts';
import { type ActRow, warningsOf } from '../enquiries/store.ts';
import type { OfficerContext, ProposalRow } from './officer-context.ts';

/** The body of an act. */
export function showAct(ctx: OfficerContext, row: ActRow): Promise<Body> {
  return show(ctx, row, async () => {
    // An act of the peer has no author here.
    if (row.stage === null) return false;
    const proposals = (await ctx.proposalsOf(row.thread)) ?? [];
    return proposals.some((one) => one.message_id === row.message_id && wroteOrApproved(ctx, one));
  });
}

/** The body of a proposal: whole for who wrote it and who approved it, or is to. */
export function showProposed(ctx: OfficerContext, row: ProposalRow): Promise<Body> {
  return show(ctx, row, async () => wroteOrApproved(ctx, row) || mayApprove(ctx, row));
}

/** Warnings of every act that counts, each once. */
export async function showWarnings(
  ctx: OfficerContext,
  rows: readonly ActRow[],
): Promise<readonly SafetyWarning[]> {
  const readable = rows.filter(({ body }) => body !== '');
  const shown = readable.map(async (row) => ({ ...row, body: JSON.stringify(await showAct(ctx, row)) }));
  return warningsOf(await Promise.all(shown));
}

async function show(
  ctx: OfficerContext,
  row: { readonly thread: string; readonly body: string },
  isAuthor: () => Promise<boolean>,
): Promise<Body> {
  ctx.reading.noteContent(row.thread);
  const body = JSON.parse(row.body) as Body;
  if (!holdsNamedWarnings(body)) return body;
  const { name, role } = ctx.actor;
  const isReader = (await ctx.standingOf(row.thread))?.isReader ?? false;
  return hideWarnings(body, { name, role, isReader, isAuthor: await isAuthor() });
}

const wroteOrApproved = ({ actor }: OfficerContext, { proposer, approver }: ProposalRow): boolean =>
  proposer === actor.id || approver === actor.id;

/** Whoever decides on it must see all of what they decide on, also before they have proved anew who they are. */
async function mayApprove(ctx: OfficerContext, row: ProposalRow): Promise<boolean> {
  const waits =
    row.status === 'waiting' ||
    row.status === 'stale' ||
    (row.status === 'released' && row.second_due_at !== null && row.approver === null);
  const standing = await ctx.standingOf(row.thread);
  if (!waits || !standing) return false;
  const resource = { standing, proposer: row.proposer };
  const decision = decide(ctx.actor, approvalOf(row), resource, ctx.enquiries.surroundings.nowMs());
  return decision.allow || decision.code === 'STEP_UP_NEEDED';
}
