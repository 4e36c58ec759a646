/**
 * Reads schema/vectors/vocabulary.json, and writes it anew after a deliberate change:
 *   npx tsx tests/schema/vocabulary/vector-file.ts
 * It refuses to write while a changed list still has its old version.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { computeVector, nextVector, type VocabularyVector } from '#schema/vocabulary/fingerprint.ts';

const file = fileURLToPath(new URL('../../../schema/vectors/vocabulary.json', import.meta.url));

export function readVector(): VocabularyVector {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

export function regenerateVector(): void {
  writeFileSync(file, `${JSON.stringify(nextVector(readVector(), computeVector()), null, 2)}\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) regenerateVector();
