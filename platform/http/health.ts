/**
 * Whether a process lives and is ready, for supervisors and load balancers. Says nothing that a stranger may not know.
 */
import { answerJson, type Route } from './route.ts';

type Conditions = () => Promise<Readonly<Record<string, boolean | number | string>>>;

/** The same, looked at once a second however many ask: for a port that strangers reach. @param nowMs milliseconds */
export function lookOnceASecond(conditions: Conditions, nowMs: () => number): Conditions {
  let last: { atMs: number; found: ReturnType<Conditions> } | undefined;
  return () => {
    const atMs = nowMs();
    if (!last || Math.abs(atMs - last.atMs) >= 1000) last = { atMs, found: conditions() };
    return last.found;
  };
}

/**
 * `GET /livez` is 200 while the process answers; `GET /readyz` is 200 when every condition holds (true, or a number that
 * is not 0), otherwise 503. A word tells and decides nothing. Both show JSON.
 */
export function healthRoutes(conditions: Conditions): Route[] {
  return [
    { method: 'GET', path: '/livez', handle: () => answerJson(200, { live: true }) },
    {
      method: 'GET',
      path: '/readyz',
      handle: async () => {
        const found = await conditions();
        return answerJson(Object.values(found).every(Boolean) ? 200 : 503, found);
      },
    },
  ];
}
