import { ApiError } from '../../../src/cluster/api/api-error.ts';
import { NamespaceCache } from '../../../src/cluster/caches/namespace-cache.ts';
import { PolicyCache } from '../../../src/cluster/caches/policy-cache.ts';
import { readObject } from '../../../src/cluster/watch/kube-object.ts';
import type { PolicyToApply } from '../../../src/cluster/writes/apply.ts';
import type { NamespaceEvent } from '../../../src/cluster/writes/event-object.ts';
import type { Writes } from '../../../src/controller/apply.ts';
import {
  type BaselineController,
  type ControllerOptions,
  createController,
} from '../../../src/controller/controller.ts';
import type { BaselineObserver, LeaderFacts } from '../../../src/controller/observer.ts';
import type { JsonPatchOperation } from '../../../src/objects/json-patch.ts';
import { DNS_PRESETS } from '../../../src/policy/dns/presets.ts';
import type { DnsServer } from '../../../src/policy/model/dns-server.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import type { ClusterSnapshot, DnsFacts } from '../../../src/policy/model/snapshot.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { ChangeNotices } from '../../../src/runtime/change-notices.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { settled, VirtualClock } from '../../harness/virtual-time.ts';
import { TestLogger } from '../cluster/world.ts';
import { SETTINGS } from '../policy/fixtures.ts';

/** The settings of an empty configuration, with the default template. */
export const WITH_BASELINE: Settings = {
  ...SETTINGS,
  baseline: { ...SETTINGS.baseline, template: BUILT_IN_TEMPLATES.get('default-deny') },
};

export const KUBE_DNS = DNS_PRESETS.get('kube-dns') ?? [];

/** dnsOf are the facts of a cluster with these DNS servers; with none, no resolver is known. */
export function dnsOf(servers: readonly DnsServer[]): DnsFacts {
  const isKnown = servers.length > 0;
  const worlds = [{ name: isKnown ? 'discovered' : 'kube-dns', servers: isKnown ? servers : KUBE_DNS }];
  return { worlds, namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: true, isKnown };
}

/** Labels of namespaces and of policies, and the names of what the default template asks for. */
export const BASELINE = { 'netpol-guard.io/baseline': 'default-deny' };
export const PENDING = { 'netpol-guard.io/baseline-status': 'pending' };
export const LABELS = { 'app.kubernetes.io/managed-by': 'netpol-guard' };
export const ALLOW = 'netpol-guard-allow-dns';
export const DENY = 'netpol-guard-default-deny';

interface StoredPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: object;
  readonly resourceVersion: string;
  readonly isApplied: boolean;
}

/** Write is one write, as tests compare it: `apply shop/netpol-guard-allow-dns`. */
type Write = string;

/**
 * World is an API server and its caches in memory, on a clock that stands still until it is told: for what the real one
 * cannot be made to do at a moment of our choice. The caches are the real ones.
 */
export class World {
  readonly clock = new VirtualClock();
  readonly logger = new TestLogger();
  readonly writes: Write[] = [];
  readonly events: NamespaceEvent[] = [];
  readonly results: string[] = [];
  readonly stood: number[] = [];
  /** Times that a namespace was judged again. */
  audits = 0;
  /** Rules, each time that a policy is found to break one. */
  readonly violated: string[] = [];
  healed = 0;
  /** Who is told of changes. */
  listeners = 0;
  conflicts = 0;
  leader: LeaderFacts | undefined;
  settings = WITH_BASELINE;
  dns = dnsOf(KUBE_DNS);
  /** The caches are told nothing, as where watches lag. */
  isLagging = false;
  /** Throws what the API server refuses with. */
  fault: (write: Write) => void = () => {};
  /** What an admission plugin makes of a policy that we apply. */
  mutate: (policy: PolicyToApply) => PolicyToApply = (policy) => policy;
  readBaselineSince: ControllerOptions['readBaselineSince'] = async (proposed) => proposed;
  private version = 100;
  private seenVersion = 100;
  private readonly stored = new Map<string, StoredPolicy>();
  private readonly labels = new Map<string, Record<string, string>>();
  private readonly policyCache = new PolicyCache(this.logger);
  private readonly namespaceCache = new NamespaceCache();
  private readonly changes = new ChangeNotices();
  private readonly deletions = new Map<string, number>();
  private missed: (() => void)[] = [];

  constructor() {
    this.policyCache.changes.listen((name) => this.changes.tell(name));
    this.namespaceCache.changes.listen((name) => this.changes.tell(name));
  }

