import { asList, asObject, asString, field, firstOfEach, type Json } from '../../../objects/fields.ts';
import { InvalidObject } from '../../../objects/invalid-object.ts';
import { isApplied } from '../../model/applied.ts';
import { MANAGED_LABELS, MANAGED_PREFIX } from '../../model/labels.ts';
import type { AllowRule, Policy } from '../../model/policy.ts';
import { SelectorReader } from './label-selector.ts';
import { PeerReader } from './peers.ts';
import { PortReader } from './ports.ts';
import { ItemCount } from './size.ts';
import { specText } from './spec-text.ts';

export { InvalidObject } from '../../../objects/invalid-object.ts';

const POLICY_TYPES: ReadonlySet<string> = new Set(['Ingress', 'Egress']);

/**
 * readNetworkPolicy reads a networking.k8s.io/v1 NetworkPolicy, as JSON gives it, with the API server's defaulting
 * applied (idempotent on objects that already have it). `namespace` is where an object without one belongs. What a list
 * says twice is read once, at its first place: a hundred thousand empty items are 290 KB to the API server, and one item
 * here. Throws InvalidObject where the shape is not a NetworkPolicy's, TooManyItems where it has too many items.
 */
export function readNetworkPolicy(object: unknown, namespace: string): Policy {
  const root = asObject(object, 'object');
  const metadata = asObject(field(root, 'metadata'), 'metadata');
  const spec = asObject(field(root, 'spec'), 'spec');
  const name = field(metadata, 'name');
  const givenNamespace = field(metadata, 'namespace');
  return {
    ref: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace: givenNamespace === undefined ? namespace : asString(givenNamespace, 'metadata.namespace'),
      name: name === undefined ? undefined : asString(name, 'metadata.name') || undefined,
    },
    ...readSpec(spec),
    deleting: field(metadata, 'deletionTimestamp') !== undefined,
    ...readManaged(metadata, spec),
  };
}

/** PolicySpec is what its spec says of a policy. */
type PolicySpec = Pick<
  Policy,
  'subject' | 'isolatesEgress' | 'isolatesIngress' | 'egress' | 'ingress' | 'ignoredEgress'
>;

/** readSpec reads the `spec` of a NetworkPolicy. Throws as readNetworkPolicy does. */
export function readSpec(object: unknown): PolicySpec {
  const spec = asObject(object, 'spec');
  const count = new ItemCount(spec);
  const selectors = new SelectorReader(count);
  const rules = new RuleReader(count, selectors);
  const ingress = rules.read(spec, 'ingress', 'from');
  const egress = rules.read(spec, 'egress', 'to');
  const types = readPolicyTypes(spec, egress.length > 0);
  return {
    subject: selectors.read(field(spec, 'podSelector'), 'spec.podSelector').selector,
    isolatesEgress: types.has('Egress'),
    isolatesIngress: types.has('Ingress'),
    egress: types.has('Egress') ? egress : [],
    ingress: types.has('Ingress') ? ingress : [],
    ignoredEgress: types.has('Egress') ? [] : egress,
  };
}

/** A generated name begins with `generateName`. */
function readManaged(metadata: Json, spec: Json): Pick<Policy, 'managed'> {
  const name = field(metadata, 'name') ?? field(metadata, 'generateName');
  const labels = asObject(field(metadata, 'labels'), 'metadata.labels');
  const labelled = Object.entries(MANAGED_LABELS).every(([key, value]) => field(labels, key) === value);
  if (!labelled && !(typeof name === 'string' && name.startsWith(MANAGED_PREFIX))) return {};
  const owned = asList(field(metadata, 'ownerReferences'), 'metadata.ownerReferences').length > 0;
  const finalizers = asList(field(metadata, 'finalizers'), 'metadata.finalizers').map((item, i) =>
    asString(item, `metadata.finalizers[${i}]`),
  );
  return { managed: { text: specText(spec), labelled, owned, finalizers, applied: isApplied(metadata) } };
}

/** Missing policyTypes become Ingress, and Egress where there are egress rules (pkg/apis/networking/v1/defaults.go). */
function readPolicyTypes(spec: Json, hasEgress: boolean): ReadonlySet<string> {
  const types = asList(field(spec, 'policyTypes'), 'spec.policyTypes').map((item, i) => {
    const path = `spec.policyTypes[${i}]`;
    const type = asString(item, path);
    if (!POLICY_TYPES.has(type)) throw new InvalidObject(path, `"${type}" is not Ingress or Egress`);
    return type;
  });
  if (types.length > 0) return new Set(types);
  return new Set(hasEgress ? ['Ingress', 'Egress'] : ['Ingress']);
}

/** RuleReader reads the rules of one policy. Equal rules of a direction are one, at the place of the first. */
class RuleReader {
  private readonly count: ItemCount;
  private readonly portReader: PortReader;
  private readonly peerReader: PeerReader;

  constructor(count: ItemCount, selectors: SelectorReader) {
    this.count = count;
    this.portReader = new PortReader(count);
    this.peerReader = new PeerReader(count, selectors);
  }

  read(spec: Json, direction: 'ingress' | 'egress', peersField: 'from' | 'to'): readonly AllowRule[] {
    const rules = new Map<string, AllowRule>();
    for (const [i, item] of firstOfEach(asList(field(spec, direction), `spec.${direction}`))) {
      const path = `spec.${direction}[${i}]`;
      const rule = asObject(item, path);
      const { peers, key: who } = this.peerReader.read(field(rule, peersField), `${path}.${peersField}`);
      const { ports, entries, key: what } = this.portReader.read(field(rule, 'ports'), `${path}.ports`);
      const key = `${who} ${what}`;
      if (rules.has(key)) continue;
      this.count.add('rules', 1);
      this.count.add('peers', peers === 'any' ? 0 : peers.length);
      this.count.add('ports', entries.length);
      rules.set(key, { path, peers, ports, entries });
    }
    return [...rules.values()];
  }
}
