/**
 * What retention works with: made once by `main.ts`, passed as a value.
 */
import type { EnquiryContext } from '../enquiries/context.ts';
import type { ErasedList } from './erased-list.ts';
import type { RetentionPolicy } from './policy.ts';

export interface RetentionContext extends Pick<EnquiryContext, 'doors' | 'surroundings' | 'wakeSealer'> {
  readonly changes: Pick<EnquiryContext['changes'], 'publish'>;
  readonly policy: RetentionPolicy;
  readonly erased: ErasedList;
}
