// The rules of import hold in this repository, and each of them bites.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkImports, closureOf, type RuleName, readSources, ruleNames } from './import-rules.ts';

const sources = new Map(readSources(fileURLToPath(new URL('..', import.meta.url))));
// It quotes all the offences.
sources.delete('tests/imports.test.ts');

describe('this repository', () => {
  it.each(ruleNames)('keeps the rule %s', (rule) => {
    expect(checkImports(sources).filter((violation) => violation.rule === rule)).toEqual([]);
  });

  it('has been read whole', () => {
    for (const folder of ['schema', 'platform', 'node', 'gateway', 'deploy', 'tests'])
      expect(
        [...sources.keys()].filter((file) => file.startsWith(`${folder}/`)).length,
        folder,
      ).toBeGreaterThan(2);
    expect(closureOf(sources, 'node/main.ts')).toContain('schema/seal/openpgp.ts');
    const gateway = closureOf(sources, 'gateway/main.ts');
    expect(gateway).toContain('schema/jws/envelope.ts');
    expect(gateway.filter((file) => /^(?:node|schema\/seal)\//.test(file))).toEqual([]);
  });
});

const OPENS = "'#platform/postgres/open-database.ts'";
/** A small tree that keeps every rule and has each way of importing in it. */
const LAWFUL = {
  'schema/log/tree.ts': "import { sha256 } from '@noble/hashes/sha2.js';\nexport const at = new Date(0);",
  'schema/seal/openpgp.ts': "import {\n  sign,\n} from 'openpgp';",
  'schema/seal/seal.ts': "import './openpgp.ts';\n// never reads Date.now() itself",
  'platform/loop.ts': "export * from '#schema/log/tree.ts';\nimport 'node:fs';",
  'platform/postgres/open-database.ts': 'export const openDatabase = 1;',
  'node/storage/doors.ts': `import { openDatabase } from ${OPENS};`,
  'node/storage/tables.ts': `import type pg from 'pg';\nimport type { Db } from ${OPENS};`,
  'node/config.ts': 'export const port = process.env.PORT;',
  'node/main.ts': "import '#schema/seal/seal.ts'; const later = await import('./config.ts');",
  'node/enquiries/store.ts': 'export const rows = 1;',
  'node/enquiries/draft.ts': "import { rows } from './store.ts';",
  'node/cases/store.ts': 'export const rows = 1;',
  'node/exchange/receive.ts': "import type { Loop } from '#platform/loop.ts';",
  'node/graphql/officer.ts': "type Rows = import('../enquiries/store.ts').Rows;",
  'gateway/main.ts': "import '#platform/loop.ts';\nexport { port } from './config.ts';",
  'gateway/config.ts': 'export const port = process.env.PORT;',
  'deploy/demo.ts': "import '#node/main.ts';\nconst inherited = process.env;",
  'tests/a.test.ts': "import { generateKey } from 'openpgp';\nimport '#gateway/main.ts';",
};

const check = (changed: Record<string, string>) =>
  checkImports(new Map(Object.entries({ ...LAWFUL, ...changed })));

describe('the rules', () => {
  it('leave a lawful tree alone', () => {
    expect(check({})).toEqual([]);
  });

  const offences: [RuleName, string, string][] = [
    ['layers', 'schema/log/tree.ts', "import '#platform/loop.ts';"],
    ['layers', 'schema/log/tree.ts', "export * from '../../node/config.ts';"],
    ['layers', 'platform/loop.ts', "import type { Port } from '#node/config.ts';"],
    ['layers', 'platform/loop.ts', "import '../gateway/config.ts';"],
    ['layers', 'gateway/relay.ts', "import '#node/config.ts';"],
    ['layers', 'gateway/relay.ts', "type T = typeof import('../node/config.ts');"],
    ['layers', 'node/cases/read.ts', "const { port } = await import('#gateway/config.ts');"],
    ['layers', 'node/cases/read.ts', 'import "#deploy/demo.ts";'],
    ['layers', 'node/cases/read.ts', "import { x,\n  y } from '#tests/a.test.ts';"],
    ['no-tests-in-product', 'deploy/make.ts', "export { x } from '../tests/a.test.ts';"],
    ['no-tests-in-product', 'focalnet.ts', "import './tests/a.test.ts';"],
    ['kernel-packages', 'schema/log/tree.ts', "import { createHash } from 'node:crypto';"],
    ['kernel-packages', 'schema/log/tree.ts', "const fs = await import('fs');"],
    ['kernel-packages', 'schema/seal/seal.ts', "import type { Key } from 'openpgp/lightweight';"],
    ['kernel-packages', 'schema/log/tree.ts', "import pg from 'pg';"],
    ['kernel-is-pure', 'schema/log/tree.ts', 'export const now = () => Date.now();'],
    ['kernel-is-pure', 'schema/log/tree.ts', 'export const now = new Date();'],
    ['kernel-is-pure', 'schema/log/tree.ts', 'export const now = new Date;'],
    ['kernel-is-pure', 'schema/log/tree.ts', 'export const die = Math.random() * 6;'],
    ['kernel-is-pure', 'schema/log/tree.ts', 'crypto.getRandomValues(new Uint8Array(1));'],
    ['openpgp-in-one-file', 'node/exchange/receive.ts', "import { readKey } from 'openpgp';"],
    ['openpgp-in-one-file', 'focalnet.ts', "const pgp = require('openpgp');"],
    ['gateway-opens-nothing', 'schema/log/tree.ts', "import '../seal/seal.ts';"],
    ['gateway-opens-nothing', 'platform/loop.ts', "export type { Seal } from '#schema/seal/seal.ts';"],
    ['gateway-opens-nothing', 'platform/loop.ts', "const pgp = await import('openpgp');"],
    ['gateway-has-no-seal', 'gateway/relay.ts', "import '#schema/seal/seal.ts';"],
    ['exchange-knows-no-slice', 'node/exchange/receive.ts', "import '../enquiries/draft.ts';"],
    ['exchange-knows-no-slice', 'node/exchange/receive.ts', "import '#node/graphql/officer.ts';"],
    ['stores-are-private', 'node/enquiries/draft.ts', "import { rows } from '../cases/store.ts';"],
    ['stores-are-private', 'node/cases/read.ts', "import type { Row } from '#node/enquiries/store.ts';"],
    ['database-behind-doors', 'node/cases/read.ts', `import { openDatabase } from ${OPENS};`],
    ['database-behind-doors', 'node/cases/read.ts', `import { openDatabase as open } from ${OPENS};`],
    ['database-behind-doors', 'node/cases/read.ts', `import * as all from ${OPENS};`],
    ['database-behind-doors', 'node/cases/read.ts', `export * from ${OPENS};`],
    ['database-behind-doors', 'deploy/demo.ts', `const { open } = await import(${OPENS});`],
    ['database-behind-doors', 'node/cases/read.ts', "import pg from 'pg';\nnew pg.Pool();"],
    ['database-behind-doors', 'node/cases/read.ts', "import { Client } from 'pg';"],
    ['environment-in-config', 'node/main.ts', 'const port = process.env.PORT;'],
    ['environment-in-config', 'platform/loop.ts', 'const { env } = process;'],
    ['environment-in-config', 'gateway/main.ts', "import { env } from 'node:process';"],
    ['environment-in-config', 'gateway/main.ts', "const port = process['env'].PORT;"],
    ['resolvable-imports', 'node/main.ts', "import './gone.ts';"],
    ['resolvable-imports', 'node/main.ts', "import '#elsewhere/gone.ts';"],
    ['resolvable-imports', 'node/main.ts', 'await import(name);'],
    ['resolvable-imports', 'platform/loop.ts', "const file = new URL('./gone.mjs', import.meta.url);"],
  ];

  it.each(offences)('%s: %s may not say: %s', (rule, file, text) => {
    expect(check({ [file]: text }).map((violation) => violation.rule)).toContain(rule);
  });

  it('each have at least one such proof', () => {
    expect([...new Set(offences.map(([rule]) => rule))].sort()).toEqual([...ruleNames].sort());
  });
});
