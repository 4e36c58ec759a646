/**
 * Streaming routes for files on the officers' server: `POST /attachments` and `GET /attachments/:id`. Files are handed out
 * for saving, never shown by a browser as a page of this origin.
 */
import { type Selectable, sql } from 'kysely';
import { GRAPHQL_HEADER } from '#platform/http/graphql-header.ts';
import { HttpError, toHttpError } from '#platform/http/http-error.ts';
import { answerJson, type HttpRequest, type HttpResponse, type Route } from '#platform/http/route.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requirePermission } from '../access/permit.ts';
import { type PersonalOperation, runAs, type Surroundings } from '../operation.ts';
import type { Doors } from '../storage/doors.ts';
import { attachmentKey } from '../vault/subjects.ts';
import { VaultError } from '../vault/vault-error.ts';
import { AttachmentError, MAX_ATTACHMENT_BYTES, neutralName } from './clean.ts';
import { readPart, streamParts } from './parts.ts';
import { StorageError } from './storage-error.ts';
import { MAX_UNCLEANED_BYTES, storeAttachment, storeUncleaned } from './store-attachment.ts';
import type { AttachmentTable } from './tables.ts';

type Found = Pick<Selectable<AttachmentTable>, 'id' | 'message_id' | 'case_id' | 'uploaded_by'>;

export interface AttachmentRoutes {
  readonly doors: Doors;
  readonly surroundings: Surroundings;
  /** Who calls; throws AccessError. */
  readonly authenticate: (request: HttpRequest) => Promise<Actor>;
}

/** Why a file must be kept as it is; percent-encoded UTF-8, supervisors only. */
export const UNCLEANED_HEADER = 'x-focalnet-uncleaned-reason';

/** The two routes. Errors are JSON `{code, message, correlationId}`. */
export function attachmentRoutes(ctx: AttachmentRoutes): Route[] {
  return [
    { method: 'POST', path: '/attachments', handle: (request) => asHttpError(() => take(ctx, request)) },
    { method: 'GET', path: '/attachments/:id', handle: (request) => asHttpError(() => give(ctx, request)) },
  ];
}

async function take(ctx: AttachmentRoutes, request: HttpRequest): Promise<HttpResponse> {
  // A form on another site cannot send this header (CSRF).
  if (request.headers[GRAPHQL_HEADER] !== '1')
    throw new HttpError(403, 'CSRF', `Send the header ${GRAPHQL_HEADER}: 1.`);
  const actor = await ctx.authenticate(request);
  const declaredMedia = request.headers['content-type'] ?? '';
  const reason = request.headers[UNCLEANED_HEADER];
  if (reason === undefined) {
    requirePermission(actor, 'attachment.store');
    const bytes = await request.readBody(MAX_ATTACHMENT_BYTES, actor.id);
    return answerJson(201, await storeAttachment(ctx, actor, { bytes, declaredMedia }));
  }
  const pieces = request.streamBody(MAX_UNCLEANED_BYTES);
  return answerJson(
    201,
    await storeUncleaned(ctx, actor, { pieces, declaredMedia, reason: decodeReason(reason) }),
  );
}

function decodeReason(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StorageError('REASON_MISSING');
  }
}

async function give(ctx: AttachmentRoutes, request: HttpRequest): Promise<HttpResponse> {
  const actor = await ctx.authenticate(request);
  const id = request.params.id ?? '';
  // The record that a person took the file is committed before its first byte leaves.
  const row = await runAs(ctx, actor, async (op) => {
    requirePermission(actor, 'conversation.read');
    const found = await op.trx.selectFrom('attachment').selectAll().where('id', '=', id).executeTakeFirst();
    if (!found || found.sha256 === '') throw new StorageError('ATTACHMENT_UNKNOWN');
    await requireRead(op, found);
    // What is blocked is refused before an answer begins.
    (await op.vault.forReading(op.trx, [attachmentKey(id)])).check(attachmentKey(id));
    const { role, unit, purpose } = actor;
    await op.audit('attachment.read', {
      id,
      messageId: found.message_id,
      case: found.case_id,
      actor: actor.id,
      role,
      unit,
      purpose,
    });
    return found;
  });
  return {
    status: 200,
    headers: {
      'content-type': row.media,
      'content-length': String(row.bytes),
      'content-disposition': `attachment; filename="${neutralName((row.position ?? 0) + 1, row.media)}"`,
      'content-security-policy':
        "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: streamParts((n) =>
      ctx.doors.withActor(actor, (trx) => readPart({ trx, vault: ctx.surroundings.vault }, id, n)),
    ),
  };
}

/** Whose upload is in no proposal yet has it for themselves; any other file is of a conversation or of a case file. */
async function requireRead(
  op: PersonalOperation,
  { id, message_id, case_id, uploaded_by }: Found,
): Promise<void> {
  if (case_id !== null) return op.require('case.read', await readWith(op, case_id));
  const query =
    message_id === null
      ? op.trx
          .selectFrom('proposal')
          .select('thread')
          .where(sql<boolean>`id = any(array(select app_drafts_with(${id})))`)
      : op.trx.selectFrom('act').select('thread').where('message_id', '=', message_id);
  const of = await query.executeTakeFirst();
  if (!of && uploaded_by === op.actor.id) return;
  await op.require('conversation.read', of?.thread ?? '');
}

/** The case file that this one is read with. */
async function readWith({ trx }: PersonalOperation, id: string): Promise<string> {
  const { rows } = await sql<{ of: string }>`select app_read_with(${id}) as of`.execute(trx);
  return rows[0]!.of;
}

/** Refusals meant for the caller, as HTTP says them. */
async function asHttpError(work: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AttachmentError)
      throw new HttpError(error.code === 'TOO_LARGE' ? 413 : 422, error.code, error.message);
    if (error instanceof StorageError || error instanceof AccessError || error instanceof VaultError) {
      throw toHttpError(error);
    }
    throw error;
  }
}
