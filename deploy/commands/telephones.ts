/**
 * `focalnet list telephones`: the duty telephones of every State, from a list in a file, without any node; or from a node that runs.
 */
import { gatherTelephones, writeTelephones } from '#node/duty/telephones.ts';
import { readListFile } from '../network/list-file.ts';
import { openOfficerClient } from '../officer-client.ts';
import { type Command, need, print, UsageError } from './command.ts';
import { readSession } from './session.ts';

export const listTelephones: Command = {
  help: `  --list FILE     a trust list (\`list fetch\`): no node is needed
  --node URL      instead: officers' address of the own node, which shows the list in force
  --language CODE en, fr, ru or ar; en unless given
  FOCALNET_SESSION with --node: who asks

  Print it every week, and keep it where it is found at night without a computer.

  focalnet list telephones --list list-1.json | lp`,
  run: async (values) => {
    const language = values.language === undefined ? 'en' : need(values, 'language');
    if ((values.list === undefined) === (values.node === undefined))
      throw new UsageError('say either --list or --node; see --help');
    if (values.list === undefined)
      print(await openOfficerClient(need(values, 'node'), readSession()).readTelephones(language));
    else print(writeTelephones(gatherTelephones((await readListFile(need(values, 'list'))).list), language));
    return 0;
  },
};
