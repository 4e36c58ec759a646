/** Files of drafts: who sees them, and that a list of many is read in time however many drafts there are. INVENTED children. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { enterOffice, type Name, type Office } from '../../fixtures/office.ts';
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

const FILES = 500;
const DRAFTS = 6_000;

describe('files of very many drafts', () => {
  it('are read by the unit in one page, and by nobody of another', async () => {
    const headers = { ...(await here.headers(office.as('ana'))), 'content-type': 'text/plain' };
    const sent = await fetch(`${here.url}/attachments`, { method: 'POST', headers, body: 'INVENTED note' });
    const { id: file } = (await sent.json()) as { id: string };
    const note = { index: 0, kind: 'document' as const };
    const body = enquiryBody({ attachments: [note] });
    const { id } = await proposeAct(xa.ctx, office.as('ana'), {
      type: 'ENQ',
      peer: 'xb',
      body,
      safety: calm,
      attachmentIds: [file],
    });
    await sql`insert into attachment select (jsonb_populate_record(a, jsonb_build_object('id', 'f-' || i))).*
      from attachment a, generate_series(1, ${FILES}) i where id = ${file}`.execute(xa.db);
    await sql`insert into proposal select (jsonb_populate_record(p, jsonb_build_object('id', 'p-' || i, 'thread', 't-' || i,
        'attachment_ids', case when i <= ${FILES} then jsonb_build_array('f-' || i) else '[]' end))).*
      from proposal p, generate_series(1, ${DRAFTS}) i where id = ${id}`.execute(xa.db);
    const ids = Array.from({ length: FILES }, (_, n) => `f-${n + 1}`);
    const seen = (name: Name) =>
      xa.ctx.doors.withActor(office.as(name), async (trx) => {
        // A list of people's own has ten seconds (doors.ts); this has to be far below.
        await sql`set local statement_timeout = 2000`.execute(trx);
        return (await trx.selectFrom('attachment').select('id').where('id', 'in', ids).execute()).length;
      });
    expect([await seen('bo'), await seen('eva'), await seen('hana')]).toEqual([FILES, 0, FILES]);
    const status = async (name: Name) =>
      (await fetch(`${here.url}/attachments/${file}`, { headers: await here.headers(office.as(name)) }))
        .status;
    expect([await status('bo'), await status('eva'), await status('ana')]).toEqual([200, 404, 200]);
  });
});
