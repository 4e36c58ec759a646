/**
 * The journey of the demo, step by step, on a running network. Each step does what people do and then looks whether it held.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatVerdict, verifyBundle } from '#schema/evidence/verify.ts';
import { Anchor } from '#schema/protocol/trust-list.ts';
import { approve, propose } from '../act.ts';
import * as bodies from './bodies.ts';
import { makePdf, makePhoto } from './invented-files.ts';
import type { DemoNetwork, RunningNode } from './network.ts';
import {
  actNumber,
  answerSafety,
  arrived,
  expect,
  hasAct,
  openTeam,
  readInvented,
  release,
  type SeenConversation,
  safetyOf,
  sendEnquiry,
  type Team,
  waitFor,
} from './people.ts';

export interface Story {
  readonly network: DemoNetwork;
  readonly xa: Team;
  readonly xb: Team;
  xc: Team | null;
  readonly tell: (line: string) => void;
  /** Thread of the main journey, for the evidence. */
  mainThread: string;
  /** Paths of the bundles written. */
  readonly evidence: string[];
}

export interface Step {
  readonly name: string;
  readonly title: string;
  readonly run: (story: Story) => Promise<void>;
}

const until = waitFor;

async function sendMain(story: Story): Promise<void> {
  const { xa, xb, tell } = story;
  const file = await readInvented('01-main-journey');
  const photo = await xa.officer.upload(await makePhoto({ bytes: 3_000_000, seed: 1 }), 'image/jpeg');
  const pdf = await xa.officer.upload(await makePdf({ bytes: 12_000_000, seed: 2 }), 'application/pdf');
  for (const { name, bytes, removed } of [photo, pdf]) {
    tell(`${name}: ${megabytes(bytes)}; taken out: ${removed.map(({ kind }) => kind).join(', ')}`);
  }
  const stopped = await propose(xa.officer, 'ENQ', {
    peer: 'xb',
    body: { ...file.body, attachments: twoFiles(file.body.attachments) },
    attachments: [photo.id, pdf.id],
    safety: safetyOf(file),
  });
  expect(stopped.status === 'stopped', 'without a clearance the enquiry is stopped');
  tell(`stopped at first: ${stopped.stoppedBy[0]!.explanation}`);
  const sent = await sendEnquiry(
    xa,
    { ...file, body: { ...file.body, attachments: twoFiles(file.body.attachments) } },
    [photo.id, pdf.id],
  );
  story.mainThread = sent.thread;
  tell('cleared by a supervisor and a legal adviser, then approved by a second person; sealed to xb alone');
  await until(xa.officer, sent.thread, "xb's transport receipt", arrived('ENQ'));
  const there = await until(xb.officer, sent.thread, 'the enquiry at xb', hasAct('ENQ'));
  tell(`xb's signed receipt came by itself; at xb the conversation is ${there.state}`);
}

const twoFiles = <T extends { index: number }>(notes: readonly T[]): T[] =>
  [0, 1].map((index) => ({
    ...notes[Math.min(index, notes.length - 1)]!,
    index,
    kind: index === 0 ? 'photo' : 'document',
  }));

