import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { between } from '../../scripts/docs/between.ts';
import { rightsTable } from '../../scripts/docs/rights-table.ts';
import { releaseObjects } from '../../scripts/release/objects.ts';
import {
  clusterRights,
  discoveryRights,
  ownRights,
  PLACES,
  type PolicyRule,
  rightsByFeature,
} from '../../scripts/release/rights.ts';
import { OTHER_POLICY_APIS } from '../../src/policy/dialects/other-policy-apis.ts';

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
      'get,list,watch,create,patch,delete networkpolicies.networking.k8s.io',
      'list,watch services',
      'create,patch events',
      'get,watch,patch validatingwebhookconfigurations.admissionregistration.k8s.io netpol-guard,netpol-guard-policies-delete,netpol-guard-dns-plane,netpol-guard-opt-out,netpol-guard-gate',
      'get,watch,patch mutatingwebhookconfigurations.admissionregistration.k8s.io netpol-guard',
    ]);
    expect(discoveryRights().map(spelled)).toEqual(['list,watch pods', 'list,watch endpointslices.discovery.k8s.io']);
    expect(ownRights('guard').map(spelled)).toEqual([
      'get,watch,patch configmaps guard',
      'get,update leases.coordination.k8s.io guard',
      'get,watch,update secrets guard',
      'get deployments.apps guard',
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

describe('the table of rights', () => {
  const places = (name: string) => [clusterRights(), discoveryRights(), ownRights(name)].flat();
  const each = ({ apiGroups, resources, verbs, resourceNames = [''] }: PolicyRule) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((plural) =>
        verbs.flatMap((verb) => resourceNames.map((name) => [verb, plural, group, name].join(' '))),
      ),
    );

  it('by feature is what the Roles hold, no more and no less', () => {
    const byFeature = rightsByFeature('guard').flatMap((feature) => PLACES.flatMap((place) => feature[place] ?? []));
    expect(new Set(byFeature.flatMap(each))).toEqual(new Set(places('guard').flatMap(each)));
  });

  it('has one rule for one resource', () => {
    const whom = places('guard').map((rule) => JSON.stringify({ ...rule, verbs: [] }));
    expect(new Set(whom).size).toBe(whom.length);
  });

  it('is in docs/operations.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    expect(page).toContain(rightsTable());
    for (const { what } of rightsByFeature('RELEASE')) expect(rightsTable()).toContain(`| ${what} |`);
    expect(rightsTable()).toContain('| secrets `RELEASE` | in its own namespace | get, watch, update |');
  });
});

describe('between', () => {
  const page = 'a\n<!-- x -->\nold\n<!-- end of x -->\nb\n';

  it('puts a text between two comments, and finds it again', () => {
    const once = between(page, 'x', 'new');
    expect(once).toBe('a\n<!-- x -->\nnew\n<!-- end of x -->\nb\n');
    expect(between(once, 'x', 'new')).toBe(once);
  });

  it.each(['a\n', page + page, '<!-- end of x -->\n<!-- x -->\n', '<!-- x -->\n'])(
    'refuses a page without them: %j',
    (other) => {
      expect(() => between(other, 'x', 'new')).toThrow(
        'the page needs the lines <!-- x --> and <!-- end of x -->, once',
      );
    },
  );
});

describe('every right to an object of its own', () => {
  /**
   * Where its reads and writes are; what is watched by its name is so in src/commands/serve/secret-certificate.ts and
   * src/cluster/discovery/dns-record.ts.
   */
  const USERS: Readonly<Record<string, readonly [file: string, constant: string, ...others: string[]]>> = {
    configmaps: ['writes/config-map.ts', 'CONFIG_MAPS', 'watch'],
    leases: ['election/lease-lock.ts', 'LEASES'],
    secrets: ['writes/own-secret.ts', 'SECRETS', 'watch'],
    deployments: ['writes/rollout.ts', 'DEPLOYMENTS'],
  };

  it.each(ownRights('guard').map((rule) => [rule.resources[0] ?? '', rule] as const))(
    '%s is used',
    (resource, rule) => {
      const [file = '', constant = '', ...others] = USERS[resource] ?? [];
      const source = readFileSync(join(import.meta.dirname, '../../src/cluster', file), 'utf8');
      expect(source).toContain(`...${constant}`);
      const calls = [...source.matchAll(/client\.(\w+)\(/g)].map(([, verb]) => verb);
      expect(new Set([...calls, ...others])).toEqual(new Set(rule.verbs));
    },
  );
});
