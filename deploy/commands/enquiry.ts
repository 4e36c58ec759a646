/**
 * `focalnet enquiry send`, `enquiry answer`, `enquiry show`: what an office may do from its own programs.
 */
import { readFile } from 'node:fs/promises';
import { ZodError } from 'zod';
import { type MessageCode, messageCodes, messageRow } from '#schema/conversation/message-types.ts';
import {
  approve,
  isMessageCode,
  type OnSent,
  type Proposal,
  propose,
  proposeFile,
  readEnquiryFile,
  uploadFile,
} from '../act.ts';
import { type OfficerClient, openOfficerClient, type StoredFile } from '../officer-client.ts';
import { type Command, confirm, need, print, tell, UsageError, type Values } from './command.ts';
import { readSession } from './session.ts';
import {
  type Change,
  isolate,
  type Line,
  readLanguage,
  sayChanges,
  sayStage,
  sayTask,
  sayTime,
  sayWarning,
  TASK,
  WARNING,
  type WaitingTask,
  type Warning,
  writeLine,
} from './words.ts';

export const enquirySend: Command = {
  help: `  --node URL      officers' address of the own node
  --file FILE     the enquiry, as in tests/fixtures/enquiries
  --json          the proposal as JSON, alone on standard output
  FOCALNET_SESSION who proposes
  How much of each file has gone to the node is said on standard error.

  Exit code 0: it waits for a second person, or has left; 1: a gate stopped it, or it was refused; 2: the file is no enquiry.

  focalnet enquiry send --node http://127.0.0.1:8400 --file enquiry.json`,
  run: async (values) => {
    const path = need(values, 'file');
    const file = await readEnquiryFile(path).catch(sayFaults);
    const client = openOfficerClient(need(values, 'node'), readSession());
    const { proposal, stored } = await proposeFile(client, path, file, showProgress());
    tellFiles(stored);
    return showProposal(values, proposal);
  },
};

/** On standard error, so that what the command prints stays for programs: each file at each tenth of it. */
function showProgress(): OnSent {
  const shown = new Map<string, number>();
  return (name, sentBytes, totalBytes) => {
    const tenths = Math.floor((sentBytes / totalBytes) * 10);
    if (shown.get(name) === tenths) return;
    shown.set(name, tenths);
    tell(`${name}: ${sentBytes} of ${totalBytes} bytes sent`);
  };
}

/** What was stored of each file, and what cleaning took out. */
function tellFiles(stored: readonly StoredFile[]): void {
  for (const { name, bytes, removed } of stored) {
    const kinds = removed.map(({ kind }) => kind).join(', ') || 'nothing';
    tell(`${name}: ${bytes} bytes; taken out: ${kinds}`);
  }
}

