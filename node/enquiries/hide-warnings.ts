/**
 * What a warning says to the persons it names alone: its detail and whom it names stay with them, the head of office, the readers
 * the head admitted, and who wrote or approved it here (PRACTICE.md A15). That there is a warning, of which kind and about whom,
 * everybody sees who sees the act: hiding that would let somebody walk into the danger. Pure, and the only place that decides it.
 */
import type { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import type { Role } from '../access/actor.ts';
import { fold } from './named-readers.ts';

/** Who reads, as far as it matters here. */
export interface WarningReader {
  readonly name: string;
  readonly role: Role;
  /** Admitted by the head to what is for named readers in this conversation. */
  readonly isReader: boolean;
  /** Wrote or approved this very act, or is to approve it now. */
  readonly isAuthor: boolean;
}

type Warned = { readonly warnings?: readonly SafetyWarning[] | undefined };

/** Whether anything in this body is for named persons alone. */
export const holdsNamedWarnings = (body: Warned): boolean =>
  (body.warnings ?? []).some(({ eyesOnly }) => eyesOnly.length > 0);

/** The body as this person may read it; `eyesOnly` itself stays, and says whom to ask. */
export function hideWarnings<B extends Warned>(body: B, reader: WarningReader): B {
  if (!holdsNamedWarnings(body) || reader.role === 'head' || reader.isReader || reader.isAuthor) return body;
  return { ...body, warnings: body.warnings?.map((warning) => hide(warning, reader)) };
}

function hide(warning: SafetyWarning, { name }: WarningReader): SafetyWarning {
  const { detail: _detail, named: _named, ...open } = warning;
  const isFor = warning.eyesOnly.length === 0 || warning.eyesOnly.some((one) => fold(one) === fold(name));
  return isFor ? warning : open;
}
