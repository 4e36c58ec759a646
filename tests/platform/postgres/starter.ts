// A program that starts an embedded PostgreSQL on the folder named by its argument, tells about it on its
// standard output and stays until it is told "stop" on its standard input, or killed. Used by embedded.test.ts.
import { createInterface } from 'node:readline';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';

const tell = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const server = await startEmbeddedPostgres({ dataDir: process.argv[2]! });
  tell({ pid: server.pid, watchdogPid: server.watchdogPid, config: server.config });
  server.ended.then(() => tell({ ended: true }));
  createInterface({ input: process.stdin }).once('line', async () => {
    await server.stop();
    process.exit(0);
  });
} catch (error) {
  tell({ code: (error as { code?: string }).code, message: String(error) });
  process.exit(1);
}
