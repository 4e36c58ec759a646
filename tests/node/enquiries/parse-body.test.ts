import { expect, it } from 'vitest';
import { parseBody } from '#node/enquiries/parse-body.ts';
import * as bodies from '#tests/fixtures/act-bodies.ts';

it('lets files go with acts that speak of them, and with no other', () => {
  const note = { index: 0, kind: 'document' as const };
  expect(parseBody('ENQ', bodies.enquiryBody({ attachments: [note] as never }), 1)).toMatchObject({
    ok: true,
  });
  const refused = { ok: false, fields: [{ rule: 'attachments' }] };
  expect(parseBody('ENQ', bodies.enquiryBody(), 1), 'a file nobody says anything of').toMatchObject(refused);
  expect(parseBody('ENQ', bodies.enquiryBody({ attachments: [note, note] as never }), 2)).toMatchObject(
    refused,
  );
  expect(parseBody('WDR', bodies.withdrawalBody(), 0)).toMatchObject({ ok: true });
  expect(parseBody('WDR', bodies.withdrawalBody(), 1)).toMatchObject(refused);
});
