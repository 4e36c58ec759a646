/**
 * What auditors see: entries, counts, proofs, openings in need. Resolvers only show.
 */

import type { ReadingCount } from '../audit/count-readings.ts';
import type { Opening } from '../audit/list-openings.ts';
import type { EntryProof, ShownCheckpoint } from '../audit/prove.ts';
import { cursorOf, type TrailEntry } from '../audit/trail.ts';
import type { AuditorBuilder } from './auditor.ts';

export type TrailPage = { readonly entries: readonly TrailEntry[]; readonly hasNextPage: boolean };

/** A page of the trail. */
export function defineTrail(builder: AuditorBuilder) {
  const RowCount = builder.objectRef<readonly [string, number]>('RowCount').implement({
    fields: (t) => ({
      what: t.string({ resolve: ([what]) => what }),
      rows: t.int({ resolve: ([, rows]) => rows }),
    }),
  });
  const Entry = builder.objectRef<TrailEntry>('TrailEntry').implement({
    description: 'Who did or was shown what kind of thing. No entry holds what it said.',
    fields: (t) => ({
      id: t.id({ resolve: (entry) => String(entry.id) }),
      place: t.int({
        nullable: true,
        description: 'In the log: ask for its proof by it. None for a moment after it was written.',
        resolve: (entry) => entry.place,
      }),
      type: t.exposeString('type'),
      at: t.field({ type: 'Instant', resolve: (entry) => entry.atMs }),
      actor: t.exposeString('actor', {
        nullable: true,
        description: 'Id of the person; none for what the node did by itself.',
      }),
      role: t.exposeString('role', { nullable: true }),
      unit: t.exposeString('unit', { nullable: true }),
      purpose: t.exposeString('purpose', { nullable: true }),
      fields: t.stringList({ description: 'What was asked for.', resolve: (entry) => [...entry.fields] }),
      threads: t.stringList({
        description: 'Conversations, by random names that open nothing here.',
        resolve: (entry) => [...entry.threads],
      }),
      counts: t.field({ type: [RowCount], resolve: (entry) => Object.entries(entry.rows) }),
    }),
  });
  return builder.objectRef<TrailPage>('TrailPage').implement({
    fields: (t) => ({
      entries: t.field({ type: [Entry], resolve: (page) => [...page.entries] }),
      hasNextPage: t.exposeBoolean('hasNextPage'),
      endCursor: t.string({
        nullable: true,
        resolve: ({ entries }) => (entries.length > 0 ? cursorOf(entries.at(-1)!) : null),
      }),
    }),
  });
}

/** What somebody was shown within an hour. */
export function defineReadingCount(builder: AuditorBuilder) {
  return builder.objectRef<ReadingCount>('ReadingCount').implement({
    fields: (t) => ({
      actor: t.exposeString('actor'),
      purpose: t.exposeString('purpose'),
      hour: t.field({ type: 'Instant', resolve: (row) => row.hour }),
      readings: t.exposeInt('readings', { description: 'Answers with something in them.' }),
      conversations: t.exposeInt('conversations', {
        description: 'Different ones whose content was shown.',
      }),
    }),
  });
}

/** Proofs and what they rest on. */
export function defineProofs(builder: AuditorBuilder) {
  const Checkpoint = builder.objectRef<ShownCheckpoint>('Checkpoint').implement({
    description: 'What this node signed of its log at a size, and who outside has seen that it only grew.',
    fields: (t) => ({
      size: t.exposeInt('size'),
      at: t.field({ type: 'Instant', resolve: (row) => row.atMs }),
      root: t.string({ description: 'Hex.', resolve: (row) => Buffer.from(row.root).toString('hex') }),
      witnesses: t.stringList({ resolve: (row) => [...row.witnesses] }),
      note: t.exposeString('note', { description: 'c2sp.org/tlog-checkpoint, with cosignatures.' }),
    }),
  });
  const Opening = builder.objectRef<NonNullable<EntryProof['opening']>>('CommitmentOpening').implement({
    description: 'SHA-256 over salt and detail is what the entry commits to.',
    fields: (t) => ({
      detail: t.exposeString('detail', { description: 'Canonical JSON: ids, codes and hashes.' }),
      salt: t.string({ description: 'Base64.', resolve: ({ salt }) => Buffer.from(salt).toString('base64') }),
    }),
  });
  const Proof = builder.objectRef<EntryProof>('EntryProof').implement({
    description:
      'Checked without this node: the entry’s leaf hash, the path to a signed root, the witnesses.',
    fields: (t) => ({
      entry: t.string({
        description: 'Base64 of what the log publishes.',
        resolve: ({ entry }) => Buffer.from(entry).toString('base64'),
      }),
      opening: t.field({ type: Opening, nullable: true, resolve: ({ opening }) => opening }),
      proof: t.exposeString('proof', { description: 'c2sp.org/tlog-proof.' }),
    }),
  });
  return { Checkpoint, Proof };
}

/** An opening in need. */
export function defineOpening(builder: AuditorBuilder) {
  return builder.objectRef<Opening>('OpeningInNeed').implement({
    description: 'Somebody opened a conversation they do not work on, for an hour.',
    fields: (t) => ({
      id: t.exposeID('id'),
      person: t.exposeString('person'),
      unit: t.exposeString('unit', { description: 'Whose conversation it was.' }),
      category: t.exposeString('category'),
      openedAt: t.field({ type: 'Instant', resolve: (row) => row.opened_at }),
      expiresAt: t.field({ type: 'Instant', resolve: (row) => row.expires_at }),
      reviewDueAt: t.field({ type: 'Instant', resolve: (row) => row.review_due_at }),
      reviewedBy: t.string({ nullable: true, resolve: (row) => row.reviewed_by }),
      reviewedAt: t.field({ type: 'Instant', nullable: true, resolve: (row) => row.reviewed_at }),
      finding: t.string({ nullable: true, resolve: (row) => row.finding }),
    }),
  });
}
