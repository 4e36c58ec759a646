/**
 * `focalnet list show|fetch|publish|anchor`: signed trust lists as they stand. Changing and signing them: `change-list.ts`,
 * `sign-list.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { makeAnchor, parseList } from '#schema/jws/trust-list.ts';
import { type Command, need, print, type Values } from './command.ts';

export const listShow: Command = {
  help: `  --list FILE     a signed list
  --json          the list itself as JSON

  focalnet list show --list list-1.json`,
  run: async (values) => {
    const { value, signers } = parseList((await readFile(need(values, 'list'), 'utf8')).trim());
    if (values.json === true) print(JSON.stringify(value));
    else {
      print(
        `${value.net}, list ${value.ver}, until ${new Date(value.exp * 1000).toISOString()}; named as signers: ${signers.join(', ')}`,
      );
      for (const node of value.nodes)
        print(
          `  ${node.node} ${node.status} ${node.urls[0] ?? '(outbound only)'} keys ${node.sig.map(({ kid }) => kid).join(', ')}`,
        );
      print('Signatures are not checked here: nodes and the gateway check them against the list before.');
    }
    return 0;
  },
};

export const listFetch: Command = {
  help: `  --gateway URL   the gateway
  --out FILE      the signed list in force

  focalnet list fetch --gateway https://gateway.example --out list-1.json`,
  run: async (values) => {
    const query = 'query { trustList { list } }';
    const { trustList } = await askGateway<{ trustList: { list: string } | null }>(values, query);
    if (!trustList) throw new Error('the gateway has no list yet');
    await writeFile(need(values, 'out'), trustList.list);
    print(`List ${parseList(trustList.list).value.ver}. Its signatures are not checked here.`);
    return 0;
  },
};

export const listPublish: Command = {
  help: `  --list FILE     the signed list
  --gateway URL   the gateway

  focalnet list publish --list list-2.json --gateway https://gateway.example`,
  run: async (values) => {
    const list = (await readFile(need(values, 'list'), 'utf8')).trim();
    const mutation = 'mutation ($list: String!) { publishList(list: $list) }';
    const { publishList } = await askGateway<{ publishList: number }>(values, mutation, { list });
    print(`List ${publishList} is in force at the gateway; nodes fetch it within about a minute.`);
    return 0;
  },
};

async function askGateway<T>(values: Values, query: string, variables = {}): Promise<T> {
  const response = await fetch(`${need(values, 'gateway')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (!data) throw new Error(errors?.[0]?.message ?? 'the gateway did not take it');
  return data;
}

export const listAnchor: Command = {
  help: `  --list FILE     list 1, signed
  --out FILE      the anchor, to be handed over in person

  focalnet list anchor --list list-1.json --out anchor.json`,
  run: async (values) => {
    const anchor = await makeAnchor((await readFile(need(values, 'list'), 'utf8')).trim());
    await writeFile(need(values, 'out'), `${JSON.stringify(anchor, null, 2)}\n`);
    print(`Anchor of ${anchor.net}: compare ${anchor.list1} by voice.`);
    return 0;
  },
};
