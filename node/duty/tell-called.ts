/**
 * How somebody who is called about an alert is told: by a mail that says "sign in" and nothing of what waits.
 */
import { requestNotice } from '../notices/request-notice.ts';
import type { Operation } from '../operation.ts';

/** Asks for the mails, in the transaction that records the call. Who has no address is left out. */
export async function tellCalled(op: Operation, persons: readonly string[]): Promise<void> {
  await requestNotice(op, { persons }, 'alert');
}