async function answerMain({ xa, xb, tell, mainThread: thread }: Story): Promise<void> {
  const file = await readInvented('01-main-journey');
  const answer = (
    type: Parameters<typeof release>[1],
    body: Record<string, unknown>,
    attachments: string[] = [],
  ) => release(xb, type, { thread, body, attachments, safety: answerSafety });
  await xb.officer.ask('mutation ($thread: ID!) { markRead(thread: $thread) }', { thread });
  await answer('ACK', { re: 1 });
  await answer('FLK', { known: 'known', danger: 'no' });
  await until(xa.officer, thread, 'acknowledgement and first look', hasAct('FLK'));
  tell('a person in xb acknowledged and gave the first look: known, no immediate danger');
  const question = file.body.questions[1]!.ref;
  await answer('CLR', bodies.clarification(question));
  const asked = await until(xa.officer, thread, 'the request for clarification', hasAct('CLR'));
  expect(asked.state === 'CLARIFYING', `the conversation should be CLARIFYING, it is ${asked.state}`);
  const clear = {
    thread,
    body: bodies.clarificationAnswer(actNumber(asked, 'CLR'), question),
    safety: safetyOf(file),
  };
  await release(xa, 'CLA', clear, true);
  await until(xb.officer, thread, 'the clarification', hasAct('CLA'));
  tell(
    'xb asked about a spelling and xa answered; the legal clock went on, the working clock stood still for that question',
  );
  await answer('INT', bodies.interimReply(file));
  const extract = await xb.officer.upload(await makePdf({ bytes: 400_000, seed: 3 }), 'application/pdf');
  await answer('RPT', bodies.report(file, true), [extract.id]);
  const answered = await until(xa.officer, thread, 'the report', hasAct('RPT'));
  expect(answered.state === 'ANSWERED', `the conversation should be ANSWERED, it is ${answered.state}`);
  await until(xb.officer, thread, 'the receipt of the report', arrived('RPT'));
  tell(
    'interim reply, then the report: every question answered, partly, could not, refused with its ground, or not asked',
  );
}

async function offlineState(story: Story): Promise<void> {
  const { xa, tell, network } = story;
  const file = await readInvented('02-offline-state');
  const sent = await sendEnquiry(xa, file);
  await until(xa.officer, sent.thread, 'the mailbox to hold it', (c) =>
    c.acts.some((act) => act.stage === 'relayed'),
  );
  tell('xc is down: the gateway holds the sealed enquiry and has signed that it does');
  const node = await network.start('xc');
  story.xc = await openTeam(node);
  await expectNoMachineSocket(node);
  tell('xc starts; nothing listens there for other nodes');
  await until(xa.officer, sent.thread, 'the receipt of xc', arrived('ENQ'));
  await release(story.xc, 'ACK', { thread: sent.thread, body: { re: 1 }, safety: answerSafety });
  await release(story.xc, 'RPT', {
    thread: sent.thread,
    body: bodies.report(file, false),
    safety: answerSafety,
  });
  const answered = await until(xa.officer, sent.thread, 'the answer of xc', hasAct('RPT'));
  expect(answered.state === 'ANSWERED', `the conversation should be ANSWERED, it is ${answered.state}`);
  tell('xc pulled it, acknowledged and answered; its receipts and answers came back through the mailbox');
}

/** Outbound-only: the process listens on one socket, the officers' own. */
async function expectNoMachineSocket(node: RunningNode): Promise<void> {
  expect(node.machineUrl === null, 'xc must have no machine endpoint');
  const own = Number(new URL(node.officerUrl).port);
  const ports = await listeningPorts(node.pid);
  expect(
    ports === null || (ports.length === 1 && ports[0] === own),
    `xc listens on ${ports?.join(', ')} besides its officers' port ${own}`,
  );
}

/** TCP ports a process listens on, from /proc; null where there is no /proc. */
async function listeningPorts(pid: number): Promise<number[] | null> {
  const { readdir, readlink } = await import('node:fs/promises');
  const names = await readdir(`/proc/${pid}/fd`).catch(() => null);
  if (names === null) return null;
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === '0A' && sockets.has(inode ?? '') ? [Number.parseInt(local!.split(':')[1]!, 16)] : [];
    }),
  );
}

