/** Agreements that were withdrawn, or lapsed with the child's majority, between States. INVENTED children. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { openCase } from '#node/cases/open-case.ts';
import { watchAges } from '#node/cases/watch-ages.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild, alertBody, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { enterOffice, type Office } from '../../fixtures/office.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
});
afterAll(() => xa.close());

const PROVENANCE = { source: 'document', confidence: 'verified' };
const write = (file: string, kind: 'name' | 'birth' | 'consent', value: object) =>
  writeEntry(xa.ctx, office.as('ana'), { case: file, kind, replaces: [], value, provenance: PROVENANCE });
const consent = (file: string, purpose: string, state: 'given' | 'withdrawn') =>
  write(file, 'consent', { purpose, state, circumstances: state === 'withdrawn' ? ['by-telephone'] : [] });
const enquire = (name: string) =>
  act(xa, { type: 'ENQ', peer: 'xb', body: enquiryBody(aboutChild(name)) }, people());
const people = () => ({ by: office.as('ana'), approver: office.as('sam') });
const tasks = (thread: string, kind: 'safety-review' | 'adult-consents' = 'safety-review') =>
  xa.db
    .selectFrom('task')
    .select(['id', 'detail'])
    .where('thread', '=', thread)
    .where('kind', '=', kind)
    .where('closed_at', 'is', null)
    .execute();
const SUSPENDED = { code: 'AGREEMENT_SUSPENDED' };
/** A file that names the child as enquiries do. */
async function fileOf(name: string): Promise<string> {
  const file = await openCase(xa.ctx, office.as('ana'));
  for (const one of aboutChild(name).children![0]!.names) await write(file, 'name', one);
  return file;
}

describe('an agreement that is withdrawn', () => {
  it('raises a safety review, and what rested on it leaves no more until a decider has closed that', async () => {
    const name = 'Vera Withdrawn';
    const file = await fileOf(name);
    await consent(file, 'enquiry', 'given');
    const { thread } = await enquire(name);
    await linkConversation(xa.ctx, office.as('ana'), { case: file, thread });
    await consent(file, 'statistics', 'withdrawn');
    // Figures hurt nobody: a person looks, and nothing waits for it.
    expect(await tasks(file)).toMatchObject([{ detail: null }]);
    await consent(file, 'enquiry', 'withdrawn');
    const review = (await tasks(file)).find(({ detail }) => detail === 'agreement-withdrawn:enquiry');
    await expect(enquire(name)).rejects.toMatchObject({
      ...SUSPENDED,
      stoppedBy: [{ rule: 'agreement-withdrawn' }],
    });
    // Of another child, and whatever protects, goes on.
    await enquire('Somebody Else');
    await act(xa, { type: 'URG', thread, body: alertBody('XB') }, people());
    const close = (by: 'ana' | 'sid') =>
      closeTask(xa.ctx, office.as(by), review!.id, 'INVENTED: by the law on protection; she was heard alone');
    await expect(close('ana')).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await close('sid');
    await enquire(name);
  });

  it('in a file that is blocked stops nothing about other children', async () => {
    const file = await fileOf('Blocked Invented');
    await consent(file, 'enquiry', 'withdrawn');
    const times = {
      closed_at: clock.ms,
      block_at: clock.ms,
      blocked_at: clock.ms,
      erase_at: clock.ms + 1e12,
    };
    await xa.db
      .insertInto('retention')
      .values({ kind: 'case', id: file, rule: 'case-file', ...times })
      .execute();
    await enquire('Another Invented');
  });
});

describe('a child who is an adult', () => {
  it('is asked anew before more is asked or told of', async () => {
    const name = 'Adult Invented';
    const file = await fileOf(name);
    const birth = { earliest: '2009-01-01', latest: '2009-01-10', precision: 'range', basis: 'document' };
    await write(file, 'birth', { ...birth, disputed: false, presumedMinor: true, findings: [] });
    await watchAges(xa.ctx);
    const [task] = await tasks(file, 'adult-consents');
    await expect(enquire(name)).rejects.toMatchObject({
      ...SUSPENDED,
      stoppedBy: [{ rule: 'adult-consents' }],
    });
    await closeTask(xa.ctx, office.as('bo'), task!.id, 'INVENTED: she agrees that we go on asking');
    await enquire(name);
  });
});
