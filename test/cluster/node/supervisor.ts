/**
 * The process that all of the node's programs are children of. It starts and ends them as it is told, and restarts nothing
 * by itself. When it ends, or whoever keeps the node does, the kernel ends everything in the node's PID namespace.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Cgroup } from './cgroups.ts';
import { controlSocket, type Order, type Report } from './control.ts';
import { mountNode } from './mounts.ts';

const [folder = '', cgroups = ''] = process.argv.slice(2);
const programs = new Map<string, ChildProcess>();
const GRACE_MS = 10_000;

process.on('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);
const hierarchies: readonly Cgroup[] = JSON.parse(cgroups);
mountNode(folder, hierarchies);
rmSync(controlSocket(folder), { force: true });
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  void text(socket)
    .then((line) => obey(JSON.parse(line)))
    .catch((error: unknown): Report => ({ fault: error instanceof Error ? error.message : String(error) }))
    .then((report) => socket.end(JSON.stringify(report)));
});
server.listen(controlSocket(folder), () => process.send?.('up'));

async function obey(order: Order): Promise<Report> {
  if (order.do === 'start') await start(order);
  if (order.do === 'stop') await stop(order);
  return { programs: Object.fromEntries([...programs].map(([name, child]) => [name, describe(child)])) };
}

async function start({ name, argv: [program = '', ...args], log }: Extract<Order, { do: 'start' }>): Promise<void> {
  const before = programs.get(name);
  if (before !== undefined && describe(before) === 'running') throw new Error(`${name} is running`);
  const output = openSync(log, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  await once(child, 'spawn');
  programs.set(name, child);
}

async function stop({ name, signal }: Extract<Order, { do: 'stop' }>): Promise<void> {
  const child = programs.get(name);
  if (child === undefined || describe(child) !== 'running') return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(late);
}

function describe({ exitCode, signalCode }: ChildProcess): string {
  if (exitCode !== null) return `ended with status ${exitCode}`;
  return signalCode === null ? 'running' : `ended by ${signalCode}`;
}
