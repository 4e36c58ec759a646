import { describe, expect, it } from 'vitest';
import { appendEntries } from '#platform/log/append-entry.ts';
import { acceptCosignature, findQuorumCheckpoint } from '#platform/log/collect-cosignatures.ts';
import { proveConsistency, proveInclusion } from '#platform/log/prove.ts';
import { readCosignedNote, type SignedCheckpoint } from '#platform/log/read-log.ts';
import {
  readWitnessed,
  readWitnessSteps,
  type WitnessRequest,
  witnessCheckpoint,
} from '#platform/log/witness.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { countCosigners, meetsQuorum } from '#schema/log/cosignature.ts';
import { addSignatureLines, makeSigningKey } from '#schema/log/note.ts';
import { formatProof, parseProof, verifyProof } from '#schema/log/proof.ts';
import { emptyFrontier, rootOf, verifyConsistency } from '#schema/log/tree.ts';
import {
  AT_MS,
  createLogDatabase,
  logKey,
  newEntry,
  ORIGIN,
  startTestSequencer,
} from '#tests/platform/log/log-database.ts';

const witnessKey = await makeSigningKey('focalnet.example/gateway', 4, new Uint8Array(32).fill(2));
const otherKey = await makeSigningKey('focalnet.example/xb', 4, new Uint8Array(32).fill(3));

