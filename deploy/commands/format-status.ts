/**
 * A node's status as a person reads it at night: what needs a look first, then the tables.
 */
import type { Status, Warning, WarningCode } from '#node/operations/status.ts';

const ADVICE: Readonly<Record<WarningCode, string>> = {
  STANDING: 'this node does not take part as it should; RUNBOOK "Joining, suspending, leaving"',
  LIST_STALE: 'nobody has confirmed the list for a day; RUNBOOK, `list-stale`',
  LIST_ENDS: 'the list in force ends within 30 days; ask the authority to renew it',
  KEY_ENDS: 'the key ends within 30 days; RUNBOOK "Keys"',
  KEY_UNLISTED: 'the list does not name this key of ours',
  PEER_SILENT: 'neither heard nor reached for a day; call its operator',
  QUEUE_OLD: 'messages for it wait too long; telephone what is urgent',
  LANE_GAP: 'a message of theirs is missing; call its operator',
  MAILBOX_UNREAD: 'the mailbox has not been read for ten minutes',
  LOG_WAITING: 'entries wait for the log; RUNBOOK "The log has stopped"',
  LOG_UNCOSIGNED: 'no quorum of witnesses for an hour; receipts cannot be proved to a third',
  WITNESS_SILENT: 'it owes a cosignature',
  DISK_FULL: 'less than 1 GiB free',
  CLOCK: 'others say that this clock is wrong',
  MIGRATIONS: 'the database is not of this version',
  MAILS: 'the mail server takes no mails: nobody hears of alerts; ring the duty officers, RUNBOOK "Mails"',
  ALERT_UNHEARD: 'nobody has confirmed an alert for half an hour; ring the head of office now',
};

export function formatStatus(status: Status): string {
  return [
    `Node ${status.state} of ${status.net} at ${moment(status.atMs)}: ${status.standing}`,
    ...describeWarnings(status.warnings),
    '',
    describeList(status),
    '',
    ...table(
      ['keys', 'id', 'in use', 'listed', 'from', 'until'],
      status.keys.map(({ purpose, id, inUse, listed, fromMs, endsMs }) => [
        purpose,
        id,
        yesNo(inUse),
        yesNo(listed),
        moment(fromMs),
        moment(endsMs),
      ]),
    ),
    '',
    ...describePeers(status),
    '',
    ...describeRest(status),
  ].join('\n');
}

function describeWarnings(warnings: readonly Warning[]): string[] {
  if (warnings.length === 0) return ['Nothing needs a look.'];
  return warnings.map(({ code, about }) => `! ${code}${about ? ` ${about}` : ''}: ${ADVICE[code]}`);
}

function describeList({ list }: Status): string {
  if (list === null) return 'No trust list yet.';
  return `List ${list.ver}, ${list.freshness}, confirmed ${moment(list.confirmedAtMs)}, ends ${moment(list.expiresAtMs)}.`;
}

function describePeers({ atMs, peers, gateway }: Status): string[] {
  const rows = peers.flatMap(({ state, standing, push, contact, lanes }) =>
    lanes.map(({ lane, unsealed, ready, relayed, oldestAtMs, gapSinceMs }, at) => [
      ...(at === 0
        ? [state, standing, push ? 'push' : 'pull', moment(contact.heardAtMs), moment(contact.reachedAtMs)]
        : ['', '', '', '', '']),
      lane,
      String(unsealed),
      String(ready),
      String(relayed),
      age(atMs, oldestAtMs),
      gapSinceMs === null ? '' : `since ${moment(gapSinceMs)}`,
      at === 0 ? (contact.failure ?? '') : '',
    ]),
  );
  const head = [
    'peers',
    'standing',
    'way',
    'heard',
    'reached',
    'lane',
    'unsealed',
    'ready',
    'relayed',
    'oldest',
    'gap',
    'last failure',
  ];
  return [
    ...table(head, rows),
    `gateway reached ${moment(gateway.reachedAtMs)}${gateway.failure ? `, last failure ${gateway.failure}` : ''}`,
  ];
}

function describeRest({ atMs, mailbox, log, storage, clockOffsetMs, migrations }: Status): string[] {
  const silent = log.witnesses.filter((one) => one.silent).map(({ name }) => name);
  return [
    `Mailbox read ${moment(mailbox.readAtMs)}; set aside: ${mailbox.setAside}.`,
    `Log: ${log.size} entries, ${log.waiting} wait; cosigned by ${log.quorum} up to ${log.cosignedSize}, ${moment(log.cosignedAtMs)} (${age(atMs, log.cosignedAtMs)} ago).`,
    `Silent witnesses: ${silent.join(', ') || 'none'}.`,
    `Database ${bytes(storage.databaseBytes)}; ${storage.tables.map(({ name, bytes: size }) => `${name} ${bytes(size)}`).join(', ')}.`,
    `Disk: ${storage.disk ? `${bytes(storage.disk.freeBytes)} of ${bytes(storage.disk.totalBytes)} free` : 'not known here'}.`,
    `Clock: ${clockOffsetMs === null ? 'too few others have said' : `others say ${(clockOffsetMs / 1000).toFixed(1)} s off`}.`,
    `Migrations: ${migrations.applied} applied.`,
  ];
}

/** Columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line);
}

const moment = (ms: number | null): string =>
  ms === null ? '-' : `${new Date(ms).toISOString().slice(0, 16)}Z`;
const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

function age(nowMs: number, thenMs: number | null): string {
  if (thenMs === null) return '-';
  const minutes = Math.max(0, Math.round((nowMs - thenMs) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(size, 1)) / 10));
  return `${(size / 1024 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}
