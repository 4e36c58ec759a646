// An office of 20,000 conversations for the measuring of pages: invented, and the same in every run.

import { type Kysely, sql } from 'kysely';
import type { Actor } from '#node/access/actor.ts';
import { sealedAct } from '#node/enquiries/tables.ts';
import type { Database } from '#node/storage/database.ts';
import type { Vault } from '#node/vault/vault.ts';
import { factsOf } from '#schema/conversation/facts.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { enquiryBody } from '../fixtures/act-bodies.ts';

export const CONVERSATIONS = 20_000;
/** A national office and the districts it works with. */
const UNITS = ['national', 'north', 'south', 'east', 'west'];
const OFFICERS = 200;

const text = (value: unknown) => new TextDecoder().decode(encodeCanonical(value));

/** Rows go in past both walls, as the superuser. */
export async function makeOffice(db: Kysely<Database>, vault: Vault): Promise<void> {
  const body = enquiryBody();
  const units = sql`${UNITS}::text[]`;
  const thread = sql`'01900000-0000-7000-8000-' || lpad(i::text, 12, '0')`;
  await sql`insert into person (id, issuer, subject, name, role, unit, office, language, created_at)
    select 'officer-' || i, 'https://invented.example', i::text, 'Officer ' || i || ' (invented)', 'officer', (${units})[1 + i % 5],
      'Focal point (invented)', 'en', 0 from generate_series(1, ${OFFICERS}) i`.execute(db);
  await sql`insert into conversation (thread, peer, unit, side, state, purpose, urgency, danger, awaiting_us, unread, urgent_unread, due_at,
      opened_at, updated_at)
    select ${thread}, 'xb', (${units})[1 + i % 5], 'requester', 'ACKNOWLEDGED', 'family-situation', 'routine', false, i % 3 = 0, i % 2, false,
      1800000000000 + i, 1790000000000 + i, 1800000000000 + (i * 7919) % 100000000 from generate_series(1, ${CONVERSATIONS}) i`.execute(
    db,
  );
  await addActs(db, vault, {
    side: 'requester',
    type: 'ENQ',
    body: text(body),
    facts: text(factsOf('ENQ', body)),
  });
  await addActs(db, vault, { side: 'requested', type: 'ACK', body: '{"re":1}', facts: '{"re":1}' });
  await sql`insert into assignment (id, thread, assignee, given_by, given_at)
    select 'assignment-' || i, ${thread}, 'officer-' || (1 + i % ${OFFICERS}), 'somebody', 0
    from generate_series(1, ${CONVERSATIONS}, 10) i`.execute(db);
  await sql`vacuum analyze`.execute(db);
}

type Act = { side: 'requester' | 'requested'; type: string; body: string; facts: string };

const SEALED_AT_ONCE = 2000;

async function addActs(db: Kysely<Database>, vault: Vault, { side, type, body, facts }: Act): Promise<void> {
  const ours = side === 'requester';
  for (let first = 1; first <= CONVERSATIONS; first += SEALED_AT_ONCE) {
    const rows = Array.from({ length: SEALED_AT_ONCE }, (_, k) => ({
      message_id: `${type}-${first + k}`,
      thread: threadName(first + k),
      notice: false,
    }));
    const bodies = await db.transaction().execute(async (trx) => {
      const keys = await vault.forWriting(trx, rows.map(sealedAct.subject));
      return rows.map((row) =>
        keys.seal(
          { table: 'act', column: 'body', row: row.message_id, subject: sealedAct.subject(row), version: 1 },
          body,
        ),
      );
    });
    await sql`insert into act (message_id, thread, side, n, seen, type, version, lane, body, facts, author_name, author_office, at, delivered_at,
        stage)
      select ${type} || '-' || i, thread, ${side}, 1, ${ours ? 0 : 1}, ${type}, 1, 'routine', body, ${facts}, 'Officer (invented)',
        'Focal point (invented)', 1790000000000 + i, ${ours ? 1_790_000_001_000 : null}::bigint, ${ours ? 'delivered' : null}
      from unnest(${rows.map(({ thread }) => thread)}::text[], ${bodies}::bytea[]) with ordinality as new (thread, body, k),
        lateral (select ${first - 1} + k as i) as numbered`.execute(db);
  }
}

const threadName = (i: number) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`;

/** The people whose pages are measured, by number from 1. */
export const officer = (i: number): Actor => ({
  id: `officer-${i}`,
  name: `Officer ${i} (invented)`,
  role: 'officer',
  office: 'Focal point (invented)',
  unit: UNITS[i % 5]!,
  signedInMs: 0,
  purpose: 'case-work',
});

/** Conversations of an officer's own unit, by number. */
export const threadOf = (i: number, k: number): string =>
  threadName((k * 5 + i) % CONVERSATIONS || CONVERSATIONS);

export const officers = OFFICERS;
