/** Files over HTTP: cleaned or refused, in parts, handed out for saving only. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutParts, readPart } from '#node/attachments/parts.ts';
import { sealedAttachment } from '#node/attachments/tables.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { openRow, openRows } from '#node/vault/sealed-columns.ts';
import { limits } from '#schema/protocol/limits.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { auditTypes, type LoopNode, START_MS, startLoopNode, takeReleased } from '../../fixtures/loopback.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

let xa: LoopNode;
let server: OfficerServer;
beforeAll(async () => {
  xa = await startLoopNode('xa', { ms: START_MS });
  server = await serveOfficers(xa);
});
afterAll(async () => {
  await server.close();
  await xa.close();
});

const ana = () => xa.person('ana');
const boss = () => xa.person('sam', 'supervisor');

async function post(
  body: BodyInit,
  media: string,
  options: { actor?: ReturnType<typeof ana>; reason?: string; csrf?: boolean } = {},
) {
  const headers: Record<string, string> = {
    ...(await server.headers(options.actor ?? ana())),
    'content-type': media,
  };
  if (options.reason !== undefined)
    headers['x-focalnet-uncleaned-reason'] = encodeURIComponent(options.reason);
  if (options.csrf === false) delete headers['x-focalnet'];
  const response = await fetch(`${server.url}/attachments`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}
const get = async (id: string, actor = ana()) =>
  fetch(`${server.url}/attachments/${id}`, { headers: await server.headers(actor) });

describe('a file that can be cleaned', () => {
  it('is stored under a neutral name and given back for saving, never for showing', async () => {
    const { status, answer } = await post('INVENTED: a school record', 'text/plain');
    expect(status).toBe(201);
    expect(answer).toMatchObject({
      name: 'attachment-1.txt',
      media: 'text/plain',
      bytes: 25,
      removed: [],
      warnings: [],
    });
    const response = await get(answer.id as string);
    expect(await response.text()).toBe('INVENTED: a school record');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': 'attachment; filename="attachment-1.txt"',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    expect((await auditTypes(xa)).slice(-2)).toEqual(['attachment.stored', 'attachment.read']);
  });

  it('may be as large as is allowed, and not larger', async () => {
    const text = 'INVENTED'.repeat(8 * 1024 * 1024);
    expect((await post(text, 'text/plain')).answer).toMatchObject({ bytes: 64 * 1024 * 1024 });
    expect((await post(`${text}.`, 'text/plain')).status).toBe(413);
  });

  it('says what was taken out', async () => {
    const { status, answer } = await post('\ufeffINVENTED', 'text/plain');
    expect(status).toBe(201);
    expect(answer.removed).toEqual([{ kind: 'byte-order-mark' }]);
  });

  it('needs the custom header and a person who may', async () => {
    expect((await post('x', 'text/plain', { csrf: false })).answer.code).toBe('CSRF');
    const lea = xa.person('lea', 'legal-adviser');
    expect((await post('x', 'text/plain', { actor: lea })).answer.code).toBe('NOT_PERMITTED');
  });
});

describe('a file that cannot be cleaned', () => {
  const bytes = randomBytes(2 * limits.partBytes + 7);

  it('is refused, unless a supervisor says why; then it is kept as it is, in parts', async () => {
    expect(await post(bytes, 'application/x-thing')).toMatchObject({
      status: 422,
      answer: { code: 'MEDIA_UNKNOWN' },
    });
    const reason = 'суд требует оригинал';
    expect((await post(bytes, 'application/x-thing', { reason })).answer.code).toBe('NOT_PERMITTED');
    expect((await post(bytes, 'application/x-thing', { reason: 'so', actor: boss() })).answer.code).toBe(
      'REASON_MISSING',
    );
    const { status, answer } = await post(bytes, 'application/x-thing', { reason, actor: boss() });
    expect([status, answer.bytes, answer.name]).toEqual([201, bytes.length, 'attachment-1.bin']);
    const parts = [0, 1, 2, 3].map((n) => readPart(readerOf(xa), answer.id as string, n));
    const sizes = (await Promise.all(parts)).map((part) => part?.length);
    expect(sizes).toEqual([limits.partBytes, limits.partBytes, 7, undefined]);
    expect(
      Buffer.compare(Buffer.from(await (await get(answer.id as string, boss())).arrayBuffer()), bytes),
    ).toBe(0);
    const query = xa.db
      .selectFrom('attachment')
      .selectAll()
      .where('id', '=', answer.id as string);
    const row = await openRow(readerOf(xa), sealedAttachment, await query.executeTakeFirstOrThrow());
    expect(row).toMatchObject({ uncleaned_reason: reason, uploaded_by: 'sam.xa' });
  });

  it('leaves nothing behind when it is empty', async () => {
    const before = await xa.db.selectFrom('attachment').select('id').execute();
    expect(
      (await post('', 'application/x-thing', { reason: 'the court asks for it', actor: boss() })).answer.code,
    ).toBe('ATTACHMENT_EMPTY');
    expect(await xa.db.selectFrom('attachment').select('id').execute()).toHaveLength(before.length);
  });
});

describe('a file in an act', () => {
  const enquiry = { type: 'ENQ' as const, peer: 'xb', safety: calm };
  const note = (index: number) => ({ index, kind: 'document' as const });
  const store = async () => (await post('INVENTED', 'text/plain')).answer.id as string;

  it('leaves with it, named by its place, and belongs to it alone from then on', async () => {
    const ids = [await store(), await store()];
    const body = enquiryBody({ attachments: [note(0), note(1)] as never });
    const { id } = await proposeAct(xa.ctx, ana(), { ...enquiry, body, attachmentIds: ids });
    const { digest } = await xa.db
      .selectFrom('proposal')
      .select('digest')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const { messageId } = await approveRelease(xa.ctx, boss(), id, digest);
    const rows = await xa.db
      .selectFrom('attachment')
      .selectAll()
      .where('message_id', '=', messageId)
      .orderBy('position')
      .execute();
    expect(await openRows(readerOf(xa), sealedAttachment, rows)).toMatchObject([
      { name: 'attachment-1.txt', position: 0 },
      { name: 'attachment-2.txt', position: 1 },
    ]);
    const request = await xa.db
      .selectFrom('seal_request')
      .select('attachment_ids')
      .where('message_id', '=', messageId)
      .executeTakeFirstOrThrow();
    expect(request.attachment_ids).toEqual(ids);
    await takeReleased(xa, { code: 'xb' } as LoopNode);
    const again = proposeAct(xa.ctx, ana(), { ...enquiry, body, attachmentIds: ids });
    await expect(again).rejects.toMatchObject({ code: 'ATTACHMENT_USED' });
  });

  it('cannot be swapped between the showing and the approval', async () => {
    const ids = [await store()];
    const { id } = await proposeAct(xa.ctx, ana(), {
      ...enquiry,
      body: enquiryBody({ attachments: [note(0)] as never }),
      attachmentIds: ids,
    });
    const { digest } = await xa.db
      .selectFrom('proposal')
      .select('digest')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await xa.db
      .updateTable('attachment')
      .set({ sha256: 'f'.repeat(64) })
      .where('id', '=', ids[0]!)
      .execute();
    await expect(approveRelease(xa.ctx, boss(), id, digest)).rejects.toMatchObject({
      code: 'DIGEST_DIFFERS',
    });
  });

  it('must be there, and must be spoken of by a place that exists', async () => {
    const unknown = proposeAct(xa.ctx, ana(), {
      ...enquiry,
      body: enquiryBody({ attachments: [note(0)] as never }),
      attachmentIds: ['att-0'],
    });
    await expect(unknown).rejects.toMatchObject({ code: 'ATTACHMENT_UNKNOWN' });
    const dangling = proposeAct(xa.ctx, ana(), {
      ...enquiry,
      body: enquiryBody({ attachments: [note(0)] as never }),
    });
    await expect(dangling).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });
});

describe('cutting', () => {
  it('gives parts of one size whatever the pieces', async () => {
    const whole = randomBytes(limits.partBytes + 1000);
    for (const size of [1000, 65_536, limits.partBytes, whole.length]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.subarray(i * size, (i + 1) * size),
      );
      const parts: Uint8Array[] = [];
      for await (const part of cutParts(pieces)) parts.push(part);
      expect(parts.map((part) => part.length)).toEqual([limits.partBytes, 1000]);
      expect(Buffer.compare(Buffer.concat(parts), whole)).toBe(0);
    }
  });
});
