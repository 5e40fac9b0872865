import fc from 'fast-check';
import type { PeerManifest, PolicyManifest, PortManifest, RuleManifest, Selector } from '../../oracle/manifest.ts';
import type { PlainLabels } from '../../oracle/places.ts';
import { DNS_PLANE_SUBJECTS, INGRESS_PEERS, POD_PEERS, PORT_ENTRIES, SUBJECTS } from '../../oracle/vocabulary.ts';
import { CLIENT_NAMESPACES, CLIENTS, type DnsPort } from '../light/places.ts';
import type { World } from './world.ts';

/** Blocks as [cidr, ...except]: those that hold the DNS pod, its Service, a resolver outside, several of them, none. */
const BLOCKS: readonly (readonly string[])[] = [
  ['10.244.0.7/32'],
  ['10.244.0.0/24'],
  ['10.244.0.0/24', '10.244.0.7/32'],
  ['10.0.0.0/8'],
  ['10.0.0.0/8', '10.244.0.0/24'],
  ['10.43.0.10/32'],
  ['10.43.0.0/16'],
  ['198.51.100.53/32'],
  ['198.51.100.0/24'],
  ['198.51.100.0/24', '198.51.100.53/32'],
  ['8.8.8.8/32'],
  ['8.0.0.0/8'],
  ['8.0.0.0/8', '8.8.8.0/24'],
  ['0.0.0.0/0'],
  ['0.0.0.0/0', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['0.0.0.0/0', '8.8.8.8/32'],
  ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'],
  ['0.0.0.0/1'],
  ['128.0.0.0/1'],
  ['172.16.0.0/12'],
  ['1.1.1.1/32'],
  ['fd00::/8'],
];

const blockPeer = ([cidr = '', ...except]: readonly string[]): PeerManifest => ({
  ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) },
});
const blocks: fc.Arbitrary<PeerManifest> = fc.constantFrom(...BLOCKS.map(blockPeer));

const dnsPorts: readonly PortManifest[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

const namedPorts: readonly (readonly PortManifest[])[] = [
  [
    { protocol: 'UDP', port: 'dns' },
    { protocol: 'TCP', port: 'dns-tcp' },
  ],
  [{ protocol: 'UDP', port: 'dns' }],
  [{ protocol: 'TCP', port: 'web' }],
];

const ports: fc.Arbitrary<readonly PortManifest[] | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(dnsPorts) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.constantFrom(...namedPorts) },
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...PORT_ENTRIES), { minLength: 1, maxLength: 3 }) },
);

const to: fc.Arbitrary<readonly PeerManifest[] | undefined> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(undefined, undefined, []) },
  {
    weight: 6,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...POD_PEERS.slice(0, 1)) },
        { weight: 4, arbitrary: fc.constantFrom(...POD_PEERS) },
        { weight: 4, arbitrary: blocks },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

const from: fc.Arbitrary<readonly PeerManifest[] | undefined> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(undefined, []) },
  {
    weight: 9,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...INGRESS_PEERS) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            ...['10.244.0.0/24', '0.0.0.0/0', '172.16.0.0/12'].map((cidr) => blockPeer([cidr])),
          ),
        },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

/** given leaves a field out where its value is undefined. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}

const egressRule: fc.Arbitrary<RuleManifest> = fc
  .tuple(ports, to)
  .map(([open, peers]) => ({ ...given('ports', open), ...given('to', peers) }));
const ingressRule: fc.Arbitrary<RuleManifest> = fc
  .tuple(ports, from)
  .map(([open, peers]) => ({ ...given('ports', open), ...given('from', peers) }));

const types = fc.oneof(
  { weight: 5, arbitrary: fc.constant(['Egress'] as const) },
  { weight: 2, arbitrary: fc.constant(['Ingress', 'Egress'] as const) },
  { weight: 1, arbitrary: fc.constantFrom(['Ingress'] as const, undefined) },
);

function rules(rule: fc.Arbitrary<RuleManifest>, maxLength: number): fc.Arbitrary<readonly RuleManifest[] | undefined> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(undefined, []) },
    { weight: 3, arbitrary: fc.array(rule, { minLength: 1, maxLength }) },
  );
}

interface Drawn {
  readonly namespace: string;
  readonly podSelector: Selector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[] | undefined;
  readonly egress: readonly RuleManifest[] | undefined;
  readonly ingress: readonly RuleManifest[] | undefined;
}

const ofClients: fc.Arbitrary<Drawn> = fc.record({
  namespace: fc.constantFrom(...CLIENT_NAMESPACES),
  podSelector: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Selector>({}) },
    { weight: 3, arbitrary: fc.constantFrom(...SUBJECTS) },
  ),
  policyTypes: types,
  egress: rules(egressRule, 3),
  ingress: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: rules(ingressRule, 2) }),
});

const ofDns: fc.Arbitrary<Drawn> = fc.record({
  namespace: fc.constant('kube-system'),
  podSelector: fc.constantFrom(...DNS_PLANE_SUBJECTS),
  policyTypes: fc.constantFrom(['Ingress'] as const, ['Ingress', 'Egress'] as const, ['Egress'] as const, undefined),
  egress: rules(egressRule, 2),
  ingress: rules(ingressRule, 4),
});

function manifest({ namespace, podSelector, policyTypes, egress, ingress }: Drawn, i: number): PolicyManifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `drawn-${i}`, namespace },
    spec: {
      podSelector,
      ...given('policyTypes', policyTypes),
      ...given('egress', egress),
      ...given('ingress', ingress),
    },
  };
}

const value = fc.constantFrom(undefined, 'a', 'b');

const namespaceLabels: fc.Arbitrary<PlainLabels> = fc
  .tuple(value, fc.constantFrom(undefined, undefined, undefined, 'kube-system'))
  .map(([team, name]) => ({ ...given('team', team), ...given('name', name) }));

const clientLabels: fc.Arbitrary<PlainLabels> = fc
  .tuple(value, value, fc.constantFrom(...Array<undefined>(6).fill(undefined), 'kube-dns'))
  .map(([app, role, dns]) => ({ ...given('app', app), ...given('role', role), ...given('k8s-app', dns) }));

const world: fc.Arbitrary<Omit<World, 'dnsPort'>> = fc
  .record({
    namespaces: fc.tuple(
      ...[...CLIENT_NAMESPACES, 'kube-system'].map((name) => fc.tuple(fc.constant(name), namespaceLabels)),
    ),
    clients: fc.array(clientLabels, { minLength: CLIENTS.length, maxLength: CLIENTS.length }),
    policies: fc.array(fc.oneof({ weight: 6, arbitrary: ofClients }, { weight: 1, arbitrary: ofDns }), {
      minLength: 1,
      maxLength: 5,
    }),
  })
  .map(({ namespaces, clients, policies }) => ({
    namespaces: Object.fromEntries(namespaces),
    clients,
    policies: policies.map(manifest),
  }));

/** drawWorlds draws so many worlds; the same ones for the same seed. */
export function drawWorlds(count: number, seed: number, dnsPort: DnsPort): readonly World[] {
  return fc.sample(world, { numRuns: count, seed }).map((drawn) => ({ ...drawn, dnsPort }));
}
