/**
 * Exactly what a release would send, and the digest by which a second person approves, or a clearance opens a gate for, that and
 * nothing else. Pure.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { ListedNode } from '#schema/protocol/trust-list.ts';
import { neutralName } from '../attachments/clean.ts';
import type { AttachmentTable } from '../attachments/tables.ts';
import type { Opened } from '../vault/sealed-columns.ts';

export type AttachmentRow = Opened<Selectable<AttachmentTable>, 'name' | 'uncleaned_reason'>;

/** The lane is no part of it: it follows from the conversation and may change while a proposal waits. */
export interface Leaving {
  readonly peer: string;
  readonly thread: string;
  readonly type: string;
  readonly version: number;
  readonly body: Record<string, unknown>;
  readonly supersedes: string | null;
  readonly author: { readonly name: string; readonly office: string };
  readonly attachments: readonly { name: string; media: string; bytes: number; sha256: string }[];
}

/** What leaves of a file; the name is neutral and given by its place. */
export function describeFile(row: AttachmentRow, position: number): Leaving['attachments'][number] {
  return {
    name: neutralName(position + 1, row.media),
    media: row.media,
    bytes: row.bytes,
    sha256: row.sha256,
  };
}

/** SHA-256 hex of the canonical form of everything that would leave. */
export function digestOf(leaving: Leaving): string {
  return createHash('sha256')
    .update(encodeCanonical(leaving as unknown as Record<string, unknown>))
    .digest('hex');
}

/** What an officer must know of the receiving State before anything is sent (PRACTICE.md B1, B11, A20). */
export interface Receiver {
  readonly state: string;
  /** The office designated for the legal basis of the enquiry; null where the trust list names none. */
  readonly office: string | null;
  readonly mustTell: ListedNode['profile']['mustTell'];
  readonly dutyPhones: ListedNode['profile']['dutyPhones'];
  readonly languages: readonly string[];
  readonly typicalDays: number;
}

/** @param bases codes of the legal basis the enquiry rests on, the first that has a designated office decides */
export function describeReceiver(node: ListedNode, bases: readonly string[]): Receiver {
  const { designations, mustTell, dutyPhones, languages, typicalDays } = node.profile;
  const designated = bases.flatMap((basis) => designations.filter((one) => one.legalBasis === basis))[0];
  return {
    state: node.node,
    office: designated?.office ?? null,
    mustTell,
    dutyPhones,
    languages,
    typicalDays,
  };
}
