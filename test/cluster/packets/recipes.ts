import type { Packets } from './claims.ts';
import {
  allowDns,
  defaultDeny,
  dnsInAnyNamespace,
  ingressController,
  k3sHardening,
  k3sNamespace,
  tiers,
  together,
} from './policies.ts';
import type { TargetName } from './targets.ts';

/** Recipe is a set of policies as people publish them. */
export interface Recipe {
  readonly title: string;
  /** In the order in which they are applied. `apiServer` is the address of the API server's endpoint. */
  policies(apiServer: string): string;
  /** Whether it is among those that CI has time for. */
  readonly brief?: boolean;
  /** Whether someone has labelled kube-system with its name, as recipes from before Kubernetes 1.21 suppose. */
  readonly named?: boolean;
  /** The rules by which netpol-guard refuses one of the policies, and those by which it warns. */
  readonly said: { readonly refused: readonly string[]; readonly warned: readonly string[] };
  readonly packets: Packets;
}

const DNS: readonly TargetName[] = ['dns/udp', 'dns/tcp', 'a name'];
const OUTSIDE: readonly TargetName[] = ['outside/udp', 'outside/tcp', 'outside:443'];
const TIERS: readonly TargetName[] = ['store-web:8080', 'store-api:8080', 'store-db:5432'];
const K3S_API: TargetName = 'API server by a Service of 10.43.0.0/16';
const SILENT = { refused: [], warned: [] };

/** RECIPES are the field's, each with what netpol-guard says of it and what packets do. */
export const RECIPES: readonly Recipe[] = [
  {
    title: 'Default-deny, and DNS by labels',
    brief: true,
    policies: () => together(allowDns('shop'), defaultDeny('shop')),
    said: SILENT,
    packets: {
      plain: { reaches: DNS, not: [...OUTSIDE, 'web:8080', 'rogue/udp', 'rogue/tcp', 'stray/udp', 'stray/tcp'] },
      bystander: { not: ['web:8080'] },
    },
  },
  {
    title: "K3s's hardening guide, kube-system by `kubernetes.io/metadata.name`, DNS first",
    policies: () => together(k3sHardening.dns, k3sHardening.intraNamespace('kubernetes.io/metadata.name')),
    said: SILENT,
    packets: hardened(['stray/udp', 'stray/tcp'], []),
  },
  {
    title: "K3s's hardening guide, kube-system by `name`, which nothing has, in the guide's order",
    policies: () => together(k3sHardening.intraNamespace('name'), k3sHardening.dns),
    said: { refused: ['dns-servers-isolated'], warned: [] },
    packets: hardened([], ['stray/udp', 'stray/tcp']),
  },
  {
    title: "K3s's hardening guide, kube-system by `name`, which someone has given it, DNS first",
    policies: () => together(k3sHardening.dns, k3sHardening.intraNamespace('name')),
    named: true,
    said: SILENT,
    packets: hardened(['stray/udp', 'stray/tcp'], []),
  },
  {
    title: "K3s's policy of a namespace, kube-system by both labels",
    policies: () => k3sNamespace('kubernetes.io/metadata.name', 'name'),
    said: { refused: [], warned: ['dns-peer-matches-nothing'] },
    // Nothing allows it out to `web`; see the trait of one policy for both directions.
    packets: { plain: { reaches: [...DNS, 'web:8080'], not: [...OUTSIDE, K3S_API, 'rogue/udp'] } },
  },
  {
    title: "K3s's policy of a namespace, kube-system by `name`, which nothing has",
    policies: () => k3sNamespace('name'),
    said: { refused: ['dns-blocked'], warned: ['dns-peer-matches-nothing'] },
    packets: { plain: { not: [...DNS, ...OUTSIDE, K3S_API] } },
  },
  {
    title: "K3s's policy of a namespace, kube-system by `name`, which someone has given it",
    policies: () => k3sNamespace('name'),
    named: true,
    said: SILENT,
    packets: { plain: { reaches: DNS, not: [...OUTSIDE, K3S_API] } },
  },
  {
    title: 'Four policies for an application of three tiers',
    brief: true,
    policies: tiers,
    said: SILENT,
    packets: {
      'store-web': { reaches: [...DNS, 'store-api:8080'], not: ['store-db:5432', 'controller:8443', ...OUTSIDE] },
      'store-api': { reaches: [...DNS, 'store-db:5432'], not: ['store-web:8080', 'controller:8443', ...OUTSIDE] },
      'store-db': { reaches: DNS, not: ['store-web:8080', 'store-api:8080', 'controller:8443', ...OUTSIDE] },
      'store-job': { reaches: DNS, not: [...TIERS, 'controller:8443', ...OUTSIDE] },
      controller: { reaches: ['store-web:8080'], not: ['store-api:8080', 'store-db:5432'] },
      'ingress-job': { not: TIERS },
      bystander: { not: TIERS },
      internet: { not: TIERS },
    },
  },
  {
    title: 'DNS by `namespaceSelector: {}`',
    brief: true,
    policies: () => dnsInAnyNamespace,
    said: { refused: [], warned: ['dns-open-to-cluster'] },
    packets: {
      plain: {
        reaches: [...DNS, 'rogue/udp', 'rogue/tcp', 'neighbour/udp', 'neighbour/tcp', 'stray/udp', 'twin/udp'],
        not: [...OUTSIDE, 'web:8080'],
      },
    },
  },
  {
    title: "An ingress controller's namespace",
    policies: ingressController,
    said: SILENT,
    packets: {
      internet: { reaches: ['controller:8443'] },
      bystander: { reaches: ['controller:8443'] },
      controller: {
        reaches: [
          ...DNS,
          'store-web:8080',
          'store-api:8080',
          'API server by its endpoint',
          'API server by its Service',
        ],
        not: ['store-db:5432', ...OUTSIDE],
      },
      'ingress-job': { reaches: DNS, not: [...TIERS, 'controller:8443', 'API server by its endpoint', ...OUTSIDE] },
    },
  },
];

/** Everyone resolves; who else is let in to kube-system hangs on the label. */
function hardened(reached: readonly TargetName[], not: readonly TargetName[]): Packets {
  return {
    agent: { reaches: [...DNS, ...reached], not },
    bystander: { reaches: DNS, not: ['stray/udp', 'stray/tcp', 'agent:8080'] },
  };
}
