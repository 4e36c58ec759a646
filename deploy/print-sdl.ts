/**
 * The GraphQL schemas of all endpoints as text, as they stand in `schema/*.graphql` for those who write clients: run it after a
 * change to a schema, a test compares. `node --import tsx deploy/print-sdl.ts`
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printGatewaySdl } from '#gateway/graphql/schema.ts';
import { printAuditorSdl } from '#node/graphql/auditor.ts';
import { printGuardianSdl } from '#node/graphql/guardian.ts';
import { printMachineSdl } from '#node/graphql/machine.ts';
import { printMinistrySdl } from '#node/graphql/ministry.ts';
import { printOfficerSdl } from '#node/graphql/officer.ts';

/** Each file below the root of the repository, and what must stand in it. */
export const printedSchemas: Readonly<Record<string, () => string>> = {
  'schema/machine.graphql': printMachineSdl,
  'schema/officer.graphql': printOfficerSdl,
  'schema/guardian.graphql': printGuardianSdl,
  'schema/ministry.graphql': printMinistrySdl,
  'schema/auditor.graphql': printAuditorSdl,
  'schema/gateway.graphql': printGatewaySdl,
};

const ROOT = new URL('../', import.meta.url);

/** Writes all files. @returns their names */
export function writeSchemas(): string[] {
  for (const [file, print] of Object.entries(printedSchemas)) writeFileSync(new URL(file, ROOT), print());
  return Object.keys(printedSchemas);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${writeSchemas().join('\n')}\n`);
