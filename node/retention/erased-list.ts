/**
 * What has been erased, kept outside the database: beside the wrapping keys, `<FOCALNET_VAULT>.erased`. A database that is restored
 * from an old backup brings wrapped keys back; before anything is served, what stands in this list is erased again (SECURITY.md, At
 * rest). One line each, `<kind> <id>`, only ever added. It names ids and nothing else.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { type RetentionKind, retentionKinds } from './tables.ts';

export interface ErasedSubject {
  readonly kind: RetentionKind;
  readonly id: string;
}

export interface ErasedList {
  /** On disk when it returns. What is in it was to be erased, even if the transaction that erases it came to nothing. */
  readonly add: (subject: ErasedSubject) => Promise<void>;
  readonly read: () => Promise<ErasedSubject[]>;
}

const MODE = 0o600;
const LINE = /^(conversation|case|message) ([0-9a-f-]{36})$/;
const BEGINNINGS = retentionKinds.map((kind) => `${kind} `);
/** A line that a crash cut off: what it was to say was never committed. */
const isCutOff = (line: string): boolean =>
  BEGINNINGS.some(
    (begins) =>
      begins.startsWith(line) ||
      (line.startsWith(begins) && /^[0-9a-f-]{0,35}$/.test(line.slice(begins.length))),
  );

/** @param vaultPath the file that FOCALNET_VAULT names */
export function openErasedList(vaultPath: string): ErasedList {
  const path = `${vaultPath}.erased`;
  return {
    add: async ({ kind, id }) => {
      await appendFile(path, `\n${kind} ${id}\n`, { mode: MODE, flush: true });
    },
    read: async () => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return text.split('\n').flatMap((line, index) => {
        const [, kind, id] = LINE.exec(line) ?? [];
        if (kind !== undefined && id !== undefined) return [{ kind: kind as RetentionKind, id }];
        if (line === '' || isCutOff(line)) return [];
        throw new Error(`Line ${index + 1} of ${path} cannot be read: restore the file from its backup.`);
      });
    },
  };
}
