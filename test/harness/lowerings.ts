/** Lowering is a change of a label's value, undefined where there is none, and whether it lowers what is enforced. */
export type Lowering = readonly [before: string | undefined, after: string | undefined, isLowering: boolean];

/** LOWERINGS_OF_ENFORCE are changes of `enforce` where the default is standard. */
export const LOWERINGS_OF_ENFORCE: readonly Lowering[] = [
  ['strict', 'standard', true],
  ['strict', 'off', true],
  ['standard', 'off', true],
  ['off', 'standard', false],
  ['standard', 'strict', false],
  ['standard', 'standard', false],
  // Missing or misspelt, the default counts: standard here.
  ['strict', undefined, true],
  [undefined, 'off', true],
  [undefined, 'strict', false],
  ['off', undefined, false],
  ['oops', 'off', true],
  ['oops', 'standard', false],
  ['strict', 'oops', true],
  ['off', 'oops', false],
];

/** LOWERINGS_OF_BASELINE are changes of the template where the default is default-deny. */
export const LOWERINGS_OF_BASELINE: readonly Lowering[] = [
  ['default-deny', 'none', true],
  ['default-deny', undefined, true],
  ['default-deny', '', true],
  ['default-deny', 'default-deny-ingress', true],
  ['default-deny-ingress', 'default-deny', true],
  ['default-deny', 'no-such-template', true],
  ['no-such-template', 'none', true],
  ['no-such-template', 'default-deny', false],
  ['none', 'default-deny', false],
  ['none', undefined, false],
  ['', 'none', false],
];
