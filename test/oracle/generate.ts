import fc from 'fast-check';
import type { PeerManifest, PolicyManifest, PortManifest, RuleManifest, Selector, World } from './manifest.ts';
import {
  ADDRESS_BLOCKS,
  DNS_PLANE_SUBJECTS,
  DNS_PORTS,
  INGRESS_PEERS,
  POD_PEERS,
  PORT_ENTRIES,
  SLICE_PORTS,
  SLICES,
  SUBJECTS,
  WAYS_TO_DNS,
} from './vocabulary.ts';

const blockPeer = ([cidr = '', ...except]: readonly string[]): PeerManifest => ({
  ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) },
});

const addressPeers: readonly PeerManifest[] = ADDRESS_BLOCKS.map(blockPeer);

const dnsPorts: readonly PortManifest[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

const ports: fc.Arbitrary<readonly PortManifest[] | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(dnsPorts) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...PORT_ENTRIES), { minLength: 1, maxLength: 3 }) },
);

function peers(
  ...choices: fc.MaybeWeightedArbitrary<PeerManifest>[]
): fc.Arbitrary<readonly PeerManifest[] | undefined> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 9, arbitrary: fc.array(fc.oneof(...choices), { minLength: 1, maxLength: 3 }) },
  );
}

const to = peers(
  { weight: 2, arbitrary: fc.constantFrom(...POD_PEERS.slice(0, 1)) },
  { weight: 4, arbitrary: fc.constantFrom(...POD_PEERS) },
  { weight: 4, arbitrary: fc.constantFrom(...addressPeers) },
);

/** given leaves a field out where its value is undefined. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}

const egressRule: fc.Arbitrary<RuleManifest> = fc
  .tuple(ports, to)
  .map(([open, peer]) => ({ ...given('ports', open), ...given('to', peer) }));

const ingressRule: fc.Arbitrary<RuleManifest> = fc
  .tuple(ports, peers(fc.constantFrom(...INGRESS_PEERS)))
  .map(([open, peer]) => ({ ...given('ports', open), ...given('from', peer) }));

const types = fc.oneof(
  { weight: 5, arbitrary: fc.constant(['Egress'] as const) },
  { weight: 2, arbitrary: fc.constant(['Ingress', 'Egress'] as const) },
  { weight: 1, arbitrary: fc.constantFrom(['Ingress'] as const, undefined) },
);

interface Parts {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[] | undefined;
  readonly egress: readonly RuleManifest[] | undefined;
  readonly ingress: readonly RuleManifest[] | undefined;
}

function policy(namespace: string, name: string, { podSelector, policyTypes, egress, ingress }: Parts): PolicyManifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector,
      ...given('policyTypes', policyTypes),
      ...given('egress', egress),
      ...given('ingress', ingress),
    },
  };
}

const shopParts: fc.Arbitrary<Parts> = fc.record({
  podSelector: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Selector>({}) },
    { weight: 3, arbitrary: fc.constantFrom(...SUBJECTS) },
  ),
  policyTypes: types,
  egress: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(undefined, []) },
    { weight: 5, arbitrary: fc.array(egressRule, { minLength: 1, maxLength: 3 }) },
  ),
  ingress: fc.constant(undefined),
});

const sliceRule: fc.Arbitrary<RuleManifest> = fc
  .tuple(
    fc.array(fc.constantFrom(...SLICE_PORTS), { minLength: 1, maxLength: 2 }),
    fc.oneof(
      { weight: 19, arbitrary: fc.array(fc.constantFrom(...SLICES.map(blockPeer)), { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
  )
  .map(([open, peer]) => ({ ports: open, ...given('to', peer) }));

const sliceParts: fc.Arbitrary<Parts> = fc.record({
  podSelector: fc.constantFrom(...SUBJECTS),
  policyTypes: fc.constant(['Egress'] as const),
  egress: fc.array(sliceRule, { minLength: 1, maxLength: 3 }),
  ingress: fc.constant(undefined),
});

const wayRule: fc.Arbitrary<RuleManifest> = fc.record({
  ports: fc.array(fc.constantFrom(...DNS_PORTS), { minLength: 1, maxLength: 2 }),
  to: fc.array(fc.constantFrom(...WAYS_TO_DNS), { minLength: 1, maxLength: 2 }),
});

const wayParts: fc.Arbitrary<Parts> = fc.record({
  podSelector: fc.constantFrom(...SUBJECTS),
  policyTypes: fc.constantFrom(['Egress'] as const, ['Egress'] as const, ['Ingress'] as const),
  egress: fc.array(wayRule, { maxLength: 2 }),
  ingress: fc.constant(undefined),
});

const planeParts: fc.Arbitrary<Parts> = fc.record({
  podSelector: fc.constantFrom(...DNS_PLANE_SUBJECTS),
  policyTypes: fc.constantFrom(['Ingress'] as const, ['Ingress', 'Egress'] as const, ['Egress'] as const, undefined),
  egress: fc.oneof(fc.constant(undefined), fc.array(egressRule, { minLength: 1, maxLength: 2 })),
  ingress: fc.array(ingressRule, { maxLength: 4 }),
});

function worlds(namespace: World['namespace'], parts: fc.Arbitrary<Parts>): fc.Arbitrary<World> {
  const operation = fc.constantFrom('AUDIT' as const, 'CREATE' as const, 'UPDATE' as const, 'DELETE' as const);
  return fc
    .tuple(
      operation,
      fc.constantFrom(53 as const, 53 as const, 5353 as const),
      fc.array(parts, { maxLength: 5 }),
      parts,
      parts,
    )
    .map(([asked, dnsPort, standing, one, two]) => ({
      namespace,
      dnsPort,
      operation: asked,
      standing: standing.map((each, i) => policy(namespace, `standing-${i}`, each)),
      ...given('before', asked === 'UPDATE' || asked === 'DELETE' ? policy(namespace, 'changed', one) : undefined),
      ...given('after', asked === 'DELETE' ? undefined : policy(namespace, 'changed', two)),
    }));
}

/** Worlds of an ordinary namespace. */
export const shopWorld: fc.Arbitrary<World> = worlds('shop', shopParts);

/** Worlds of an ordinary namespace whose policies open parts of the Internet that may add up. */
export const sliceWorld: fc.Arbitrary<World> = worlds('shop', sliceParts);

/** Worlds of an ordinary namespace whose policies give pods a way to DNS, and take it away. */
export const wayWorld: fc.Arbitrary<World> = worlds('shop', wayParts);

/** Worlds of the namespace that holds the DNS servers. */
export const planeWorld: fc.Arbitrary<World> = worlds('kube-system', planeParts);
