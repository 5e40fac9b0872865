import { AddressSet } from '../../sets/address-set.ts';
import { type Cidr, parseCidr } from '../../sets/cidr.ts';
import { LabelSelector } from '../../sets/label-selector.ts';
import { isApplied } from '../baseline/applied.ts';
import { MANAGED_LABELS, MANAGED_PREFIX } from '../baseline/labels.ts';
import { specText } from '../baseline/spec-text.ts';
import type { AddressPeer, AllowRule, Peer, Policy } from '../model.ts';
import { InvalidObject } from './invalid-object.ts';
import { readLabelSelector } from './label-selector.ts';
import { readPorts } from './ports.ts';
import { asList, asObject, asString, field, type Json } from './shape.ts';
import { demandReadableSize } from './size.ts';

export { InvalidObject } from './invalid-object.ts';

const POLICY_TYPES: ReadonlySet<string> = new Set(['Ingress', 'Egress']);

/**
 * readNetworkPolicy reads a networking.k8s.io/v1 NetworkPolicy, as JSON gives it, with the API server's defaulting
 * applied (idempotent on objects that already have it). `namespace` is where an object without one belongs.
 * Throws InvalidObject where the shape is not a NetworkPolicy's.
 */
export function readNetworkPolicy(object: unknown, namespace: string): Policy {
  const root = asObject(object, 'object');
  const metadata = asObject(field(root, 'metadata'), 'metadata');
  const spec = asObject(field(root, 'spec'), 'spec');
  demandReadableSize(spec);
  const ingress = readRules(spec, 'ingress', 'from');
  const egress = readRules(spec, 'egress', 'to');
  const types = readPolicyTypes(spec, egress.length > 0);
  const name = field(metadata, 'name');
  const givenNamespace = field(metadata, 'namespace');
  return {
    ref: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace: givenNamespace === undefined ? namespace : asString(givenNamespace, 'metadata.namespace'),
      ...(name === undefined || name === '' ? {} : { name: asString(name, 'metadata.name') }),
    },
    subject: readLabelSelector(field(spec, 'podSelector'), 'spec.podSelector'),
    isolatesEgress: types.has('Egress'),
    isolatesIngress: types.has('Ingress'),
    egress: types.has('Egress') ? egress : [],
    ingress: types.has('Ingress') ? ingress : [],
    ignoredEgress: types.has('Egress') ? [] : egress,
    deleting: field(metadata, 'deletionTimestamp') !== undefined,
    ...readManaged(metadata, spec),
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

function readRules(spec: Json, direction: 'ingress' | 'egress', peersField: 'from' | 'to'): readonly AllowRule[] {
  return asList(field(spec, direction), `spec.${direction}`).map((item, i) => {
    const path = `spec.${direction}[${i}]`;
    const rule = asObject(item, path);
    const peers = asList(field(rule, peersField), `${path}.${peersField}`).map((peer, j) =>
      readPeer(peer, `${path}.${peersField}[${j}]`),
    );
    return { path, peers: peers.length === 0 ? 'any' : peers, ...readPorts(field(rule, 'ports'), `${path}.ports`) };
  });
}

function readPeer(value: unknown, path: string): Peer {
  const object = asObject(value, path);
  const ipBlock = field(object, 'ipBlock');
  const namespaceSelector = field(object, 'namespaceSelector');
  const podSelector = field(object, 'podSelector');
  if (ipBlock !== undefined) {
    if (namespaceSelector !== undefined || podSelector !== undefined) {
      throw new InvalidObject(path, 'an ipBlock goes with no selector in the same item');
    }
    return readIpBlock(ipBlock, `${path}.ipBlock`, path);
  }
  if (namespaceSelector === undefined && podSelector === undefined) {
    throw new InvalidObject(path, 'names no peer: give a podSelector, a namespaceSelector or an ipBlock');
  }
  const namespaces =
    namespaceSelector === undefined ? 'own' : readLabelSelector(namespaceSelector, `${path}.namespaceSelector`);
  const pods =
    podSelector === undefined ? LabelSelector.everything : readLabelSelector(podSelector, `${path}.podSelector`);
  return { kind: 'pods', path, namespaces, pods };
}

function readIpBlock(value: unknown, path: string, peerPath: string): AddressPeer {
  const object = asObject(value, path);
  const cidr = readCidr(field(object, 'cidr'), `${path}.cidr`);
  const except = asList(field(object, 'except'), `${path}.except`).map((item, i) =>
    readCidr(item, `${path}.except[${i}]`),
  );
  const excepted = AddressSet.unionAll(except.map((block) => block.parsed.addresses));
  return {
    kind: 'addresses',
    path: peerPath,
    addresses: cidr.parsed.addresses.subtract(excepted),
    cidr: cidr.text,
  };
}

function readCidr(value: unknown, path: string): { text: string; parsed: Cidr } {
  const text = asString(value, path);
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new InvalidObject(path, `"${text}" is not a CIDR such as 10.0.0.0/8`);
  return { text, parsed };
}
