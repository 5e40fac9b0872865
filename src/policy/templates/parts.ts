import type { NetworkPolicySpec, Selector, SpecPeer } from '../dialects/network-policy/network-policy-spec.ts';
import { dnsEgress } from '../dns/dns-egress.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { DnsFacts, ServiceFacts } from '../model/snapshot.ts';
import type { TemplatePart } from '../model/template.ts';

/** BaselineFacts are what parts are made from. */
export interface BaselineFacts {
  readonly dns: DnsFacts;
  readonly services: ServiceFacts;
}

/** Directions are the directions in which a template isolates the pods of its namespace. */
export interface Directions {
  readonly ingress: boolean;
  readonly egress: boolean;
}

const EVERY_POD = { podSelector: {}, ingress: [], egress: [] };

/** partName is the name of the policy that a part becomes, without the prefix. All parts that deny share one name. */
export function partName({ part }: TemplatePart): string {
  return part.startsWith('default-deny') ? 'default-deny' : part;
}

/** partSpec writes a part's policy; undefined if the cluster facts that it needs are missing. */
export function partSpec(
  item: TemplatePart,
  facts: BaselineFacts,
  isolated: Directions,
): NetworkPolicySpec | undefined {
  switch (item.part) {
    case 'default-deny':
      return { ...EVERY_POD, policyTypes: ['Ingress', 'Egress'] };
    case 'default-deny-egress':
      return { ...EVERY_POD, policyTypes: ['Egress'] };
    case 'default-deny-ingress':
      return { ...EVERY_POD, policyTypes: ['Ingress'] };
    case 'allow-dns':
      return allowDnsSpec(facts.dns, {});
    case 'allow-api-server':
      return egressTo(apiServerRules(facts.services.apiServerEndpoints, item.blocks ?? []));
    case 'allow-ingress-from': {
      const values = [...(item.namespaces ?? [])].sort();
      const namespaceSelector = { matchExpressions: [{ key: NAMESPACE_NAME, operator: 'In' as const, values }] };
      return { ...EVERY_POD, policyTypes: ['Ingress'], ingress: [{ from: [{ namespaceSelector }] }] };
    }
    case 'allow-same-namespace':
      return withinNamespace(isolated);
  }
}

/** allowDnsSpec lets the pods that a selector picks reach cluster DNS; undefined if cluster DNS is unknown. */
export function allowDnsSpec({ isKnown, worlds }: DnsFacts, podSelector: Selector): NetworkPolicySpec | undefined {
  const spec = egressTo(isKnown ? dnsEgress(worlds[0]?.servers ?? []) : []);
  return spec && { ...spec, podSelector };
}

/** Only for the isolated directions: a policy for others would isolate them. */
function withinNamespace({ ingress, egress }: Directions): NetworkPolicySpec | undefined {
  if (!ingress && !egress) return undefined;
  const peers = [{ podSelector: {} }];
  return {
    podSelector: {},
    policyTypes: [...(ingress ? (['Ingress'] as const) : []), ...(egress ? (['Egress'] as const) : [])],
    ingress: ingress ? [{ from: peers }] : [],
    egress: egress ? [{ to: peers }] : [],
  };
}

function egressTo(egress: NetworkPolicySpec['egress']): NetworkPolicySpec | undefined {
  return egress.length === 0 ? undefined : { ...EVERY_POD, policyTypes: ['Egress'], egress };
}

/** The endpoints are addresses of nodes with the port that the API server really has; the Service's would open nothing. */
function apiServerRules(endpoints: readonly string[], blocks: readonly string[]): NetworkPolicySpec['egress'] {
  const byPort = new Map<number, SpecPeer[]>();
  for (const endpoint of endpoints) {
    const colon = endpoint.lastIndexOf(':');
    const ip = endpoint.slice(0, colon).replace(/^\[|\]$/g, '');
    const port = Number(endpoint.slice(colon + 1));
    const peers = byPort.get(port) ?? [];
    peers.push({ ipBlock: { cidr: `${ip}/${ip.includes(':') ? 128 : 32}` } });
    byPort.set(port, peers);
  }
  const configured = blocks.map((cidr) => ({ ipBlock: { cidr } }));
  return [...byPort].map(([port, peers]) => ({ to: [...peers, ...configured], ports: [{ protocol: 'TCP', port }] }));
}
