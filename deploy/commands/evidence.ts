/**
 * `focalnet evidence export` and `focalnet evidence verify`
 */
import { readFile, writeFile } from 'node:fs/promises';
import { formatVerdict, verifyBundle } from '#schema/evidence/verify.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { openOfficerClient } from '../officer-client.ts';
import { type Command, need, print, UsageError } from './command.ts';
import { readSession } from './session.ts';

export const evidenceExport: Command = {
  help: `  --node URL      officers' address of the own node
  --thread ID     the conversation
  --out FILE      where to write it
  --json          {"out", "bytes", "complete"} in place of a sentence
  FOCALNET_SESSION who asks (a supervisor)

  focalnet evidence export --node http://127.0.0.1:8400 --thread 0198… --out evidence.json`,
  run: async (values) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    const { bytes, complete } = await client.exportEvidence(need(values, 'thread'));
    const out = need(values, 'out');
    await writeFile(out, bytes);
    if (values.json === true) print(JSON.stringify({ out, bytes: bytes.length, complete }));
    else
      print(complete ? 'Complete.' : 'Some proofs are still on their way: export again later for the rest.');
    return 0;
  },
};

export const evidenceVerify: Command = {
  help: `  --anchor FILE   what was handed over in person; without it nothing is PROVED
  --json          the lines as JSON

  Exit code 0: nothing in it fails; 1: something does, and the lines say where.

  focalnet evidence verify --anchor anchor.json evidence.json`,
  run: async (values, [path]) => {
    if (!path) throw new UsageError('name the bundle: focalnet evidence verify --anchor FILE BUNDLE');
    const anchor =
      typeof values.anchor === 'string'
        ? Anchor.parse(JSON.parse(await readFile(values.anchor, 'utf8')))
        : null;
    const verification = await verifyBundle(new Uint8Array(await readFile(path)), anchor);
    print(values.json === true ? JSON.stringify(verification) : formatVerdict(verification));
    return verification.verdict === 'FAILED' ? 1 : 0;
  },
};
