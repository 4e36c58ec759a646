// What the measured messages say: 1 KB of invented enquiry.
import { randomUUID } from 'node:crypto';

const QUESTION = 'INVENTED. Is the child known to your services, and who cares for the child at this moment?';

/** Author and body of a message whose canonical JSON is 1 KB; no two are the same. */
export function makeBenchContent() {
  const body = {
    about: [{ given: 'INVENTED', family: randomUUID(), born: { from: '2012-01-01', to: '2012-12-31' } }],
    warnings: ['no-family-contact'],
    questions: Array.from({ length: 6 }, (_, n) => ({ n, wording: QUESTION })),
    note: '',
  };
  const short = 1024 - Buffer.byteLength(JSON.stringify(body));
  return {
    author: { name: 'Officer (invented)', office: 'Focal point (invented)' },
    body: { ...body, note: '.'.repeat(Math.max(0, short)) },
  };
}
