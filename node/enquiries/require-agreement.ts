/**
 * What rested on an agreement stands still between States from when it was withdrawn, or lapsed with the child's majority, until a person
 * has looked (PRACTICE.md A8, A13): who withdrew it may have been made to. Agreement is never the only ground, so a decider may let it go
 * on by another. What protects the child, what is urgent, and what tells the other State to stop waits for nobody.
 */
import { sql } from 'kysely';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { readChildren } from '../cases/child-of-file.ts';
import type { PersonalOperation } from '../operation.ts';
import type { Draft } from './draft.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { ProposalRow } from './release-act.ts';
import { isSame, subjectsOf } from './same-child.ts';

/** Acts that ask or tell more of the child. */
const RESTS: readonly MessageCode[] = ['ENQ', 'CLA', 'FWD', 'INT', 'RPT', 'SUP', 'USE', 'OUT'];

type Waits = { readonly file: string; readonly kind: string; readonly covers: boolean };

/** @throws EnquiryError AGREEMENT_SUSPENDED; VaultError */
export async function requireAgreement(
  op: Pick<PersonalOperation, 'trx' | 'vault'>,
  row: ProposalRow,
  draft: Draft,
): Promise<void> {
  if (draft.lane !== 'routine' || !RESTS.includes(draft.type)) return;
  // What is blocked nobody reads: it must not stop what is about other children.
  const { rows } = await sql<Waits>`select f.id as file, t.kind, exists (select 1 from case_conversation c
      where c.thread = ${row.thread} and app_read_with(c.case_id) = f.id) as covers
    from task t join case_file f on f.id = app_read_with(t.thread) where t.closed_at is null
      and (t.kind = 'adult-consents' or (t.kind = 'safety-review' and t.detail like 'agreement-withdrawn%'))
      and not exists (select 1 from retention r where r.kind = 'case' and r.id = f.id and r.blocked_at is not null)`.execute(
    op.trx,
  );
  if (rows.length === 0) return;
  const subjects = subjectsOf(draft.body);
  // Files that gather this conversation are about its child; of the others it is asked, of all together.
  const others = subjects.length === 0 ? [] : rows.filter(({ covers }) => !covers).map(({ file }) => file);
  const children = await readChildren(op, [...new Set(others)]);
  const isAbout = ({ file, covers }: Waits): boolean => {
    const child = children.get(file);
    return covers || (child !== undefined && subjects.some((one) => isSame(one, child)));
  };
  const stops = rows
    .filter(isAbout)
    .map(({ kind }) => (kind === 'adult-consents' ? 'adult-consents' : 'agreement-withdrawn'));
  if (stops.length > 0)
    throw new EnquiryError(
      'AGREEMENT_SUSPENDED',
      [...new Set(stops)].map((rule) => ({ rule, explanation: EXPLANATIONS[rule]! })),
    );
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  'agreement-withdrawn':
    'An agreement about this child was withdrawn: a decider looks at how, and says on what it goes on, by closing the safety review.',
  'adult-consents':
    'The child is an adult by every account: the young adult is asked anew, and the task says what came of it.',
};
