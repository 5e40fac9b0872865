import type { Settings } from '../policy/model/settings.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { RULES } from '../policy/rules/index.ts';
import { judge } from './judge.ts';
import type { ReportedFinding } from './report.ts';
import type { GivenPolicy, World } from './world.ts';

/** Rules about what a policy opens to others. */
const OPENINGS: ReadonlySet<string> = new Set(
  RULES.filter(({ security }) => security !== undefined).map(({ id }) => id),
);

/**
 * openingsOf judges only what a kustomize patch opens. Its lists replace those of the policy that it patches, so they
 * open the same there; and kubectl would store it as it is. What it blocks depends on the whole policy.
 */
export function openingsOf(
  { policy, manifest }: GivenPolicy,
  namespaces: World['namespaces'],
  settings: Settings,
  now: number,
): readonly ReportedFinding[] {
  const snapshot = offlineSnapshot({ namespaces, policies: [policy], otherPolicies: [] }, settings);
  const { findings } = judge([policy], { snapshot, settings, now }, 'skipped');
  return findings
    .flat()
    .filter(({ rule }) => OPENINGS.has(rule))
    .map((finding) => ({ ...finding, file: manifest.source.file, ...manifest.locate(finding.path ?? '') }));
}
