import type { Effect, Issue, Level } from '../model/finding.ts';
import { isNewer, type RulesVersion } from '../model/rules-version.ts';
import type { Modes, Settings } from '../model/settings.ts';
import { effectOf } from './modes.ts';
import type { Rule } from './rule.ts';

/** Pinning is what the effect of an issue depends on besides the issue and its rule. */
interface Pinning {
  readonly modes: Modes;
  readonly settings: Settings;
}

/** PinnedEffect is the effect of an issue; undefined for none. */
interface PinnedEffect {
  readonly effect: Effect | undefined;
  /** The `rulesVersion` from which it is denied, if it only warns so far. */
  readonly newer?: RulesVersion | undefined;
}

/**
 * pinnedEffect decides what an issue does in a namespace: a check that is newer than `rulesVersion` warns instead of
 * denying.
 */
export function pinnedEffect(
  rule: Rule,
  issue: Pick<Issue, 'blamed' | 'uncertain' | 'tolerated' | 'since'>,
  level: Level,
  { modes, settings }: Pinning,
): PinnedEffect {
  const effect = effectOf(issue, level, settings.rules.get(rule.id), modes);
  const newer = effect === 'deny' ? newerThanPinned(rule, issue.since, settings) : undefined;
  return newer === undefined ? { effect } : { effect: 'warn', newer };
}

/** mayDeny holds if an issue of that rule and level can be denied. */
export function mayDeny(rule: Rule, level: Level, pinning: Pinning): boolean {
  return pinnedEffect(rule, { blamed: true }, level, pinning).effect === 'deny';
}

/** remarkOnPin explains why a rule only warns, and until when. */
export function remarkOnPin({ id }: Rule, newer: RulesVersion, { rulesVersion }: Settings): string {
  return `${id} came with ${newer} and only warns under \`rulesVersion: ${rulesVersion}\`; raise that to have it refused`;
}

/** Naming a rule in the configuration chooses it, but not a later, stricter version of its check. */
function newerThanPinned(
  rule: Rule,
  since: RulesVersion | undefined,
  { rules, rulesVersion }: Settings,
): RulesVersion | undefined {
  const chosen = rules.has(rule.id) ? undefined : rule.since;
  return [since, chosen].find((version) => version !== undefined && isNewer(version, rulesVersion));
}
