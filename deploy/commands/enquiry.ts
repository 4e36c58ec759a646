/**
 * `focalnet enquiry send`, `enquiry answer`, `enquiry show`: what an office may do from its own programs.
 */
import { readFile } from 'node:fs/promises';
import { ZodError } from 'zod';
import {
  approve,
  isMessageCode,
  type OnSent,
  type Proposal,
  propose,
  proposeFile,
  readEnquiryFile,
} from '../act.ts';
import { type OfficerClient, openOfficerClient } from '../officer-client.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';
import { readSession } from './session.ts';

export const enquirySend: Command = {
  help: `  --node URL      officers' address of the own node
  --file FILE     the enquiry, as in tests/fixtures/enquiries
  --json          the proposal as JSON
  FOCALNET_SESSION who proposes
  How much of each file has gone to the node is said on standard error.

  focalnet enquiry send --node http://127.0.0.1:8400 --file enquiry.json`,
  run: async (values) => {
    const path = need(values, 'file');
    const file = await readEnquiryFile(path).catch(sayFaults);
    const client = openOfficerClient(need(values, 'node'), readSession());
    const { proposal, stored } = await proposeFile(client, path, file, showProgress());
    for (const { name, bytes, removed } of stored) {
      const kinds = removed.map(({ kind }) => kind).join(', ') || 'nothing';
      print(`${name}: ${bytes} bytes; taken out: ${kinds}`);
    }
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
    process.stderr.write(`${name}: ${sentBytes} of ${totalBytes} bytes sent\n`);
  };
}

function sayFaults(error: unknown): never {
  if (!(error instanceof ZodError)) throw error;
  for (const issue of error.issues) print(`${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError('the file is not an enquiry; every line above names a field and what is wrong');
}

function showProposal(values: Values, proposal: Proposal): number {
  if (values.json === true) print(JSON.stringify(proposal));
  else {
    print(`proposal ${proposal.id}: ${proposal.status}; conversation ${proposal.thread}`);
    for (const rule of proposal.stoppedBy)
      print(`  stopped by ${rule.rule}: ${rule.explanation} (${rule.source})`);
    for (const rule of proposal.explanations) print(`  note ${rule.rule}: ${rule.explanation}`);
    if (proposal.status === 'waiting')
      print(`  a second person approves exactly this content: digest ${proposal.digest}`);
  }
  return proposal.status === 'stopped' ? 1 : 0;
}

export const enquiryAnswer: Command = {
  help: `  --node URL      officers' address of the own node
  --thread ID     the conversation
  --type CODE     ACK, FLK, CLR, CLA, INT, RPT, NEG, NIC, REF, WDR, STP, …
  --file FILE     JSON: {"body": {…}, "safety": {"childIsHere": "no", "asylum": [], "harm": {…}}}
  --approve ID    approve a waiting proposal instead, as it stands
  FOCALNET_SESSION who acts

  focalnet enquiry answer --node http://127.0.0.1:8400 --thread 0198… --type ACK --file ack.json`,
  run: async (values, rest) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    if (values.approve === true) return showProposal(values, await approveById(client, rest[0]));
    const type = need(values, 'type');
    if (!isMessageCode(type)) throw new UsageError('--type is not a type of act; see --help');
    const { body, safety } = JSON.parse(await readFile(need(values, 'file'), 'utf8')) as {
      body: Record<string, unknown>;
      safety?: Record<string, unknown>;
    };
    return showProposal(
      values,
      await propose(client, type, { thread: need(values, 'thread'), body, ...(safety ? { safety } : {}) }),
    );
  },
};

async function approveById(client: OfficerClient, id: string | undefined): Promise<Proposal> {
  if (!id) throw new UsageError('name the proposal: focalnet enquiry answer --approve ID');
  const { proposal } = await client.ask<{ proposal: Proposal }>(
    'query ($id: ID!) { proposal(id: $id) { id digest } }',
    { id },
  );
  return approve(client, proposal);
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
    rendered: { label: string; value: string | null; depth: number }[];
  }[];
  tasks: { kind: string; dueAt: string }[];
}

export const enquiryShow: Command = {
  help: `  --node URL      officers' address of the own node
  --thread ID     the conversation
  --language TAG  en, fr, ru or ar; en unless given
  --json          as JSON
  FOCALNET_SESSION who reads

  focalnet enquiry show --node http://127.0.0.1:8400 --thread 0198… --language ru`,
  run: async (values) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    const { conversation } = await client.ask<{ conversation: Shown }>(
      `query ($thread: ID!, $language: String) { conversation(thread: $thread) {
        thread peerState state stateLabel(language: $language) tasks { kind dueAt }
        acts { type typeLabel(language: $language) at stage authorOffice rendered(language: $language) { label value depth } }
      } }`,
      { thread: need(values, 'thread'), language: values.language ?? 'en' },
    );
    if (values.json === true) print(JSON.stringify(conversation));
    else showConversation(conversation);
    return 0;
  },
};

function showConversation({ thread, peerState, stateLabel, tasks, acts }: Shown): void {
  print(`${thread} with ${peerState}: ${stateLabel}`);
  for (const task of tasks) print(`  to do by ${task.dueAt}: ${task.kind}`);
  for (const act of acts) {
    print(`\n${act.at} ${act.authorOffice}: ${act.typeLabel}${act.stage ? ` (${act.stage})` : ''}`);
    for (const line of act.rendered)
      print(`${'  '.repeat(line.depth + 1)}${line.label}${line.value === null ? '' : `: ${line.value}`}`);
  }
}
