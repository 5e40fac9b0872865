/** LOG_LEVELS are the levels of log lines, the least important first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** LogLevel is one of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number];
