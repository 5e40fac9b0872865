import type { LabelSelector } from '../../../sets/label-selector.ts';
import type { ValueSet } from '../../../sets/value-set.ts';
import type { PodPeer } from '../../model/policy.ts';

/**
 * NetworkPolicySpec is a `spec` that netpol-guard writes: every list is present, so that no items of other writers
 * remain.
 */
export interface NetworkPolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress: readonly { readonly from?: readonly SpecPeer[]; readonly ports?: readonly SpecPort[] }[];
  readonly egress: readonly { readonly to?: readonly SpecPeer[]; readonly ports?: readonly SpecPort[] }[];
}

/** Selector is a metav1.LabelSelector. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** SpecPeer is an item of `from` or `to`. */
export interface SpecPeer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

/** SpecPort is an item of `ports`. */
export interface SpecPort {
  readonly protocol: 'UDP' | 'TCP';
  readonly port: number | string;
}

/** selectorOf writes a selector as metav1.LabelSelector; equalities as `matchLabels`. Call it on non-empty ones only. */
export function selectorOf({ constraints }: LabelSelector): Selector {
  const labels: [string, string][] = [];
  const expressions: NonNullable<Selector['matchExpressions']>[number][] = [];
  for (const [key, set] of [...constraints].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const only = onlyValue(set);
    if (only === undefined) expressions.push(...requirements(key, set));
    else labels.push([key, only]);
  }
  return {
    ...(labels.length > 0 && { matchLabels: Object.fromEntries(labels) }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}

/** podPeerOf writes an item of `to`; undefined if nothing matches its selectors. */
export function podPeerOf({ namespaces, pods }: PodPeer): SpecPeer | undefined {
  if (pods.isEmpty || (namespaces !== 'own' && namespaces.isEmpty)) return undefined;
  const podSelector = pods.isEverything ? {} : { podSelector: selectorOf(pods) };
  if (namespaces === 'own') return { podSelector: {}, ...podSelector };
  return { namespaceSelector: namespaces.isEverything ? {} : selectorOf(namespaces), ...podSelector };
}

function onlyValue({ complement, absent, values }: ValueSet): string | undefined {
  return complement || absent || values.size !== 1 ? undefined : values.values().next().value;
}

/** Every set that requirements on one key can make is made by at most two of them. */
function requirements(
  key: string,
  { complement, absent, values }: ValueSet,
): NonNullable<Selector['matchExpressions']> {
  const listed = [...values].sort();
  if (!complement)
    return listed.length > 0 ? [{ key, operator: 'In', values: listed }] : [{ key, operator: 'DoesNotExist' }];
  const notIn = listed.length > 0 ? [{ key, operator: 'NotIn' as const, values: listed }] : [];
  return absent ? notIn : [...notIn, { key, operator: 'Exists' }];
}
