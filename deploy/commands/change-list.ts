/**
 * `focalnet list add|suspend|resume|remove|update|rotate|renew`: each drafts the next trust list, or changes a draft. Nothing here
 * signs or publishes.
 */
import { readFile } from 'node:fs/promises';
import { ListedNode, type TrustList } from '#schema/protocol/trust-list.ts';
import {
  addNode,
  removeNode,
  resumeNode,
  rotateKeys,
  suspendNode,
  updateNode,
} from '../network/change-list.ts';
import { draftChange, readListFile, writeDraft } from '../network/list-file.ts';
import { PublicKeyFile } from '../network/public-keys.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';
import { printChange } from './sign-list.ts';

const COMMON = `  --list FILE     the signed list in force (\`list fetch\`), or a draft to change further
  --out FILE      the draft of the next list`;

type Drafted = { change: (list: TrustList, nowS: number) => TrustList; note?: string };

/** A command that drafts; `prepare` reads its own options. */
function drafting(
  help: string,
  prepare: (values: Values, rest: readonly string[]) => Promise<Drafted>,
): Command {
  return {
    help: `${COMMON}\n${help}`,
    run: async (values, rest) => {
      const from = await readListFile(need(values, 'list'));
      const { change, note } = await prepare(values, rest);
      const nowMs = Date.now();
      const draft = await draftChange(from, (list) => change(list, Math.floor(nowMs / 1000)), {
        nowMs,
        note,
      });
      await writeDraft(need(values, 'out'), draft);
      printChange(from.list, draft);
      print('A draft. Two authorities read it, sign it (`list sign`) and publish it (`list publish`).');
      return 0;
    },
  };
}

export const listAdd = drafting(
  `  --keys FILE     public half of the State's keys (\`keys public\`)
  --profile FILE  what officers elsewhere must know of it: languages, duty telephones, offices, whom its law obliges to tell
  --url URL       address of its node for others; may be given more than once; none: it opens no port

  focalnet list add --list list-1.json --keys xd.public.json --profile xd.profile.json --out draft.json`,
  async (values) => {
    const joining = {
      keys: await readKeys(values),
      profile: await readProfile(values),
      urls: readUrls(values) ?? [],
    };
    return { change: (list, nowS) => addNode(list, joining, nowS) };
  },
);

export const listSuspend = drafting(
  `  STATE           e.g. xb
  --reason TEXT   for those who sign; it stays in the draft and is not published

  focalnet list suspend xb --reason "key lost, told by telephone" --list list-1.json --out draft.json`,
  async (values, rest) => {
    const state = needState(rest);
    return {
      change: (list) => suspendNode(list, state),
      note: `${state} suspended: ${need(values, 'reason')}`,
    };
  },
);

export const listResume = drafting(
  `  STATE           e.g. xb

  focalnet list resume xb --list list-2.json --out draft.json`,
  async (_values, rest) => ({ change: (list) => resumeNode(list, needState(rest)) }),
);

export const listRemove = drafting(
  `  STATE           e.g. xb; its entry stays, marked as left, so that what it signed can be verified

  focalnet list remove xb --list list-2.json --out draft.json`,
  async (_values, rest) => ({ change: (list) => removeNode(list, needState(rest)) }),
);

export const listUpdate = drafting(
  `  STATE           e.g. xb
  --profile FILE  its profile anew
  --url URL       its addresses anew; may be given more than once
  --keys FILE     its public half (\`keys public\`), for the message types its software understands now; keys stay

  focalnet list update xb --keys xb.public.json --list list-2.json --out draft.json`,
  async (values, rest) => {
    const state = needState(rest);
    const urls = readUrls(values);
    const change = {
      ...(values.profile !== undefined && { profile: await readProfile(values) }),
      ...(urls && { urls }),
      ...(values.keys !== undefined && { types: (await readKeys(values)).types }),
    };
    return { change: (list) => updateNode(list, state, change) };
  },
);

export const listRotate = drafting(
  `  STATE           e.g. xb, or gateway
  --keys FILE     public half of the new keys (\`keys next\`, then \`keys public\`)
  --lost REASON   the old keys are lost or stolen: revoked at once; the reason is published. Without it old and new overlap for 14 days

  focalnet list rotate xb --keys xb.public.json --list list-2.json --out draft.json`,
  async (values, rest) => {
    const party = needState(rest);
    const keys = await readKeys(values);
    if (keys.party !== party) throw new UsageError(`the keys are of ${keys.party}, not of ${party}`);
    const lost = values.lost === undefined ? {} : { lost: need(values, 'lost') };
    return { change: (list, nowS) => rotateKeys(list, keys, { nowS, ...lost }) };
  },
);

export const listRenew = drafting(
  `
  focalnet list renew --list list-2.json --out draft.json`,
  async () => ({ change: (list) => list }),
);

function needState([state]: readonly string[]): string {
  if (!state) throw new UsageError('name the State; see --help');
  return state;
}

const readUrls = (values: Values): string[] | undefined =>
  Array.isArray(values.url) ? values.url : undefined;

const readKeys = async (values: Values): Promise<PublicKeyFile> =>
  PublicKeyFile.parse(await readJson(values, 'keys'));

async function readProfile(values: Values): Promise<ListedNode['profile']> {
  const parsed = ListedNode.shape.profile.safeParse(await readJson(values, 'profile'));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) print(`${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError('the file is not a profile; every line above names a field and what is wrong');
}

const readJson = async (values: Values, name: string): Promise<unknown> =>
  JSON.parse(await readFile(need(values, name), 'utf8'));
