/** The child's file: opened from the enquiry, written in by two at once, given out as HTCDS with what had no place in it. */
import { personId } from '../invented-people.ts';
import { signInAs } from '../sign-in-as.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';

const OPEN = 'mutation ($thread: ID!) { openCaseOf(thread: $thread, child: "c1") }';
const SHOWN = `query ($id: ID!) { case(id: $id) { conversations { thread } items {
  kind contested heads { id authorName rendered { label value } } } } }`;
const WRITE = `mutation ($case: ID!, $replaces: [ID!], $gender: GenderCode!, $from: ProvenanceInput!) {
  writeCaseGender(case: $case, replaces: $replaces, value: { gender: $gender }, provenance: $from) { item { contested } } }`;

interface Shown {
  readonly case: {
    readonly conversations: readonly unknown[];
    readonly items: readonly {
      readonly kind: string;
      readonly contested: boolean;
      readonly heads: readonly { readonly id: string; readonly authorName: string }[];
    }[];
  };
}

export async function caseFile({ mainJourney, teamOf, tell }: Story): Promise<void> {
  const thread = mainJourney.threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the step send');
  const { officer, supervisor, node } = teamOf('xa');
  const { openCaseOf: id } = await officer.ask<{ openCaseOf: string }>(OPEN, { thread });
  const read = async () => (await supervisor.ask<Shown>(SHOWN, { id })).case;
  const { items, conversations } = await read();
  expect(conversations.length === 1, 'the file shows its conversation');
  tell(
    `xa opened the child’s file from the enquiry: ${items.length} statements, each with its source, sealed at rest`,
  );
  const gender = items.find(({ kind }) => kind === 'gender')!;
  const change = { case: id, replaces: gender.heads.map((head) => head.id) };
  const write = (by: typeof officer, source: string, code: string, also = {}) =>
    by.ask(WRITE, { ...change, gender: code, from: { source, confidence: 'likely' }, ...also });
  await Promise.all([
    write(officer, 'document', 'NonConforming'),
    write(supervisor, 'child', 'NonSpecifiedUnknown'),
  ]);
  const contested = (await read()).items.find(({ kind }) => kind === 'gender')!;
  expect(contested.contested && contested.heads.length === 2, 'both accounts stand');
  const authors = contested.heads.map(({ authorName }) => authorName).join(' and ');
  await write(supervisor, 'child', 'Feminine', { replaces: contested.heads.map((head) => head.id) });
  const resolved = (await read()).items.find(({ kind }) => kind === 'gender')!;
  expect(!resolved.contested, 'a person has resolved it');
  tell(`two wrote at once, ${authors}: both accounts stood side by side until a person resolved them`);
  const session = await signInAs(node.officerUrl, personId('supervisor', node.code));
  const response = await fetch(`${node.officerUrl}/cases/${id}/htcds`, {
    headers: { cookie: `__Host-focalnet=${session}` },
  });
  expect(response.ok, `the file goes out as HTCDS, not ${response.status}`);
  const { record, dropped } = (await response.json()) as {
    record: object;
    dropped: readonly { field: string }[];
  };
  tell(
    `given out as HTCDS 2.0: ${Object.keys(record).length} fields; a manifest names ${dropped.length} kinds of things left out`,
  );
}
