import { MANAGED_LABELS } from '../../src/policy/model/labels.ts';
import { DEFAULT_POLICIES } from '../harness/baseline.ts';
import { identity, namespaceObject, policyOf, SmallCluster } from './small-cluster.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const WRITTEN = /^\/apis\/networking\.k8s\.io\/v1\/namespaces\/([^/]+)\/networkpolicies\/([^/]+)$/;
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/netpol-guard/leases/netpol-guard';
const CONFIG_MAP = '/api/v1/namespaces/netpol-guard/configmaps/netpol-guard';

/** How many policies each namespace has of its own. */
const THEIRS = 3;
const OURS = Object.entries(DEFAULT_POLICIES);

/** BaselineCluster is one whose namespaces have the template default-deny, and three policies of their own each. */
export class BaselineCluster extends SmallCluster {
  private readonly stored = new Map<string, unknown>();
  private version = 1000;

  /** Where the baseline `stands`, each namespace has its two policies already. */
  constructor(namespaces: number, stands: boolean) {
    const perNamespace = THEIRS + (stands ? OURS.length : 0);
    super(namespaces, perNamespace);
    this.stored.set(LEASE, { metadata: { name: 'netpol-guard', resourceVersion: '1' } });
    const data = { baselineSince: '2026-06-01T00:00:00Z' };
    this.stored.set(CONFIG_MAP, { metadata: { name: 'netpol-guard', resourceVersion: '1' }, data });
  }

  protected override object(pathname: string): unknown {
    return this.stored.get(pathname);
  }

  protected override write(pathname: string, object: unknown): unknown {
    this.version += 1;
    if (pathname === LEASE) {
      this.stored.set(LEASE, object);
      return object;
    }
    if (pathname === CONFIG_MAP) return this.stored.get(CONFIG_MAP);
    const [, namespace, name] = WRITTEN.exec(pathname) ?? [];
    if (namespace === undefined || name === undefined) return undefined;
    const policy = ourPolicy(this.version, namespace, name);
    const event = `${JSON.stringify({ type: 'ADDED', object: policy })}\n`;
    for (const watch of this.watches.get(POLICIES) ?? []) watch.write(event);
    return policy;
  }

  protected override collection(pathname: string): ReturnType<SmallCluster['collection']> {
    const collection = super.collection(pathname);
    if (pathname === '/api/v1/namespaces') return collection && { ...collection, make: labelled };
    if (pathname !== POLICIES || collection === undefined) return collection;
    return { ...collection, total: this.namespaces * this.perNamespace, make: (n) => this.policy(n) };
  }

  private policy(n: number): unknown {
    const team = Math.floor(n / this.perNamespace);
    const [name] = OURS[(n % this.perNamespace) - THEIRS] ?? [];
    return name === undefined ? policyOf(n, team) : ourPolicy(n, `team-${team}`, name);
  }
}

function labelled(n: number): unknown {
  const { metadata, ...namespace } = namespaceObject(n);
  const labels = { ...metadata.labels, 'netpol-guard.io/baseline': 'default-deny' };
  return { ...namespace, metadata: { ...metadata, labels } };
}

function ourPolicy(n: number, namespace: string, name: string): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: MANAGED_LABELS, ...identity(n), resourceVersion: `${n}` },
    spec: DEFAULT_POLICIES[name],
  };
}
