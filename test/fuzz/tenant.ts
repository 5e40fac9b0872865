import fc from 'fast-check';
import { createPolicyHandler } from '../../src/admission/handlers/policies.ts';
import type { LiveCluster } from '../../src/admission/review/live-cluster.ts';
import { readLargeReview, readReview } from '../../src/admission/review/read-review.ts';
import { PolicyCache } from '../../src/cluster/caches/policy-cache.ts';
import { readObject } from '../../src/cluster/watch/kube-object.ts';
import { NETWORK_POLICY } from '../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../src/policy/model/snapshot.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { AddressSet } from '../../src/sets/address-set.ts';
import { addressesOf } from '../../src/sets/cidr.ts';
import { isAnywhere } from '../../src/sets/globally-routable.ts';
import type { LabelSelector } from '../../src/sets/label-selector.ts';
import { judging, policy, review, settings, silent } from '../unit/admission/setup.ts';
import { BOTH_53, type Spec, TO_DNS } from '../unit/policy/fixtures.ts';
import { egress, PODS, slice } from '../unit/policy/openings/decoys.ts';
import { Chance } from './chance.ts';

/** Nothing is waited for: nobody else writes. */
const SETTINGS: Settings = { ...settings, dnsBlocked: { ...settings.dnsBlocked, graceMs: 0 } };

/** Stored is an object as the API server keeps it. */
interface Stored {
  readonly spec: Spec;
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

/** Write is a request of the tenant, and how it came out. */
export interface Write {
  readonly what: string;
  readonly admitted: boolean;
}

const NAMES = ['a', 'b', 'c', 'd', 'netpol-guard-allow-dns', 'netpol-guard-default-deny'] as const;
const BASELINE: Readonly<Record<string, Spec>> = {
  'netpol-guard-default-deny': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  'netpol-guard-allow-dns': egress({}, [{ to: TO_DNS, ports: BOTH_53 }]),
};

/**
 * A namespace with a default-deny and a carve-out, in which a tenant writes whatever comes to mind, with whatever deadline.
 * The API server's part is done as it does it: what is deleted stays for as long as it has finalizers, a dry run stores
 * nothing, what is refused stays out.
 */
export class Namespace {
  readonly log: Write[] = [];
  private readonly objects = new Map<string, Stored>();
  private readonly cache = new PolicyCache({ ...silent, debug: () => {} });
  private readonly snapshot: ClusterSnapshot;
  private terminating = false;
  private generated = 0;
  private version = 0;
  /** Whether the API server answers netpol-guard in time. */
  private answers = true;

  constructor() {
    const known = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
    this.snapshot = {
      ...known,
      namespace: (name) =>
        name === 'shop'
          ? {
              name,
              labels: new Map([['netpol-guard.io/baseline', 'default-deny']]),
              labelsKnown: true,
              terminating: this.terminating,
            }
          : undefined,
      policies: (name) => this.cache.policies(name),
      unreadablePolicies: (name) => this.cache.unreadable(name),
      room: (name) => this.cache.room(name),
      dns: { ...known.dns, discovered: true, worlds: known.dns.worlds.slice(0, 1) },
    };
    for (const [name, spec] of Object.entries(BASELINE)) this.store(name, { spec, finalizers: [], deleting: false });
  }

  /** write does one thing at random. Throws where what must be admitted is refused. */
  async write(chance: Chance, specs: readonly Spec[]): Promise<void> {
    const name = chance.pick(NAMES);
    const old = this.objects.get(name);
    const spec = chance.pick([...specs, old?.spec ?? egress({}, [])]);
    const finalizers = chance.pick([[], [], ['example.com/keep'], old?.finalizers ?? []]);
    this.answers = chance.below(4) > 0;
    const dryRun = chance.below(8) === 0;
    const what = chance.below(10);
    if (what === 0 && chance.below(4) === 0) this.terminating = true;
    else if (what < 4)
      await this.create(chance.below(4) === 0 ? undefined : name, { spec, finalizers, deleting: false }, dryRun);
    else if (what < 8) await this.update(name, spec, finalizers, dryRun);
    else await this.delete(name, dryRun);
  }

  /** leave does what ends every namespace, whoever asks: all is deleted, all finalizers come off. Throws where that is held up. */
  async leave(): Promise<void> {
    this.terminating = true;
    for (const name of [...this.objects.keys()]) {
      await this.delete(name, false);
      const left = this.objects.get(name);
      if (left !== undefined) await this.update(name, left.spec, [], false);
    }
    if (this.objects.size > 0) throw new Error(`held up: ${[...this.objects.keys()].join(', ')}`);
  }

