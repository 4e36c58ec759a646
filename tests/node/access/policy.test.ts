/**
 * The one policy, asked directly: every permission, for every role, in every way of standing to a conversation. What it answers is
 * checked in as a table to be read (policy.txt) beside section 4 of the design's DOMAIN.md; a change of policy is a change of that
 * file. `npx vitest run tests/node/access/policy.test.ts -u` writes it anew: read the difference.
 */
import { describe, expect, it } from 'vitest';
import { type Actor, type Role, roles } from '#node/access/actor.ts';
import {
  type Decision,
  decide,
  FRESH_MS,
  type Link,
  type Resource,
  type Standing,
} from '#node/access/decide.ts';
import { type Permission, permissions } from '#node/access/permit.ts';
import { purposeOf, purposes, purposesOf } from '#node/access/purpose.ts';

const NOW_MS = 1_800_000_000_000;
const person = (role: Role, change: Partial<Actor> = {}): Actor => ({
  id: 'me',
  name: 'Invented',
  role,
  office: 'Invented',
  unit: 'here',
  signedInMs: NOW_MS,
  purpose: purposeOf[role],
  ...change,
});
const nothing: Standing = {
  unit: 'elsewhere',
  eyesOnly: false,
  isReader: false,
  isAssigned: false,
  isOpenedInNeed: false,
  draftedBy: null,
  isStandIn: false,
};
const draft = { draftedBy: 'another' };

/** Letter in the table, and how the person stands. */
const standings: Readonly<Record<string, Standing>> = {
  u: { ...nothing, unit: 'here' },
  o: nothing,
  a: { ...nothing, isAssigned: true },
  n: { ...nothing, isOpenedInNeed: true },
  e: { ...nothing, unit: 'here', eyesOnly: true },
  x: { ...nothing, eyesOnly: true, isAssigned: true, isOpenedInNeed: true, isStandIn: true },
  r: { ...nothing, eyesOnly: true, isReader: true },
  m: { ...nothing, draftedBy: 'me' },
  d: { ...nothing, ...draft, unit: 'here' },
  f: { ...nothing, ...draft, unit: 'here', eyesOnly: true },
  s: { ...nothing, ...draft, isStandIn: true },
};
const SAID = `What decide() allows. A column is a role, a row what is done; where there is no letter, it is refused.

  u  a conversation of the person's own unit       m  a draft of their own, of another unit
  o  of another unit, and nothing to the person    d  a draft of another, of their unit
  a  of another unit, assigned to them             f  the same, for named readers
  n  of another unit, opened in need               s  a draft of somebody they stand in for
  e  of their unit, for named readers              .  what concerns no conversation
  r  the same, and they are one of them
  x  for named readers, of another unit; assigned, opened in need, standing in: all in vain

  fresh: only within five minutes of a proof; other: never by who asked for it.
`;

const allows = (decision: Decision): boolean => decision.allow;
function cell(role: Role, action: Permission): string {
  const seen = Object.entries(standings).filter(([, standing]) =>
    allows(decide(person(role), action, { standing }, NOW_MS)),
  );
  const free = allows(decide(person(role), action, {}, NOW_MS)) ? '.' : '';
  return seen.map(([letter]) => letter).join('') + free;
}

function row(action: Permission): string {
  const allowed = roles.find((role) => cell(role, action) !== '');
  const ask = (actor: Actor, resource: Resource = {}) => decide(actor, action, resource, NOW_MS);
  const stale = allowed && ask(person(allowed, { signedInMs: NOW_MS - FRESH_MS - 1 }));
  const own = allowed && ask(person(allowed), { proposer: 'me' });
  const rules = [stale && !stale.allow ? 'fresh' : '', own && !own.allow ? 'other' : ''];
  return [action.padEnd(26), ...roles.map((role) => cell(role, action).padEnd(13)), ...rules]
    .join(' ')
    .trimEnd();
}

function printPolicy(): string {
  const head = ['', ...roles].map((text, i) => text.padEnd(i === 0 ? 26 : 13)).join(' ');
  return `${SAID}\n${head.trimEnd()}\n${permissions.map(row).join('\n')}\n`;
}

it('is the table that was read', async () => {
  await expect(printPolicy()).toMatchFileSnapshot('policy.txt');
});

