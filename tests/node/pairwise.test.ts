/** LINDDUN, linking: two States that are asked about one child share no id of it, and neither learns of the other. INVENTED child. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCaseOf } from '#node/cases/open-case.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { act } from '../fixtures/act.ts';
import { enquiryBody } from '../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode, takeReleased } from '../fixtures/loopback.ts';
import { enterOffice, type Office } from '../fixtures/office.ts';

const clock: Clock = { ms: START_MS };
let nodes: Record<'xa' | 'xb' | 'xc', LoopNode>;
let office: Office;
beforeAll(async () => {
  const [xa, xb, xc] = await Promise.all(
    (['xa', 'xb', 'xc'] as const).map((code) => startLoopNode(code, clock)),
  );
  nodes = { xa: xa!, xb: xb!, xc: xc! };
  office = await enterOffice(xa!);
});
afterAll(() => Promise.all(Object.values(nodes).map((node) => node.close())));

/** Whatever may be an id: hexadecimal, base64url or a UUID of some length; words and codes are not. */
const idsIn = (text: string): Set<string> =>
  new Set(text.match(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{16,}\b|\b(?=[\w-]*\d)[\w-]{22,}\b/g) ?? []);

it('that are asked about one child of one case file hold no id in common, and neither that of the file', async () => {
  const { xa, xb, xc } = nodes;
  const by = { by: office.as('ana'), approver: office.as('sam') };
  const body: EnquiryBody = enquiryBody();
  const first = await act(xa, { type: 'ENQ', peer: 'xb', body }, by);
  const file = await openCaseOf(xa.ctx, office.as('ana'), {
    thread: first.thread,
    ref: 'c1',
    body,
    isOurs: true,
  });
  const second = await act(xa, { type: 'ENQ', peer: 'xc', body }, by);
  const sent = await Promise.all([xb, xc].map(async (peer) => JSON.stringify(await takeReleased(xa, peer))));
  const [toB, toC] = sent.map((text) =>
    idsIn(text.replace(/"(?:nonce|rcpt|sha256)":(?:"[^"]*"|\["[^"]*"\])/g, '')),
  );
  expect([toB!.has(first.thread), toC!.has(second.thread)]).toEqual([true, true]);
  expect([...toB!].filter((id) => toC!.has(id))).toEqual([]);
  for (const [text, other, own] of [
    [sent[0]!, 'xc', second.thread],
    [sent[1]!, 'xb', first.thread],
  ] as const) {
    expect(text).not.toContain(`"${other}"`);
    expect(text).not.toContain(own);
    expect(text).not.toContain(file);
  }
});