  readonly controller = (): BaselineController =>
    createController({
      cluster: {
        snapshot: () => this.snapshot(),
        namespaces: () => this.namespaceCache.values(),
        onNamespaceEvent: (listener) => {
          this.listeners += 1;
          const leave = this.changes.listen(listener);
          return () => {
            this.listeners -= 1;
            leave();
          };
        },
        hasSeenPolicy: (version) => Number(version) <= this.seenVersion,
      },
      writes: this.api,
      settings: () => this.settings,
      readBaselineSince: (proposed, signal) => this.readBaselineSince(proposed, signal),
      record: (event) => this.events.push(event),
      clock: this.clock,
      logger: this.logger,
      observer: this.observer,
    });

  /** lead runs the controller until the function that it returns is called. */
  async lead(): Promise<() => Promise<void>> {
    const abort = new AbortController();
    const running = this.controller().run(abort.signal);
    await settled();
    return async () => {
      abort.abort(new Error('no longer the leader'));
      await running;
    };
  }

  /** leadsOnce is a leader who gives namespace `shop` its baseline and leads no more; what it wrote is forgotten. */
  async leadsOnce(): Promise<void> {
    const stop = await this.lead();
    this.putNamespace('shop', BASELINE);
    await settled();
    await stop();
    this.writes.length = 0;
  }

  /** putNamespace creates a Namespace, or changes its labels; `ageSeconds` counts from now. */
  putNamespace(name: string, labels: Record<string, string> = {}, ageSeconds = 0, status: object = {}): void {
    const all = { 'kubernetes.io/metadata.name': name, ...labels };
    this.labels.set(name, all);
    const creationTimestamp = new Date(this.clock.now() - ageSeconds * 1000).toISOString();
    const metadata = { name, uid: this.uidOf(name), labels: all, creationTimestamp, resourceVersion: this.next() };
    this.tell(() => this.namespaceCache.onAdd(readObject({ metadata, status })));
  }

  /** removeNamespace deletes a Namespace with all that is in it; the next one of that name is another one. */
  removeNamespace(name: string): void {
    for (const policy of this.policies(name)) this.removePolicy(name, policy);
    this.labels.delete(name);
    this.deletions.set(name, (this.deletions.get(name) ?? 0) + 1);
    this.tell(() => this.namespaceCache.onDelete({ namespace: '', name }));
  }

  /** Of the namespace as it is now. */
  uidOf(name: string): string {
    return `uid-${this.deletions.get(name) ?? 0}-of-${name}`;
  }

  /** putPolicy writes a policy as somebody else. */
  putPolicy(namespace: string, name: string, spec: object, labels: Record<string, string> = {}): void {
    this.store({ namespace, name, labels, spec, isApplied: false });
  }

  removePolicy(namespace: string, name: string): void {
    this.stored.delete(`${namespace}/${name}`);
    const version = Number(this.next());
    this.tell(() => this.policyCache.onDelete({ namespace, name }), version);
  }

  policy(namespace: string, name: string): StoredPolicy | undefined {
    return this.stored.get(`${namespace}/${name}`);
  }

  /** policies names those of the namespace, sorted. */
  policies(namespace: string): readonly string[] {
    return [...this.stored.values()]
      .filter((policy) => policy.namespace === namespace)
      .map(({ name }) => name)
      .sort();
  }

  labelsOf(namespace: string): Readonly<Record<string, string>> {
    return this.labels.get(namespace) ?? {};
  }

  /** catchUp tells the caches what they missed. */
  catchUp(): void {
    this.isLagging = false;
    for (const tell of this.missed.splice(0)) tell();
  }

  /** beginVersionsAnew is what restoring etcd from a copy does. */
  beginVersionsAnew(): void {
    this.version = 1;
    this.seenVersion = 1;
  }

  reasons(): readonly string[] {
    return this.events.map(({ reason }) => reason);
  }

  private snapshot(): ClusterSnapshot {
    return {
      namespace: (name) => this.namespaceCache.get(name),
      policies: (name) => this.policyCache.policies(name),
      namespacesWithPolicies: () => this.policyCache.namespaces(),
      dns: this.dns,
      services: NO_SERVICES,
      unreadablePolicies: (name) => this.policyCache.unreadable(name),
      otherPolicies: () => [],
    };
  }

