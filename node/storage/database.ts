/**
 * All tables of a node in one type, and the order in which they are created.
 */
import type { Kysely } from 'kysely';
import type { LogTables } from '#platform/log/migration.ts';
import * as log from '#platform/log/migration.ts';
import type { AccessTables } from '../access/tables.ts';
import * as access from '../access/tables.ts';
import type { AttachmentTables } from '../attachments/tables.ts';
import * as attachments from '../attachments/tables.ts';
import type { EnquiryTables } from '../enquiries/tables.ts';
import * as enquiries from '../enquiries/tables.ts';
import type { ContactTable } from '../exchange/contact-table.ts';
import * as contacts from '../exchange/contact-table.ts';
import type { ExchangeTables } from '../exchange/tables.ts';
import * as exchange from '../exchange/tables.ts';

export type Database = LogTables &
  ExchangeTables &
  AttachmentTables &
  EnquiryTables &
  AccessTables & { contact: ContactTable };

export const migrations: Record<string, { up(db: Kysely<unknown>): Promise<void> }> = {
  '001-log': log,
  '002-exchange': exchange,
  '003-attachments': attachments,
  '004-enquiries': enquiries,
  '005-access': access,
  '006-contacts': contacts,
};
