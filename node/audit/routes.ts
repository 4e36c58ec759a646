/**
 * `GET /auditor/audit-events?from=…&to=…`: the trail as FHIR R4 AuditEvents, one a line, for an auditor's own tools. That it was
 * taken is recorded and committed before its first byte leaves.
 */
import { toHttpError } from '#platform/http/http-error.ts';
import type { HttpRequest, HttpResponse, Route } from '#platform/http/route.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { type Authenticate, onlyFor } from '../access/authenticate.ts';
import { requirePermission } from '../access/permit.ts';
import { openReading, type Reads } from '../reading.ts';
import { AuditError } from './audit-error.ts';
import { toAuditEvent } from './audit-event.ts';
import { countTrail, readTrail, type TrailEntry, type TrailFilter } from './trail.ts';

/** Entries read at a time. */
const STEP = 500;

/** @param origin of this node's log */
export function auditEventsRoute(reads: Reads, origin: string, authenticate: Authenticate): Route {
  const whoCalls = onlyFor('auditor', authenticate);
  return {
    method: 'GET',
    path: '/auditor/audit-events',
    handle: (request) => orHttpError(() => give(reads, origin, whoCalls, request)),
  };
}

async function give(
  reads: Reads,
  origin: string,
  whoCalls: (request: HttpRequest) => Promise<Actor>,
  request: HttpRequest,
): Promise<HttpResponse> {
  const actor = await whoCalls(request);
  requirePermission(actor, 'trail.read');
  const range = readRange(request.search);
  const lastId = await record(reads, actor, range);
  return {
    status: 200,
    headers: {
      'content-type': 'application/fhir+ndjson; fhirVersion=4.0',
      'content-disposition': 'attachment; filename="audit-events.ndjson"',
    },
    body: writeEvents(reads, actor, { range, lastId, origin }),
  };
}

/** The last entry there is before the record itself. */
async function record(reads: Reads, actor: Actor, range: TrailFilter): Promise<number> {
  const reading = openReading(reads, actor);
  try {
    const { count, lastId } = await countTrail(await reading.trx(), range);
    reading.noteList('audit-entry', count);
    await reading.finish(['auditEvents']);
    return lastId;
  } finally {
    await reading.abandon();
  }
}

type Order = { readonly range: TrailFilter; readonly lastId: number; readonly origin: string };

/** A transaction for each step: a slow reader holds none. */
async function* writeEvents(reads: Reads, actor: Actor, { range, lastId, origin }: Order) {
  let after: TrailEntry | null = null;
  for (;;) {
    const step: Parameters<typeof readTrail>[2] = { after, lastId, limit: STEP };
    const entries = await reads.doors.withActor(actor, (trx) => readTrail(trx, range, step));
    if (entries.length > 0)
      yield entries.map((entry) => `${JSON.stringify(toAuditEvent(entry, origin))}\n`).join('');
    if (entries.length < STEP) return;
    after = entries.at(-1)!;
  }
}

/** @throws AuditError RANGE_INVALID */
function readRange(search: URLSearchParams): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = ['from', 'to'].map((name) => {
    const text = search.get(name) ?? '';
    return /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  }) as [number, number];
  if (!(fromMs < toMs)) throw new AuditError('RANGE_INVALID');
  return { fromMs, toMs };
}

async function orHttpError(work: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuditError || error instanceof AccessError) throw toHttpError(error);
    throw error;
  }
}
