/**
 * `focalnet sign-in`: a session for the command line. The person signs in with a browser and carries a code from there.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { challengeOf } from '#node/access/secret.ts';
import { signInAs } from '../demo/sign-in-as.ts';
import { OfficerError } from '../officer-client.ts';
import { type Command, need, print } from './command.ts';

export const signIn: Command = {
  help: `  --node URL      officers' address of the own node
  --demo PERSON   sign in as an invented person, e.g. officer.xa; only where the demo's identity provider runs

  Prints a line for the shell; what it asks goes to standard error.

  eval "$(focalnet sign-in --node https://focalnet.xa.example)"`,
  run: async (values) => {
    const node = need(values, 'node').replace(/\/$/, '');
    const session =
      typeof values.demo === 'string'
        ? await signInAs(node, values.demo)
        : await signInProgram(node, askCode);
    print(`export FOCALNET_SESSION=${session}`);
    return 0;
  },
};

/**
 * Signs this program in.
 * @param askPerson shows the address to the person and gives the code they bring back
 * @returns the value of the session cookie
 * @throws OfficerError CODE_INVALID and others of the node
 */
export async function signInProgram(
  node: string,
  askPerson: (address: string) => Promise<string>,
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const code = await askPerson(`${node}/sign-in?program=${challengeOf(verifier)}`);
  const response = await fetch(`${node}/sign-in/program`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
    body: JSON.stringify({ code, verifier }),
  });
  const answer = (await response.json()) as { session?: string; code?: string; message?: string };
  if (answer.session !== undefined) return answer.session;
  throw new OfficerError(answer.code ?? 'HTTP', answer.message ?? `the node answered ${response.status}`);
}

async function askCode(address: string): Promise<string> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await dialogue.question(`Sign in with a browser at\n  ${address}\nand type the code it shows: `);
  } finally {
    dialogue.close();
  }
}
