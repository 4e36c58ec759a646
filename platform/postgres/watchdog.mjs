// The watchdog: starts one program and makes sure that it does not outlive the process that asked for it.
// Plain JavaScript without imports of ours, so that it starts fast and stays small.
//
// It reads one line of JSON (the order) from its standard input and then keeps listening: when that pipe
// closes, because the starter closed it or died in whatever way, the program is stopped. It reports on its
// standard output, one JSON object a line: {pid} after the start, {failed} if there was none. The program
// writes to the watchdog's standard error, so the starter sees that pipe close when the last process is gone.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * @typedef {object} Order
 * @property {string} file program to run
 * @property {string[]} args
 * @property {Record<string, string>} env whole environment of the program
 * @property {{ uid: number, gid: number } | null} user whom to become first; null keeps the present user
 * @property {{ signal: NodeJS.Signals, graceMs: number }[]} stopSteps signals to send, each with the time it gets
 * @property {string[]} removeAfter folders to remove when the program has ended
 */

/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
/** @type {Order | undefined} */
let order;
let stopping = false;
let received = '';

/** @param {object} report */
function tell(report) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** @param {{ uid: number, gid: number }} user */
function becomeUser({ uid, gid }) {
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function finish() {
  for (const folder of order?.removeAfter ?? []) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

/** @param {number} [step] */
function stop(step = 0) {
  if (child?.pid === undefined || order === undefined) return finish();
  const { signal, graceMs } = order.stopSteps[step] ?? { signal: 'SIGKILL', graceMs: 1000 };
  child.kill(signal);
  setTimeout(stop, graceMs, step + 1);
}

function stopOnce() {
  if (stopping) return;
  stopping = true;
  stop();
}

function run() {
  if (order === undefined) return;
  if (order.user) becomeUser(order.user);
  child = spawn(order.file, order.args, { cwd: '/', env: order.env, stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('spawn', () => tell({ pid: child?.pid }));
  child.once('error', (error) => {
    tell({ failed: error.message });
    finish();
  });
  child.once('exit', (code, signal) => {
    tell({ code, signal });
    finish();
  });
}

// The reader of our reports may be dead already: that must not stop us from doing our work.
process.stdout.on('error', () => {});
process.stdin.on('error', stopOnce);
process.stdin.on('end', stopOnce);
process.stdin.on('data', (chunk) => {
  if (order !== undefined) return;
  received += chunk;
  const end = received.indexOf('\n');
  if (end < 0) return;
  order = JSON.parse(received.slice(0, end));
  run();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stopOnce);
