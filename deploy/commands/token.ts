/**
 * Who uses the command line against a node: until people sign in there, a development token names them.
 */
import { UsageError } from './command.ts';

/** @throws UsageError when there is none */
export function readToken(): string {
  const token = process.env.FOCALNET_TOKEN;
  if (!token) throw new UsageError('set FOCALNET_TOKEN to a token of the node; the demo prints one');
  return token;
}
