/**
 * A gateway in a process of its own, for tests that kill it or look into its memory. Takes its configuration as JSON on
 * standard input, prints its address, and ends when it is told to.
 */
import { text } from 'node:stream/consumers';
import type { GatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';

const gateway = await startGateway(JSON.parse(await text(process.stdin)) as GatewayConfig);
process.stdout.write(`${gateway.url}\n`);
process.once('SIGTERM', () => void gateway.close());
