/**
 * What the operations of this slice work with: made once by `main.ts`, passed as a value.
 */
import type { Changes } from '../enquiries/changes.ts';
import type { Personal } from '../operation.ts';

export interface CaseContext extends Personal {
  readonly changes: Pick<Changes, 'publish'>;
}
