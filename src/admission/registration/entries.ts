import { DIALECTS } from '../../policy/dialects/dialects.ts';
import { NETWORK_POLICY_API } from '../../policy/dialects/network-policy/dialect.ts';
import type { Dialect } from '../../policy/model/dialect.ts';
import { PENDING, STATUS_LABEL } from '../../policy/model/labels.ts';
import { SYSTEM_NAMESPACE_NAMES } from '../../policy/model/system-namespaces.ts';
import { dialectEntries } from './dialect-entries.ts';
import {
  aboutNothing,
  notADeleter,
  notExcluded,
  notNamed,
  notUnder,
  notUser,
  ourLabelsDiffer,
} from './match-conditions.ts';
import { rules, type WebhookEntry } from './webhook-entry.ts';

/** Release is the namespace and account that netpol-guard runs with. */
export interface Release {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Namespaces of DNS servers, in addition to the system namespaces with known names. */
  readonly dnsNamespaces?: readonly string[] | undefined;
  /** Namespaces for which the API server never calls the webhook, besides system namespaces and the release's own. */
  readonly exemptNamespaces?: readonly string[] | undefined;
  /** Globs: users with the verb `exempt` create these without a baseline. */
  readonly excludedNamespaces?: readonly string[] | undefined;
}

/** Set by the API server, equal to the name, and not to be changed. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

const policies = (...operations: string[]) => rules(NETWORK_POLICY_API.kinds, ...operations);

const namespaces = (...operations: string[]): WebhookEntry['rules'] => [
  { apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], operations, scope: 'Cluster' },
];

const pods = (...operations: string[]): WebhookEntry['rules'] => [
  { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations, scope: 'Namespaced' },
];

/** webhookEntries are all the webhooks that netpol-guard registers, for a release. The manifests follow this list. */
export function webhookEntries(release: Release, dialects: readonly Dialect[] = DIALECTS.all): readonly WebhookEntry[] {
  const exempt = [release.namespace, ...(release.exemptNamespaces ?? [])];
  const system = [...new Set([...SYSTEM_NAMESPACE_NAMES, ...exempt])].sort();
  const dnsPlane = [...new Set([...SYSTEM_NAMESPACE_NAMES, 'openshift-dns', ...(release.dnsNamespaces ?? [])])]
    .filter((name) => name !== release.namespace)
    .sort();
  const notOurselves = notUser(`system:serviceaccount:${release.namespace}:${release.serviceAccount}`);
  const outsideSystem = byName('NotIn', system);

  return [
    {
      name: 'policies.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: false,
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      rules: policies('CREATE', 'UPDATE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('request.namespace')],
    },
    {
      name: 'policies-delete.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: policies('DELETE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('request.namespace'), notADeleter],
    },
    {
      name: 'dns-plane.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: policies('CREATE', 'UPDATE'),
      namespaceSelector: byName('In', dnsPlane),
      matchConditions: [notOurselves],
    },
    ...dialectEntries(dialects, {
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('request.namespace')],
    }),
    {
      name: 'labels.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: false,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: namespaces('CREATE', 'UPDATE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('object.metadata.name'), ourLabelsDiffer],
    },
    {
      name: 'opt-out.netpol-guard.io',
      kind: 'validating',
      path: '/opt-out',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: namespaces('CREATE', 'UPDATE'),
      namespaceSelector: outsideSystem,
      // The previous version asks here, and fails closed: a rollback to it finds the CA in its place.
      matchConditions: [notOurselves, notUnder('object.metadata.name'), aboutNothing],
    },
    {
      name: 'gate.netpol-guard.io',
      kind: 'validating',
      path: '/gate',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: pods('CREATE'),
      namespaceSelector: {
        matchExpressions: [...outsideSystem.matchExpressions, { key: STATUS_LABEL, operator: 'In', values: [PENDING] }],
      },
      matchConditions: [notOurselves, notUnder('request.namespace')],
    },
    {
      name: 'baseline.netpol-guard.io',
      kind: 'mutating',
      path: '/mutate',
      removable: false,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      reinvocationPolicy: 'IfNeeded',
      rules: namespaces('CREATE', 'UPDATE'),
      // Before a name is generated, the name label holds whatever its author wrote, so the name itself is tested.
      namespaceSelector: {},
      matchConditions: [
        notOurselves,
        notNamed(system),
        notUnder('object.metadata.name'),
        notExcluded(release.excludedNamespaces ?? []),
      ],
    },
  ];
}

function byName(operator: 'In' | 'NotIn', values: string[]): Required<WebhookEntry['namespaceSelector']> {
  return { matchExpressions: [{ key: NAME_LABEL, operator, values }] };
}
