import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Order is what the supervisor is told to do with one of its programs. */
export type Order =
  | { readonly do: 'start'; readonly name: string; readonly argv: readonly string[]; readonly log: string }
  /** Ends it, and does nothing if it has ended. */
  | { readonly do: 'stop'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'list' };

/** Report is the supervisor's answer: what each program has come to, or what is wrong with the order. */
export type Report = { readonly programs: Readonly<Record<string, string>> } | { readonly fault: string };

/** controlSocket is where the supervisor listens: a file, since sockets with names cross network namespaces. */
export function controlSocket(folder: string): string {
  return join(folder, 'control.sock');
}

/** giveOrder returns, for each program that was ever started, `running` or how it ended. */
export async function giveOrder(folder: string, order: Order): Promise<Readonly<Record<string, string>>> {
  const socket = connect(controlSocket(folder));
  await once(socket, 'connect');
  socket.end(JSON.stringify(order));
  const report: Report = JSON.parse(await text(socket));
  if ('fault' in report) throw new Error(report.fault);
  return report.programs;
}
