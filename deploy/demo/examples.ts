/**
 * What a visitor needs to go on alone while the demo's network runs: addresses, who may sign in there, sessions of some of
 * them, and for each node a call that works as it stands.
 */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { roles } from '#node/access/actor.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { personId } from './invented-people.ts';
import type { Story } from './story.ts';
import { type Team, teamRoles } from './team.ts';

const HEADERS = "-H 'content-type: application/json' -H 'x-focalnet: 1'";
const INBOX = '{ inbox(first: 10) { edges { node { thread peerState state acts { type ours stage } } } } }';

export function describeEndpoints({ network, teams }: Story): Record<string, string> {
  const nodes = teams().map(({ node }) => node);
  return {
    gateway: `${network.gatewayUrl}/graphql`,
    ...Object.fromEntries(nodes.map((node) => [`${node.code}.officer`, `${node.officerUrl}/graphql`])),
    ...Object.fromEntries(
      nodes.flatMap(({ code, machineUrl }) =>
        machineUrl === null ? [] : [[`${code}.machine`, `${machineUrl}/graphql`]],
      ),
    ),
  };
}

const call = (url: string, query: string, headers = ''): string =>
  `curl -s ${url}/graphql ${HEADERS}${headers} -d '${JSON.stringify({ query })}'`;

const variableOf = (code: string, role: string): string =>
  `${code}_${role}`.toUpperCase().replaceAll('-', '_');

/** @returns the lines to print; writes the same addresses and sessions to a file that a shell can read */
export async function describeExamples(story: Story): Promise<string[]> {
  const { network, teams, cases, evidence } = story;
  const settings = join(network.folder, 'access.sh');
  const lines = teams().flatMap(({ node, sessions }) => [
    `export ${node.code.toUpperCase()}=${node.officerUrl}`,
    ...teamRoles.map((role) => `export ${variableOf(node.code, role)}=${sessions[role]}`),
  ]);
  await writeFile(settings, `${lines.join('\n')}\n`, { mode: 0o600 });
  const here = (path: string) => relative(process.cwd(), path) || path;
  const [first] = teams();
  const own = first && [
    '',
    'An enquiry as an officer of xa sends it; copy the file and change it for one of your own:',
    `  eval "$(${signIn(first)})"`,
    `  node bin/focalnet.mjs enquiry send --node ${first.node.officerUrl} --file ${here(join(cases, 'enquiries', '03-refused.json'))}`,
  ];
  return [
    '',
    'gateway',
    `  address         ${network.gatewayUrl}/graphql`,
    '  its trust list and the checkpoints it has seen, as anybody may read them:',
    `    ${call(network.gatewayUrl, '{ trustList { ver index } checkpoints { origin size } }')}`,
    ...teams().flatMap(describeTeam),
    ...(own ?? []),
    '',
    `The anchor of trust is ${here(network.anchorPath)}.${evidence.length > 0 ? ' Check the evidence yourself:' : ''}`,
    ...evidence.map(
      (path) => `  node bin/focalnet.mjs evidence verify --anchor ${here(network.anchorPath)} ${here(path)}`,
    ),
    '',
    'A session is over when nobody uses it for 15 minutes: then sign in anew. With a browser you are one person at one',
    'State at a time, since cookies do not tell ports apart.',
    `The same addresses and sessions for a shell: . ${here(settings)}`,
    `  sets XA, ${teamRoles.map((role) => variableOf('xa', role)).join(', ')}, and the same for the other States.`,
  ];
}

const signIn = ({ node }: Team): string =>
  `node bin/focalnet.mjs sign-in --node ${node.officerUrl} --demo ${personId('officer', node.code)}`;

function describeTeam({ node, sessions }: Team): string[] {
  const { code, officerUrl, machineUrl, operationsUrl } = node;
  const people = roles.map((role) => personId(role, code));
  return [
    '',
    code,
    `  sign in         ${officerUrl}/sign-in`,
    `  people          ${people.slice(0, 5).join(', ')},`,
    `                  ${people.slice(5).join(', ')}`,
    `  officers        ${officerUrl}/graphql`,
    `  telephones      ${officerUrl}/duty-telephones, to be printed every week`,
    `  other nodes     ${machineUrl === null ? 'none: it opens no port and lives on its mailbox' : `${machineUrl}/graphql, for signed calls of listed nodes alone`}`,
    `  its operator    ${operationsUrl}/status, /metrics, /readyz`,
    '  sessions of some, as the value of a cookie:',
    ...teamRoles.map((role) => `  ${role.padEnd(15)} ${sessions[role]}`),
    '  its inbox, as the officer sees it:',
    `    ${call(officerUrl, INBOX, ` -H 'cookie: ${SESSION_COOKIE}=${sessions.officer}'`)}`,
    ...(machineUrl === null
      ? []
      : ['  there anybody may read its log, and nothing else:', `    curl -s ${machineUrl}/log/checkpoint`]),
  ];
}
