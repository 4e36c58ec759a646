/**
 * All tables of a node in one type, and the order in which they are created.
 */
import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { LogTables } from '#platform/log/migration.ts';
import * as log from '#platform/log/migration.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import * as eraseSessions from '../access/erase-sessions.ts';
import type { LinkTables } from '../access/link-tables.ts';
import * as links from '../access/link-tables.ts';
import type { PeopleTables } from '../access/people-tables.ts';
import * as people from '../access/people-tables.ts';
import type { SignInTables } from '../access/sign-in/tables.ts';
import * as signIn from '../access/sign-in/tables.ts';
import type { AccessTables } from '../access/tables.ts';
import * as access from '../access/tables.ts';
import type { AttachmentTables } from '../attachments/tables.ts';
import * as attachments from '../attachments/tables.ts';
import * as audit from '../audit/tables.ts';
import type { MatchTables } from '../cases/match-tables.ts';
import * as matches from '../cases/match-tables.ts';
import type { CaseTables } from '../cases/tables.ts';
import * as cases from '../cases/tables.ts';
import type { ComplaintTables } from '../complaints/tables.ts';
import * as complaints from '../complaints/tables.ts';
import * as calls from '../duty/call-tables.ts';
import type { DutyTables } from '../duty/tables.ts';
import * as duty from '../duty/tables.ts';
import type { EnquiryTables } from '../enquiries/tables.ts';
import * as enquiries from '../enquiries/tables.ts';
import type { ContactTable } from '../exchange/contact-table.ts';
import * as contacts from '../exchange/contact-table.ts';
import type { ExchangeTables } from '../exchange/tables.ts';
import * as exchange from '../exchange/tables.ts';
import type { InterchangeTables } from '../interchange/tables.ts';
import * as interchange from '../interchange/tables.ts';
import type { LocalServiceTables } from '../local-services/tables.ts';
import * as localServices from '../local-services/tables.ts';
import type { MatchingTables } from '../matching/tables.ts';
import * as matching from '../matching/tables.ts';
import * as alertNotices from '../notices/alert-tables.ts';
import * as noticeStatus from '../notices/status-tables.ts';
import type { NoticeTables } from '../notices/tables.ts';
import * as notices from '../notices/tables.ts';
import type { ShownTables } from '../representation/shown-tables.ts';
import * as shown from '../representation/shown-tables.ts';
import type { RepresentationTables } from '../representation/tables.ts';
import * as representation from '../representation/tables.ts';
import type { RetentionTables } from '../retention/tables.ts';
import * as retention from '../retention/tables.ts';
import type { StatisticsTables } from '../statistics/tables.ts';
import * as statistics from '../statistics/tables.ts';
import type { VaultTables } from '../vault/tables.ts';
import * as vault from '../vault/tables.ts';
import * as caseWalls from './case-walls.ts';
import * as ownNameWalls from './own-name-walls.ts';
import * as peopleWalls from './people-walls.ts';
import { asRole, OWNER, prepareRoles } from './roles.ts';
import * as sealed from './sealed.ts';
import * as secondWalls from './second-walls.ts';
import * as walls from './walls.ts';
import * as writeWalls from './write-walls.ts';

export type Database = LogTables &
  ExchangeTables & { contact: ContactTable } & AttachmentTables &
  EnquiryTables &
  AccessTables &
  DutyTables &
  LocalServiceTables &
  SignInTables &
  NoticeTables &
  PeopleTables &
  LinkTables &
  ComplaintTables &
  StatisticsTables &
  CaseTables &
  InterchangeTables &
  MatchingTables &
  MatchTables &
  RepresentationTables &
  ShownTables &
  RetentionTables &
  VaultTables;

export const migrations: Record<string, { up(db: Kysely<unknown>): Promise<void> }> = {
  '001-log': log,
  '002-exchange': exchange,
  '003-attachments': attachments,
  '004-enquiries': enquiries,
  '005-access': access,
  '006-sign-in': signIn,
  // Around every table so far; later ones put up their own.
  '010-walls': walls,
  '011-duty': duty,
  '012-local-services': localServices,
  '013-notices': notices,
  '014-contacts': contacts,
  '015-people': people,
  '016-people-walls': peopleWalls,
  '020-statistics': statistics,
  '021-audit': audit,
  '022-representation': representation,
  '024-calls': calls,
  '025-alert-notices': alertNotices,
  '026-erase-sessions': eraseSessions,
  '030-vault': vault,
  '031-cases': cases,
  '032-case-walls': caseWalls,
  '033-interchange': interchange,
  '034-matching': matching,
  '040-sealed': sealed,
  '041-statements': { up: enquiries.upStatements },
  '044-matches': matches,
  '045-readings': { up: matches.upReadings },
  '050-links': links,
  '050-retention': retention,
  '051-complaints': complaints,
  '070-write-walls': writeWalls,
  '071-second-walls': secondWalls,
  '072-notice-status': noticeStatus,
  '073-reader-walls': { up: writeWalls.upReaders },
  '080-shown': shown,
  '081-retention-further': { up: retention.upFurther },
  '082-browser-sessions': { up: access.upBrowser },
  '082-erasing': { up: retention.upErasing },
  '082-own-names': ownNameWalls,
  '082-unheard': { up: calls.upUnheard },
  '083-blocked-matches': { up: matches.upBlocked },
  '083-case-changes': { up: caseWalls.upChanges },
  '083-draft-files': { up: writeWalls.upDraftFiles },
  '083-files-of-cases': { up: writeWalls.upCaseFiles },
  '083-files-withheld': { up: retention.upFiles },
  '084-guard-deputies': { up: writeWalls.upDeputies },
  '084-guard-shown': { up: shown.upEnds },
  '084-guard-ends': { up: links.upEnds },
  '084-guard-named': { up: links.upNamed },
  '084-guard-heard': { up: complaints.upOutside },
  '084-guard-holds': { up: retention.upHolds },
  // In the order of their names, after those.
  '084-guards-hold-twice': { up: shown.upHolds },
  '084-guards-looks': { up: links.upLooks },
  '084-guards-roles': { up: links.upRoles },
  '084-guards-holds-end': { up: retention.upHoldsEnd },
};

/** Makes the roles, then brings the tables up to date as their owner. @param config of a login that may create roles, or finds them all */
export async function prepareDatabase(config: pg.PoolConfig): Promise<void> {
  await prepareRoles(config);
  const db = openDatabase<Database>({ ...asRole(config, OWNER), max: 1 });
  await migrate(db, migrations).finally(() => db.destroy());
}