function sayFaults(error: unknown): never {
  if (!(error instanceof ZodError)) throw error;
  for (const issue of error.issues) tell(`${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError('the file is not an enquiry; every line above names a field and what is wrong');
}

/** @returns the exit code: 1 where a gate stopped it */
export function showProposal(values: Values, proposal: Proposal): number {
  if (values.json === true) print(JSON.stringify(proposal));
  else {
    print(`proposal ${proposal.id}: ${proposal.status}; conversation ${proposal.thread}`);
    for (const rule of proposal.stoppedBy)
      print(`  stopped by ${rule.rule}: ${rule.explanation} (${rule.source})`);
    for (const rule of proposal.explanations) print(`  note ${rule.rule}: ${rule.explanation}`);
    if (proposal.status === 'stopped') print(`  ${sayWayOn(proposal)}`);
    if (proposal.status === 'waiting')
      print(`  a second person approves exactly this content: digest ${proposal.digest}`);
  }
  return proposal.status === 'stopped' ? 1 : 0;
}

/** A statement that is missing is made in the file; what else stops it may need two persons. */
function sayWayOn({ id, stoppedBy }: Proposal): string {
  if (stoppedBy.every(({ rule }) => rule === 'G-HARM'))
    return 'say it in "safety" of the file, under "harm", and propose it anew: see focalnet enquiry answer --help';
  return `where a clearance may open it: focalnet enquiry clear; then focalnet enquiry resubmit ${id}`;
}

export const enquiryAnswer: Command = {
  help: `  --node URL      officers' address of the own node
  --thread ID     the conversation
  --peer STATE    instead, where the act opens one: an urgent alert (URG), a sighting (SGT)
  --type CODE     ACK, FLK, CLR, CLA, INT, RPT, NEG, NIC, REF, WDR, STP, URG, SGT, …
  --file FILE     JSON: {"body": {…}, "safety": {"childIsHere": "no", "asylum": [], "harm": {"answer": "…", "reasons": "…"}}}, as in
                  tests/fixtures/acts; answer is not-likely-to-endanger or likely-endangers
  --attach FILE   a file to go with it, cleaned first; may be given more than once. "attachments" of the body says of each what
                  it is, by its place from 0
  --json          the proposal as JSON, alone on standard output
  FOCALNET_SESSION who acts

  --approve ID    instead: show what a waiting proposal would send, and to whom; ask; approve exactly that
  --language TAG  in which to show it: en, fr, ru or ar; en unless given
  --yes           do not ask: for a script whose people have read it elsewhere

  Exit code 0: done; 1: a gate stopped it, it was refused, or not approved; 2: not understood, or nobody could be asked.

  focalnet enquiry answer --node http://127.0.0.1:8400 --thread 0198… --type ACK --file ack.json
  focalnet enquiry answer --node http://127.0.0.1:8400 --thread 0198… --type RPT --file report.json --attach scan.pdf
  focalnet enquiry answer --node http://127.0.0.1:8400 --peer xb --type URG --file alert.json
  focalnet enquiry answer --node http://127.0.0.1:8400 --approve proposal-…`,
  run: async (values, rest) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    if (values.approve === true) return approveShown(client, values, rest[0]);
    const type = need(values, 'type');
    if (!isMessageCode(type)) throw new UsageError('--type is not a type of act; see --help');
    const where = readWhere(values, type);
    const { body, safety } = await readAnswerFile(need(values, 'file'));
    const attachments = await uploadAll(client, Array.isArray(values.attach) ? values.attach : []);
    const request = { ...where, body, attachments, ...(safety ? { safety } : {}) };
    return showProposal(values, await propose(client, type, request));
  },
};

/** The conversation an act belongs to, or the State with which it opens one. @throws UsageError */
function readWhere(values: Values, type: MessageCode): { thread: string } | { peer: string } {
  if (values.peer === undefined) return { thread: need(values, 'thread') };
  if (values.thread !== undefined) throw new UsageError('say --thread or --peer, not both; see --help');
  const opening = messageCodes.filter((code) => messageRow(code).opensConversation);
  if (!opening.includes(type))
    throw new UsageError(`only ${opening.join(', ')} open a conversation: say --thread for ${type}`);
  return { peer: need(values, 'peer') };
}

/** @throws UsageError where the file is no such JSON; it never repeats what stands there */
async function readAnswerFile(
  path: string,
): Promise<{ body: Record<string, unknown>; safety?: Record<string, unknown> }> {
  const text = await readFile(path, 'utf8');
  try {
    const { body, safety } = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return { body, safety };
  } catch {
    // Said below, for both.
  }
  throw new UsageError('the file must be JSON with the field "body"; see --help');
}

async function uploadAll(client: OfficerClient, paths: readonly string[]): Promise<string[]> {
  const stored: StoredFile[] = [];
  for (const path of paths) stored.push(await uploadFile(client, path));
  tellFiles(stored);
  return stored.map(({ id }) => id);
}

interface Leaving extends Proposal {
  readonly peer: { state: string; mustTell: { body: string; when: string }[] } | null;
  readonly rendered: readonly Line[];
  readonly attachments: readonly { name: string; bytes: number; removed: string[] }[];
  readonly changedSince: readonly Change[] | null;
}

/** Nobody approves what they were not shown: the digest approved is that of what stands on the screen. */
async function approveShown(client: OfficerClient, values: Values, id: string | undefined): Promise<number> {
  if (!id) throw new UsageError('name the proposal: focalnet enquiry answer --approve ID');
  const proposal = await showLeaving(client, values, id);
  const question = 'Release exactly this?';
  const unasked = 'read the proposal (enquiry answer --approve shows it above)';
  if (!(await confirm(values, question, unasked))) {
    tell('Not approved.');
    return 1;
  }
  return showProposal(values, await approve(client, proposal));
}

