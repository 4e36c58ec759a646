/**
 * What sending notices works with: made once by `start.ts`, passed as a value.
 */
import type { Kysely } from 'kysely';
import type { Log } from '#platform/http/log.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { MailServer, SendMail } from './send-mail.ts';
import type { OfficeTime } from './when-due.ts';

/** As the operator sets it (config.ts). */
export interface NoticeSettings {
  readonly server: MailServer;
  /** Sender's address; what cannot be delivered comes back to it. */
  readonly from: string;
  /** Where people of this node sign in: an origin with `/`, the only link in a notice. */
  readonly publicUrl: string;
  readonly office: OfficeTime;
}

export interface NoticeContext {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  readonly settings: NoticeSettings;
  readonly send: SendMail;
  readonly log: Log;
  /** Ends the sending under way. */
  readonly signal: AbortSignal;
}
