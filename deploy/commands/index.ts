/**
 * The commands, in the order in which help shows them.
 */
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { enquiryAnswer, enquirySend, enquiryShow } from './enquiry.ts';
import { evidenceExport, evidenceVerify } from './evidence.ts';
import { keysBackup, keysNew, keysRestore } from './keys.ts';
import { listAnchor, listPublish, listShow, listSign } from './list.ts';
import { logFsck } from './log.ts';
import { gatewayRun, nodeRun } from './run.ts';

export { type Command, UsageError } from './command.ts';

export const commands: readonly Command[] = [
  demo,
  nodeRun,
  gatewayRun,
  keysNew,
  keysBackup,
  keysRestore,
  listShow,
  listSign,
  listPublish,
  listAnchor,
  enquirySend,
  enquiryAnswer,
  enquiryShow,
  evidenceExport,
  evidenceVerify,
  logFsck,
];
