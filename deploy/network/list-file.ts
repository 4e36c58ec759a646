/**
 * The files in which a trust list goes from hand to hand: signed, as the gateway serves it; a draft with notes for those who
 * sign; or its bare JSON.
 */
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { findListFault, hashList, ListError, parseList } from '#schema/jws/trust-list.ts';
import { TrustList } from '#schema/protocol/trust-list.ts';
import { ListChangeError } from './list-change-error.ts';
import { draftNextList } from './make-list.ts';
import { requireUsableCertificates } from './public-keys.ts';

const Draft = z.strictObject({
  draft: TrustList,
  /** Why, for those who sign; not part of the list, which anyone may read. */
  notes: z.array(z.string().max(500)),
});

export interface ListFile {
  readonly list: TrustList;
  readonly notes: readonly string[];
  readonly kind: 'signed' | 'draft' | 'bare';
  /** The text with its signatures, null where nobody has signed. Nothing of it is verified here. */
  readonly signed: string | null;
}

/** @throws ListChangeError UNREADABLE; ListError where a signed list has another form */
export async function readListFile(path: string): Promise<ListFile> {
  const text = (await readFile(path, 'utf8')).trim();
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && 'payload' in value)
    return { list: parseList(text).value, notes: [], kind: 'signed', signed: text };
  const draft = Draft.safeParse(value);
  if (draft.success) return { list: draft.data.draft, notes: draft.data.notes, kind: 'draft', signed: null };
  const list = TrustList.safeParse(value);
  if (!list.success) throw new ListChangeError('UNREADABLE', list.error.issues[0]?.path.join('.'));
  return { list: list.data, notes: [], kind: 'bare', signed: null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ListChangeError('UNREADABLE');
  }
}

/**
 * Applies a change to the list that would follow a signed one, or to a draft, which stays the same draft. A list without
 * signatures or notes is refused: changed in place it would contradict the one of its version.
 * @throws ListChangeError; ListError MALFORMED where the result contradicts itself
 */
export async function draftChange(
  from: ListFile,
  change: (list: TrustList) => TrustList,
  { nowMs, note }: { nowMs: number; note?: string | undefined },
): Promise<ListFile> {
  if (from.kind === 'bare') throw new ListChangeError('NOT_A_BASE');
  const base = from.kind === 'draft' ? from.list : draftNextList(from.list, from.list.nodes, nowMs);
  const list = TrustList.parse(change(base));
  await requireSound(list);
  const notes = [...from.notes, ...(note === undefined ? [] : [note])];
  return { list, notes, kind: 'draft', signed: null };
}

/** @throws ListError MALFORMED; ListChangeError CERTIFICATE_UNUSABLE */
export async function requireSound(list: TrustList): Promise<void> {
  const fault = findListFault(list);
  if (fault !== null) throw new ListError('MALFORMED', fault);
  await requireUsableCertificates(list);
}

/** @throws ListChangeError WRONG_PREDECESSOR unless `list` names `previous` as the one before it */
export function requirePredecessor(list: TrustList, previous: TrustList): void {
  if (list.ver !== previous.ver + 1 || list.prev !== hashList(previous))
    throw new ListChangeError('WRONG_PREDECESSOR');
}

export async function writeDraft(path: string, { list, notes }: ListFile): Promise<void> {
  await writeFile(path, `${JSON.stringify({ draft: list, notes }, null, 2)}\n`);
}
