import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { createPolicyHandler } from '../../../src/admission/handlers/policies.ts';
import { parseAdmissionReview } from '../../../src/admission/review/review.ts';
import { auditCluster } from '../../../src/commands/scan.ts';
import { readConfiguration } from '../../../src/config/load.ts';
import { NETWORK_POLICY } from '../../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { isNewer, RULES_VERSIONS } from '../../../src/policy/model/rules-version.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import type * as Rules from '../../../src/policy/rules/index.ts';
import { RULES } from '../../../src/policy/rules/index.ts';
import { judgeManifests } from '../../harness/verdicts.ts';
import { judging, policy, review, told } from '../admission/setup.ts';
import { PLANTED } from './planted-rules.ts';

vi.mock('../../../src/policy/rules/index.ts', async (original) => {
  const { RULES: known } = await original<typeof Rules>();
  const { PLANTED } = await import('./planted-rules.ts');
  return { RULES: [...known, ...PLANTED].toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
});

const NEEDS_NOTHING = { podSelector: {}, policyTypes: ['Ingress'] };
const NOTE = 'planted came with v0.10 and only warns under `rulesVersion: v0.1`; raise that to have it refused';

const { settings: pinned } = readConfiguration('kind: GuardConfiguration', 'test');
const raised: Settings = { ...pinned, rulesVersion: 'v0.10' };

function snapshotFor(settings: Settings, name: string) {
  const standing = readNetworkPolicy({ metadata: { name, namespace: 'shop' }, spec: NEEDS_NOTHING }, 'shop');
  return { standing, snapshot: offlineSnapshot({ namespaces: [], policies: [standing], otherPolicies: [] }, settings) };
}

function effectsOn(name: string, settings: Settings) {
  const { standing, snapshot } = snapshotFor(settings, name);
  const change = { operation: 'AUDIT', namespace: 'shop', after: standing } as const;
  return evaluate(change, snapshot, settings, 0).findings.map(({ rule, path, effect }) => `${rule} ${path} ${effect}`);
}

async function answerOf(settings: Settings) {
  const { snapshot } = snapshotFor(settings, 'other');
  const context = judging({ evaluate, settings: () => settings, gatherSnapshot: () => snapshot });
  const request = parseAdmissionReview(review({ object: policy(NEEDS_NOTHING) }));
  return told(createPolicyHandler(context, NETWORK_POLICY))(request, context.clock.elapsed() + 4500);
}

describe('a rule that is newer than rulesVersion', () => {
  it('warns at the webhook, and says until when', async () => {
    const answer = await answerOf(pinned);
    expect(answer.allowed).toBe(true);
    expect(answer.warnings).toEqual([expect.stringContaining('is planted'), NOTE]);
    expect((await answerOf(raised)).allowed).toBe(false);
  });

  it('warns in lint', () => {
    const manifests = JSON.stringify(policy(NEEDS_NOTHING));
    expect(judgeManifests(manifests).map(({ rule, severity }) => [rule, severity])).toEqual([['planted', 'warning']]);
  });

  it('warns in scan, until the version is raised', () => {
    const { snapshot } = snapshotFor(pinned, 'web');
    const report = auditCluster(snapshot, pinned, 0);
    expect(report.summary).toMatchObject({ errors: 0, warnings: 1 });
    expect(report.notes).toEqual([NOTE]);
    expect(auditCluster(snapshot, raised, 0).summary).toMatchObject({ errors: 1, warnings: 0 });
  });

  it('denies where the configuration itself names it so', () => {
    const chosen: Settings = { ...pinned, rules: new Map([['planted', 'deny']]) };
    expect(effectsOn('web', chosen)).toEqual(['planted spec deny']);
  });

  it('refuses nothing for a budget that does not suffice for it', () => {
    expect(effectsOn('maze', pinned)).toEqual(['policy-too-complicated spec warn']);
    expect(effectsOn('maze', raised)).toEqual(['policy-too-complicated spec deny']);
  });
});

describe('a sharper reading of an old rule', () => {
  const readings = ['sharper spec deny', 'sharper spec.egress warn'];

  it('warns, beside what the rule always denied', () => {
    expect(effectsOn('api', pinned)).toEqual(readings);
    expect(effectsOn('api', raised)).toEqual(['sharper spec deny', 'sharper spec.egress deny']);
  });

  it('warns also where the configuration named the rule before', () => {
    expect(effectsOn('api', { ...pinned, rules: new Map([['sharper', 'deny']]) })).toEqual(readings);
  });
});

describe('versions of the rules', () => {
  it('are in order as numbers are', () => {
    expect(isNewer('v0.10', 'v0.9')).toBe(true);
    expect(isNewer('v0.9', 'v0.10')).toBe(false);
    expect(isNewer('v1.0', 'v0.10')).toBe(true);
    expect(isNewer('v0.1', 'v0.1')).toBe(false);
  });

  it('are those that a rule came with, and none is newer than the program', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const own = RULES.filter(({ id }) => !PLANTED.some((planted) => planted.id === id));
    expect(own.filter(({ since }) => !RULES_VERSIONS.includes(since))).toEqual([]);
    const [major, minor] = version.split('.').map(Number);
    expect(RULES_VERSIONS.filter((known) => isNewer(known, `v${major ?? 0}.${minor ?? 0}`))).toEqual([]);
  });
});
