/**
 * Whether two bodies may speak of the same child. Pure. Errs to the side of the child: one name is enough to make somebody look.
 */
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { fold } from './named-readers.ts';
import type { Body } from './parse-body.ts';

type Subject = {
  readonly names: readonly {
    readonly parts: readonly { readonly value: string }[];
    readonly romanised?: string | undefined;
  }[];
  readonly birth?: { readonly earliest: string; readonly latest: string };
};
/** Acts that say whom they are about. */
export const actsAboutChildren: readonly MessageCode[] = ['ENQ', 'URG', 'SGT'];

/** Children of an enquiry, people of an alert or a sighting. */
export function subjectsOf(body: Body): readonly Subject[] {
  return (body.children ?? body.people ?? []) as readonly Subject[];
}

/** By one name of several parts in any order, in any script; by a single one only where the births may be the same too. */
export function isSame(one: Subject, other: Subject): boolean {
  const keys = new Set(namesOf(one));
  const shared = namesOf(other).filter((name) => keys.has(name));
  if (shared.some((name) => name.includes(' '))) return true;
  return shared.length > 0 && mayShareBirth(one.birth, other.birth);
}

/** Its names as they are compared: folded, their words in one order. */
export const namesOf = ({ names = [] }: Subject): string[] =>
  names
    .flatMap(({ parts, romanised }) => [parts.map(({ value }) => value).join(' '), romanised ?? ''])
    .map((name) => fold(name).split(' ').sort().join(' '))
    .filter((name) => name !== '');

const mayShareBirth = (one: Subject['birth'], other: Subject['birth']): boolean =>
  one === undefined || other === undefined || (one.earliest <= other.latest && other.earliest <= one.latest);