  /** faults says what the tenant has got past netpol-guard. */
  faults(): readonly string[] {
    const faults: string[] = [];
    const enforced = [...this.objects.values()].map(({ spec }) => spec);
    const pod = PODS.find((labels) => reachesAnywhere(enforced, labels));
    if (pod !== undefined) faults.push(`pods labelled ${JSON.stringify([...pod])} reach anywhere on port 53`);
    for (const [name, { finalizers, spec }] of this.objects) {
      if (BASELINE[name] === undefined) continue;
      if (finalizers.length > 0) faults.push(`${name} has a finalizer`);
      if (JSON.stringify(spec) !== JSON.stringify(BASELINE[name])) faults.push(`${name} has another spec`);
    }
    return faults;
  }

  private async create(name: string | undefined, object: Stored, dryRun: boolean): Promise<void> {
    if ((name !== undefined && this.objects.has(name)) || this.terminating) return;
    const json = jsonOf(name, object);
    const admitted = await this.ask({ operation: 'CREATE', name, object: json, oldObject: null, dryRun });
    this.generated += 1;
    if (admitted && !dryRun) this.store(name ?? `generated-${this.generated}`, object);
  }

  private async update(name: string, spec: Spec, finalizers: readonly string[], dryRun: boolean): Promise<void> {
    const old = this.objects.get(name);
    if (old === undefined) return;
    // Once an object is being deleted it gets no new finalizers (apimachinery, ValidateNoNewFinalizers).
    const kept = old.deleting ? finalizers.filter((finalizer) => old.finalizers.includes(finalizer)) : finalizers;
    const next = { ...old, spec, finalizers: kept };
    const request = { operation: 'UPDATE', name, object: jsonOf(name, next), oldObject: jsonOf(name, old), dryRun };
    const admitted = await this.ask(request);
    if (!admitted && isHarmless(old, next)) throw new Error(`an update of ${name} that changes no spec is refused`);
    if (admitted && old.deleting && hasOtherSpec(old, next)) {
      throw new Error(`${name} is being deleted, and gets another spec`);
    }
    if (!admitted || dryRun) return;
    if (next.deleting && kept.length === 0) this.remove(name);
    else this.store(name, next);
  }

  private async delete(name: string, dryRun: boolean): Promise<void> {
    const old = this.objects.get(name);
    if (old === undefined) return;
    const admitted = await this.ask({ operation: 'DELETE', name, object: null, oldObject: jsonOf(name, old), dryRun });
    if ((this.terminating || old.deleting) && !admitted) throw new Error(`the deletion of ${name} is held up`);
    if (!admitted || dryRun) return;
    if (old.finalizers.length === 0) this.remove(name);
    else this.store(name, { ...old, deleting: true });
  }

  private async ask(request: Readonly<Record<string, unknown>>): Promise<boolean> {
    const live: LiveCluster = {
      confirm: () => (this.answers ? Promise.resolve(this.snapshot) : Promise.reject(new Error('no answer'))),
      onPoliciesChanged: () => new Promise(() => {}),
    };
    const door = judging({ evaluate, gatherSnapshot: () => this.snapshot, settings: () => SETTINGS, live });
    const body = Buffer.from(JSON.stringify(review(request)));
    const read = body.length > LARGE_BYTES ? readLargeReview(body) : readReview(body);
    const handle = createPolicyHandler(door, NETWORK_POLICY);
    const answer = read.answer ?? (await handle(read.request, performance.now() + 60_000));
    const { allowed } = answer.response;
    const { operation, name, dryRun } = request;
    const spec = JSON.stringify((request['object'] as { spec?: unknown } | null)?.spec)?.slice(0, 1000);
    this.log.push({
      what: `${String(operation)} ${String(name)}${dryRun === true ? ' (dry run)' : ''} ${spec}`,
      admitted: allowed,
    });
    return allowed;
  }

  private store(name: string, object: Stored): void {
    this.objects.set(name, object);
    this.version += 1;
    const { metadata, ...rest } = jsonOf(name, object) as { metadata: object };
    this.cache.onAdd(readObject({ ...rest, metadata: { ...metadata, resourceVersion: `${this.version}` } }));
  }

