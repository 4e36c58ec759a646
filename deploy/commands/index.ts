/**
 * The commands, in the order in which help shows them.
 */
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { gatewayRun, nodeRun } from './run.ts';

export { type Command, UsageError } from './command.ts';

export const commands: readonly Command[] = [demo, nodeRun, gatewayRun];