async function refused({ xa, xb, tell }: Story): Promise<void> {
  const file = await readInvented('03-refused');
  const { thread } = await sendEnquiry(xa, file);
  await until(xb.officer, thread, 'the enquiry', hasAct('ENQ'));
  await release(xb, 'REF', { thread, body: bodies.refusal, safety: answerSafety });
  const seen = await until(xa.officer, thread, 'the refusal', hasAct('REF'));
  expect(seen.state === 'REFUSED', `the conversation should be REFUSED, it is ${seen.state}`);
  const { conversation } = await xa.officer.ask<{
    conversation: { acts: { type: string; rendered: { label: string; value: string | null }[] }[] };
  }>('query ($thread: ID!) { conversation(thread: $thread) { acts { type rendered { label value } } } }', {
    thread,
  });
  const lines = conversation.acts
    .find((act) => act.type === 'REF')!
    .rendered.filter((line) => line.value !== null);
  for (const line of lines) tell(`${line.label}: ${line.value}`);
}

async function withdrawn({ xa, xb, tell }: Story): Promise<void> {
  const file = await readInvented('04-consent-withdrawn');
  const { thread } = await sendEnquiry(xa, file);
  await until(xb.officer, thread, 'the enquiry', hasAct('ENQ'));
  await release(xb, 'ACK', { thread, body: { re: 1 }, safety: answerSafety });
  await until(xa.officer, thread, 'the acknowledgement', hasAct('ACK'));
  await release(xa, 'WDR', { thread, body: bodies.withdrawal, safety: safetyOf(file) }, true);
  const stopped = await until(xb.officer, thread, 'the withdrawal', hasAct('WDR'));
  expect(
    stopped.tasks.some((task) => task.kind === 'account-owed'),
    'xb owes an account of what was done',
  );
  await release(xb, 'STP', {
    thread,
    body: bodies.standStillAccount(actNumber(stopped, 'WDR')),
    safety: answerSafety,
  });
  const told = await until(xa.officer, thread, "xb's account", hasAct('STP'));
  expect(
    told.tasks.some((task) => task.kind === 'safety-review'),
    'a safety review is open at xa',
  );
  tell(
    `withdrawn by telephone with somebody else in the room: xb stopped, said what it had done and whom it spoke to; at xa a safety review is open (${told.state})`,
  );
}

async function stoppedByGate({ xa, tell }: Story): Promise<void> {
  const before = await countLogEntries(xa);
  const file = await readInvented('06-asylum-possible');
  const stopped = await propose(xa.officer, 'ENQ', {
    peer: file.to,
    body: file.body,
    safety: safetyOf(file),
  });
  expect(stopped.status === 'stopped', `the enquiry should be stopped, it is ${stopped.status}`);
  const refusal = await approve(xa.supervisor, stopped).catch((error: Error) => error);
  expect(refusal instanceof Error, 'nobody can approve what a gate has stopped');
  for (const rule of stopped.stoppedBy) tell(`${rule.rule}: ${rule.explanation}`);
  const after = await waitForLog(
    xa,
    (counts) => (counts.get('act.stopped') ?? 0) > (before.get('act.stopped') ?? 0),
  );
  expect(
    (after.get('message.sealed') ?? 0) === (before.get('message.sealed') ?? 0),
    'nothing may have been sealed meanwhile',
  );
  tell("xa's log has one more act.stopped and not one more message.sealed: nothing left");
}

type Counts = Map<string, number>;

/** How many entries of each type the node's public log has. Entries are types, times and commitments, nothing else. */
async function countLogEntries({ node }: Team): Promise<Counts> {
  const counts: Counts = new Map();
  const note = await (await fetch(`${node.machineUrl}/log/checkpoint`)).text();
  const size = Number(note.split('\n')[1]);
  for (let from = 0; from < size; from += 256) {
    const width = Math.min(256, size - from);
    const index = String(from / 256).padStart(3, '0');
    const path = width === 256 ? index : `${index}.p/${width}`;
    const tile = Buffer.from(
      await (await fetch(`${node.machineUrl}/log/tile/entries/${path}`)).arrayBuffer(),
    );
    for (let at = 0; at + 2 <= tile.length; ) {
      const length = tile.readUInt16BE(at);
      const { type } = JSON.parse(tile.subarray(at + 2, at + 2 + length).toString()) as { type: string };
      counts.set(type, (counts.get(type) ?? 0) + 1);
      at += 2 + length;
    }
  }
  return counts;
}

