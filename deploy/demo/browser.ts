/**
 * A browser as far as signing in needs one: it keeps cookies, follows redirects and sends forms. For the demo and tests.
 */

export interface Seen {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Browser {
  /** Opens an address, through all redirects. */
  readonly open: (url: string | URL, init?: RequestInit) => Promise<Seen>;
  /** Sends the form of a page to where it leads, its hidden fields included. */
  readonly submit: (page: Seen, fields: Record<string, string>) => Promise<Seen>;
  /** Opens an address and follows nothing. */
  readonly step: (url: string | URL, init?: RequestInit) => Promise<Seen>;
  /** Cookies that go along to an address, by name: of its host, since a browser does not tell ports apart, and its path. */
  readonly cookies: (url: string | URL) => ReadonlyMap<string, string>;
  /** Plants a cookie. @param line as in `set-cookie` */
  readonly plant: (url: string | URL, line: string) => void;
}

const MAX_REDIRECTS = 20;

/** @param send how requests are sent */
export function openBrowser(send: typeof fetch = fetch): Browser {
  let jar: readonly Cookie[] = [];
  const cookies = (url: string | URL): Map<string, string> => {
    const { hostname, pathname } = new URL(url);
    const fitting = jar.filter(({ host, path }) => host === hostname && `${pathname}/`.startsWith(path));
    return new Map(fitting.map(({ name, value }) => [name, value]));
  };
  const plant = (url: string | URL, line: string): void => {
    const cookie = parseCookie(new URL(url).hostname, line);
    const others = jar.filter(
      ({ host, path, name }) => host !== cookie.host || path !== cookie.path || name !== cookie.name,
    );
    jar = cookie.isOver ? others : [...others, cookie];
  };
  const step = async (address: string | URL, init: RequestInit = {}): Promise<Seen> => {
    const url = new URL(address);
    const cookie = [...cookies(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie ? { cookie } : {}), ...init.headers };
    const response = await send(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) plant(url, line);
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  };
  const open = async (address: string | URL, init: RequestInit = {}): Promise<Seen> => {
    let seen = await step(address, init);
    for (let i = 0; i < MAX_REDIRECTS; i++) {
      const to = seen.headers.get('location');
      if (to === null || seen.status < 300 || seen.status >= 400) return seen;
      seen = await step(new URL(to, seen.url));
    }
    throw new Error(`redirected more than ${MAX_REDIRECTS} times`);
  };
  return {
    open,
    step,
    cookies,
    plant,
    submit: (page, fields) => {
      const form = /<form[^>]*>/.exec(page.text)?.[0] ?? '';
      const action = /\saction="([^"]*)"/.exec(form)?.[1] ?? page.url.href;
      const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
      const values = hidden.map(([, name, value]) => [name!, value!] as [string, string]);
      const body = new URLSearchParams([...values, ...Object.entries(fields)]);
      return open(new URL(action, page.url), { method: 'POST', body });
    },
  };
}

type Cookie = { host: string; path: string; name: string; value: string; isOver: boolean };

function parseCookie(host: string, line: string): Cookie {
  const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
  const path = (/;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/').replace(/\/?$/, '/');
  const isOver = /;\s*max-age=0(?:;|$)/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line);
  return { host, path, name, value, isOver: isOver || value === '' };
}
