// Turns the text PostgreSQL sends for a value into a JavaScript value, exactly or not at all.
// Expects a session with TimeZone UTC and DateStyle ISO (open-database.ts).
import pg from 'pg';
import { PostgresError } from '#platform/postgres/postgres-error.ts';

const { INT8, TIMESTAMPTZ, TIMESTAMP, DATE } = pg.types.builtins;
const [TEXT_ARRAY, INT8_ARRAY, TIMESTAMP_ARRAY, DATE_ARRAY, TIMESTAMPTZ_ARRAY] = [
  1009, 1016, 1115, 1182, 1185,
];

type ParseText = (text: string) => unknown;

const PARSERS = new Map<number, ParseText>([
  [INT8, parseInt8],
  [TIMESTAMPTZ, parseTimestamptz],
  [TIMESTAMP, refuseTimestamp],
  [DATE, (text) => text],
  [INT8_ARRAY!, each(parseInt8)],
  [TIMESTAMPTZ_ARRAY!, each(parseTimestamptz)],
  [TIMESTAMP_ARRAY!, each(refuseTimestamp)],
  [DATE_ARRAY!, each((text) => text)],
]);

/** The parser for values of a type (its object id), in the form `pg` asks for; its own parsers for all others. */
export function parseValue(oid: number, format?: 'text' | 'binary'): ParseText {
  const parser = format === 'binary' ? undefined : PARSERS.get(oid);
  return parser ?? (pg.types.getTypeParser(oid, format as 'text') as ParseText);
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new PostgresError('VALUE_NOT_SAFE', 'A bigint is too large for a number: select it as text.');
}

/** Milliseconds since 1970. PostgreSQL writes "2027-01-15 08:00:00.123456+00", and " BC" after old dates. */
function parseTimestamptz(text: string): number {
  const parts = /^(\d{4,6})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (parts === null) {
    throw new PostgresError(
      'VALUE_NOT_SAFE',
      'A timestamptz is infinite, before year 1, or not in UTC and ISO style.',
    );
  }
  const [, year, day, time, fraction = ''] = parts;
  const isoYear = year!.length === 4 ? year! : `+${year!.padStart(6, '0')}`;
  return Date.parse(`${isoYear}-${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
}

function refuseTimestamp(): never {
  throw new PostgresError(
    'VALUE_NOT_SAFE',
    'A timestamp without time zone names no moment: use timestamptz(3).',
  );
}

function each(parse: ParseText): ParseText {
  const parseTexts = pg.types.getTypeParser(TEXT_ARRAY!) as (text: string) => Nested[];
  const parseNested = (value: Nested): unknown =>
    value === null ? null : Array.isArray(value) ? value.map(parseNested) : parse(value);
  return (text) => parseTexts(text).map(parseNested);
}

type Nested = string | null | Nested[];
