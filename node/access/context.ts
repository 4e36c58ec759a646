/**
 * What operations about people work with.
 */
import type { Changes } from '../enquiries/changes.ts';
import type { Personal } from '../operation.ts';

export interface AccessContext extends Personal {
  readonly changes: Pick<Changes, 'publish'>;
}
