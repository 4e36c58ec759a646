/**
 * What a caller needs for the fields about what guardians say and are shown (officer-representation.ts). Which conversation it may be,
 * the operations say.
 */
import { each, type FieldTable } from './guard-fields.ts';

export const representationFields: FieldTable = {
  ...each('Query', 'conversation.read', 'guardianWords shownToGuardian'),
  ...each('Mutation', 'representation.show', 'showGuardian changeTelling'),
  // Who answers an objection must be who may let the enquiry leave: the operation says.
  ...each('Mutation', 'conversation.read', 'answerGuardian'),
  ...each('Mutation', 'representation.answer', 'endPause'),
  ...each('GuardianWord', { content: 'conversation.read' }, 'question words'),
  ...each(
    'GuardianWord',
    'conversation.read',
    'id thread person kind round at answeredBy answeredAt result pauseEndedAt',
  ),
  'Proposal.guardianRounds': 'conversation.read',
  ...each('GuardianRound', 'conversation.read', 'id until questions words'),
  ...each('GuardianQuestion', 'conversation.read', 'n ref code'),
  ...each('ShownRow', { content: 'conversation.read' }, 'content'),
  ...each('ShownRow', 'conversation.read', 'id kind at'),
};