async function waitForLog(team: Team, test: (counts: Counts) => boolean): Promise<Counts> {
  for (let i = 0; i < 100; i++) {
    const counts = await countLogEntries(team);
    if (test(counts)) return counts;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(false, "the node's log did not grow as told");
}

async function locateAsWeapon({ xa, xb, tell }: Story): Promise<void> {
  const file = await readInvented('07-locate-as-a-weapon');
  const answers: string[] = [];
  for (const known of [true, false]) {
    const { thread } = await release(
      xb,
      'ENQ',
      { peer: 'xa', body: file.body, safety: { ...safetyOf(file), harm: answerSafety.harm } },
      true,
    );
    await until(xa.officer, thread, "the father's request", hasAct('ENQ'));
    const safety = { ...answerSafety, childIsHere: known ? 'yes' : 'no' };
    const negative = await propose(xa.officer, 'NEG', { thread, body: bodies.nothingFound, safety });
    expect(negative.status === 'stopped', 'an answer whose form betrays something is stopped');
    const sent = await release(xa, 'NIC', { thread, body: bodies.noInformation, safety });
    await until(xb.officer, thread, 'the answer', hasAct('NIC'));
    answers.push(sent.content);
  }
  expect(answers[0] === answers[1], 'known and unknown must be answered alike, byte for byte');
  tell('"no information can be communicated": the same bytes for a child who is there and one who is not');
}

async function urgentOvertakes(story: Story): Promise<void> {
  const { xa, network, tell } = story;
  const enquiry = await readInvented('11c-stateless-mother');
  const { thread } = await sendEnquiry(xa, enquiry);
  await until(xa.officer, thread, 'the receipt of xc', arrived('ENQ'));
  await story.xc!.node.stop();
  for (let i = 0; i < 50; i++)
    await release(xa, 'PRG', { thread, body: bodies.progress(), safety: safetyOf(enquiry) }, true);
  await until(
    xa.officer,
    thread,
    'fifty notes in the mailbox',
    (c) => c.acts.filter((act) => act.type === 'PRG' && act.stage === 'relayed').length === 50,
  );
  const file = await readInvented('05-urgent-overtakes');
  const alert = await release(
    xa,
    'URG',
    {
      peer: 'xc',
      body: bodies.urgentAlert(file, 'XC'),
      safety: { ...safetyOf(file), asylum: [{ country: 'XC', status: 'counselled-not-sought' }] },
    },
    true,
  );
  await until(xa.officer, alert.thread, 'the alert in the mailbox', (c) =>
    c.acts.some((act) => act.stage === 'relayed'),
  );
  story.xc = await openTeam(await network.start('xc'));
  const alerted = await until(story.xc.officer, alert.thread, 'the alert at xc', hasAct('URG'));
  const routine = await until(
    story.xc.officer,
    thread,
    'the notes at xc',
    (c) => c.acts.filter((act) => act.type === 'PRG').length === 50,
  );
  const first = routine.acts
    .filter((act) => act.type === 'PRG')
    .map((act) => act.deliveredAt!)
    .sort()[0]!;
  const alertAt = alerted.acts.find((act) => act.type === 'URG')!.deliveredAt!;
  expect(alertAt <= first, `the alert was applied at ${alertAt}, the first note at ${first}`);
  const { unreadUrgent } = await story.xc.officer.ask<{ unreadUrgent: unknown[] }>(
    'query { unreadUrgent { thread } }',
  );
  expect(Array.isArray(unreadUrgent), 'xc watches unread alerts');
  tell('the alert was applied before the fifty notes sent ahead of it');
}

async function crossing({ xa, xb, tell }: Story): Promise<void> {
  const file = await readInvented('08-family-involved');
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { thread } = await sendEnquiry(xa, file);
    await until(xb.officer, thread, 'the enquiry', hasAct('ENQ'));
    const report = await propose(xb.officer, 'RPT', {
      thread,
      body: bodies.report(file, false),
      safety: answerSafety,
    });
    expect(report.status === 'waiting', 'the report waits for a second person');
    // A withdrawal leaves at once, a report when it is approved: both now.
    await Promise.all([
      approve(xb.supervisor, report),
      release(xa, 'WDR', { thread, body: bodies.withdrawalNoLongerNeeded, safety: safetyOf(file) }, true),
    ]);
    const both = (c: SeenConversation) => hasAct('RPT')(c) && hasAct('WDR')(c);
    const [atXa, atXb] = await Promise.all([
      until(xa.officer, thread, 'both acts', both),
      until(xb.officer, thread, 'both acts', both),
    ]);
    expect(atXa.state === atXb.state, `xa says ${atXa.state}, xb says ${atXb.state}`);
    const seenByReport = atXa.acts.find((act) => act.type === 'RPT')!.seen;
    if (seenByReport >= actNumber(atXa, 'WDR')) continue;
    expect(atXa.state === 'WITHDRAWN', `withdrawal prevails, but the state is ${atXa.state}`);
    tell(
      `report and withdrawal crossed on the wire: both sides say ${atXa.state}; the report stays as evidence`,
    );
    return;
  }
  expect(false, 'the two acts did not cross in five tries');
}

