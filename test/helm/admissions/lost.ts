import { expect } from 'vitest';
import type { Counts, Fault } from './admissions.ts';
import type { Calls } from './calls.ts';

/** LostRow is what a table says of admissions. */
export interface LostRow {
  readonly admissions: string;
  readonly calls: string;
  readonly failed: string;
  readonly open: string;
}

/** lostRow says what became of admissions: as who asked saw it, and as the API server has counted. */
export function lostRow({ total, readings, seconds }: Counts, { made, failed, failedOpen }: Calls): LostRow {
  return {
    admissions: `${total} in ${Math.round(seconds)} s`,
    calls: `${made}`,
    failed: `${readings['failed call']} (${failed})`,
    open: `${readings['not judged']} (${failedOpen})`,
  };
}

/** Enough to see what went wrong. */
const SHOWN = 20;

/**
 * expectNothingLost holds where every admission was answered as it should be. While the mode of enforcement changes, what is
 * admitted today is refused tomorrow: then the API server alone can tell what it could not ask about.
 */
export function expectNothingLost(counts: Counts, calls: Calls, mode: 'enforcing' | 'changing' = 'enforcing'): void {
  const faults = counts.faults.filter(({ reading }) => mode === 'enforcing' || reading !== 'not judged');
  expect(faults.slice(0, SHOWN).map(told), `${faults.length} of ${counts.total} were lost`).toEqual([]);
  expect({ failed: calls.failed, failedOpen: calls.failedOpen }).toEqual({ failed: 0, failedOpen: 0 });
  // It was really asked, all the time.
  expect(counts.total / counts.seconds).toBeGreaterThan(3);
  for (const entry of ['policies', 'policies-delete', 'labels', 'baseline']) {
    expect(calls.byEntry[entry], entry).toBeGreaterThan(0);
  }
}

function told({ at, reading, operation, milliseconds, answer }: Fault): string {
  return `${at.toISOString()} ${reading}: ${operation}, after ${Math.round(milliseconds)} ms: ${answer}`;
}