  private readonly observer: BaselineObserver = {
    leads: (facts) => {
      this.leader = facts;
    },
    reconciled: (result) => this.results.push(result),
    violated: (rule) => this.violated.push(rule),
    healed: () => (this.healed += 1),
    conflicted: () => (this.conflicts += 1),
    resolverMismatch: () => {},
    baselineReady: (seconds) => this.stood.push(seconds),
    queue: (name) => ({
      added: () => {},
      retried: () => {},
      started: () => {},
      ended: () => {
        if (name === 'audits') this.audits += 1;
      },
    }),
  };

  private readonly api: Writes = {
    applyPolicy: async (policy) => {
      this.write(`apply ${policy.namespace}/${policy.name}`);
      return objectOf(this.store({ ...this.mutate(policy), isApplied: true }));
    },
    deletePolicy: async (namespace, name) => {
      this.write(`delete ${namespace}/${name}`);
      const policy = this.policy(namespace, name);
      if (policy === undefined) return 'absent';
      if (!policy.isApplied) return 'not-ours';
      this.removePolicy(namespace, name);
      return 'deleted';
    },
    patchNamespaceLabels: async (namespace, operations) => {
      this.write(`patch ${namespace}`);
      const labels = this.labels.get(namespace);
      if (labels === undefined) return 'absent';
      const patched = patch({ metadata: { uid: this.uidOf(namespace), labels: { ...labels } } }, operations);
      if (patched === undefined) return 'conflict';
      const age = (this.clock.now() - (this.namespaceCache.get(namespace)?.createdAt ?? 0)) / 1000;
      this.putNamespace(namespace, patched, age);
      return 'patched';
    },
  };

  private write(write: Write): void {
    this.writes.push(write);
    this.fault(write);
  }

  /** Applying what stands changes nothing, not even the version. */
  private store(policy: Omit<StoredPolicy, 'resourceVersion'>): StoredPolicy {
    const key = `${policy.namespace}/${policy.name}`;
    const known = this.stored.get(key);
    const { resourceVersion: _, ...before } = known ?? { resourceVersion: '' };
    const merged = { ...policy, isApplied: policy.isApplied || known?.isApplied === true };
    if (known !== undefined && JSON.stringify(before) === JSON.stringify(merged)) return known;
    const stored = { ...merged, resourceVersion: this.next() };
    this.stored.set(key, stored);
    this.tell(() => this.policyCache.onAdd(readObject(objectOf(stored))), Number(stored.resourceVersion));
    return stored;
  }

  private tell(work: () => void, version = this.seenVersion): void {
    const tell = () => {
      work();
      this.seenVersion = Math.max(this.seenVersion, version);
    };
    if (this.isLagging) this.missed.push(tell);
    else tell();
  }

  private next(): string {
    this.version += 1;
    return String(this.version);
  }
}

/** withBaseline is a world with a leader, and namespace shop with its baseline; nothing else has been heard of yet. */
export async function withBaseline(): Promise<World> {
  const world = new World();
  world.putNamespace('shop', BASELINE);
  await world.lead();
  await world.clock.advance(1000);
  world.writes.length = 0;
  world.events.length = 0;
  world.results.length = 0;
  return world;
}

/** apiError is a refusal, as the API server words it. */
export function apiError(code: number, reason: string, details: object = {}): ApiError {
  return new ApiError('patch', code, { reason, message: `${reason}, says the server`, details });
}

/** DENY_SPEC isolates every pod and allows nothing. */
export const DENY_SPEC = { podSelector: {}, policyTypes: ['Egress'] };

const NO_SERVICES = { ranges: AddressSet.empty, apiServerEndpoints: [] };

function objectOf({ namespace, name, labels, spec, resourceVersion }: StoredPolicy) {
  return { metadata: { namespace, name, labels, resourceVersion }, spec };
}

/** Of an object with labels alone: RFC 6902 as API servers read it, or undefined where a test fails. */
function patch(
  object: { metadata: { uid: string; labels: Record<string, string> } },
  operations: readonly JsonPatchOperation[],
): Record<string, string> | undefined {
  const { metadata } = object;
  for (const operation of operations) {
    const label = operation.path.replace('/metadata/labels/', '').replaceAll('~1', '/').replaceAll('~0', '~');
    const value = operation.path === '/metadata/uid' ? metadata.uid : (metadata.labels[label] ?? null);
    if (operation.op === 'test' && JSON.stringify(value) !== JSON.stringify(operation.value)) return undefined;
    if (operation.op === 'add') metadata.labels[label] = String(operation.value);
    if (operation.op === 'remove') delete metadata.labels[label];
  }
  return metadata.labels;
}