/** Both sides export what they can show of the main journey, and the verifier checks it with nothing but the anchor. */
async function proveIt({ network, xa, xb, mainThread, evidence, tell }: Story): Promise<void> {
  const anchor = Anchor.parse(JSON.parse(await readFile(network.anchorPath, 'utf8')));
  for (const team of [xa, xb]) {
    const bytes = await completeEvidence(team, mainThread);
    const path = join(network.folder, `evidence-${team.node.code}.json`);
    await writeFile(path, bytes);
    evidence.push(path);
    const verified = await verifyBundle(bytes, anchor);
    expect(verified.verdict === 'PROVED', `${team.node.code}: ${formatVerdict(verified)}`);
    tell(`${path}: ${verified.verdict}, ${verified.lines.length} statements checked`);
    const flipped = Uint8Array.from(bytes);
    const at = Math.floor(bytes.length / 2);
    flipped[at] = flipped[at]! ^ 1;
    const broken = await verifyBundle(flipped, anchor);
    expect(broken.verdict === 'FAILED', 'one flipped byte must be noticed');
    tell(
      `with one byte flipped in the middle: ${broken.verdict} (${broken.lines.find((line) => !line.ok)?.where ?? ''})`,
    );
  }
}

/** Proofs travel after the messages they are about: waits for the last of them. */
async function completeEvidence({ supervisor, node }: Team, thread: string): Promise<Uint8Array> {
  for (let i = 0; i < 120; i++) {
    const { bytes, complete } = await supervisor.exportEvidence(thread);
    if (complete) return bytes;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(false, `the evidence of ${node.code} is still not complete after a minute`);
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** The steps in order. */
export const steps: readonly Step[] = [
  { name: 'send', title: 'An officer in xa asks xb about a child', run: sendMain },
  { name: 'answer', title: 'xb acknowledges, clarifies, replies, reports', run: answerMain },
  { name: 'offline', title: 'xc is down, then fetches its mail and answers', run: offlineState },
  { name: 'refused', title: 'An enquiry that cannot be answered, and the way to ask', run: refused },
  { name: 'withdrawn', title: 'Agreement is withdrawn', run: withdrawn },
  { name: 'stopped', title: 'An enquiry that must not leave', run: stoppedByGate },
  { name: 'locate', title: 'A father asks where his child is', run: locateAsWeapon },
  { name: 'urgent', title: 'An alert overtakes fifty routine messages', run: urgentOvertakes },
  { name: 'crossing', title: 'A report and a withdrawal cross', run: crossing },
  { name: 'evidence', title: 'Both States prove the first exchange', run: proveIt },
];
