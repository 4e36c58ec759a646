/**
 * Who uses the command line against a node: the session that `focalnet sign-in` printed.
 */
import { UsageError } from './command.ts';

/** @throws UsageError when there is none */
export function readSession(): string {
  const session = process.env.FOCALNET_SESSION;
  if (!session) throw new UsageError('sign in first: eval "$(focalnet sign-in --node URL)"');
  return session;
}
