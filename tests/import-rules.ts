// What may import what (ARCHITECTURE.md), checked on the text of the sources: the TypeScript in use has no stable API to ask,
// and tools that lean on one skip files in silence. In doubt it reports rather than misses: an import it cannot follow is
// itself a violation. Reads files only in `readSources`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Sources by path from the root of the repository, with `/`. */
export type Sources = ReadonlyMap<string, string>;

/** `rule` is one of `ruleNames`; `detail` says what is imported or used. */
export type Violation = { rule: RuleName; file: string; detail: string };

type Import = { specifier: string; target: string | null };
type Graph = ReadonlyMap<string, readonly Import[]>;

const ROOTS = ['schema', 'platform', 'node', 'gateway', 'deploy', 'tests'];
const SLICES = ['enquiries', 'best-interests', 'cases', 'statistics'];

/** Which of our folders a folder may import from. Those not named (the command line, tests) see everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schema: ['schema'],
  platform: ['platform', 'schema'],
  gateway: ['gateway', 'platform', 'schema'],
  node: ['node', 'platform', 'schema'],
};

/** Packages the kernel may use: they do no I/O. */
const KERNEL_PACKAGES = ['@noble/hashes', 'zod', 'jose'];
/** The only file of the product that speaks OpenPGP. */
const OPENPGP_FILE = 'schema/seal/openpgp.ts';
/** Who may read the environment; tests and what starts processes may too. */
const ENVIRONMENT_READERS = ['node/config.ts', 'gateway/config.ts', 'focalnet.ts'];
/**
 * Who may open a connection. Of a node its doors, what makes its roles and tables, and nobody beside (node/storage/doors.ts); the
 * gateway has no people. The full check of a log reads the database of either as its owner, whether its program runs or not.
 */
const DATABASE_FILE = 'platform/postgres/open-database.ts';
const MAY_OPEN_DATABASE = [
  ...['node/storage/doors.ts', 'node/storage/database.ts', 'node/storage/roles.ts'],
  ...['gateway/main.ts', 'deploy/commands/log.ts'],
  // A connection of its own holds the lock of who writes the log.
  'platform/log/sequence.ts',
];
const GATEWAY_ENTRY = 'gateway/main.ts';

const rules = {
  /** Every import can be followed: a literal that names a file that exists. */
  'resolvable-imports': (sources, graph) => [
    ...each(
      graph,
      (file, { specifier, target }) => isOurs(specifier) && target === null && say(file, specifier),
    ),
    // `op.require(…)` asks the policy and loads nothing (node/operation.ts).
    ...matches(
      sources,
      () => true,
      /(?:\bimport|(?<!\bop\.)\brequire)\s*\(\s*(?!['")])[^)]*\)/g,
      isComputedImport,
    ),
  ],
  layers: (_, graph) =>
    each(graph, (file, { target }) => {
      const allowed = MAY_IMPORT[folderOf(file)];
      return (
        allowed !== undefined && target !== null && !allowed.includes(folderOf(target)) && say(file, target)
      );
    }),
  /** Nobody but tests imports tests. */
  'no-tests-in-product': (_, graph) =>
    each(graph, (file, { target }) => !isIn(file, 'tests') && isIn(target, 'tests') && say(file, target)),
  /** The kernel runs in a browser as well. */
  'kernel-packages': (_, graph) =>
    each(graph, (file, { specifier }) => {
      if (!isIn(file, 'schema') || isOurs(specifier)) return false;
      const own = file === OPENPGP_FILE ? [...KERNEL_PACKAGES, 'openpgp'] : KERNEL_PACKAGES;
      return !own.includes(packageOf(specifier)) && say(file, specifier);
    }),
  /** The kernel is told the time and handed its randomness. */
  'kernel-is-pure': (sources) =>
    matches(
      sources,
      (file) => isIn(file, 'schema'),
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\w\s(]))|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\bgetRandomValues\b|\brandomUUID\b/g,
    ),
  'openpgp-in-one-file': (_, graph) =>
    each(graph, (file, { specifier }) => {
      return (
        file !== OPENPGP_FILE &&
        !isIn(file, 'tests') &&
        packageOf(specifier) === 'openpgp' &&
        say(file, specifier)
      );
    }),
  /** Whatever the gateway loads, by however many steps, it can open nothing. */
  'gateway-opens-nothing': (_, graph) =>
    reachable(graph, GATEWAY_ENTRY).flatMap(({ file, path }) => [
      ...(isIn(file, 'schema/seal') ? [say(file, path)] : []),
      ...(graph.get(file) ?? []).flatMap(({ specifier }) =>
        packageOf(specifier) === 'openpgp' ? [say(file, `${path} > ${specifier}`)] : [],
      ),
    ]),
  'gateway-has-no-seal': (_, graph) =>
    each(
      graph,
      (file, { target }) => isIn(file, 'gateway') && isIn(target, 'schema/seal') && say(file, target),
    ),
  /** The exchange hands documents to a handler and knows no slice. */
  'exchange-knows-no-slice': (_, graph) =>
    each(graph, (file, { target }) => {
      const slices = [...SLICES, 'graphql'].map((slice) => `node/${slice}`);
      return isIn(file, 'node/exchange') && slices.some((slice) => isIn(target, slice)) && say(file, target);
    }),
  'stores-are-private': (_, graph) =>
    each(graph, (file, { target }) => {
      const owner = /^node\/([^/]+)\/store\.ts$/.exec(target ?? '')?.[1];
      const own = /^node\/([^/]+)\//.exec(file)?.[1];
      return owner !== undefined && SLICES.includes(own ?? '') && own !== owner && say(file, target);
    }),
  /** Whoever could open a connection of their own would stand behind the second wall. */
  'database-behind-doors': (sources, graph) => [
    ...each(
      graph,
      (file, { target, specifier }) =>
        mustUseDoors(file) &&
        (target === DATABASE_FILE || packageOf(specifier) === 'pg') &&
        opens(sources.get(file)!) &&
        say(file, specifier),
    ),
  ],
  'environment-in-config': (sources) =>
    matches(
      sources,
      (file) => !ENVIRONMENT_READERS.includes(file) && !isIn(file, 'deploy') && !isIn(file, 'tests'),
      /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*(?:\?\.)?\[|=\s*process\s*[;,)\n]|\bfrom\s*['"](?:node:)?process['"]/g,
    ),
} satisfies Record<string, (sources: Sources, graph: Graph) => Omit<Violation, 'rule'>[]>;

export type RuleName = keyof typeof rules;
export const ruleNames = Object.keys(rules) as RuleName[];

/** Everything in these sources that breaks a rule, in the order of the rules. */
export function checkImports(sources: Sources): Violation[] {
  const graph = readGraph(sources);
  return ruleNames.flatMap((rule) => rules[rule](sources, graph).map((found) => ({ rule, ...found })));
}

/** All files that `entry` loads or takes types from, itself included. */
export function closureOf(sources: Sources, entry: string): string[] {
  return reachable(readGraph(sources), entry).map(({ file }) => file);
}

/** All TypeScript and JavaScript of the repository at `root`, and the names of its JSON files. */
export function readSources(root: string): Sources {
  const skipped = new Set(['node_modules', '.git', '.focalnet', 'coverage']);
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(path);
      if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
        files.set(path, readFileSync(join(root, path), 'utf8'));
      if (entry.isFile() && entry.name.endsWith('.json')) files.set(path, '');
    }
  };
  walk('');
  return files;
}

