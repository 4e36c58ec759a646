/** The guardian follows the child's matter in two States, objects to a question before it is sent, and reads with the child. */
import { approve, propose, readEnquiryFile, safetyOf } from '../../act.ts';
import { type OfficerClient, OfficerError, openOfficerClient } from '../../officer-client.ts';
import { personId } from '../invented-people.ts';
import { signInAs } from '../sign-in-as.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import { passGates } from '../team.ts';

const SHOW = 'mutation ($thread: ID!, $item: ShownItemInput!) { showGuardian(thread: $thread, item: $item) }';
const FOLLOWED = `{ representations { conversations { id with label holder { text } next { text } answerDue
  timeline { label date tell { text } }
  questions { n question { text } answer { outcome { text } month codes { text } } }
  decisions { title on appealUntil words { text } telling { tell { text } } }
  hearings { proceeding { text } on } expected { words { text } by }
  rounds { id questions { n question { text } } }
  said { kind words { text } answer { result { text } reason { text } } } } } }`;
const OBJECT = `mutation ($round: ID!, $n: Int!, $why: FreeTextInput!) {
  objectToQuestion(round: $round, question: $n, reason: $why) }`;
const ANSWER = `mutation ($word: ID!, $why: FreeTextInput!) {
  answerGuardian(word: $word, result: question_goes, reason: $why) }`;
const VIEW = `mutation ($conversation: ID!, $view: ChildViewInput!) {
  submitChildView(conversation: $conversation, view: $view) }`;
const WITHDRAW =
  'mutation ($proposal: ID!, $why: String!) { withdrawProposal(proposal: $proposal, reason: $why) { status } }';

interface Text {
  readonly text: string;
}
interface Conversation {
  readonly id: string;
  readonly with: string;
  readonly label: string;
  readonly holder: Text;
  readonly next: Text;
  readonly answerDue: string | null;
  readonly timeline: readonly { readonly label: string; readonly date: string; readonly tell: Text }[];
  readonly questions: readonly {
    readonly question: Text;
    readonly answer: {
      readonly outcome: Text;
      readonly month: string;
      readonly codes: readonly Text[];
    } | null;
  }[];
  readonly decisions: readonly {
    readonly title: string;
    readonly on: string;
    readonly appealUntil: string;
  }[];
  readonly hearings: readonly { readonly proceeding: Text; readonly on: string }[];
  readonly expected: readonly { readonly words: Text; readonly by: string }[];
  readonly rounds: readonly {
    readonly id: string;
    readonly questions: readonly { readonly n: number; readonly question: Text }[];
  }[];
  readonly said: readonly {
    readonly kind: string;
    readonly answer: { readonly result: Text; readonly reason: Text } | null;
  }[];
}

const words = (text: string) => ({ text: `INVENTED: ${text}`, language: 'en' });
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

export async function followed(story: Story): Promise<void> {
  const { mainJourney, teamOf, tell } = story;
  const thread = mainJourney.threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the step send');
  const { supervisor, node } = teamOf('xa');
  const session = await signInAs(node.officerUrl, personId('guardian', node.code));
  const guardian = openOfficerClient(node.officerUrl, session, '/guardian/graphql');
  const read = async (): Promise<Conversation> => {
    const { representations } = await guardian.ask<{ representations: { conversations: Conversation[] }[] }>(
      FOLLOWED,
    );
    const [one] = representations.flatMap(({ conversations }) => conversations);
    expect(one !== undefined, 'the guardian follows the conversation: this step needs the step represented');
    return one;
  };
  await showDecision(supervisor, thread);
  const now = await read();
  tellTimeline(now, tell);
  await object(story, { guardian, read });
  const view = {
    topic: 'the-future',
    words: words('I want to stay at my school'),
    on: inDays(0),
    interpreter: 'no',
  };
  await guardian.ask(VIEW, { conversation: now.id, view });
  tell(
    'the guardian hands in what the child says, in the child’s own words; nobody can change it afterwards',
  );
  const page = await fetch(`${node.officerUrl}/guardian/for-child/${now.id}?age=8`, {
    headers: { cookie: `__Host-focalnet=${session}` },
  });
  const sentences = [...(await page.text()).matchAll(/<p>(.*?)<\/p>/g)].map(([, text]) => text!);
  expect(page.ok && sentences.length > 1, 'there is a page to read with the child');
  tell(`and reads with the child, who is about eight: ${sentences.join(' ')}`);
}

