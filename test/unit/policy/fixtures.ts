import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate, type Verdict } from '../../../src/policy/evaluate.ts';
import type { Change } from '../../../src/policy/model/change.ts';
import type { Policy } from '../../../src/policy/model/policy.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import { SYSTEM_NAMESPACES } from '../../../src/policy/model/system-namespaces.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { type OfflineWorld, offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';

/** The settings of an empty configuration. */
export const SETTINGS: Settings = {
  modes: { enforce: 'standard', warn: 'strict', audit: 'strict' },
  rules: new Map(),
  exemptions: { namespaces: [], users: [], groups: [], entries: [] },
  systemNamespaces: SYSTEM_NAMESPACES,
  dns: {
    servers: [],
    namespaces: ['kube-system'],
    ports: [53],
    allowedResolvers: AddressSet.empty,
    anywhereThreshold: { numerator: 1n, denominator: 256n },
    otherPolicies: 'auto',
  },
  dnsBlocked: { onWrite: 'deny', onDelete: 'warn', noEgressAtAll: 'warn', graceMs: 1000 },
  baseline: {
    template: undefined,
    templates: BUILT_IN_TEMPLATES,
    existingNamespaces: 'ignore',
    excludedNamespaces: [],
  },
  gate: { enabled: true, maxHoldMs: 60_000 },
  ownUser: undefined,
  docsBaseUrl: 'https://docs.example',
  contact: '',
};

export type Spec = Readonly<Record<string, unknown>>;

/** A policy of namespace shop. */
export function policy(name: string, spec: Spec, namespace = 'shop'): Policy {
  return readNetworkPolicy({ metadata: { name, namespace }, spec }, namespace);
}

export const TO_DNS = [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  },
];

export const BOTH_53 = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

/** Every pod may reach cluster DNS, and nothing else. */
export const ALLOW_DNS_SPEC: Spec = {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: TO_DNS, ports: BOTH_53 }],
};

/** A policy that lets the pods picked by `podSelector` reach cluster DNS. */
export function allowDns(podSelector: Spec = {}, ports: readonly unknown[] = BOTH_53, name = 'allow-dns'): Policy {
  return policy(name, { podSelector, policyTypes: ['Egress'], egress: [{ to: TO_DNS, ports }] });
}

/** A policy that isolates the pods picked by `podSelector` for egress and allows nothing. */
export function deny(podSelector: Spec = {}, name = 'default-deny'): Policy {
  return policy(name, { podSelector, policyTypes: ['Egress'] });
}

export interface World {
  readonly stored?: readonly Policy[];
  readonly namespaces?: OfflineWorld['namespaces'];
  readonly otherPolicies?: OfflineWorld['otherPolicies'];
  readonly settings?: Settings;
  readonly now?: number;
}

/** Judges a change to namespace shop (or the namespace of the object). */
export function judge(change: Omit<Change, 'namespace'>, world: World = {}): Verdict {
  const settings = world.settings ?? SETTINGS;
  const snapshot = offlineSnapshot(
    { namespaces: world.namespaces ?? [], policies: world.stored ?? [], otherPolicies: world.otherPolicies ?? [] },
    settings,
  );
  const namespace = (change.after ?? change.before)?.ref.namespace ?? 'shop';
  return evaluate({ ...change, namespace }, snapshot, settings, world.now ?? 0);
}

/** Each finding as `rule effect`, with a question mark where it is not certain. */
export function summary(verdict: Verdict): readonly string[] {
  return verdict.findings.map(
    ({ rule, effect, uncertain }) => `${rule} ${effect}${uncertain === undefined ? '' : '?'}`,
  );
}