function readGraph(sources: Sources): Graph {
  return new Map(
    [...sources].map(([file, text]) => [
      file,
      readSpecifiers(text).map((specifier) => ({ specifier, target: resolve(sources, file, specifier) })),
    ]),
  );
}

/**
 * What a file names as a module, in comments too: `from '…'`, `import '…'`, `import('…')` also of types, `require('…')`, and
 * files beside it that it starts by URL.
 */
function readSpecifiers(text: string): string[] {
  const forms = [
    /(?<!['"])\b(?:from|import)\s*(['"])([^'"\n]+)\1/g,
    /\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\1/g,
    /\bnew URL\(\s*(['"])(\.{1,2}\/[^'"\n]+\.[cm]?[jt]s)\1\s*,\s*import\.meta\.url/g,
  ];
  return [...new Set(forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[2]!)))];
}

/** The file an import of ours leads to; null for packages and for what is not there. */
function resolve(sources: Sources, file: string, specifier: string): string | null {
  const root = /^#([^/]+)\//.exec(specifier)?.[1];
  const path = specifier.startsWith('.')
    ? posix.join(posix.dirname(file), specifier)
    : root !== undefined && ROOTS.includes(root)
      ? specifier.slice(1)
      : null;
  return path !== null && sources.has(path) ? path : null;
}

/** Files that can be reached from `entry`, each with the way there. */
function reachable(graph: Graph, entry: string): { file: string; path: string }[] {
  const found = new Map(graph.has(entry) ? [[entry, entry]] : []);
  for (const [file, path] of found) {
    for (const { target } of graph.get(file) ?? [])
      if (target !== null && !found.has(target)) found.set(target, `${path} > ${target}`);
  }
  return [...found].map(([file, path]) => ({ file, path }));
}

type Finding = Omit<Violation, 'rule'>;

const say = (file: string, detail: string | null): Finding => ({ file, detail: detail ?? '' });

function each(graph: Graph, test: (file: string, one: Import) => Finding | false): Finding[] {
  return [...graph].flatMap(([file, imports]) => imports.flatMap((one) => test(file, one) || []));
}

/** Uses of a pattern outside comments that stand on lines of their own. */
function matches(
  sources: Sources,
  concerns: (file: string) => boolean,
  pattern: RegExp,
  counts: (found: string) => boolean = () => true,
): Finding[] {
  return [...sources]
    .filter(([file]) => concerns(file))
    .flatMap(([file, text]) => {
      const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
      return [...code.matchAll(pattern)].flatMap(([found]) =>
        counts(found) ? [say(file, found.trim())] : [],
      );
    });
}

const mustUseDoors = (file: string): boolean =>
  !MAY_OPEN_DATABASE.includes(file) && !isIn(file, 'platform/postgres') && !isIn(file, 'tests');

/** A mention of what opens one, or a whole module under another name; types alone open nothing. */
const opens = (text: string): boolean =>
  /\bopenDatabase\b|\bimport\s+\*\s+as\s+\w+\s+from\s*['"][^'"]*open-database\.ts|\bexport\s+\*[^;]*open-database\.ts|\bimport\s*\(\s*['"`][^'"`]*(?:open-database\.ts|\bpg)['"`]|\bnew\s+pg\s*\.\s*(?:Pool|Client)\b|\bimport\s+(?!type\b)[^;]*\bfrom\s*['"]pg['"]/.test(
    text,
  );

/** Only a literal can be followed; a template without a hole is one too. */
function isComputedImport(found: string): boolean {
  return !/^\w+\s*\(\s*`[^`$]*`\s*\)$/.test(found);
}

const isOurs = (specifier: string): boolean => /^[.#]/.test(specifier);
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');
const isIn = (file: string | null, folder: string): boolean => file?.startsWith(`${folder}/`) ?? false;

/** `@noble/hashes/sha2.js` is of the package `@noble/hashes`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