describe('of section 4 of DOMAIN.md', () => {
  const may = (role: Role): Permission[] => permissions.filter((action) => cell(role, action) !== '');

  it.each([
    ['guardian', ['representation.read', 'representation.speak']],
    ['analyst', ['release.read']],
    ['auditor', ['trail.read']],
    ['panel-member', []],
    ['operator', []],
  ] as const)('a %s has nothing but this', (role, only) => {
    expect(may(role)).toEqual(only);
  });

  it.each<[Role, string, Permission[]]>([
    ['case-worker', 'releases nothing abroad', ['act.approve', 'act.approve-refusal', 'clearance.grant']],
    [
      'officer',
      'releases nothing and decides about nobody',
      ['act.approve', 'person.manage', 'assignment.give'],
    ],
    ['supervisor', 'refuses no enquiry without the law', ['act.approve-refusal', 'clearance.grant-asylum']],
    ['legal-adviser', 'writes and releases nothing', ['act.propose', 'act.approve', 'guardian.approve']],
  ])('a %s %s', (role, _never, actions) => {
    expect(actions.filter((action) => cell(role, action) !== '')).toEqual([]);
  });

  it('nobody sees what is nothing to them but the head of office, whatever the action', () => {
    for (const action of permissions)
      for (const role of roles.filter((one) => one !== 'head'))
        expect([action, role, cell(role, action).match(/[ox]/)]).toEqual([action, role, null]);
  });

  it('of what was opened in need nothing is done but reading', () => {
    const done = permissions.filter((action) =>
      roles.some((role) => role !== 'head' && cell(role, action).includes('n')),
    );
    expect(done).toEqual(['conversation.read', 'act.mark-read', 'evidence.export', 'case.read']);
  });

  it('nobody decides what they asked for, in any role', () => {
    for (const action of permissions)
      for (const role of roles) {
        const decision = decide(person(role), action, { proposer: 'me' }, NOW_MS);
        expect([action, role, decision.allow]).toEqual([action, role, false]);
      }
  });

  it('who comes for what is not their role’s purpose gets nothing', () => {
    for (const role of roles)
      for (const purpose of purposes) {
        const got = permissions.filter((action) =>
          allows(decide(person(role, { purpose }), action, {}, NOW_MS)),
        );
        expect([role, purpose, got]).toEqual([
          role,
          purpose,
          purposesOf[role].includes(purpose) ? may(role) : [],
        ]);
      }
  });
});

describe('a denial', () => {
  const deny = (actor: Actor, action: Permission, resource: Resource) =>
    decide(actor, action, resource, NOW_MS);
  const [hidden, inNeed] = [standings.o!, standings.n!];
  it.each<[string, Decision, string]>([
    [
      'says of a role first that it may not',
      deny(person('analyst'), 'act.approve', { standing: hidden }),
      'NOT_PERMITTED',
    ],
    [
      'then that there is nothing here',
      deny(person('supervisor', { signedInMs: 0 }), 'act.approve', { standing: hidden, proposer: 'me' }),
      'NOT_FOUND',
    ],
    [
      'then that it is for reading',
      deny(person('supervisor'), 'act.approve', { standing: inNeed, proposer: 'me' }),
      'READ_ONLY_IN_NEED',
    ],
    [
      'then that another must do it',
      deny(person('supervisor', { signedInMs: 0 }), 'act.approve', { proposer: 'me' }),
      'SAME_PERSON',
    ],
    [
      'then that a fresh proof is needed',
      deny(person('supervisor', { signedInMs: 0 }), 'act.approve', {}),
      'STEP_UP_NEEDED',
    ],
  ])('%s', (_order, decision, code) => {
    expect(decision).toEqual({ allow: false, code });
  });
});

describe('a guardian’s link', () => {
  const link: Link = { person: 'me', approved_at: 1, revoked_at: null, ends_at: NOW_MS + 1 };
  it.each<[string, Partial<Link>, boolean]>([
    ['in force', {}, true],
    ['without an end', { ends_at: null }, true],
    ['of another guardian', { person: 'you' }, false],
    ['that waits for its second person', { approved_at: null }, false],
    ['that was revoked', { revoked_at: 2 }, false],
    ['that is over', { ends_at: NOW_MS }, false],
  ])('%s', (_what, change, allow) => {
    const decision = decide(
      person('guardian'),
      'representation.read',
      { link: { ...link, ...change } },
      NOW_MS,
    );
    expect(decision).toEqual(allow ? { allow } : { allow, code: 'NOT_FOUND' });
  });

  it('is nothing to an officer', () => {
    const decision = decide(person('head'), 'representation.read', { link }, NOW_MS);
    expect(decision).toEqual({ allow: false, code: 'NOT_PERMITTED' });
  });
});
