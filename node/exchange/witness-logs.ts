/**
 * This node's part in watching logs: it posts its own checkpoints to the gateway and collects the cosignatures of them, and
 * cosigns what the others posted. Nothing it does here ever holds up a message.
 */
import { acceptCosignature } from '#platform/log/collect-cosignatures.ts';
import { proveConsistency } from '#platform/log/prove.ts';
import { readLatestCheckpoint } from '#platform/log/read-log.ts';
import { readWitnessed, witnessCheckpoint } from '#platform/log/witness.ts';
import { openCheckpoint, parseCheckpoint } from '#schema/log/checkpoint.ts';
import { type NoteVerifierKey, parseNote, parseSignatureLine, parseVkey } from '#schema/log/note.ts';
import { decodeBase64, encodeBase64 } from '#schema/protocol/base64.ts';
import { type ExchangeContext, nowS } from './context.ts';
import { beginAnewOnce } from './gateway-restored.ts';
import { largestQuorumSize, quorumCheckpoint } from './prove-receipts.ts';

const POST = `mutation ($note: String!, $oldSize: Float!, $proof: [String!]!) {
  postCheckpoint(note: $note, oldSize: $oldSize, proof: $proof) { cosignature storedSize }
}`;
const COSIGN = `mutation ($origin: String!, $size: Float!, $line: String!) {
  postCosignature(origin: $origin, size: $size, line: $line)
}`;
const CHECKPOINTS = 'query { checkpoints { origin size note } }';
const STEPS = `query ($origin: String!, $fromSize: Float!) {
  logSteps(origin: $origin, fromSize: $fromSize) { oldSize newSize proof note }
}`;

const COSIGNATURES = `query ($origin: String!, $fromSize: Float!) {
  cosignatures(origin: $origin, fromSize: $fromSize) { size line }
}`;

interface Posted {
  origin: string;
  size: number;
  note: string;
}

/** So often the gateway's log is looked at although nobody says that it grew, and its checkpoint, if it did not, is signed anew. */
const LOOK_MS = 600_000;
const SIGN_AGAIN_MS = 6 * 3_600_000;

/**
 * One round: post, look, cosign, collect. Woken by checkpoints here and at the gateway.
 * @returns milliseconds until the next look
 */
export async function witnessLogs(ctx: ExchangeContext): Promise<number | null> {
  if (ctx.trust.version() === 0) return null;
  await postOwnCheckpoint(ctx);
  const { checkpoints } = await ctx.client.graphql<{ checkpoints: Posted[] }>(
    `${ctx.gatewayUrl}/graphql`,
    CHECKPOINTS,
  );
  for (const posted of checkpoints) {
    if (posted.origin === ctx.identity.origin) await collectCosignatures(ctx);
    else {
      await watchGateway(ctx, posted);
      await cosignOther(ctx, posted).catch((error) => refuseOther(ctx, posted, error));
    }
  }
  ctx.wake.prove();
  // Others may just have signed what confirms the list.
  if (ctx.trust.freshness() !== 'fresh') ctx.wake.list();
  return LOOK_MS;
}

/** By its own log a gateway that was restored from a backup gives itself away: it has become smaller, */
async function watchGateway(ctx: ExchangeContext, posted: Posted): Promise<void> {
  if (!isGateways(ctx, posted)) return;
  const witnessed = (await readWitnessed(ctx.db, posted.origin))?.size ?? 0;
  if (posted.size < witnessed) await beginAnewOnce(ctx);
}

/** or, grown again, does not continue what was cosigned here. */
async function refuseOther(ctx: ExchangeContext, posted: Posted, error: unknown): Promise<void> {
  const code = reportRefusal(ctx, posted.origin, error);
  const differs = code === 'LOG_FORKED' || code === 'ROOT_MISMATCH';
  if (differs && isGateways(ctx, posted)) await beginAnewOnce(ctx);
}

const isGateways = (ctx: ExchangeContext, { origin }: Posted): boolean =>
  parseVkey(ctx.trust.current().gateway.log).name === origin;

/** What the gateway holds of this node's log; it never goes backwards. */
async function postOwnCheckpoint(ctx: ExchangeContext): Promise<void> {
  const latest = await readLatestCheckpoint(ctx.db);
  if (!latest) return;
  let oldSize = lastPosted.get(ctx) ?? 0;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (oldSize > latest.size) return;
    const proof = oldSize === 0 ? [] : await proveConsistency(ctx.db, oldSize, latest.size);
    const { postCheckpoint: answer } = await ctx.client.graphql<{
      postCheckpoint: { cosignature: string | null; storedSize: number | null };
    }>(`${ctx.gatewayUrl}/graphql`, POST, {
      note: latest.note,
      oldSize,
      proof: proof.map((hash) => encodeBase64(hash)),
    });
    if (answer.cosignature) {
      lastPosted.set(ctx, latest.size);
      await keepLine(ctx, latest.size, answer.cosignature, parseVkey(ctx.trust.current().gateway.wit));
      return;
    }
    oldSize = answer.storedSize ?? 0;
  }
}

