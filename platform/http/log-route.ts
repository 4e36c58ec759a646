/**
 * A log's tiles over HTTP (C2SP tlog-tiles): open to anyone, as hashes and salted commitments are all there is to read.
 */
import type { QueryExecutorProvider } from 'kysely';
import { makeLogHandler } from '#platform/log/tiles.ts';
import { HttpError } from './http-error.ts';
import type { Route } from './route.ts';

/** `GET /log/*`. @param origin of this log */
export function logRoute(db: QueryExecutorProvider, origin: string): Route {
  const readLog = makeLogHandler(db, origin);
  return {
    method: 'GET',
    path: '/log/*',
    handle: async ({ path }) => {
      const found = await readLog(path);
      if (!found) throw new HttpError(404, 'NOT_FOUND', 'No such tile: see C2SP tlog-tiles.');
      const headers = { 'content-type': found.contentType, 'cache-control': found.cacheControl };
      return { status: found.status, headers, body: found.bytes };
    },
  };
}
