/**
 * Where a browser goes after signing in: always a path of this very address, whatever a link says (open redirect).
 */
import { AccessError } from '../access-error.ts';

const HERE = 'https://here.invalid';

/** The path with query and fragment, as a browser would resolve it. @throws AccessError RETURN_INVALID */
export function parseLocalPath(text: string): string {
  // A browser takes `\` for `/` and drops tabs and line breaks, so that `/\evil` and `/<tab>/evil` lead elsewhere.
  if (!/^\/[\x21-\x5b\x5d-\x7e]{0,1000}$/.test(text)) throw new AccessError('RETURN_INVALID');
  const url = URL.canParse(text, HERE) ? new URL(text, HERE) : null;
  const path = url && `${url.pathname}${url.search}${url.hash}`;
  // `/.//evil` becomes `//evil`.
  if (url?.origin !== HERE || !path || path.startsWith('//')) throw new AccessError('RETURN_INVALID');
  return path;
}
