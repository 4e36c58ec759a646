/**
 * `focalnet person add|disable|enable|list`: the office's own people, entered by whoever operates its node, in its database.
 */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { roles } from '#node/access/actor.ts';
import {
  changeRole,
  disablePerson,
  enablePerson,
  enterPerson,
  listPeople,
  Person,
} from '#node/access/people.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { openWork } from '#node/storage/doors.ts';
import { closedVault } from '#node/vault/vault.ts';
import { type Command, need, print, UsageError, type Values } from './command.ts';
import { DATABASE_HELP, withDatabase } from './database.ts';

const DATABASE = `${DATABASE_HELP}\n  --json          as JSON`;
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

const withTables = (values: Values, work: (db: Kysely<Database>) => Promise<void>): Promise<number> =>
  withDatabase(need(values, 'database'), async (config) => {
    await prepareDatabase(config);
    const db = openWork(config, 'app_people');
    try {
      await work(db);
      return 0;
    } finally {
      await db.destroy();
    }
  });

const contextOf = (db: Kysely<Database>) => ({
  db,
  surroundings: { nowMs: Date.now, random, vault: closedVault },
});
const tell = (values: Values, told: { id: string }, sentence: string): void =>
  print(values.json === true ? JSON.stringify(told) : sentence);

export const personAdd: Command = {
  help: `${DATABASE}
  --id ID         how logs name the person here: small letters, digits, hyphen, full stop; for good
  --issuer URL    the identity provider, and
  --subject TEXT  who the person is there (\`sub\`): shown to somebody who signs in and is not entered
  --name TEXT     as other States read it
  --role ROLE     case-worker, officer, supervisor, head, legal-adviser, guardian, panel-member, analyst, auditor, operator
  --office TEXT   as other States read it
  --unit NAME     whose conversations the person sees; national unless given
  --email TEXT    for notices without content; none unless given
  --language TAG  en unless given
  --another-human confirms that this is another human than who has the same name or address here: one human has one entry

  focalnet person add --database postgres://focalnet@db/xa --id a.moreau --issuer https://login.example --subject 8f3c \\
    --name "A. Moreau" --role officer --office "Focal point"`,
  run: (values) => {
    const person = readPerson(values);
    return withTables(values, async (db) => {
      await enterPerson(contextOf(db), person, values['another-human'] === true);
      tell(values, { id: person.id }, `${person.id} is entered as ${person.role} and can sign in.`);
    });
  },
};

/** @throws UsageError that names every option which is wrong, and repeats no value */
function readPerson(values: Values): Person {
  const given = Object.fromEntries(Object.keys(Person.shape).map((name) => [name, values[name]]));
  const defaults = {
    unit: given.unit ?? 'national',
    language: given.language ?? 'en',
    email: given.email ?? null,
  };
  const parsed = Person.safeParse({ ...given, ...defaults });
  if (parsed.success) return parsed.data;
  const wrong = [...new Set(parsed.error.issues.map(({ path }) => `--${String(path[0])}`))];
  throw new UsageError(`missing or not of the form that is needed: ${wrong.join(', ')}; see --help`);
}

export const personDisable: Command = {
  help: `${DATABASE}

  Ends the person's sessions at once and lets them begin none.
  focalnet person disable --database postgres://focalnet@db/xa a.moreau`,
  run: (values, rest) => setDisabled(values, rest, disablePerson, 'may not come in any more'),
};

export const personEnable: Command = {
  help: `${DATABASE}

  focalnet person enable --database postgres://focalnet@db/xa a.moreau`,
  run: (values, rest) => setDisabled(values, rest, enablePerson, 'can sign in again'),
};

function setDisabled(
  values: Values,
  [id]: readonly string[],
  change: typeof disablePerson,
  sentence: string,
): Promise<number> {
  if (!id) throw new UsageError('name the person by id: see `focalnet person list`');
  return withTables(values, async (db) => {
    await change(contextOf(db), id);
    tell(values, { id }, `${id} ${sentence}.`);
  });
}

export const personRole: Command = {
  help: `${DATABASE}
  --role ROLE     the new one

  One human has one entry; who gets other work gets another role. Ends the person's sessions.
  focalnet person role --database postgres://focalnet@db/xa --role supervisor a.moreau`,
  run: (values, [id]) => {
    if (!id) throw new UsageError('name the person by id: see `focalnet person list`');
    const role = roles.find((one) => one === need(values, 'role'));
    if (!role) throw new UsageError('--role is none of the roles; see `focalnet person add --help`');
    return withTables(values, async (db) => {
      await changeRole(contextOf(db), id, role);
      tell(values, { id }, `${id} is ${role} from now on.`);
    });
  },
};

export const personList: Command = {
  help: `${DATABASE}

  Ids, roles and units; no names, addresses or subjects.
  focalnet person list --database postgres://focalnet@db/xa`,
  run: (values) =>
    withTables(values, async (db) => {
      const people = await listPeople(db);
      if (values.json === true) print(JSON.stringify(people));
      else
        for (const { id, role, unit, disabled } of people)
          print(`${id.padEnd(30)} ${role.padEnd(15)} ${unit}${disabled ? ' (disabled)' : ''}`);
    }),
};
