/**
 * Signing in as an invented person, the way a browser does it. Works with the demo's identity provider and with no other.
 */
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { type Browser, openBrowser, type Seen } from './browser.ts';

export interface SignInAs {
  /** Whether the person used a second factor; yes unless said otherwise. */
  readonly twoFactors?: boolean;
  /** After the path `/sign-in`, with its `?`. */
  readonly query?: string;
  readonly browser?: Browser;
}

/**
 * Goes through sign-in to its last page, whatever that says.
 * @param nodeUrl where browsers reach the node
 * @param person subject at the demo's provider, e.g. `officer.xa`
 */
export async function walkSignIn(
  nodeUrl: string,
  person: string,
  { twoFactors = true, query = '', browser = openBrowser() }: SignInAs = {},
): Promise<Seen> {
  let page = await browser.open(`${nodeUrl}/sign-in${query}`);
  if (page.text.includes('name="person"'))
    page = await browser.submit(page, { person, factors: twoFactors ? 'two' : 'one' });
  // Who was signed in there as somebody else is signed out first, by a form that sends itself.
  if (page.text.includes('name="xsrf"')) page = await browser.submit(page, {});
  return page;
}

/** @returns the value of the session cookie @throws Error with what the node said instead */
export async function signInAs(nodeUrl: string, person: string, options: SignInAs = {}): Promise<string> {
  const { browser = openBrowser() } = options;
  const page = await walkSignIn(nodeUrl, person, { ...options, browser });
  const session = browser.cookies(nodeUrl).get(SESSION_COOKIE);
  if (page.status === 200 && session !== undefined) return session;
  const said = page.text.includes('name="person"')
    ? 'the identity provider has nobody of this name'
    : page.text
        .replace(/<title>.*<\/title>|<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();
  throw new Error(`${person} could not sign in at ${nodeUrl}: ${said}`);
}
