/** What SECURITY.md claims: every file it names is there, and every requirement of ASVS 5.0 of level 1 and 2 has a row. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');
const isThere = (path: string): boolean => {
  try {
    return statSync(`${root}${path}`) !== undefined;
  } catch {
    return false;
  }
};

/**
 * Numbers of the requirements of level 1 and 2, by section: how many there are from 1 on. OWASP ASVS 5.0.0, May 2025 (its table of
 * requirements, https://github.com/OWASP/ASVS); in every section these come before those of level 3.
 */
const SECTIONS: Readonly<Record<string, number>> = {
  ...{ '1.1': 2, '1.2': 9, '1.3': 11, '1.4': 3, '1.5': 2, '2.1': 3, '2.2': 3, '2.3': 4, '2.4': 1 },
  ...{ '3.2': 2, '3.3': 4, '3.4': 6, '3.5': 5, '3.7': 2, '4.1': 3, '4.2': 1, '4.3': 2, '4.4': 4 },
  ...{ '5.1': 1, '5.2': 3, '5.3': 2, '5.4': 3, '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5 },
  ...{ '6.6': 3, '6.8': 4, '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2, '8.1': 2 },
  ...{ '8.2': 3, '8.3': 1, '8.4': 1, '9.1': 3, '9.2': 4, '10.1': 2, '10.2': 2, '10.3': 4, '10.4': 11 },
  ...{ '10.5': 5, '10.6': 2, '10.7': 3, '11.1': 2, '11.2': 3, '11.3': 3, '11.4': 4, '11.5': 1, '11.6': 1 },
  ...{ '12.1': 3, '12.2': 2, '12.3': 4, '13.1': 1, '13.2': 5, '13.3': 2, '13.4': 5, '14.1': 2, '14.2': 4 },
  ...{ '14.3': 3, '15.1': 3, '15.2': 3, '15.3': 7, '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 3 },
  ...{ '17.1': 1, '17.2': 4, '17.3': 2 },
};
const required = Object.entries(SECTIONS).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, i) => `${section}.${i + 1}`),
);

/** `6.5.1, 6.5.3 to 6.5.5` */
const expand = (cell: string): string[] =>
  cell.split(', ').flatMap((part) => {
    const [first, last = first] = part.split(' to ') as [string, string?];
    const section = first.slice(0, first.lastIndexOf('.'));
    const [from, to] = [first, last].map((number) => Number(number.slice(number.lastIndexOf('.') + 1)));
    return Array.from({ length: to! - from! + 1 }, (_, i) => `${section}.${from! + i}`);
  });

const asvs = text.split('### Evidence by ASVS')[1]!.split('\n### ')[0]!;
const rows = [...asvs.matchAll(/^\| (\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$/gm)].map(
  ([, numbers, what, here, evidence]) => ({
    numbers: expand(numbers!),
    what,
    here: here!,
    evidence: evidence!,
  }),
);

describe('evidence by ASVS', () => {
  it('has every requirement of level 1 and 2 once', () => {
    expect(required).toHaveLength(253);
    const named = rows.flatMap(({ numbers }) => numbers);
    expect(named.filter((number, i) => named.indexOf(number) !== i)).toEqual([]);
    expect([...named].sort()).toEqual([...required].sort());
  });

  it('names a file for each, or says why there is none', () => {
    for (const { what, here, evidence } of rows) {
      const says = /^Not (?:applicable|met): .+/.test(here);
      expect([what, /`[^`]+`/.test(evidence) || says]).toEqual([what, true]);
      expect([what, evidence.trim() !== '' && says]).toEqual([what, false]);
    }
  });
});

describe('SECURITY.md', () => {
  const named = [...new Set([...text.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!))];
  const tests = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.startsWith('tests/'))
    .map((path) => path.slice(path.lastIndexOf('/') + 1));

  it('names files that are there', () => {
    const folders = /^(?:tests|node|gateway|platform|schema|deploy|docs)\//;
    const paths = named.filter((name) => folders.test(name) || /^[\w.-]+\.(?:md|json)$/.test(name));
    expect(paths.length).toBeGreaterThan(60);
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it('names tests by themselves that are there', () => {
    const bare = named.filter((name) => /^[\w.-]+\.test\.ts$/.test(name));
    expect(bare.length).toBeGreaterThan(3);
    expect(bare.filter((name) => !tests.includes(name))).toEqual([]);
  });
});
