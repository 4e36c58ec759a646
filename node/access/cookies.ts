/**
 * The two cookies of a browser: its session, and the mark that binds a sign-in to the browser that began it. Both are of this
 * very host and https only (`__Host-`), and no script reads them.
 */
import { isSecret } from './secret.ts';

export const SESSION_COOKIE = '__Host-focalnet';
/** Lax: it must come along when the identity provider sends the browser back. */
export const BROWSER_COOKIE = '__Host-focalnet-browser';

type Headers = Readonly<Record<string, string | undefined>>;

/** The cookie's value; null where there is none, or two of one name, or it is no value of ours. */
export function readCookie(headers: Headers, name: string): string | null {
  const values = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && isSecret(value) ? value : null;
}

/** `set-cookie` that begins a session; it lasts as long as the browser and the session do. */
export const setSession = (value: string): string =>
  `${SESSION_COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict`;

export const clearSession = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** @param lifetimeS seconds */
export const setBrowser = (value: string, lifetimeS: number): string =>
  `${BROWSER_COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${lifetimeS}`;
