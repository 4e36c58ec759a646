/**
 * Who may have which field of the gateway's endpoint. Anybody may read the directory and what the logs show; a node that the list
 * names has what is its own; taking mail needs a State that takes part at present.
 */
import { each, type FieldTable } from '#platform/http/field-table.ts';

/** `list`: carries its own signatures, and is good by them alone. */
export type GatewayAccess = 'anybody' | 'node' | 'active' | 'list';

/** Types below a field are reached through it alone. */
export const gatewayFields: FieldTable<GatewayAccess> = {
  ...each('Query', 'anybody', 'trustList checkpoints cosignatures logSteps'),
  ...each('TrustList', 'anybody', 'ver list index proof checkpoint'),
  ...each('Checkpoint', 'anybody', 'origin size note'),
  ...each('Cosignature', 'anybody', 'size line'),
  ...each('LogStep', 'anybody', 'oldSize newSize proof note'),
  'Query.mailbox': 'active',
  ...each('MailboxPage', 'active', 'trimmed items'),
  ...each('MailboxItem', 'active', 'cursor lane kind envelope sealed receipt'),
  // Of a suspended State each message is refused by its own code, which says so (relay/check-envelope.ts).
  ...each('Mutation', 'node', 'deliver postReceipts recall postCheckpoint postCosignature'),
  'Mutation.publishList': 'list',
  ...each('DeliveryResult', 'node', 'id receipt code message retryAfterS'),
  ...each('PostResult', 'node', 'code'),
  ...each('WitnessResult', 'node', 'cosignature storedSize'),
  ...each('Subscription', 'node', 'mailboxChanged checkpointChanged'),
};