/** Only a hint that saves one call; the gateway says the truth. */
const lastPosted = new WeakMap<ExchangeContext, number>();

/** Cosignatures of this node's checkpoints from the smallest that still lacks some. */
async function collectCosignatures(ctx: ExchangeContext): Promise<void> {
  const { origin } = ctx.identity;
  const { gateway, nodes } = ctx.trust.current();
  const witnesses = [gateway.wit, ...nodes.map(({ wit }) => wit)].map(parseVkey);
  const fromSize = collectedTo.get(ctx) ?? (await largestQuorumSize(ctx));
  const { cosignatures } = await ctx.client.graphql<{ cosignatures: { size: number; line: string }[] }>(
    `${ctx.gatewayUrl}/graphql`,
    COSIGNATURES,
    { origin, fromSize },
  );
  for (const { size, line } of cosignatures) {
    const name = parseSignatureLine(line.slice(0, -1)).name;
    const witness = witnesses.find((key) => key.name === name);
    if (witness && name !== origin) await keepLine(ctx, size, line, witness);
  }
  const quorum = await quorumCheckpoint(ctx, fromSize + 1);
  if (quorum) collectedTo.set(ctx, quorum.size);
}

/** Size of the last checkpoint known to meet the quorum: smaller ones need no more cosignatures. Only saves reading. */
const collectedTo = new WeakMap<ExchangeContext, number>();

async function keepLine(
  ctx: ExchangeContext,
  size: number,
  line: string,
  witness: NoteVerifierKey,
): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  await acceptCosignature(ctx.db, { origin: ctx.identity.origin, size, line, witness, nowMs }).catch(
    (error) => reportRefusal(ctx, witness.name, error),
  );
}

/** Verifies another log's checkpoint step by step from the last one cosigned here, and cosigns it. */
async function cosignOther(ctx: ExchangeContext, posted: Posted): Promise<void> {
  const logKey = logKeyOf(ctx, posted.origin);
  if (!logKey) return;
  const known = (await readWitnessed(ctx.db, posted.origin))?.size ?? 0;
  if (posted.size < known || (posted.size === known && !(await mustSignAgain(ctx, posted)))) return;
  await openCheckpoint(posted.note, logKey);
  const steps =
    known === 0 || known === posted.size
      ? [{ oldSize: known, proof: [] as string[], note: posted.note }]
      : (
          await ctx.client.graphql<{ logSteps: { oldSize: number; proof: string[]; note: string }[] }>(
            `${ctx.gatewayUrl}/graphql`,
            STEPS,
            { origin: posted.origin, fromSize: known },
          )
        ).logSteps;
  let line = '';
  for (const step of steps) {
    line = await witnessCheckpoint(ctx.db, {
      note: step.note,
      oldSize: step.oldSize,
      proof: step.proof.map((hash) => decodeBase64(hash)),
      logVkey: logKey,
      witnessKey: ctx.identity.wit,
      nowMs: nowS(ctx.surroundings) * 1000,
    });
  }
  const last = steps.at(-1);
  if (!last) return;
  const { size } = parseCheckpoint(parseNote(last.note).text);
  await ctx.client.graphql(`${ctx.gatewayUrl}/graphql`, COSIGN, {
    origin: posted.origin,
    size,
    line,
  });
}

/** Trust lists live on recent signatures of the gateway's log, also while nothing happens in it. */
async function mustSignAgain(ctx: ExchangeContext, posted: Posted): Promise<boolean> {
  if (!isGateways(ctx, posted)) return false;
  const signed = await ctx.db
    .selectFrom('cosignature')
    .select('at')
    .where('origin', '=', posted.origin)
    .where('size', '=', posted.size)
    .where('witness', '=', ctx.identity.wit.name)
    .executeTakeFirst();
  return !signed || ctx.surroundings.nowMs() - new Date(signed.at).getTime() > SIGN_AGAIN_MS;
}

function logKeyOf(ctx: ExchangeContext, origin: string): NoteVerifierKey | undefined {
  const { gateway, nodes } = ctx.trust.current();
  return [gateway.log, ...nodes.map(({ log }) => log)].map(parseVkey).find(({ name }) => name === origin);
}

function reportRefusal(ctx: ExchangeContext, origin: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  ctx.log.error('witness-refused', { origin, code });
  return code;
}
