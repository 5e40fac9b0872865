import type { Effect } from '../policy/model/finding.ts';

/** Enforcement is the chart value of that name: whether violations are refused, shown as warnings or only recorded. */
export type Enforcement = 'audit' | 'warn' | 'enforce';

/** ENFORCEMENTS are its values. */
export const ENFORCEMENTS: readonly Enforcement[] = ['audit', 'warn', 'enforce'];

/** ValidationAction is what a binding does when a validation fails. `Deny` and `Warn` exclude each other. */
export type ValidationAction = 'Deny' | 'Warn' | 'Audit';

/** Override is what a configuration may set for a rule. */
export type Override = Effect | 'off';

/** OVERRIDES are those words, the weakest first. */
export const OVERRIDES: readonly Override[] = ['off', 'audit', 'warn', 'deny'];

/** weakest returns the weakest override that a configuration has for some rules; undefined if it has none. */
export function weakest(overrides: readonly (Override | undefined)[]): Override | undefined {
  return OVERRIDES.find((override) => overrides.includes(override));
}

const ACTIONS: Readonly<Record<Enforcement, readonly ValidationAction[]>> = {
  audit: ['Audit'],
  warn: ['Warn', 'Audit'],
  enforce: ['Deny', 'Audit'],
};

const LIMITED_TO: Readonly<Record<Effect, Enforcement>> = { audit: 'audit', warn: 'warn', deny: 'enforce' };

/**
 * actionsOf returns the actions of a policy, empty for none; `override` is the configuration's override for its rules.
 */
export function actionsOf(enforcement: Enforcement, override: Override | undefined): readonly ValidationAction[] {
  if (override === 'off') return [];
  const most = ENFORCEMENTS.indexOf(override === undefined ? 'enforce' : LIMITED_TO[override]);
  return ACTIONS[ENFORCEMENTS[Math.min(most, ENFORCEMENTS.indexOf(enforcement))] ?? 'audit'];
}
