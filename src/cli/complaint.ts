import { printableLines } from '../objects/printable.ts';
import { UsageError } from './command.ts';

/** complaint is the message that the program prints for an error before it exits with status 2. */
export function complaint(error: unknown): string {
  return `${printableLines(`netpol-guard: ${explanation(error)}`)}\n`;
}

/** A user's error is a sentence; anything else is an internal error and shows its stack. */
function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = error instanceof UsageError || error.name === 'ConfigurationError';
  return expected ? error.message : (error.stack ?? error.message);
}
