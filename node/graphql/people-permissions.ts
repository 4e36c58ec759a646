/**
 * What a caller needs for the root fields about people (officer-people.ts, officer-oversight.ts, officer-guardian-links.ts). Which
 * conversation, person or unit it may be, the operations say.
 */
import type { Permission } from '../access/permit.ts';

export const peopleFields: Readonly<Record<string, Permission>> = {
  'Query.people': 'conversation.read',
  'Query.assignments': 'conversation.read',
  'Query.readers': 'conversation.read',
  'Query.myAssignments': 'conversation.read',
  'Query.myTasks': 'conversation.read',
  'Query.myProposals': 'conversation.read',
  'Query.myStandIns': 'conversation.read',
  'Query.deputies': 'conversation.read',
  'Query.unattended': 'work.report',
  'Mutation.assignConversation': 'assignment.give',
  'Mutation.endAssignment': 'assignment.give',
  'Mutation.moveConversation': 'conversation.move',
  'Mutation.admitReader': 'reader.admit',
  'Mutation.removeReader': 'reader.remove',
  'Mutation.handOver': 'work.hand-over',
  'Mutation.endHandOver': 'work.hand-over',
  'Mutation.nameDeputy': 'deputy.name',
  'Mutation.endDeputy': 'deputy.name',
  'Mutation.disablePerson': 'person.manage',
  'Query.needs': 'conversation.read',
  'Mutation.openInNeed': 'glass.break',
  'Mutation.reviewNeed': 'glass.review',
  'Query.disclosures': 'register.read',
  'Mutation.deferDisclosure': 'register.defer',
  'Mutation.endDeferral': 'register.defer',
  'Query.breaches': 'breach.update',
  'Mutation.reportBreach': 'breach.report',
  'Mutation.updateBreach': 'breach.update',
  'Query.readingReviews': 'reading.review',
  'Mutation.reviewReadings': 'reading.review',
  'Query.guardianLinks': 'conversation.read',
  'Query.proposalDifferences': 'conversation.read',
  'Mutation.proposeGuardianLink': 'guardian.propose',
  'Mutation.changeGuardianLink': 'guardian.propose',
  'Mutation.approveGuardianLink': 'guardian.approve',
  'Mutation.revokeGuardianLink': 'guardian.revoke',
};
