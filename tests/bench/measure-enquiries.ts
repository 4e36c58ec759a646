// Whole social enquiries between two whole nodes, as the product runs them: each node, and the gateway that witnesses their logs, a
// process of its own with a PostgreSQL with fsync on. An officer proposes by GraphQL over HTTP, a supervisor approves, the other
// node applies it to a conversation and receipts it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { approve, propose } from '#deploy/act.ts';
import { withDatabase } from '#deploy/commands/database.ts';
import { openDemoNetwork } from '#deploy/demo/network.ts';
import { openTeam, type Team } from '#deploy/demo/team.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { calm, enquiryBody } from '../fixtures/act-bodies.ts';

const IN_FLIGHT = 16;
const WARM_UP_ENQUIRIES = 32;
const MEASURED_MS = 5_000;
const LOOK_EVERY_MS = 25;
/** Long enough for what is under way, on a busy machine. */
const PATIENCE_MS = 20_000;

/**
 * Enquiries a second, from the officer's proposal to the receipt stored in xa, and for each of them the transactions of xa's and
 * xb's database, statements of the log and of witnessing included.
 */
export async function measureEnquiries(): Promise<{
  enquiriesPerSecond: number;
  enquirySenderCommits: number;
  enquiryRecipientCommits: number;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'focalnet-bench-'));
  const network = await openDemoNetwork(join(folder, 'demo'));
  try {
    await network.startGateway();
    const [xa, xb] = await Promise.all(
      (['xa', 'xb'] as const).map(async (code) => openTeam(await network.startNode(code))),
    );
    return await withDatabases(xa!, xb!, async (own, other) => {
      await sendFor(xa!, own, (sent) => sent < WARM_UP_ENQUIRIES);
      const before = await Promise.all([own, other].map(countCommits));
      const startedMs = performance.now();
      const sent = await sendFor(xa!, own, () => performance.now() - startedMs < MEASURED_MS);
      const elapsedMs = performance.now() - startedMs;
      const after = await Promise.all([own, other].map(countCommits));
      return {
        enquiriesPerSecond: (sent / elapsedMs) * 1000,
        enquirySenderCommits: (after[0]! - before[0]!) / sent,
        enquiryRecipientCommits: (after[1]! - before[1]!) / sent,
      };
    });
  } finally {
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Looking = Kysely<Record<string, never>>;

async function withDatabases<T>(
  xa: Team,
  xb: Team,
  work: (own: Looking, other: Looking) => Promise<T>,
): Promise<T> {
  const open = <R>(team: Team, use: (db: Looking) => Promise<R>) =>
    withDatabase(team.node.env.FOCALNET_DATABASE!, (config) => {
      const db = openDatabase<Record<string, never>>({ ...config, max: 1 });
      return use(db).finally(() => db.destroy());
    });
  return open(xa, (own) => open(xb, (other) => work(own, other)));
}

/** Sends while `goesOn` says so, and waits until every one of them has its receipt. @returns how many */
async function sendFor(team: Team, own: Looking, goesOn: (sent: number) => boolean): Promise<number> {
  const before = await countDelivered(own);
  let sent = 0;
  const send = async () => {
    while (goesOn(sent)) {
      sent++;
      const body = { ...enquiryBody() } as Record<string, unknown>;
      const proposal = await propose(team.officer, 'ENQ', { peer: 'xb', body, safety: { ...calm } });
      if (proposal.status !== 'waiting') throw new Error(`an enquiry was ${proposal.status}`);
      await approve(team.supervisor, proposal);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  const deadlineMs = performance.now() + PATIENCE_MS;
  while ((await countDelivered(own)) - before < sent) {
    if (performance.now() > deadlineMs) throw new Error(`${sent} were sent, and not all receipts came`);
    await delay(LOOK_EVERY_MS);
  }
  return sent;
}

async function countDelivered(db: Looking): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from act where type = 'ENQ' and stage = 'delivered'`.execute(db);
  return rows[0]!.n;
}

async function countCommits(db: Looking): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select xact_commit::float8 as n from pg_stat_database where datname = current_database()`.execute(db);
  return rows[0]!.n;
}
