import { type Logger as Pino, pino } from 'pino';
import type { LogLevel } from './log-level.ts';

/** Log is a logger whose lines are written together. */
export interface Log {
  readonly logger: Pino;
  /** flush writes all pending lines before it returns. */
  readonly flush: () => void;
}

/** One write of a hundred lines costs what two writes of one line do; a line may be late by as much, in milliseconds. */
const FLUSH_MS = 50;
/** Written at once past this many characters, so that little is lost with the process. */
const MOST_WAITING = 32 * 1024;

/** As pino numbers its levels. */
const ERROR = 50;

/** createLog makes a logger of JSON lines for people and collectors. Errors are written at once. */
export function createLog(level: LogLevel, write: (text: string) => unknown): Log {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = '';
    if (lines !== '') write(lines);
  };
  const destination = {
    lastLevel: 0,
    write(line: string) {
      waiting += line;
      if (destination.lastLevel >= ERROR || waiting.length >= MOST_WAITING) flush();
      else timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    // pino sets lastLevel before each write where this symbol is.
    [Symbol.for('pino.metadata')]: true,
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  const logger = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination);
  return { logger, flush };
}
