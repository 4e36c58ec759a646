/**
 * `focalnet list found`: drafts the first list of a network. Its authorities and its gateway are named here; States join the draft
 * with `list add`. Nothing here signs.
 */
import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import { GATEWAY } from '#schema/protocol/ids.ts';
import { ListChangeError } from '../network/list-change-error.ts';
import { writeDraft } from '../network/list-file.ts';
import { KEY_LIFE_S } from '../network/make-keys.ts';
import { draftFirstList } from '../network/make-list.ts';
import { AuthorityPublicFile, PublicKeyFile } from '../network/public-keys.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';
import { printChange } from './sign-list.ts';

export const listFound: Command = {
  help: `  --net NAME          the network, e.g. focalnet.example
  --authority FILE    public half of an authority's key (\`keys public\`); three times: any two of them decide
  --gateway URL       address of the gateway
  --keys FILE         public half of the gateway's keys
  --quorum N          how many must witness a log; 2 unless given
  --out FILE          the draft of list 1, which States join with \`list add\`

  focalnet list found --net focalnet.example --gateway https://gateway.example --keys gateway.public.json \\
    --authority authority-1.public.json --authority authority-2.public.json --authority authority-3.public.json --out draft.json
  focalnet list add --list draft.json --keys xa.public.json --profile xa.profile.json --url https://xa.example --out draft.json
  focalnet list sign --file draft.json --key authority-1.json --key authority-2.json --out list-1.json
  focalnet list anchor --list list-1.json --out anchor.json`,
  run: async (values) => {
    const net = need(values, 'net');
    const nowMs = Date.now();
    const list = draftFirstList({
      net,
      nowMs,
      authorities: { threshold: 2, keys: await readAuthorities(values, net) },
      quorum: readQuorum(values),
      gateway: { url: need(values, 'gateway'), keys: await readGateway(values, net, nowMs) },
      members: [],
      types: [],
    });
    const draft = { list, notes: [], kind: 'draft', signed: null } as const;
    await writeDraft(need(values, 'out'), draft);
    printChange(null, draft);
    print('A draft. States join it (`list add`); then two authorities sign it (`list sign`).');
    return 0;
  },
};

async function readAuthorities(values: Values, net: string) {
  const paths = Array.isArray(values.authority) ? values.authority : [];
  if (paths.length !== 3) throw new UsageError('say --authority three times; see --help');
  const files = await Promise.all(paths.map((path) => readHalf(path, AuthorityPublicFile, net)));
  if (new Set(files.flatMap(({ kid, jwk }) => [kid, jwk.x])).size !== 6)
    throw new UsageError('two of the authorities are the same; make each its own with `keys new --number`');
  return files.map(({ kid, jwk }) => ({ kid, jwk }));
}

async function readGateway(values: Values, net: string, nowMs: number) {
  const { party, sig, log, wit } = await readHalf(need(values, 'keys'), PublicKeyFile, net);
  if (party !== GATEWAY) throw new ListChangeError('OTHER_PARTY', party);
  const from = Math.floor(nowMs / 1000) - 3600;
  return { sig: [{ ...sig, from, exp: from + KEY_LIFE_S }], log, wit };
}

/** @throws UsageError naming the file; ListChangeError OTHER_NETWORK */
async function readHalf<T extends { net: string }>(
  path: string,
  form: z.ZodType<T>,
  net: string,
): Promise<T> {
  const half = form.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!half.success) throw new UsageError(`${path} is no public half: write it with \`keys public\``);
  if (half.data.net !== net) throw new ListChangeError('OTHER_NETWORK', half.data.net);
  return half.data;
}

function readQuorum(values: Values): number {
  const quorum = Number(values.quorum ?? 2);
  if (!Number.isInteger(quorum) || quorum < 1) throw new UsageError('--quorum is a number from 1');
  return quorum;
}
