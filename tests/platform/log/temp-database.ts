import { mkdtemp, rm } from 'node:fs/promises';
import { startEmbeddedPostgres } from '#platform/postgres/embedded.ts';

export async function createTestDatabase() {
  const dir = await mkdtemp('/tmp/lt-pg-');
  const server = await startEmbeddedPostgres({ dataDir: dir });
  return {
    connectionConfig: server.config,
    drop: async () => {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