/** A warning hides the place: a supervisor shows what an officer alone may not. */
async function showDecision(supervisor: OfficerClient, thread: string): Promise<void> {
  const decision = {
    kind: 'decision',
    title: 'INVENTED: care order of the Children’s Court',
    on: inDays(-1),
  };
  const item = {
    ...decision,
    text: words('he is well where he is'),
    appealUntil: inDays(13),
    tell: 'may-be-told',
  };
  await supervisor.ask(SHOW, { thread, item });
  const expected = {
    kind: 'expected',
    text: words('say whether you appeal'),
    on: inDays(13),
    tell: 'with-care',
  };
  await supervisor.ask(SHOW, { thread, item: expected });
}

function tellTimeline(shown: Conversation, tell: (line: string) => void): void {
  tell(
    `the guardian reads: ${shown.label.toLowerCase()}. Who has it now: ${shown.holder.text.toLowerCase()}. Next: ${shown.next.text.toLowerCase()}`,
  );
  for (const { date, label, tell: telling } of shown.timeline)
    tell(`  ${date} ${label} (${telling.text.toLowerCase()})`);
  const answered = shown.questions.filter(({ answer }) => answer !== null);
  tell(
    `of what was asked the guardian sees ${shown.questions.length} questions, ${answered.length} with what may be told of the answer; none about who may harm the child`,
  );
  for (const { question, answer } of answered.slice(0, 2))
    tell(
      `  ${question.text} ${[answer!.outcome, ...answer!.codes].map(({ text }) => text).join(', ')} (${answer!.month})`,
    );
  const [decision] = shown.decisions.filter(({ title }) => title !== null);
  expect(decision !== undefined, 'the decision is shown');
  const [hearing] = shown.hearings;
  tell(
    `  ${decision.on} ${decision.title}: appeal until ${decision.appealUntil}${hearing ? `; next hearing ${hearing.on}` : ''}`,
  );
}

interface Reader {
  readonly guardian: OfficerClient;
  readonly read: () => Promise<Conversation>;
}

/** Before a second enquiry leaves, the guardian says that the child does not want one of its questions. */
async function object(
  { mainJourney, cases, teamOf, tell }: Story,
  { guardian, read }: Reader,
): Promise<void> {
  const team = teamOf('xa');
  const path = `${cases}/enquiries/${mainJourney.scenario.steps[0]!.file}`;
  const file = await readEnquiryFile(path);
  const asked = (file.body as { questions: { code?: string }[] }).questions;
  const questions = asked.filter(({ code }) => code === 'FAM-02' || code === 'CAR-01' || code === 'LAW-05');
  const body = { ...file.body, questions, attachments: [] };
  const proposed = await propose(team.officer, 'ENQ', { peer: file.to, body, safety: safetyOf(file) });
  const proposal = await passGates(team, proposed, ['asylum']);
  const [round] = (await read()).rounds;
  expect(round !== undefined, 'the guardian sees the questions before they are sent');
  const one = round.questions.at(-1)!;
  const why = words('he does not want anybody to ask about his father');
  const { objectToQuestion: word } = await guardian.ask<{ objectToQuestion: string }>(OBJECT, {
    ...{ round: round.id, n: one.n, why },
  });
  const refused = await approve(team.supervisor, proposal).catch((error: unknown) => error);
  expect(
    refused instanceof OfficerError && refused.code === 'GUARDIAN_NOT_HEARD',
    'nothing leaves over an objection that nobody has answered',
  );
  tell(
    `${round.questions.length} more questions are planned; the guardian objects to one: ${one.question.text}`,
  );
  await team.supervisor.ask(ANSWER, { word, why: words('it can wait until he wants it') });
  const withdrawn = { proposal: proposal.id, why: 'INVENTED: not against the wish of the child' };
  await team.officer.ask(WITHDRAW, withdrawn);
  const [said] = (await read()).said;
  expect(said?.answer !== null, 'the guardian reads the answer');
  tell(
    `it did not leave until a supervisor had answered: ${said!.answer!.result.text}; ${said!.answer!.reason.text}`,
  );
}
