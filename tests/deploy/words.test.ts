/** What the command line says to people of what the node names by codes. */
import { expect, test } from 'vitest';
import {
  isolate,
  readLanguage,
  sayChanges,
  sayTask,
  sayTime,
  sayWarning,
  writeLine,
} from '#deploy/commands/words.ts';
import { caseKinds } from '#node/cases/kinds.ts';
import { taskKinds } from '#node/enquiries/tables.ts';
import { caseEntryKind, taskKind } from '#schema/vocabulary/tasks.ts';

test('every kind of task and of entry in a case file has words', () => {
  expect([...taskKind.codes].sort()).toEqual([...taskKinds].sort());
  expect(caseEntryKind.codes).toEqual(expect.arrayContaining(Object.keys(caseKinds)));
});

const dueAt = '2027-01-15T23:30:12.345Z';
const dutyPhones = [{ number: '+44 1632 960002', hours: 'day and night', languages: ['ru', 'ar'] }];
const peer = { state: 'xb', dutyPhones };

test('a task stands in words, and with the telephones of the other State where it is to be rung', () => {
  const task = { kind: 'call-duty-phone', dueAt, detail: 'ours', peer };
  expect(sayTask(task, 'en')).toEqual([
    '  2027-01-15 23:30 UTC: No person has confirmed this alert: ring if it stays so',
    '    XB  \u2066+44 1632 960002\u2069  \u2068day and night\u2069 (\u2068Russian, Arabic\u2069)',
  ]);
  // Their alert is for us to confirm: there is nobody to ring.
  expect(sayTask({ ...task, detail: 'theirs' }, 'en').slice(1)).toEqual([
    '    who has it confirms it: focalnet enquiry answer --type ACK',
  ]);
  expect(sayTask({ kind: 'breach', dueAt, peer }, 'fr')).toEqual([
    '  2027-01-15 23:30 UTC: Une violation : agir',
  ]);
  const limit = { kind: 'escalation', dueAt, detail: 'theirs:answer:head:call-peer', peer };
  expect(sayTask(limit, 'ar')).toHaveLength(2);
  // A kind of a newer node stands as it came.
  expect(sayTask({ kind: 'invented-kind', dueAt }, 'ru')).toEqual(['  2027-01-15 23:30 UTC: invented-kind']);
});

test('warnings begin a line of their own; what stands in another direction keeps its place', () => {
  const detail = { text: 'العم' };
  expect(sayWarning({ code: 'do-not-contact-named-person', about: ['p1'], detail }, 'en')).toBe(
    `! Do not contact a named person: ${isolate('p1')}: ${isolate('العم')}`,
  );
  expect(sayTime(dueAt)).toBe('2027-01-15 23:30 UTC');
  expect(() => readLanguage({ language: 'de' })).toThrow('en, fr, ru, ar');
  expect(readLanguage({})).toBe('en');
});

test('what has changed since is named, each before and after', () => {
  expect(sayChanges([])).toEqual([]);
  expect(sayChanges([{ field: 'body.reasons.text', before: null, after: '"العم"' }])).toEqual([
    'CHANGED since the proposal that it takes the place of:',
    `  body.reasons.text: ${isolate('–')} > ${isolate('"العم"')}`,
  ]);
});

test('what another State wrote forges no line, moves no cursor and turns nothing around it', () => {
  const value = 'INVENTED\n! No warning\u009b2J\u202egnorw';
  expect(writeLine({ label: 'Note', value, depth: 1 })).toBe(
    '    Note: INVENTED\n      | ! No warning2Jgnorw',
  );
  expect(writeLine({ label: 'Child', value: null, depth: 0 })).toBe('  Child');
  const detail = { text: 'INVENTED\u2028! Safe' };
  expect(sayWarning({ code: 'do-not-contact-family', about: [], detail }, 'en').split('\n')[1]).toBe(
    '      | ! Safe\u2069',
  );
});
