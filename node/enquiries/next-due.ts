/** Interim. */
import type { Conversation } from '#schema/conversation/conversation.ts';
import type { Side } from './tables.ts';
export const nextDue = (_conversation: Conversation, _side: Side): number | null => null;
