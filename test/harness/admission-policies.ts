import { stringify } from 'yaml';
import { type PolicyObject, policyObjects, type Rendering } from '../../src/admission-policies/objects.ts';
import { type LoadedConfiguration, readConfiguration } from '../../src/config/load.ts';
import type { ApiClient } from './api-client.ts';
import { configuration, type GuardOptions } from './guard.ts';
import type { Kubectl } from './kubectl.ts';
import { policyPath } from './policies.ts';
import { RELEASE } from './release.ts';
import { until } from './until.ts';

/** POLICY_NAMES are the ValidatingAdmissionPolicies that netpol-guard has by default. */
export const POLICY_NAMES = ['opt-out', 'baseline', 'leaving', 'names', 'fence'].map((name) => `netpol-guard-${name}`);

/** compiled is the configuration of a test as netpol-guard reads it. */
export function compiled(config: GuardOptions['config'] = {}): LoadedConfiguration {
  return readConfiguration(stringify(configuration(config)), 'the configuration', { own: RELEASE });
}

/** renderPolicies renders what the chart would for a configuration of these tests. */
export function renderPolicies(
  config: GuardOptions['config'] = {},
  more: Partial<Rendering> = {},
): readonly PolicyObject[] {
  const { settings } = compiled(config);
  const usual = { creators: [], failsClosed: true };
  return policyObjects(settings, { ...usual, own: RELEASE, enforcement: 'enforce', isStatic: false, ...more });
}

/** applyPolicies puts the policies into force, and returns once the API server obeys them. */
export async function applyPolicies(
  policies: readonly PolicyObject[],
  kubectl: Kubectl,
  ourselves: ApiClient,
): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: policies };
  const { status, stderr } = await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(list) });
  if (status !== 0) throw new Error(stderr);
  await until('the admission policies to be obeyed', async () => ((await isFenced(ourselves)) ? true : undefined));
}

/** removePolicies takes them away, and returns once the API server has forgotten them. */
export async function removePolicies(kubectl: Kubectl, ourselves: ApiClient): Promise<void> {
  const kinds = 'validatingadmissionpolicybindings,validatingadmissionpolicies';
  await kubectl(['delete', kinds, '--ignore-not-found', ...POLICY_NAMES, 'netpol-guard-openings']);
  await until('the admission policies to be forgotten', async () => ((await isFenced(ourselves)) ? undefined : true));
}

/** The fence is the last of them: our own account offers, by dry run, a policy that is none of its own. */
async function isFenced(ourselves: ApiClient): Promise<boolean> {
  const object = { metadata: { name: 'marker' }, spec: { podSelector: {} } };
  const { status } = await ourselves.request('POST', `${policyPath('default')}?dryRun=All`, object);
  return status === 403;
}
