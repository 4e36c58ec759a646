/** The guardian whom an authority appointed is linked by two people, signs in, and sees how far the questions have come. */
import { openOfficerClient } from '../../officer-client.ts';
import { personId } from '../invented-people.ts';
import { signInAs } from '../sign-in-as.ts';
import { expect } from '../step-error.ts';
import type { Story } from '../story.ts';
import type { Team } from '../team.ts';

const PROPOSE = 'mutation ($of: GuardianAppointmentInput!) { proposeGuardianLink(appointment: $of) }';
const SHOWN = 'query ($thread: ID!) { guardianLinks(thread: $thread) { id digest } }';
const APPROVE =
  'mutation ($link: ID!, $digest: String!) { approveGuardianLink(link: $link, digest: $digest) }';
const FOLLOWED = '{ representations { authority conversations { with label timeline { label date } } } }';

interface Followed {
  readonly representations: readonly {
    readonly authority: string;
    readonly conversations: readonly {
      readonly with: string;
      readonly timeline: readonly { label: string; date: string }[];
    }[];
  }[];
}

export async function represented({ mainJourney, teamOf, tell }: Story): Promise<void> {
  const thread = mainJourney.threads.get('a');
  expect(thread !== undefined, 'nothing was sent: this step needs the step send');
  const team = teamOf('xa');
  const { node } = team;
  await linkGuardian(team, thread);
  tell('an officer of xa entered the act of appointment; a supervisor approved exactly that');
  const session = await signInAs(node.officerUrl, personId('guardian', node.code));
  const guardian = openOfficerClient(node.officerUrl, session, '/guardian/graphql');
  const { representations } = await guardian.ask<Followed>(FOLLOWED);
  const [followed] = representations.flatMap(({ conversations }) => conversations);
  expect(followed !== undefined, 'the guardian follows the conversation that the appointment names');
  const reached = followed.timeline.map(({ label, date }) => `${date} ${label}`).join('; ');
  tell(`the guardian signs in and is told, of ${followed.with.toLowerCase()}: ${reached}`);
}

/** An officer enters who was appointed for the child of a conversation; a supervisor approves it. */
export async function linkGuardian({ officer, supervisor, node }: Team, thread: string): Promise<void> {
  const { proposeGuardianLink: link } = await officer.ask<{ proposeGuardianLink: string }>(PROPOSE, {
    of: appointment(node.code, thread),
  });
  const { guardianLinks } = await supervisor.ask<{ guardianLinks: { id: string; digest: string }[] }>(SHOWN, {
    thread,
  });
  const { digest } = guardianLinks.find(({ id }) => id === link)!;
  await supervisor.ask(APPROVE, { link, digest });
}

const appointment = (code: string, thread: string) => ({
  person: personId('guardian', code),
  threads: [thread],
  authority: `Guardianship court of ${code} (INVENTED)`,
  number: 'INVENTED 4/27',
  appointedOn: new Date().toISOString().slice(0, 10),
  scope: 'INVENTED: care of the person, representation in proceedings',
  identitySeen: 'in-person',
  kind: 'guardian',
  conflicts: {
    runsPlaceOfCare: 'no',
    employedByDecider: 'no',
    paidPerChild: 'no',
    knownToParticipant: 'no',
    lookedInto: 'INVENTED: lists of staff; paid by the month',
  },
});
