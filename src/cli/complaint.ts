import { printableLines } from '../objects/printable.ts';
import { UsageError } from './command.ts';

/** complaint is what the program prints of an error before it ends with status 2. */
export function complaint(error: unknown): string {
  return `${printableLines(`netpol-guard: ${explanation(error)}`)}\n`;
}

/** Errors that people cause are a sentence; anything else is a fault of ours and shows where. */
function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = error instanceof UsageError || error.name === 'ConfigurationError';
  return expected ? error.message : (error.stack ?? error.message);
}
