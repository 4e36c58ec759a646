/** What a ministry gets: definitions in the reader's language, and releases exactly as they were signed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

let xa: LoopNode;
let server: PeopleServer;
beforeAll(async () => {
  xa = await startLoopNode('xa', { ms: START_MS });
  server = await servePeople(xa);
});
afterAll(async () => {
  await server.close();
  await xa.close();
});

const analyst = () => xa.person('min', 'analyst');

it('says what the figures count, and that they are not the national total', async () => {
  const ask = async (language: string) =>
    (
      await server.ask(analyst(), 'query($l: String) { definitions(language: $l) { code text reviewed } }', {
        l: language,
      })
    ).data!.definitions as { code: string; text: string; reviewed: boolean }[];
  const [english, arabic] = [await ask('en'), await ask('ar')];
  expect(english.map(({ code }) => code)).toEqual([
    'not-the-national-total',
    'unit-of-count',
    'reference-date',
    'presumed-identified',
    'precision',
  ]);
  expect(english[0]).toMatchObject({
    text: expect.stringMatching(/focal point’s cases, not the national total/),
    reviewed: true,
  });
  expect(arabic[0]).toMatchObject({ text: expect.stringMatching(/[\u0600-\u06ff]/), reviewed: false });
});

it('gives what was released, byte for byte, the last first; until then nothing', async () => {
  const query = '{ releases { period edition releasedAt content signature } }';
  expect((await server.ask(analyst(), query)).data).toEqual({ releases: [] });
  const release = {
    edition: 1,
    content: '{"INVENTED":[0,5]}',
    signature: 'a.b.c',
    released_by: 'ana.xa',
    approved_by: 'sam.xa',
  };
  await xa.db
    .insertInto('signed_release')
    .values([
      { ...release, period: '2026', released_at: START_MS },
      { ...release, period: '2027-Q1', released_at: START_MS + 1 },
    ])
    .execute();
  const { data } = await server.ask(analyst(), query);
  expect(data!.releases).toMatchObject([
    { period: '2027-Q1' },
    { period: '2026', content: release.content, signature: 'a.b.c' },
  ]);
  expect(await lastAudit(xa, 'reading.answered')).toMatchObject({
    purpose: 'statistics',
    rows: { release: 2 },
    threads: [],
  });
});

it('nobody releases alone', async () => {
  const alone = {
    period: '2028',
    edition: 1,
    released_at: 0,
    content: '{}',
    signature: '',
    released_by: 'ana.xa',
    approved_by: 'ana.xa',
  };
  await expect(xa.db.insertInto('signed_release').values(alone).execute()).rejects.toThrow(
    /signed_release_two_persons/,
  );
});