/** Shows on standard error what a proposal would send, and to whom. @throws Error where the person may not see it */
export async function showLeaving(client: OfficerClient, values: Values, id: string): Promise<Proposal> {
  const { proposal } = await client.ask<{ proposal: Leaving | null }>(
    `query ($id: ID!, $language: String) { proposal(id: $id) {
      id thread type status digest office peer { state mustTell { body when } }
      stoppedBy { rule explanation source } explanations { rule explanation source }
      attachments { name bytes removed } changedSince { field before after } rendered(language: $language) { label value depth } } }`,
    { id, language: readLanguage(values) },
  );
  if (!proposal) throw new Error('there is no such proposal, or you may not see it');
  tellLeaving(proposal);
  return proposal;
}

function tellLeaving(proposal: Leaving): void {
  const { peer, office, type, id, digest } = proposal;
  tell(`${id}: ${type} to ${peer?.state ?? 'a State that is not listed'}${office ? `, ${office}` : ''}`);
  for (const line of proposal.rendered) tell(writeLine(line));
  for (const line of sayChanges(proposal.changedSince ?? [])) tell(line);
  for (const { name, bytes, removed } of proposal.attachments)
    tell(`  file ${name}: ${bytes} bytes; taken out: ${removed.join(', ') || 'nothing'}`);
  for (const rule of proposal.stoppedBy) tell(`  STOPPED BY ${rule.rule}: ${rule.explanation}`);
  for (const rule of proposal.explanations) tell(`  note ${rule.rule}: ${rule.explanation}`);
  const told = peer?.mustTell ?? [];
  if (told.length === 0) tell('Its law obliges that State to tell nobody, as far as the trust list says.');
  for (const { body, when } of told) tell(`That State is bound to tell: ${body} (${when})`);
  tell(`digest ${digest}`);
}

interface Shown {
  thread: string;
  peerState: string;
  state: string;
  stateLabel: string;
  acts: {
    type: string;
    typeLabel: string;
    at: string;
    stage: string | null;
    authorOffice: string;
    rendered: Line[];
  }[];
  tasks: WaitingTask[];
  warnings: Warning[];
}

export const enquiryShow: Command = {
  help: `  --node URL      officers' address of the own node
  --thread ID     the conversation
  --language TAG  en, fr, ru or ar; en unless given
  --json          as JSON
  FOCALNET_SESSION who reads

  First every safety warning (!), then what waits to be done, with the telephones of the other State where it must be rung.

  focalnet enquiry show --node http://127.0.0.1:8400 --thread 0198… --language ru`,
  run: async (values) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    const language = readLanguage(values);
    const { conversation } = await client.ask<{ conversation: Shown | null }>(
      `query ($thread: ID!, $language: String) { conversation(thread: $thread) {
        thread peerState state stateLabel(language: $language) warnings { ${WARNING} } tasks { ${TASK} }
        acts { type typeLabel(language: $language) at stage authorOffice rendered(language: $language) { label value depth } }
      } }`,
      { thread: need(values, 'thread'), language },
    );
    if (!conversation) throw new Error('there is no such conversation, or you may not see it');
    if (values.json === true) print(JSON.stringify(conversation));
    else showConversation(conversation, language);
    return 0;
  },
};

/** Warnings before anything else, then what waits, then the acts in their order. */
function showConversation(
  { thread, peerState, stateLabel, warnings, tasks, acts }: Shown,
  language: string,
): void {
  print(`${thread} with ${peerState}: ${stateLabel}`);
  for (const warning of warnings) print(sayWarning(warning, language));
  for (const task of tasks) for (const line of sayTask(task, language)) print(line);
  for (const { at, authorOffice, typeLabel, stage, rendered } of acts) {
    print(`\n${sayTime(at)} ${isolate(authorOffice)}: ${typeLabel}${sayStage(stage, language)}`);
    for (const line of rendered) print(writeLine(line));
  }
}
