/**
 * What each kind of act is called as a mutation: `propose…` where a second person must release it, a plain verb where it
 * leaves at once.
 */
import type { MessageCode } from '#schema/conversation/message-types.ts';

export const mutationNames = {
  ENQ: 'proposeEnquiry',
  ACK: 'acknowledge',
  FLK: 'proposeFirstLook',
  CLR: 'askForClarification',
  CLA: 'proposeClarification',
  FWD: 'proposeForwardingNotice',
  PRG: 'noteProgress',
  INT: 'proposeInterimReply',
  RPT: 'proposeReport',
  NEG: 'proposeNothingFound',
  NIC: 'proposeNoInformation',
  LSW: 'proposeLocatedSafe',
  REF: 'proposeRefusal',
  SUP: 'proposeSupplement',
  WDR: 'withdrawEnquiry',
  STP: 'standStill',
  MIS: 'noteMissingEpisode',
  REP: 'noteRepresentative',
  STA: 'noteStatus',
  URG: 'raiseUrgentAlert',
  SGT: 'proposeSighting',
  MSR: 'proposeMeasures',
  USE: 'proposeUse',
  OUT: 'proposeOutcome',
  CLS: 'proposeClosing',
  RPN: 'proposeReopening',
  ERS: 'proposeErasure',
} as const satisfies Record<MessageCode, string>;
