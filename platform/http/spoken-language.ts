/**
 * Which of the languages that a page has its reader wants.
 */
import type { HttpRequest } from './route.ts';

/** The first language of the browser that is among these, by its first two letters; English otherwise. */
export function readLanguage({ headers }: Pick<HttpRequest, 'headers'>, spoken: readonly string[]): string {
  const wanted = (headers['accept-language'] ?? '').toLowerCase().split(/[,;\s]+/);
  return wanted.map((tag) => tag.slice(0, 2)).find((tag) => spoken.includes(tag)) ?? 'en';
}
