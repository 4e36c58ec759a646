/**
 * All columns that are kept sealed (node/vault), as their slices declare them, and the change that made them so.
 */
import { type Kysely, sql } from 'kysely';
import {
  sealedBreach,
  sealedBreachNote,
  sealedDisclosure,
  sealedHandOver,
  sealedReadingReview,
} from '../access/people-tables.ts';
import { sealedNeed, sealedPerson } from '../access/tables.ts';
import { sealedAttachment } from '../attachments/tables.ts';
import { sealedAct, sealedClearance, sealedProposal, sealedTask } from '../enquiries/tables.ts';
import { sealedHeld, sealedRequest } from '../exchange/tables.ts';
import { sealedLocalRequest } from '../local-services/tables.ts';
import { sealedShown, sealedWord } from '../representation/shown-tables.ts';

interface Sealed {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Those that were text before. */
const MADE_BYTES: readonly Sealed[] = [
  sealedAct,
  sealedProposal,
  sealedClearance,
  sealedTask,
  sealedPerson,
  sealedNeed,
  sealedDisclosure,
  sealedHandOver,
  sealedBreach,
  sealedBreachNote,
  sealedReadingReview,
  sealedLocalRequest,
  sealedAttachment,
  sealedRequest,
  sealedHeld,
];

/** Table and columns. Files are sealed in `attachment_part.sealed`, as streams, and in `shown_part.sealed`. */
export const sealedColumns: readonly Sealed[] = [...MADE_BYTES, sealedShown, sealedWord];

/**
 * Makes them bytes. What was written in the open before cannot be sealed here, where no key is: such a database is refused.
 * @throws Error that says what to do
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await refuseOpenContent(db);
  // What the database could read of a text it judged; now who writes it does (node/access/read-input.ts).
  await sql`alter table break_glass drop constraint break_glass_reason_check`.execute(db);
  await sql`alter table breach drop constraint breach_account_check`.execute(db);
  for (const { table, columns } of MADE_BYTES)
    for (const column of columns)
      await sql`alter table ${sql.table(table)} alter column ${sql.ref(column)} type bytea using null`.execute(
        db,
      );
  await sql`alter table attachment_part rename column plain to sealed`.execute(db);
  await sql`alter table seal_request add column thread text not null`.execute(db);
  await sql`alter table inbound add column held_thread text,
    add constraint inbound_held check ((held is null) = (held_thread is null))`.execute(db);
}

async function refuseOpenContent(db: Kysely<unknown>): Promise<void> {
  for (const { table, columns } of [...MADE_BYTES, { table: 'attachment_part', columns: ['plain'] }]) {
    const some = columns.map((column) => sql`${sql.ref(column)} is not null`);
    // The walls are around the owner, too: within them it sees no row, and would find nothing in the open.
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
    const { rows } =
      await sql`select 1 from ${sql.table(table)} where ${sql.join(some, sql` or `)} limit 1`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    if (rows.length > 0)
      throw new Error(
        'This database holds content in the open, from before anything was sealed: begin with a new one (CHANGELOG.md).',
      );
  }
}
