/**
 * The commands, in the order in which help shows them. Each is loaded when it is called: a gateway must not load what opens
 * messages, and nobody should wait for what he did not ask for.
 */
import type { Command } from './command.ts';

export { type Command, explain, UsageError } from './command.ts';

export interface Listed {
  /** One or two words. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const commands: readonly Listed[] = [
  {
    name: 'demo',
    summary: 'Run a gateway and three invented States on this machine and play the journey',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'node run',
    summary: "Run one State's node until it is stopped",
    load: async () => (await import('./run.ts')).nodeRun,
  },
  {
    name: 'node status',
    summary: 'Say how this node is: peers, queues, keys, list, log, storage',
    load: async () => (await import('./status.ts')).nodeStatus,
  },
  {
    name: 'gateway run',
    summary: 'Run the gateway until it is stopped',
    load: async () => (await import('./run.ts')).gatewayRun,
  },
  {
    name: 'keys new',
    summary: 'Make the keys of a node, of the gateway, or of an authority',
    load: async () => (await import('./keys.ts')).keysNew,
  },
  {
    name: 'keys next',
    summary: 'Make the keys that follow those of a key file',
    load: async () => (await import('./keys.ts')).keysNext,
  },
  {
    name: 'keys public',
    summary: 'Write the public half of a key file, for the authority',
    load: async () => (await import('./keys.ts')).keysPublic,
  },
  {
    name: 'keys backup',
    summary: 'Seal a copy of a key file with a passphrase',
    load: async () => (await import('./keys.ts')).keysBackup,
  },
  {
    name: 'keys restore',
    summary: 'Open a sealed backup of a key file',
    load: async () => (await import('./keys.ts')).keysRestore,
  },
  {
    name: 'keys vault',
    summary: 'Make the wrapping keys of what a node keeps, in a file or a token',
    load: async () => (await import('./vault.ts')).keysVault,
  },
  {
    name: 'keys rotate-wrapping',
    summary: 'Go over to the next wrapping key, while the node runs',
    load: async () => (await import('./vault.ts')).keysRotateWrapping,
  },
  {
    name: 'keys retire-wrapping',
    summary: 'Remove a former wrapping key',
    load: async () => (await import('./vault.ts')).keysRetireWrapping,
  },
  {
    name: 'list show',
    summary: 'Say who takes part by a trust list, and who signed it',
    load: async () => (await import('./list.ts')).listShow,
  },
  {
    name: 'list telephones',
    summary: 'Print the duty telephones of every State, also while no node runs',
    load: async () => (await import('./telephones.ts')).listTelephones,
  },
  {
    name: 'list fetch',
    summary: 'Get the signed trust list in force from the gateway',
    load: async () => (await import('./list.ts')).listFetch,
  },
  {
    name: 'list found',
    summary: 'Draft the first list of a network: its authorities and its gateway',
    load: async () => (await import('./found-list.ts')).listFound,
  },
  {
    name: 'list add',
    summary: 'Draft the next list: a State joins',
    load: async () => (await import('./change-list.ts')).listAdd,
  },
  {
    name: 'list suspend',
    summary: 'Draft the next list: a State is suspended',
    load: async () => (await import('./change-list.ts')).listSuspend,
  },
  {
    name: 'list resume',
    summary: 'Draft the next list: a suspended State takes part again',
    load: async () => (await import('./change-list.ts')).listResume,
  },
  {
    name: 'list remove',
    summary: 'Draft the next list: a State leaves',
    load: async () => (await import('./change-list.ts')).listRemove,
  },
  {
    name: 'list update',
    summary: "Draft the next list: a State's addresses, profile or message types",
    load: async () => (await import('./change-list.ts')).listUpdate,
  },
  {
    name: 'list rotate',
    summary: 'Draft the next list: a State or the gateway gets new keys',
    load: async () => (await import('./change-list.ts')).listRotate,
  },
  {
    name: 'list renew',
    summary: 'Draft the next list: nothing changes but its end',
    load: async () => (await import('./change-list.ts')).listRenew,
  },
  {
    name: 'list diff',
    summary: 'Say in words what one list changes of another',
    load: async () => (await import('./sign-list.ts')).listDiff,
  },
  {
    name: 'list sign',
    summary: 'Read what a draft changes, and sign it with an authority key',
    load: async () => (await import('./sign-list.ts')).listSign,
  },
  {
    name: 'list publish',
    summary: 'Hand a signed trust list to the gateway',
    load: async () => (await import('./list.ts')).listPublish,
  },
  {
    name: 'list anchor',
    summary: 'Make the anchor of a network from its first list',
    load: async () => (await import('./list.ts')).listAnchor,
  },
  {
    name: 'person add',
    summary: 'Enter a person of the office, so that they can sign in',
    load: async () => (await import('./person.ts')).personAdd,
  },
  {
    name: 'person disable',
    summary: 'End all sessions of a person at once, and let them begin none',
    load: async () => (await import('./person.ts')).personDisable,
  },
  {
    name: 'person enable',
    summary: 'Let a person sign in again',
    load: async () => (await import('./person.ts')).personEnable,
  },
  {
    name: 'person role',
    summary: 'Give a person another role, and end their sessions',
    load: async () => (await import('./person.ts')).personRole,
  },
  {
    name: 'person list',
    summary: 'Say who is entered at a node, by id and role',
    load: async () => (await import('./person.ts')).personList,
  },
  {
    name: 'sign-in',
    summary: 'Sign in to a node with a browser, for the commands below',
    load: async () => (await import('./sign-in.ts')).signIn,
  },
  {
    name: 'enquiry send',
    summary: 'Propose a social enquiry from a JSON file; a second person releases it',
    load: async () => (await import('./enquiry.ts')).enquirySend,
  },
  {
    name: 'enquiry answer',
    summary: 'Propose any act in a conversation, or approve one',
    load: async () => (await import('./enquiry.ts')).enquiryAnswer,
  },
  {
    name: 'enquiry clear',
    summary: 'Ask for the clearance that a stopped proposal needs, or grant one',
    load: async () => (await import('./clear.ts')).enquiryClear,
  },
  {
    name: 'enquiry resubmit',
    summary: 'Put a stopped proposal before the gates again, once it is cleared',
    load: async () => (await import('./clear.ts')).enquiryResubmit,
  },
  {
    name: 'enquiry show',
    summary: 'Show a conversation in a language of yours',
    load: async () => (await import('./enquiry.ts')).enquiryShow,
  },
  {
    name: 'case list',
    summary: 'Say which case files you see, and what waits in them',
    load: async () => (await import('./case.ts')).caseList,
  },
  {
    name: 'case show',
    summary: 'Show what stands in a case file in a language of yours',
    load: async () => (await import('./case.ts')).caseShow,
  },
  {
    name: 'case search',
    summary: 'Look for the file of a child by name in any script and birth',
    load: async () => (await import('./case.ts')).caseSearch,
  },
  {
    name: 'case import',
    summary: 'Make case files of a spreadsheet, or of a case of another system',
    load: async () => (await import('./case.ts')).caseImport,
  },
  {
    name: 'case export',
    summary: 'Save a case file as HTCDS, with what had no place in it',
    load: async () => (await import('./case.ts')).caseExport,
  },
  {
    name: 'evidence export',
    summary: "Save the evidence of a conversation: hashes, signatures and proofs, nobody's data",
    load: async () => (await import('./evidence.ts')).evidenceExport,
  },
  {
    name: 'evidence verify',
    summary: 'Check an evidence bundle offline, line by line',
    load: async () => (await import('./evidence.ts')).evidenceVerify,
  },
  {
    name: 'log fsck',
    summary: 'Check every entry, hash, root and signature of an audit log',
    load: async () => (await import('./log.ts')).logFsck,
  },
];
