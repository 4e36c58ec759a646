/**
 * Starts the sender of notices, or says once that this node sends none.
 */
import type { Kysely } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import type { Log } from '#platform/http/log.ts';
import { startLoop } from '#platform/loop.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { NoticeContext, NoticeSettings } from './context.ts';
import { openMailer } from './send-mail.ts';
import { LOOK_MS, sendNotices } from './send-notices.ts';
import { forgetOlder } from './store.ts';

const HOUR_MS = 3_600_000;
/** Mails switched on within this time still tell of what came before. */
const KEEP_UNSENT_MS = 24 * HOUR_MS;

export interface Notices {
  /** For the readiness page: `off` without settings, `failing` while the mail server does not take mails. */
  readonly state: () => 'off' | 'working' | 'failing';
  /** Ends after the mail under way, which is cut short. */
  readonly close: () => Promise<void>;
}

/** @param settings null for a node without a mail server */
export function startNotices(options: {
  db: Kysely<Database>;
  surroundings: Surroundings;
  log: Log;
  settings: NoticeSettings | null;
}): Notices {
  const { settings, log } = options;
  return settings
    ? startSending({ ...options, settings })
    : startForgetting(options.db, options.surroundings, log);
}

function startSending(options: Pick<NoticeContext, 'db' | 'surroundings' | 'settings' | 'log'>): Notices {
  const { settings, log } = options;
  const closing = new AbortController();
  const send = openMailer(settings.server, new URL(settings.publicUrl).hostname);
  const ctx: NoticeContext = { ...options, send, signal: closing.signal };
  let isServerUp = true;
  const round = async () => {
    const done = await sendNotices(ctx);
    isServerUp = done.isServerUp;
    return done.againMs;
  };
  const loop = startLoop(round, (error) => log.warn('notices-failed', { code: codeOf(error) }), {
    retryMs: LOOK_MS,
  });
  return {
    state: () => (isServerUp ? 'working' : 'failing'),
    close: () => {
      closing.abort();
      return loop.close();
    },
  };
}

/** Causes come in all the same; without a sender they would only pile up. */
function startForgetting(db: Kysely<Database>, surroundings: Surroundings, log: Log): Notices {
  log.warn('mails-off');
  const round = async () => {
    await forgetOlder(db, surroundings.nowMs() - KEEP_UNSENT_MS);
    return HOUR_MS;
  };
  const loop = startLoop(round, (error) => log.warn('notices-failed', { code: codeOf(error) }), {
    retryMs: HOUR_MS,
  });
  return { state: () => 'off', close: loop.close };
}
