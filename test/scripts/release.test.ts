import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { releaseObjects } from '../../scripts/release/objects.ts';
import { clusterRights, discoveryRights, ownRights, type PolicyRule } from '../../scripts/release/rights.ts';
import { OTHER_POLICY_APIS } from '../../src/policy/other-policy-apis.ts';

const RELEASE = { name: 'netpol-guard', namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };

const printed = (...args: readonly string[]): unknown[] => {
  const script = join(import.meta.dirname, '../../scripts/release.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).map((document): unknown => document.toJS());
};

const spelled = ({ apiGroups, resources, verbs, resourceNames = [] }: PolicyRule) =>
  `${verbs.join(',')} ${resources.map((resource) => [resource, ...apiGroups].filter(Boolean).join('.')).join(',')} ${resourceNames.join(',')}`.trim();

const named = ({ group, plural }: { group: string; plural: string }) => `${plural}.${group}`;

describe('npm run release', () => {
  it('prints every object, as YAML', () => {
    expect(printed()).toEqual(releaseObjects(RELEASE));
  });

  it('gives the rights of discovery in the namespaces that are named, and in default', () => {
    const namespaces = printed('openshift-dns').flatMap((object) =>
      JSON.stringify(object).includes('"kind":"RoleBinding","metadata":{"name":"netpol-guard-discovery"')
        ? [object]
        : [],
    );
    expect(namespaces.map((object) => JSON.stringify(object).match(/"namespace":"([^"]*)"/)?.[1])).toEqual([
      'openshift-dns',
      'default',
    ]);
  });
});

/** Of the policies of other APIs. */
const isOther = ({ apiGroups }: PolicyRule) => OTHER_POLICY_APIS.some(({ group }) => apiGroups.includes(group));

describe('the rights of netpol-guard', () => {
  it('are those of the contract, and no others', () => {
    const rules = clusterRights().filter((rule) => !isOther(rule));
    expect(rules.map(spelled)).toEqual([
      'get,list,watch,patch namespaces',
      'get,list,watch,create,update,patch,delete networkpolicies.networking.k8s.io',
      'list,watch services',
      'create,patch events',
      'get,watch,patch validatingwebhookconfigurations.admissionregistration.k8s.io netpol-guard,netpol-guard-policies-delete,netpol-guard-dns-plane,netpol-guard-opt-out,netpol-guard-gate',
      'get,watch,patch mutatingwebhookconfigurations.admissionregistration.k8s.io netpol-guard',
    ]);
    expect(discoveryRights().map(spelled)).toEqual(['list,watch pods', 'list,watch endpointslices.discovery.k8s.io']);
    expect(ownRights('guard').map(spelled)).toEqual([
      'get,watch,update,patch configmaps guard',
      'get,watch,update,patch secrets guard',
      'get,watch,update,patch leases.coordination.k8s.io guard',
    ]);
  });

  it('let it list and watch the policies of other APIs, and nothing else of them', () => {
    const rules = clusterRights().filter(isOther);
    expect(new Set(rules.map(({ verbs }) => verbs.join()))).toEqual(new Set(['list,watch']));
    const kinds = rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((plural) => ({ group, plural }))),
    );
    expect(new Set(kinds.map(named))).toEqual(new Set(OTHER_POLICY_APIS.map(named)));
  });
});
