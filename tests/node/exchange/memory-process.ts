/**
 * Two nodes in a process of their own, and a file of so many bytes from one to the other. Writes one line: the most memory the
 * process has held before and after, in bytes. Started by memory.test.ts.
 */
import { createHash } from 'node:crypto';
import { limits } from '#schema/protocol/limits.ts';
import { sendMessage, startNetwork } from '#tests/fixtures/exchange-network.ts';

const bytes = Number(process.argv[2]);
const mostBytes = () => process.resourceUsage().maxRSS * 1024;
const network = await startNetwork(false);
const { a, b } = network;

/** A small file first: what is loaded once is loaded then. */
async function carry(id: string, size: number): Promise<string> {
  const head = { name: 'attachment-1.pdf', media: 'application/pdf', sha256: '', removed: '[]' };
  const row = { id, bytes: size, ...head, uploaded_by: 'invented', created_at: 0 };
  await a.db.insertInto('attachment').values(row).execute();
  const plain = Buffer.alloc(limits.partBytes, 'INVENTED ');
  for (let n = 0; n * limits.partBytes < size; n++)
    await a.db.insertInto('attachment_part').values({ attachment_id: id, n, plain }).execute();
  const message = await sendMessage(a, 'xb', { files: [id] });
  await b.until(() => b.applied.some((document) => document.id === message));
  return message;
}

await carry('small', limits.partBytes);
const before = mostBytes();
const message = await carry('large', bytes);
const after = mostBytes();
const hash = createHash('sha256');
for (let n = 0; n * limits.partBytes < bytes; n++) {
  const query = b.db
    .selectFrom('attachment_part')
    .select('plain')
    .where('attachment_id', '=', `${message}.0`);
  hash.update((await query.where('n', '=', n).executeTakeFirstOrThrow()).plain);
}
await network.close();
process.stdout.write(`${JSON.stringify({ before, after, sha256: hash.digest('hex') })}\n`);
process.exit(0);
