/**
 * What an enquiry says of one of its children, as the first statements of a case file. Pure.
 */
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { type CaseKind, caseKinds, type Provenance } from './kinds.ts';
import { makeEntry, type NewStatement } from './statement.ts';
import type { NewEntry } from './store.ts';

/** What the child said, to whom and when; without those it stays with the enquiry alone. */
function readViews({
  views: { views, heardOn, heardBy, interpreter, weight },
}: EnquiryBody['children'][number]) {
  if (heardOn === undefined || heardBy === undefined) return [];
  return views.map((said) => ({ ...said, on: heardOn, to: heardBy, interpreter, ...(weight && { weight }) }));
}

/**
 * @param ref the child's reference in the enquiry, e.g. `c1`
 * @returns undefined where the enquiry has no such child
 */
export function readChild(
  body: EnquiryBody,
  ref: string,
  provenance: Provenance,
  random: (bytes: number) => Uint8Array,
): NewEntry[] | undefined {
  const child = body.children.find((one) => one.ref === ref);
  if (!child) return undefined;
  const entries: NewEntry[] = [];
  const add = (kind: CaseKind, value: unknown): string => {
    const entry = makeEntry(
      { kind, value: caseKinds[kind].value.parse(value), provenance } as NewStatement,
      random,
    );
    entries.push(entry);
    return entry.item;
  };
  for (const name of child.names) add('name', name);
  add('birth', child.birth);
  const { countryOfBirth, placeOfBirth } = child;
  if (countryOfBirth ?? placeOfBirth)
    add('birthplace', { ...(countryOfBirth && { countryOfBirth }), ...(placeOfBirth && { placeOfBirth }) });
  add('gender', { gender: child.gender });
  for (const nationality of child.nationalities) add('nationality', nationality);
  if (child.statelessness) add('statelessness', { status: child.statelessness });
  for (const language of child.languages) add('language', language);
  for (const document of child.documents) add('document', document);
  for (const mark of child.marks) add('mark', { mark });
  add('situation', child.situation);
  for (const view of readViews(child)) add('view', view);
  for (const agreement of child.agreements) add('consent', { ...agreement, circumstances: [] });
  add('trafficking', body.trafficking);
  const items = new Map<string, string>();
  for (const { ref: person, toChildren, ...about } of body.persons)
    if (toChildren.length === 0 || toChildren.includes(ref)) items.set(person, add('person', about));
  for (const warning of body.warnings) {
    const about = warning.about.flatMap((one) => items.get(one) ?? []);
    const isAboutOthers = warning.about.length > 0 && about.length === 0 && !warning.about.includes(ref);
    // What a warning says to named persons alone stays in the conversation (node/enquiries/hide-warnings.ts).
    const { eyesOnly, detail, named, ...open } = warning;
    if (!isAboutOthers) add('warning', { ...open, about, ...(eyesOnly.length === 0 && { detail, named }) });
  }
  for (const told of body.alreadyTold) add('told', told);
  return entries;
}
