import { BadRequest } from '../review/bad-request.ts';

/** The entries' timeoutSeconds, for callers that send none. */
const DEFAULT_TIMEOUT_MS = 5000;
/** The longest timeoutSeconds that the API server accepts. */
const MAX_TIMEOUT_MS = 30_000;
/** Time for the answer to travel back; a fifth of the total if time is short. */
const MARGIN_MS = 500;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/**
 * millisecondsToAnswer is how long a verdict may take, by the `timeout` that the API server puts into the query: what
 * is left of the request's time, as Go spells a duration (`5s`, `4.25s`, `1m30s`). Throws BadRequest.
 */
export function millisecondsToAnswer(timeout: string | undefined): number {
  const total = timeout === undefined ? DEFAULT_TIMEOUT_MS : Math.min(parseDuration(timeout), MAX_TIMEOUT_MS);
  return total - Math.min(MARGIN_MS, total / 5);
}

function parseDuration(text: string): number {
  if (text.length > 64 || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new BadRequest(400, `query parameter timeout: is "${text.slice(0, 64)}", expected a duration such as 5s`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS.get(unit ?? '') ?? 0);
  }
  return total;
}
