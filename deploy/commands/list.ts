/**
 * `focalnet list show|sign|publish|anchor`: trust lists, signed by people of the network's authority on machines of theirs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, makeAnchor, parseList, signList } from '#schema/jws/trust-list.ts';
import { TrustList } from '#schema/protocol/trust-list.ts';
import type { AuthorityKeyFile } from '../network/make-keys.ts';
import { type Command, need, print, UsageError } from './command.ts';

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

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

export const listSign: Command = {
  help: `  --file FILE     the draft: the list as JSON, as \`list show --json\` prints it
  --key FILE      an authority's key file; give it twice or more
  --out FILE      the signed list

  focalnet list sign --file draft.json --key authority-1.json --key authority-2.json --out list-2.json`,
  run: async (values) => {
    const list = TrustList.parse(await readJson(need(values, 'file')));
    const files = Array.isArray(values.key) ? values.key : [];
    if (files.length < list.authorities.threshold)
      throw new UsageError(`a list needs at least ${list.authorities.threshold} --key files`);
    const keys = await Promise.all(
      files.map(async (path) => {
        const { kid, jwk } = (await readJson(path)) as AuthorityKeyFile;
        return importSigningKey(kid, jwk);
      }),
    );
    await writeFile(
      need(values, 'out'),
      assembleList(list, await Promise.all(keys.map((key) => signList(list, key)))),
    );
    print(`List ${list.ver} signed by ${keys.map(({ kid }) => kid).join(', ')}.`);
    return 0;
  },
};

export const listPublish: Command = {
  help: `  --list FILE     the signed list
  --gateway URL   the gateway

  focalnet list publish --list list-2.json --gateway https://gateway.example`,
  run: async (values) => {
    const list = (await readFile(need(values, 'list'), 'utf8')).trim();
    const response = await fetch(`${need(values, 'gateway')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
      body: JSON.stringify({
        query: 'mutation ($list: String!) { publishList(list: $list) }',
        variables: { list },
      }),
    });
    const { data, errors } = (await response.json()) as {
      data?: { publishList: number };
      errors?: { message: string }[];
    };
    if (!data) throw new Error(errors?.[0]?.message ?? 'the gateway did not take it');
    print(`List ${data.publishList} is in force at the gateway; nodes fetch it within about a minute.`);
    return 0;
  },
};

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
