/**
 * A person states something of a child, changes it, or says that it is no longer so. Two who write at once lose nothing: what the
 * second did not have before them stays, and both accounts stand side by side until a person resolves them (history.ts).
 */
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { CaseError } from './case-error.ts';
import type { CaseContext } from './context.ts';
import { type CaseEntry, type CaseItem, readItems } from './history.ts';
import { keepFile } from './keep-file.ts';
import { type CaseKind, caseKinds, Provenance } from './kinds.ts';
import { makeItem } from './statement.ts';
import { addEntry, type CaseRow, lockCase, type NewEntry, readEntries } from './store.ts';

export interface Statement {
  readonly case: string;
  readonly kind: CaseKind;
  /** Which item it is about; without it, a new one, or the one there is of a kind that is stated once. */
  readonly item?: string | undefined;
  /** Ids of the entries it takes the place of: those the author had before them. */
  readonly replaces: readonly string[];
  /** By the schema of its kind; null says that it is no longer stated. */
  readonly value: unknown;
  readonly provenance: unknown;
  /** Why; must be there where the value is null. */
  readonly reason?: string | undefined;
}

export interface Written {
  readonly entry: CaseEntry;
  /** The item as it stands now: more than one head where somebody else had written meanwhile. */
  readonly item: CaseItem;
}

/**
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED; CaseError ENTRY_INVALID, ENTRY_UNKNOWN, KIND_DIFFERS, ITEM_UNKNOWN,
 * REASON_MISSING, WARNING_STAYS, CASE_CLOSED, CASE_JOINED; StorageError as keepFile
 */
export async function writeEntry(ctx: CaseContext, actor: Actor, statement: Statement): Promise<Written> {
  return runAs(ctx, actor, async (op) => {
    await op.require('case.write', statement.case);
    const file = await lockCase(op, statement.case);
    if (file.joined_into !== null) throw new CaseError('CASE_JOINED');
    if (file.closed_at !== null) throw new CaseError('CASE_CLOSED');
    const entries = (await readEntries(op.trx, op.vault, [file.id])).get(file.id)!;
    const entry = parseStatement(entries, statement, () => makeItem(op.random));
    if (entry.kind === 'warning') await requireWarning(op, file, entry);
    await keepFile(op, file.id, entry);
    const written = await addEntry(op, file, entries, entry);
    await op.audit('case.written', { case: file.id, entry: written.id, n: written.n, by: actor.id });
    op.afterCommit(() => ctx.changes.publish(file.id));
    const item = readItems([...entries, written]).find((one) => one.item === entry.item);
    return { entry: written, item: item ?? { item: entry.item, kind: entry.kind, heads: [written] } };
  });
}

/** @throws CaseError */
function parseStatement(
  entries: readonly CaseEntry[],
  { kind, item: named, replaces, value, provenance, reason }: Statement,
  makeNew: () => string,
): NewEntry {
  const item = caseKinds[kind].one ? kind : (named ?? makeNew());
  const before = entries.filter((entry) => entry.item === item);
  if (named !== undefined && before.length === 0 && !caseKinds[kind].one) throw new CaseError('ITEM_UNKNOWN');
  if (before.some((entry) => entry.kind !== kind)) throw new CaseError('KIND_DIFFERS');
  const known = new Set(before.map(({ id }) => id));
  if (!replaces.every((id) => known.has(id))) throw new CaseError('ENTRY_UNKNOWN');
  const why = reason?.trim() || null;
  if (value === null && (why === null || why.length < 10)) throw new CaseError('REASON_MISSING');
  const parsed = {
    value: value === null ? null : parse(caseKinds[kind].value, value, 'value'),
    provenance: parse(Provenance, provenance, 'provenance'),
  };
  return { item, kind, replaces: [...new Set(replaces)], reason: why, ...parsed } as NewEntry;
}

function parse(
  schema: (typeof caseKinds)[CaseKind]['value'] | typeof Provenance,
  input: unknown,
  name: string,
) {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(
    ({ path, code, message }) =>
      `${[name, ...path].map(String).join('.')}: ${code === 'custom' ? message : code.replaceAll('_', ' ')}`,
  );
  throw new CaseError('ENTRY_INVALID', fields);
}

/** A warning that stands is ended or changed by a decider; anybody may add one. */
async function requireWarning(
  op: PersonalOperation,
  { unit }: CaseRow,
  { replaces }: NewEntry,
): Promise<void> {
  if (replaces.length === 0) return;
  const decision = decide(op.actor, 'case.lift-warning', {}, op.nowMs);
  const isOfUnit = op.actor.role === 'head' || op.actor.unit === unit;
  if (!decision.allow || !isOfUnit) throw new CaseError('WARNING_STAYS');
}
