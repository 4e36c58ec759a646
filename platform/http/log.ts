/**
 * Log lines by allow-list: an event name and a few fields that cannot hold a person. Anything else that is
 * passed is dropped, so that a careless call leaks nothing. Error messages are never logged, only their codes.
 */
import pino from 'pino';

const FIELDS = [
  'bytes',
  'cause',
  'code',
  'correlationId',
  'count',
  'durationMs',
  'endpoint',
  'index',
  'lane',
  'method',
  'origin',
  'party',
  'pid',
  'port',
  'size',
  'stage',
  'state',
  'status',
  'ver',
] as const;

export type LogFields = { [field in (typeof FIELDS)[number]]?: string | number | boolean | undefined };
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

type Write = (event: string, fields?: LogFields) => void;
export type Log = { error: Write; warn: Write; info: Write; debug: Write };

/** Codes, ids, hosts: printable ASCII without quotes; free text has spaces and does not pass. */
const PLAIN = /^[\w.:/#@+-]{1,120}$/;

function keepAllowed(fields: LogFields): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const name of FIELDS) {
    const value = fields[name];
    if (typeof value === 'number' || typeof value === 'boolean') kept[name] = value;
    else if (typeof value === 'string') kept[name] = PLAIN.test(value) ? value : '(dropped)';
  }
  return kept;
}

/**
 * A logger that writes JSON lines.
 * @param name which process speaks, e.g. `gateway` or `node-xa`
 * @param destination where lines go; standard output unless given
 */
export function makeLog(name: string, level: LogLevel, destination?: { write(line: string): void }): Log {
  const options = { name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = destination ? pino(options, destination) : pino(options);
  const at =
    (method: 'error' | 'warn' | 'info' | 'debug'): Write =>
    (event, fields) =>
      logger[method](keepAllowed(fields ?? {}), event);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
