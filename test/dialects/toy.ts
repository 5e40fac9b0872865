import { type Faults, FIRST_FAULT } from '../../src/objects/faults.ts';
import { asList, asObject, asString, field, onlyFields } from '../../src/objects/fields.ts';
import { readMetadata } from '../../src/objects/metadata.ts';
import { dnsSubdomainProblem } from '../../src/objects/names.ts';
import { Dialects } from '../../src/policy/dialects/dialects.ts';
import { NETWORK_POLICY_API } from '../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { defineDialect, type FactKind, type PolicyKind } from '../../src/policy/model/dialect.ts';
import type { Policy } from '../../src/policy/model/policy.ts';

const NEW = { group: 'toy.example', versions: ['v1'] };
const OLD = { group: 'old.toy.example', versions: ['v1beta1'] };

/** A ToyPolicy says to which blocks its pods may connect, `{pods, blocks}`, and nothing else is open to them. */
function readToyPolicy(object: unknown, namespace: string, faults: Faults = FIRST_FAULT): Policy {
  const root = asObject(object, '', faults);
  onlyFields(root, '', ['apiVersion', 'kind', 'metadata', 'spec'], faults);
  const metadata = readMetadata(root, { problem: dnsSubdomainProblem, namespaced: true }, faults);
  const spec = asObject(field(root, 'spec'), 'spec', faults);
  onlyFields(spec, 'spec', ['pods', 'blocks'], faults);
  const blocks = asList(field(spec, 'blocks'), 'spec.blocks', faults).map((block, i) =>
    asString(block, `spec.blocks[${i}]`, faults),
  );
  const egress = blocks.map((cidr) => ({ to: [{ ipBlock: { cidr } }] }));
  const same = { metadata, spec: { podSelector: field(spec, 'pods'), policyTypes: ['Egress'], egress } };
  const policy = readNetworkPolicy(same, namespace, faults);
  const apiVersion = asString(field(root, 'apiVersion'), 'apiVersion', faults);
  return { ...policy, ref: { ...policy.ref, apiVersion, kind: asString(field(root, 'kind'), 'kind', faults) } };
}

const TOY_POLICY: PolicyKind = {
  kind: 'ToyPolicy',
  plural: 'toypolicies',
  served: [NEW, OLD],
  scope: 'Namespaced',
  role: 'policy',
  read: readToyPolicy,
  onlyTakesAway: () => false,
};

const CLUSTER_TOY_POLICY: PolicyKind = {
  ...TOY_POLICY,
  kind: 'ClusterToyPolicy',
  plural: 'clustertoypolicies',
  scope: 'Cluster',
};

/** TOY_SET names blocks for policies to name. */
export const TOY_SET: FactKind = {
  kind: 'ToySet',
  plural: 'toysets',
  served: [NEW],
  scope: 'Cluster',
  role: 'fact',
  read: (object, faults = FIRST_FAULT) => {
    const spec = asObject(field(asObject(object, '', faults), 'spec'), 'spec', faults);
    onlyFields(spec, 'spec', ['blocks'], faults);
    return { blocks: asList(field(spec, 'blocks'), 'spec.blocks', faults) };
  },
};

/** TOYS are NetworkPolicy and a dialect of two groups, with a fact and a policy that lies in no namespace. */
export const TOYS = new Dialects([
  NETWORK_POLICY_API,
  defineDialect({
    name: 'toy',
    kinds: [TOY_POLICY, CLUSTER_TOY_POLICY, TOY_SET],
    accounts: ['system:serviceaccount:toy:agent'],
  }),
]);

/** toy returns an object of the dialect. */
export function toy(kind: 'ToyPolicy' | 'ClusterToyPolicy' | 'ToySet', spec: object, more: object = {}): object {
  const namespace = kind === 'ToyPolicy' ? { namespace: 'shop' } : {};
  return { apiVersion: 'toy.example/v1', kind, metadata: { name: 'web', ...namespace }, spec, ...more };
}
