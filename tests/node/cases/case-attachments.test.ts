/** Photographs and papers of a case file: kept and seen with it, blocked and erased with it, and sent to nobody. INVENTED children. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeUnused, UNUSED_AFTER_MS } from '#node/attachments/remove-unused.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { runOperation } from '#node/operation.ts';
import { eraseCase } from '#node/retention/erase-content.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let here: OfficerServer;
let office: Office;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await xa.close();
});

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
const open = async (name: Name = 'ana') => String((await ask(name, 'mutation { openCase }')).data.openCase);
const upload = async (name: Name): Promise<string> => {
  const headers = { ...(await here.headers(office.as(name))), 'content-type': 'text/plain' };
  const sent = await fetch(`${here.url}/attachments`, { method: 'POST', headers, body: 'INVENTED paper' });
  return ((await sent.json()) as { id: string }).id;
};
const get = async (name: Name, id: string) => {
  const answer = await fetch(`${here.url}/attachments/${id}`, {
    headers: await here.headers(office.as(name)),
  });
  return answer.ok ? answer.text() : ((await answer.json()) as { code: string }).code;
};
const WRITE = `mutation ($id: ID!, $value: CaseAttachmentInput!, $from: ProvenanceInput!) {
  writeCaseAttachment(case: $id, value: $value, provenance: $from) { entry { id } } }`;
const FROM = { source: 'document', confidence: 'verified' };
const put = async (name: Name, id: string, attachment: string) =>
  (await ask(name, WRITE, { id, value: { attachment, what: 'INVENTED decision' }, from: FROM })).codes;
const clean = () => removeUnused({ db: xa.ctx.doors.jobs, surroundings: xa.ctx.surroundings });

describe('a file of a case file', () => {
  it('stays, and is seen with the case by whoever sees that, and by nobody else', async () => {
    const id = await open();
    const paper = await upload('ana');
    expect([await get('bo', paper), await put('ana', id, paper)]).toEqual(['ATTACHMENT_UNKNOWN', []]);
    clock.ms += UNUSED_AFTER_MS + 1;
    await clean();
    expect([await get('bo', paper), await get('eva', paper)]).toEqual([
      'INVENTED paper',
      'ATTACHMENT_UNKNOWN',
    ]);
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id });
    expect([await get('sam', paper), await get('bo', paper), await get('ana', paper)]).toEqual([
      'INVENTED paper',
      'ATTACHMENT_UNKNOWN',
      'ATTACHMENT_UNKNOWN',
    ]);
  });

  it('is read with the file that its own is read with', async () => {
    const [from, into] = [await open(), await open()];
    const paper = await upload('ana');
    await put('ana', from, paper);
    const PROPOSE = 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }';
    const join = (await ask('sam', PROPOSE, { from, into })).data.proposeJoin;
    await ask('sid', 'mutation ($join: ID!) { approveJoin(join: $join) }', { join });
    expect([await get('bo', paper), await get('eva', paper)]).toEqual([
      'INVENTED paper',
      'ATTACHMENT_UNKNOWN',
    ]);
  });

  it('must be there, whole, of who writes it, and in no other case and no draft', async () => {
    const [id, other] = [await open(), await open('eva')];
    expect(await put('ana', id, 'att-none')).toEqual(['ATTACHMENT_UNKNOWN']);
    const [theirs, mine, drafted] = [await upload('eva'), await upload('ana'), await upload('ana')];
    expect([await put('ana', id, theirs), await put('eva', other, theirs)]).toEqual([
      ['ATTACHMENT_UNKNOWN'],
      [],
    ]);
    expect([await put('ana', id, mine), await put('ana', id, mine)]).toEqual([[], []]);
    expect(await put('ana', await open(), mine)).toEqual(['ATTACHMENT_USED']);
    const enquire = (file: string) =>
      proposeAct(xa.ctx, office.as('ana'), {
        type: 'ENQ',
        peer: 'xb',
        body: enquiryBody({ attachments: [{ index: 0, kind: 'document' }] }),
        safety: calm,
        attachmentIds: [file],
      });
    await enquire(drafted);
    expect(await put('ana', id, drafted)).toEqual(['ATTACHMENT_USED']);
    await expect(enquire(mine)).rejects.toMatchObject({ code: 'ATTACHMENT_UNKNOWN' });
  });

  it('is withheld while its case is blocked, or read with one that is, and goes with it', async () => {
    const id = await open();
    const paper = await upload('ana');
    await put('ana', id, paper);
    const at = clock.ms;
    const fresh = { ground: null, warn_at: null, warned_at: null, erased_at: null, answer: null };
    const times = { closed_at: at, block_at: at, blocked_at: at, erase_at: at + 1e12 };
    const row = { kind: 'case' as const, id, rule: 'case-file' as const, ...times, ...fresh };
    await xa.db.insertInto('retention').values(row).execute();
    const joined = await open();
    const second = await upload('ana');
    await put('ana', joined, second);
    await xa.db.updateTable('case_file').set({ joined_into: id }).where('id', '=', joined).execute();
    await xa.db.updateTable('case_entry').set({ file_id: id }).where('case_id', '=', joined).execute();
    expect([await get('ana', paper), await get('ana', second)]).toEqual(['BLOCKED', 'BLOCKED']);
    const shown = await ask('ana', 'query ($id: ID!) { case(id: $id) { items { kind } } }', { id });
    expect(shown).toEqual({ codes: [], data: { case: { items: [] } } });
    const { doors, surroundings } = xa.ctx;
    const erased = await runOperation(doors.retention, surroundings, (op) => eraseCase(op, id));
    expect(erased).toMatchObject({ files: 2 });
    const left = await xa.db
      .selectFrom('attachment')
      .select('id')
      .where('id', 'in', [paper, second])
      .execute();
    const keys = await xa.db
      .selectFrom('data_key')
      .select('wrapped')
      .where('subject', 'in', [`attachment:${paper}`, `attachment:${second}`])
      .execute();
    expect([left, keys]).toEqual([[], [{ wrapped: null }, { wrapped: null }]]);
  });
});
