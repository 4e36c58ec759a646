/**
 * `focalnet enquiry clear`, `enquiry resubmit`: what a gate stopped goes on once two persons have said that just this may leave.
 */
import { clearanceKinds } from '#node/enquiries/tables.ts';
import { askClearance, grantClearance, resubmit } from '../act.ts';
import { type OfficerClient, openOfficerClient } from '../officer-client.ts';
import { type Command, confirm, need, print, tell, UsageError, type Values } from './command.ts';
import { showLeaving, showProposal } from './enquiry.ts';
import { readSession } from './session.ts';
import { sayTime } from './words.ts';

const DAYS = '7';

export const enquiryClear: Command = {
  help: `  --node URL      officers' address of the own node
  --kind KIND     ${clearanceKinds.join(', ')}: what the gate asks for. Asylum: a supervisor asks and a legal adviser
                  grants; otherwise another supervisor grants
  --reason TEXT   why it may leave all the same; it stays in this node
  --days NUMBER   how long it shall hold, 1 to 30; ${DAYS} unless given
  --json          the result as JSON, alone on standard output
  FOCALNET_SESSION who asks, or grants

  --grant ID      instead: show what the clearance is asked for, and why; ask; grant it for exactly that
  --language TAG  in which to show it: en, fr, ru or ar; en unless given
  --yes           do not ask: for a script whose people have read it elsewhere

  Exit code 0: asked, or granted; 1: refused, or not granted; 2: not understood, or nobody could be asked.

  focalnet enquiry clear --node http://127.0.0.1:8400 --kind asylum --reason "Counselled on 10 January" proposal-…
  focalnet enquiry clear --node http://127.0.0.1:8400 --grant clearance-…`,
  run: async (values, [id]) => {
    const client = openOfficerClient(need(values, 'node'), readSession());
    if (values.grant === true) return grantShown(client, values, id);
    if (!id) throw new UsageError('name the stopped proposal: focalnet enquiry clear --kind KIND ID');
    const kind = need(values, 'kind');
    if (!(clearanceKinds as readonly string[]).includes(kind))
      throw new UsageError(`--kind is one of ${clearanceKinds.join(', ')}`);
    const grounds = need(values, 'reason');
    const clearance = await askClearance(client, { kind, proposal: id, grounds, days: readDays(values) });
    print(
      values.json === true
        ? JSON.stringify({ clearance })
        : `${clearance}: asked; another person grants it: focalnet enquiry clear --grant ${clearance}`,
    );
    return 0;
  },
};

function readDays({ days = DAYS }: Values): number {
  if (!/^[1-9]\d?$/.test(String(days))) throw new UsageError('--days is a number from 1 to 30');
  return Number(days);
}

interface Asked {
  readonly id: string;
  readonly kind: string;
  readonly grounds: string;
  readonly expiresAt: string;
  readonly proposalId: string;
  readonly askedBy: { readonly name: string };
}

/** Nobody grants what they were not shown. */
async function grantShown(client: OfficerClient, values: Values, id: string | undefined): Promise<number> {
  if (!id) throw new UsageError('name the clearance: focalnet enquiry clear --grant ID');
  const { clearances } = await client.ask<{ clearances: Asked[] }>(
    '{ clearances { id kind grounds expiresAt proposalId askedBy { name } } }',
  );
  const asked = clearances.find((one) => one.id === id);
  if (!asked) throw new Error('there is no such clearance, or you may not see it');
  const { kind, grounds, expiresAt, proposalId, askedBy } = asked;
  await showLeaving(client, values, proposalId);
  tell(
    `${askedBy.name} asks for clearance (${kind.replaceAll('_', '-')}) until ${sayTime(expiresAt)}: ${grounds}`,
  );
  if (!(await confirm(values, 'Clear exactly this?', 'read what it is for (it stands above)'))) {
    tell('Not granted.');
    return 1;
  }
  await grantClearance(client, id);
  print(
    values.json === true
      ? JSON.stringify({ clearance: id, proposal: proposalId })
      : `${id}: granted; who proposed it: focalnet enquiry resubmit ${proposalId}`,
  );
  return 0;
}

export const enquiryResubmit: Command = {
  help: `  --node URL      officers' address of the own node
  --json          the proposal as JSON, alone on standard output
  FOCALNET_SESSION who proposed it, or stands in for them

  Exit code 0: it waits for a second person, or has left; 1: a gate stops it still, or it was refused.

  focalnet enquiry resubmit --node http://127.0.0.1:8400 proposal-…`,
  run: async (values, [id]) => {
    if (!id) throw new UsageError('name the proposal: focalnet enquiry resubmit ID');
    return showProposal(values, await resubmit(openOfficerClient(need(values, 'node'), readSession()), id));
  },
};