describe('witnessing', async () => {
  const log = await createLogDatabase();
  const witness = await createLogDatabase();
  const sequencer = startTestSequencer(log);
  const grow = async (count: number): Promise<SignedCheckpoint> => {
    const entries = Array.from({ length: count }, (_, i) => newEntry(i));
    const ids = (await appendEntries(log.db, entries)).map(({ id }) => id);
    return (await sequencer.waitForCover(ids, 20_000))!;
  };
  const three = await grow(3);
  const eight = await grow(5);
  const forty = await grow(32);
  await sequencer.stop();

  const request = (
    note: string,
    oldSize: number,
    proof: Uint8Array[],
    changes: Partial<WitnessRequest> = {},
  ) =>
    witnessCheckpoint(witness.db, {
      note,
      oldSize,
      proof,
      logVkey: logKey,
      witnessKey,
      nowMs: AT_MS,
      ...changes,
    });
  const cosignedBy = (note: string, line: string) =>
    countCosigners(addSignatureLines(note, [line]), [witnessKey]);

  it('begins at nothing, goes on by proof, and says where it stands to who does not know', async () => {
    await expect(request(three.note, 1, [])).rejects.toMatchObject({
      code: 'WITNESS_CONFLICT',
      storedSize: 0,
    });
    await expect(request(three.note, 4, [])).rejects.toMatchObject({ code: 'OLD_SIZE_TOO_LARGE' });
    await expect(request(three.note, 0, [three.root])).rejects.toMatchObject({ code: 'PROOF_LENGTH' });
    const line = await request(three.note, 0, []);
    expect(await cosignedBy(three.note, line)).toEqual([{ name: witnessKey.name, timeS: AT_MS / 1000 }]);

    const proof = await proveConsistency(log.db, 3, 8);
    await expect(request(eight.note, 0, [])).rejects.toMatchObject({
      code: 'WITNESS_CONFLICT',
      storedSize: 3,
    });
    await expect(request(eight.note, 3, proof.toReversed())).rejects.toMatchObject({ code: 'ROOT_MISMATCH' });
    await expect(
      request(eight.note, 3, proof, { logVkey: { ...logKey, name: 'x.example' } }),
    ).rejects.toMatchObject({
      code: 'SIGNATURE_MISSING',
    });
    expect(await cosignedBy(eight.note, await request(eight.note, 3, proof))).toHaveLength(1);
    expect(await readWitnessed(witness.db, ORIGIN)).toMatchObject({ size: 8, note: eight.note });
  });

  it('cosigns what it holds again, but nothing older', async () => {
    const again = await request(eight.note, 3, [], { nowMs: AT_MS + 5_000 });
    expect((await cosignedBy(eight.note, again))[0]!.timeS).toBe(AT_MS / 1000 + 5);
    expect(await cosignedBy(eight.note, await request(eight.note, 8, []))).toHaveLength(1);
    await expect(request(three.note, 3, [])).rejects.toMatchObject({
      code: 'WITNESS_CONFLICT',
      storedSize: 8,
    });
  });

  it('lets one of many through, and the rest know', async () => {
    const proof = await proveConsistency(log.db, 8, 40);
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => request(forty.note, 8, proof)));
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ code: 'WITNESS_CONFLICT', storedSize: 40 });
      }
    }
    expect(results.some((result) => result.status === 'fulfilled')).toBe(true);
  });

  it('keeps every step, so that another can walk the same way', async () => {
    const steps = await readWitnessSteps(witness.db, ORIGIN, 0, 10);
    expect(steps.map((step) => [step.oldSize, step.newSize])).toEqual([
      [0, 3],
      [3, 8],
      [8, 40],
    ]);
    const roots = [rootOf(emptyFrontier()), three.root, eight.root, forty.root];
    steps.forEach((step, i) => {
      verifyConsistency(step.oldSize, roots[i]!, step.newSize, roots[i + 1]!, step.proof);
    });
    expect(await readWitnessSteps(witness.db, ORIGIN, 3, 1)).toEqual([steps[1]]);
    expect(await readWitnessSteps(witness.db, 'x.example', 0, 10)).toEqual([]);
  });

  it('keeps both notes of a fork, once, at the last size and at any before', async () => {
    const fork = async (size: number) =>
      signCheckpoint(
        { origin: ORIGIN, size, rootHash: new Uint8Array(32).fill(size), extensions: [] },
        logKey,
      );
    for (const [size, honest] of [
      [40, forty],
      [8, eight],
    ] as const) {
      for (let i = 0; i < 2; i++) {
        await expect(request(await fork(size), size, [])).rejects.toMatchObject({ code: 'LOG_FORKED' });
      }
      const kept = await witness.db
        .selectFrom('fork_evidence')
        .selectAll()
        .where('size', '=', size)
        .execute();
      expect(kept).toMatchObject([{ origin: ORIGIN, note_a: honest.note, note_b: await fork(size) }]);
    }
    expect(await readWitnessed(witness.db, ORIGIN)).toMatchObject({ size: 40 });
  });

  it('gives the log cosignatures that make a proof of any entry', async () => {
    const proof = await proveConsistency(log.db, 0, 40);
    const other = await createLogDatabase();
    const lines = [
      { key: witnessKey, line: await request(forty.note, 40, []) },
      {
        key: otherKey,
        line: await witnessCheckpoint(other.db, {
          note: forty.note,
          oldSize: 0,
          proof,
          logVkey: logKey,
          witnessKey: otherKey,
          nowMs: AT_MS,
        }),
      },
    ];
    const quorum = { origin: ORIGIN, minSize: 4, witnesses: [witnessKey, otherKey], k: 2 };
    for (const { key, line } of lines) {
      expect(await findQuorumCheckpoint(log.db, quorum)).toBeNull();
      const input = { origin: ORIGIN, size: 40, line, witness: key, nowMs: AT_MS };
      expect(await acceptCosignature(log.db, input)).toMatchObject({ name: key.name });
      await expect(acceptCosignature(log.db, { ...input, size: 41 })).rejects.toMatchObject({
        code: 'CHECKPOINT_UNKNOWN',
      });
      await expect(acceptCosignature(log.db, { ...input, size: 8 })).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
      await expect(acceptCosignature(log.db, { ...input, line: `${line}${line}` })).rejects.toMatchObject({
        code: 'NOTE_MALFORMED',
      });
    }
    await expect(
      acceptCosignature(log.db, {
        origin: ORIGIN,
        size: 40,
        line: lines[0]!.line,
        witness: otherKey,
        nowMs: AT_MS,
      }),
    ).rejects.toMatchObject({ code: 'SIGNATURE_MISSING' });

    const found = await findQuorumCheckpoint(log.db, quorum);
    expect(found?.size).toBe(40);
    expect(await readCosignedNote(log.db, ORIGIN, 40)).toBe(found?.note);
    expect(await meetsQuorum(found!.note, quorum.witnesses, 2)).toBe(true);
    expect(await findQuorumCheckpoint(log.db, { ...quorum, minSize: 41 })).toBeNull();
    const entry = await log.db
      .selectFrom('audit_entry')
      .select('leaf')
      .where('idx', '=', 3)
      .executeTakeFirstOrThrow();
    const text = formatProof({
      index: 3,
      hashes: await proveInclusion(log.db, 3, 40),
      checkpoint: found!.note,
    });
    await verifyProof(parseProof(text), entry.leaf, logKey, quorum.witnesses, 2);
  });
});
