/** Safety warnings of a conversation that stand now, for slices that must ask them before they show anything. */
import type { SafetyWarning } from '#schema/conversation/bodies/enquiry.ts';
import type { Reader } from '../vault/sealed-columns.ts';
import { readActRows, warningsOf } from './store.ts';

/** Each once; a withdrawal takes none of them back (PRACTICE.md A13). @throws VaultError */
export const readWarnings = async (reader: Reader, thread: string): Promise<readonly SafetyWarning[]> =>
  warningsOf(await readActRows(reader, [thread]));
