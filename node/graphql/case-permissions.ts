/**
 * What a caller needs for the fields about case files (officer-cases.ts). Which file it may be, the operations say. What is in a file
 * is reached by `CaseFile.items` and `CaseFile.history` alone, which record that it was read.
 */
import { caseKindNames } from '../cases/kinds.ts';
import type { FieldTable } from './guard-fields.ts';
import { caseMutation } from './officer-cases.ts';

export const caseFields: FieldTable = {
  'Query.cases': 'case.read',
  'Query.case': 'case.read',
  'Query.searchCases': 'case.search',
  CaseCandidate: 'case.search',
  'Query.caseMatch': 'case.read',
  CaseMatch: 'case.read',
  MatchField: 'case.read',
  'Mutation.decideMatch': 'case.match',
  'Mutation.decideCandidate': 'case.match',
  CasePage: 'case.read',
  CaseFile: 'case.read',
  CaseItem: 'case.read',
  CaseEntry: 'case.read',
  CaseJoin: 'case.read',
  Majority: 'case.read',
  CaseWritten: 'case.write',
  'Mutation.openCase': 'case.open',
  'Mutation.openCaseOf': 'case.open',
  'Mutation.closeCase': 'case.close',
  'Mutation.reopenCase': 'case.close',
  'Mutation.restrictCase': 'case.restrict',
  'Mutation.linkConversation': 'case.link',
  'Mutation.unlinkConversation': 'case.link',
  'Mutation.proposeJoin': 'case.join',
  'Mutation.approveJoin': 'case.approve-join',
  'Mutation.undoJoin': 'case.join',
  ...Object.fromEntries(
    caseKindNames.map((kind) => [`Mutation.${caseMutation(kind)}`, 'case.write' as const]),
  ),
};