  private remove(name: string): void {
    this.objects.delete(name);
    this.cache.onDelete({ namespace: 'shop', name });
  }
}

function isHarmless(old: Stored, next: Stored): boolean {
  return next.spec === old.spec && next.finalizers.every((finalizer) => old.finalizers.includes(finalizer));
}

function hasOtherSpec(old: Stored, next: Stored): boolean {
  return next.spec !== old.spec && JSON.stringify(next.spec) !== JSON.stringify(old.spec);
}

function jsonOf(name: string | undefined, { spec, finalizers, deleting }: Stored): object {
  return policy(spec, {
    name,
    ...(name === undefined && { generateName: 'a-' }),
    finalizers,
    ...(deleting && { deletionTimestamp: '2026-11-30T00:00:00Z' }),
  });
}

/** By the specs themselves: what netpol-guard cannot read is enforced all the same. */
function reachesAnywhere(specs: readonly Spec[], pod: ReadonlyMap<string, string>): boolean {
  const opened = specs.filter((spec) => subjectOf(spec).matches(pod)).map(opensUdp53);
  return opened.length > 0 && isAnywhere(AddressSet.unionAll(opened), SETTINGS.dns.anywhereThreshold);
}

const subjects = new WeakMap<Spec, LabelSelector>();

function subjectOf(spec: Spec): LabelSelector {
  const { podSelector } = spec;
  const known = subjects.get(spec) ?? readNetworkPolicy(policy({ podSelector }), 'shop').subject;
  subjects.set(spec, known);
  return known;
}

const openings = new WeakMap<Spec, AddressSet>();

function opensUdp53(spec: Spec): AddressSet {
  const known = openings.get(spec) ?? AddressSet.unionAll(rulesOf(spec).map(udp53));
  openings.set(spec, known);
  return known;
}

interface Rule {
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string } }[];
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number; readonly endPort?: number }[];
}

function udp53({ to = [], ports = [] }: Rule): AddressSet {
  const isOpen = ports.some(
    ({ protocol, port, endPort = port }) =>
      protocol === 'UDP' && (port === undefined || (port <= 53 && (endPort ?? port) >= 53)),
  );
  if (ports.length > 0 && !isOpen) return AddressSet.empty;
  if (to.length === 0) return AddressSet.all;
  return addressesOf(...new Set(to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr]))));
}

/** As large reviews are read. */
const LARGE_BYTES = 64 * 1024;
const ALIKE = 101;

/**
 * swollen writes a policy in many equal rules, which are one to who reads it; and again with something less in each, which
 * is so much more that it cannot be read.
 */
function swollen(spec: Spec): readonly Spec[] {
  const [rule] = rulesOf(spec);
  const blocks = Array.from({ length: ALIKE }, (_, i) => ({ ipBlock: { cidr: `10.0.0.${i}/32` } }));
  const rulesWithout = (left: (rule: number) => number) =>
    blocks.map((_, i) => ({ ...rule, to: [...(rule?.to ?? []), ...blocks.filter((_, at) => at !== left(i))] }));
  return [() => -1, (i: number) => i].map((left) => ({ ...spec, egress: rulesWithout(left) }));
}

function rulesOf({ egress = [] }: Spec): readonly Rule[] {
  return egress as readonly Rule[];
}

/** Half of what a tenant tries opens something, and some of it everything. */
const WIDE: readonly Spec[] = [
  egress({}, [{}]),
  egress({}, [{ ports: BOTH_53 }]),
  egress({ matchLabels: { app: 'a' } }, [{ to: [{ ipBlock: { cidr: '64.0.0.0/7' } }], ports: BOTH_53 }]),
];

/** Either stays below the threshold, and both together pass it. */
const HALVES: readonly Spec[] = [0, 128].map((n) =>
  egress({}, [{ to: [{ ipBlock: { cidr: `64.${n}.0.0/9` } }], ports: BOTH_53 }]),
);

/** runSequence writes at random in a namespace of its own, and returns what went wrong; empty for nothing. */
export async function runSequence(seed: number): Promise<readonly string[]> {
  const chance = new Chance(seed);
  const isLarge = chance.below(50) === 0;
  const specs = isLarge ? HALVES.flatMap(swollen) : [...fc.sample(slice, { seed, numRuns: 5 }), chance.pick(WIDE)];
  const namespace = new Namespace();
  try {
    for (let i = isLarge ? 24 : 4 + chance.below(12); i > 0; i -= 1) {
      await namespace.write(chance, specs);
      const faults = namespace.faults();
      if (faults.length > 0) return [...faults, ...told(namespace)];
    }
    await namespace.leave();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error), ...told(namespace)];
  }
}

function told({ log }: Namespace): readonly string[] {
  return log.map(({ what, admitted }) => `${admitted ? 'admitted' : 'refused '} ${what}`);
}
