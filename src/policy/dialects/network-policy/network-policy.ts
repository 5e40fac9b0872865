import { type Faults, FIRST_FAULT } from '../../../objects/faults.ts';
import {
  asList,
  asObject,
  asString,
  field,
  firstOfEach,
  isObject,
  type Json,
  onlyFields,
} from '../../../objects/fields.ts';
import { readMetadata } from '../../../objects/metadata.ts';
import { dnsSubdomainProblem } from '../../../objects/names.ts';
import { show } from '../../../objects/problem.ts';
import { isApplied } from '../../model/applied.ts';
import { chartAdvice } from '../../model/known-charts.ts';
import { MANAGED_LABELS, MANAGED_PREFIX } from '../../model/labels.ts';
import type { AllowRule, Policy } from '../../model/policy.ts';
import { ItemCount } from '../../model/size.ts';
import { SelectorReader } from './label-selector.ts';
import { PeerReader } from './peers.ts';
import { PortReader } from './ports.ts';
import { specText } from './spec-text.ts';

const POLICY_TYPES: readonly string[] = ['Ingress', 'Egress'];
const NAMING = { problem: dnsSubdomainProblem, namespaced: true };

/**
 * readNetworkPolicy reads a networking.k8s.io/v1 NetworkPolicy, as JSON gives it, with the API server's defaulting
 * applied (idempotent on objects that already have it). `namespace` is the default for an object without one. A
 * repeated list item is read once, at its first place: a hundred thousand empty items are 290 KB to the API server, and
 * one item here. A caller that wants all faults gets everything that the API server refuses, and before it kubectl's
 * strict field validation (pkg/apis/networking/validation/validation.go). Throws TooManyItems if it has too many items,
 * and whatever `faults` throws.
 */
export function readNetworkPolicy(object: unknown, namespace: string, faults: Faults = FIRST_FAULT): Policy {
  const root = asObject(object, '', faults);
  // Servers from 1.24 to 1.27 had a status, and `kubectl get -o yaml` prints it; writing one changes nothing.
  onlyFields(root, '', ['apiVersion', 'kind', 'metadata', 'spec', 'status'], faults);
  const metadata = readMetadata(root, NAMING, faults);
  const spec = asObject(field(root, 'spec'), 'spec', faults);
  const name = field(metadata, 'name');
  const givenNamespace = field(metadata, 'namespace');
  return {
    ref: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace: givenNamespace === undefined ? namespace : asString(givenNamespace, 'metadata.namespace', faults),
      name: name === undefined ? undefined : asString(name, 'metadata.name', faults) || undefined,
    },
    ...readSpec(spec, faults),
    deleting: field(metadata, 'deletionTimestamp') !== undefined,
    ...readChart(metadata),
    ...readManaged(metadata, spec, faults),
  };
}

/** PolicySpec is the part of a policy that its spec defines. */
type PolicySpec = Pick<
  Policy,
  'subject' | 'isolatesEgress' | 'isolatesIngress' | 'egress' | 'ingress' | 'ignoredEgress'
>;

/** readSpec reads the `spec` of a NetworkPolicy. Throws as readNetworkPolicy does. */
export function readSpec(object: unknown, faults: Faults = FIRST_FAULT): PolicySpec {
  const spec = asObject(object, 'spec', faults);
  onlyFields(spec, 'spec', ['podSelector', 'policyTypes', 'ingress', 'egress'], faults);
  const count = new ItemCount(spec);
  const selectors = new SelectorReader(count, faults);
  const subject = selectors.read(field(spec, 'podSelector'), 'spec.podSelector').selector;
  const listedTypes = readPolicyTypes(spec, faults);
  const rules = new RuleReader(count, selectors, faults);
  const ingress = rules.read(spec, 'ingress', 'from');
  const egress = rules.read(spec, 'egress', 'to');
  const types = listedTypes.size > 0 ? listedTypes : defaultTypes(egress.length > 0);
  return {
    subject,
    isolatesEgress: types.has('Egress'),
    isolatesIngress: types.has('Ingress'),
    egress: types.has('Egress') ? egress : [],
    ingress: types.has('Ingress') ? ingress : [],
    ignoredEgress: types.has('Egress') ? [] : egress,
  };
}

/** Labels only lead to advice, so their faults are reported elsewhere. */
function readChart(metadata: Json): Pick<Policy, 'chart'> {
  const labels = field(metadata, 'labels');
  if (!isObject(labels) || field(labels, 'helm.sh/chart') === undefined) return {};
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const chart = chartAdvice(new Map(texts));
  return chart === undefined ? {} : { chart };
}

/** A generated name begins with `generateName`. */
function readManaged(metadata: Json, spec: Json, faults: Faults): Pick<Policy, 'managed'> {
  const name = field(metadata, 'name') ?? field(metadata, 'generateName');
  const labels = asObject(field(metadata, 'labels'), 'metadata.labels', faults);
  const labelled = Object.entries(MANAGED_LABELS).every(([key, value]) => field(labels, key) === value);
  if (!labelled && !(typeof name === 'string' && name.startsWith(MANAGED_PREFIX))) return {};
  const owned = asList(field(metadata, 'ownerReferences'), 'metadata.ownerReferences', faults).length > 0;
  const listed = asList(field(metadata, 'finalizers'), 'metadata.finalizers', faults);
  const finalizers = listed.map((item, i) => asString(item ?? '', `metadata.finalizers[${i}]`, faults));
  return { managed: { text: specText(spec), labelled, owned, finalizers, applied: isApplied(metadata) } };
}

function readPolicyTypes(spec: Json, faults: Faults): ReadonlySet<string> {
  const path = 'spec.policyTypes';
  const types = asList(field(spec, 'policyTypes'), path, faults);
  if (faults.wantsAll && types.length > POLICY_TYPES.length) {
    faults.refused({ path, message: `has ${types.length} items, at most two are allowed` });
    return new Set();
  }
  return new Set(types.map((item, i) => readPolicyType(item ?? '', `${path}[${i}]`, faults)));
}

function readPolicyType(value: unknown, path: string, faults: Faults): string {
  const type = asString(value, path, faults);
  if (typeof value === 'string' && !POLICY_TYPES.includes(type)) {
    faults.unreadable(path, `${show(type)} is not Ingress or Egress`);
  }
  return type;
}

/**
 * Missing policyTypes become Ingress, and also Egress if there are egress rules (pkg/apis/networking/v1/defaults.go).
 */
function defaultTypes(hasEgress: boolean): ReadonlySet<string> {
  return new Set(hasEgress ? POLICY_TYPES : ['Ingress']);
}

/** RuleReader reads the rules of one policy. Equal rules of a direction are one, at the place of the first. */
class RuleReader {
  private readonly count: ItemCount;
  private readonly faults: Faults;
  private readonly portReader: PortReader;
  private readonly peerReader: PeerReader;

  constructor(count: ItemCount, selectors: SelectorReader, faults: Faults) {
    this.count = count;
    this.faults = faults;
    this.portReader = new PortReader(count, faults);
    this.peerReader = new PeerReader(count, selectors, faults);
  }

  read(spec: Json, direction: 'ingress' | 'egress', peersField: 'from' | 'to'): readonly AllowRule[] {
    const rules = new Map<string, AllowRule>();
    for (const [i, item] of firstOfEach(asList(field(spec, direction), `spec.${direction}`, this.faults))) {
      const path = `spec.${direction}[${i}]`;
      const rule = asObject(item, path, this.faults);
      onlyFields(rule, path, ['ports', peersField], this.faults);
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
