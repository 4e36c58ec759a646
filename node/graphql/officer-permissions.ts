/**
 * What a caller needs for each field of the officers' endpoint. A field that is not here cannot be built: default deny. Which
 * conversations somebody sees, the policy decides for each (node/access/decide.ts); here stands what a role may ask at all.
 */
import { messageCodes } from '#schema/conversation/message-types.ts';
import type { Permission } from '../access/permit.ts';
import { proposalOf } from '../enquiries/second-person.ts';
import { caseFields } from './case-permissions.ts';
import { type Access, each, type FieldTable } from './guard-fields.ts';
import { mutationNames } from './mutation-names.ts';
import { peopleFields } from './people-permissions.ts';
import { representationFields } from './representation-permissions.ts';

const READ: Permission = 'conversation.read';
/** Words of people: recorded as content of their conversation. */
const CONTENT: Access = { content: READ };

const fields: FieldTable = {
  'Query.me': READ,
  'Query.inbox': READ,
  'Query.arriving': READ,
  'Query.conversation': READ,
  'Query.proposal': READ,
  'Query.waitingProposals': READ,
  'Query.clearances': READ,
  'Query.tasks': READ,
  'Query.unreadUrgent': READ,
  'Query.peers': READ,
  'Query.questions': READ,
  'Query.labels': READ,
  'Query.dutyRoster': READ,
  'Query.localRequests': READ,
  'Mutation.setDuty': 'duty.set',
  'Mutation.endDuty': 'duty.set',
  'Mutation.confirmAlert': 'alert.confirm',
  'Mutation.giveQuestions': 'local.give',
  'Mutation.withdrawQuestions': 'local.give',
  Shift: READ,
  ...each('LocalRequest', READ, 'id thread givenBy givenAt expiresAt openedAt answeredAt withdrawnAt'),
  ...each('LocalRequest', CONTENT, 'service answeredBy answers'),
  LocalAnswer: READ,
  Given: 'local.give',
  LetterQuestion: 'local.give',
  LetterChild: 'local.give',
  'Subscription.conversationChanged': READ,
  'Subscription.inboxChanged': READ,
  'Subscription.arrivingChanged': READ,
  // Who may approve, and who may not, depends on the proposal: the operations say.
  'Mutation.approveRelease': READ,
  'Mutation.confirmRelease': READ,
  'Mutation.withdrawProposal': READ,
  'Mutation.revokeClearance': READ,
  'Mutation.recallAct': READ,
  'Mutation.resubmitProposal': 'act.propose',
  'Mutation.markRead': 'act.mark-read',
  'Mutation.closeTask': 'task.close',
  'Mutation.askClearance': 'clearance.ask',
  'Mutation.grantClearance': 'clearance.grant',
  ...peopleFields,
  ...caseFields,
  ...representationFields,
  'Mutation.freezeRepresentation': 'representation.freeze',
  ...Object.fromEntries(messageCodes.map((type) => [`Mutation.${mutationNames[type]}`, proposalOf(type)])),
  ...each(
    'Conversation',
    READ,
    'thread peer peerState side state stateLabel purpose urgency danger awaitingUs',
  ),
  ...each('Conversation', READ, 'unread urgentUnread dueAt overdue openedAt updatedAt allowedActs clocks'),
  ...each('Conversation', READ, 'familyQuestionsPaused acts tasks proposals'),
  ...each('Conversation', CONTENT, 'warnings'),
  ...each(
    'Act',
    READ,
    'id type typeLabel side ours n seen at deliveredAt readAt lane stage stageCode withoutEffect mayHaveArrived',
  ),
  ...each('Act', CONTENT, 'authorName authorOffice body remarks rendered attachments'),
  ...each(
    'Proposal',
    READ,
    'id thread conversation type status lane digest proposer proposerName proposedAt',
  ),
  ...each('Proposal', READ, 'expiresAt approver approvedAt secondDueAt messageId peer office'),
  ...each('Proposal', READ, 'clearances replaces outsideBy'),
  ...each('Proposal', CONTENT, 'changedSince withdrawReason'),
  ...each('Proposal', CONTENT, 'stoppedBy explanations body content rendered attachments safety'),
  ...each(
    'Clearance',
    READ,
    'id kind status thread proposalId peerState askedBy askedAt grantedBy grantedAt',
  ),
  ...each('Clearance', READ, 'expiresAt revokedBy revokedAt'),
  ...each('Clearance', CONTENT, 'grounds revokeReason'),
  ...each(
    'Task',
    READ,
    'id kind thread conversation messageId proposalId detail assignedTo openedAt dueAt overdue',
  ),
  ...each('Attachment', READ, 'id name media bytes removed uncleanedReason'),
  ...each('UnreadUrgent', READ, 'messageId thread peer author since call'),
  ...each('Me', READ, 'id name role office state may'),
  ...each('Act', READ, 'recalledAt transfer'),
  ...each('Transfer', READ, 'peerState doneBytes totalBytes'),
  ...each('Task', READ, 'about'),
  ...each('Task', READ, 'peer'),
  ...each('Task', READ, 'unit'),
  // These only hold together, or say in other words, what their parents show; or they show nothing of any conversation.
  InboxConnection: READ,
  InboxEdge: READ,
  PageInfo: READ,
  Clock: READ,
  Colleague: READ,
  Line: READ,
  Rule: READ,
  Peer: READ,
  DutyPhone: READ,
  Designation: READ,
  MustTell: READ,
  Call: READ,
  Label: READ,
  Question: READ,
  Recalled: READ,
};

/** @param bodyTypes names of the types derived from the schemas of bodies: they follow those, field by field */
export const officerFields = (bodyTypes: readonly string[]): FieldTable => ({
  ...fields,
  ...Object.fromEntries(bodyTypes.map((name) => [name, READ])),
});
