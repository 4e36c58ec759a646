/**
 * Two nodes in a process of their own, and a file of so many bytes from one to the other. Writes one line: the most memory the
 * process has held before and after, in bytes. Started by memory.test.ts.
 */
import { createHash } from 'node:crypto';
import { openPartWriter, readPart } from '#node/attachments/parts.ts';
import { sealedAttachment } from '#node/attachments/tables.ts';
import { runOperation } from '#node/operation.ts';
import { sealColumns } from '#node/vault/sealed-columns.ts';
import { limits } from '#schema/protocol/limits.ts';
import { sendMessage, startNetwork } from '#tests/fixtures/exchange-network.ts';

const bytes = Number(process.argv[2]);
const mostBytes = () => process.resourceUsage().maxRSS * 1024;
const network = await startNetwork(false);
const { a, b } = network;

/** A small file first: what is loaded once is loaded then. */
async function carry(id: string, size: number): Promise<string> {
  const plain = Buffer.alloc(limits.partBytes, 'INVENTED ');
  await runOperation(a.db, a.ctx.surroundings, async (op) => {
    const name = await sealColumns(op, sealedAttachment, { id }, { name: 'attachment-1.pdf' });
    const head = { media: 'application/pdf', sha256: '', removed: '[]', created_at: 0 };
    await op.trx
      .insertInto('attachment')
      .values({ id, bytes: size, ...head, ...name })
      .execute();
    const write = await openPartWriter(op, id);
    for (let n = 0; n * limits.partBytes < size; n++)
      await write(op.trx, n, plain, (n + 1) * limits.partBytes >= size);
  });
  const message = await sendMessage(a, 'xb', { files: [id] });
  await b.until(() => b.applied.some((document) => document.id === message));
  return message;
}

await carry('small', limits.partBytes);
const before = mostBytes();
const message = await carry('large', bytes);
const after = mostBytes();
const hash = createHash('sha256');
const reader = { trx: b.db, vault: b.vault.vault };
for (let n = 0; n * limits.partBytes < bytes; n++) hash.update((await readPart(reader, `${message}.0`, n))!);
await network.close();
process.stdout.write(`${JSON.stringify({ before, after, sha256: hash.digest('hex') })}\n`);
process.exit(0);
