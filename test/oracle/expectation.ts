/**
 * Expectation is what the contract says of one rule and one change:
 * `blamed` and `standing` (reported, but there before), `absent`, `not blamed` (absent or standing: the contract leaves it
 * open), or `open` (it leaves everything open).
 */
export type Expectation = 'blamed' | 'standing' | 'absent' | 'not blamed' | 'open';

/** strongest joins what several pods or policies say of one rule. */
export function strongest(expectations: Iterable<Expectation>): Expectation {
  const seen = new Set(expectations);
  if (seen.has('blamed')) return 'blamed';
  if (seen.has('open')) return 'open';
  if (seen.has('standing')) return 'standing';
  return seen.has('not blamed') ? 'not blamed' : 'absent';
}

/** softened leaves a lesser fault open where a greater one is reported: the policy may be spared it meanwhile. */
export function softened(lesser: Expectation, greater: Expectation): Expectation {
  return greater === 'absent' || greater === 'not blamed' || lesser === 'absent' ? lesser : 'open';
}
