import { printableJsonText } from '../objects/printable.ts';
import { createLog, type Log } from '../runtime/log.ts';
import type { LogLevel } from '../runtime/log-level.ts';
import type { Io } from './io.ts';

/** openLog makes the log of a process, on standard error: a terminal that shows it shows untrusted text. */
export function openLog(level: LogLevel, io: Pick<Io, 'err'>): Log {
  return createLog(level, (lines) => io.err(printableJsonText(lines)));
}
