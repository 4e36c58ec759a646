/**
 * What the steps of signing in work with.
 */
import type { Kysely } from 'kysely';
import type { Surroundings } from '../../operation.ts';
import type { Database } from '../../storage/database.ts';
import type { Provider } from './provider.ts';
import type { SignInSettings } from './settings.ts';

export interface SignInContext {
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
  readonly provider: Provider;
  readonly settings: Pick<SignInSettings, 'acr' | 'stepUpAcr'>;
}
