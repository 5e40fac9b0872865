import { PodGrants } from '../dns/pod-grants.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach } from '../dns/reach.ts';
import { worldMeant } from '../dns/world-meant.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import type { Situation } from '../situation/situation.ts';
import { type DnsWay, dnsWays, opensWay } from './dns-ways.ts';
import { type TenantPeer, tenantPeers } from './tenant-peers.ts';

/** ClusterOpening is a peer to which the changed policy opens DNS, and which any tenant can become. */
export interface ClusterOpening extends Pick<TenantPeer, 'rule' | 'path' | 'who'> {
  readonly protocols: readonly DnsProtocol[];
  /** The servers that the rule is meant for, to be named instead. */
  readonly world: DnsWorld;
  /** Whether some of it was closed to some of the pods before. */
  readonly isNew: boolean;
}

/** clusterOpenings returns the openings that are not already reported as open to anywhere. Throws BudgetSpent. */
export function clusterOpenings(situation: Situation): Iterable<ClusterOpening> {
  const { policy } = situation;
  if (policy === undefined || policy.subject.isEmpty) return [];
  const tenants = policy.egress.flatMap((rule) => tenantPeers(situation, rule));
  return tenants.length === 0 ? [] : openTo(tenants, situation, policy);
}

function* openTo(tenants: readonly TenantPeer[], situation: Situation, policy: Policy): Generator<ClusterOpening> {
  const unreported = dnsWays(situation).filter(({ report }) => report !== 'blamed');
  const open = tenants
    .map((tenant) => ({ tenant, ways: unreported.filter((way) => opensWay(tenant.rule, way)) }))
    .filter(({ ways }) => ways.length > 0);
  if (open.length === 0) return;
  const before = new GrantsBefore(situation, policy);
  for (const { tenant, ways } of open) {
    const { rule, path, peers, who } = tenant;
    const found = ways
      .map((way) => ({ way, isNew: !before.hold(way, peers) }))
      .filter(({ way, isNew }) => isNew || way.report === 'not');
    if (found.length === 0) continue;
    const protocols = DNS_PROTOCOLS.filter((protocol) => found.some(({ way }) => way.protocol === protocol));
    const world = worldOf(situation, policy.ref.namespace, tenant);
    yield { rule, path, who, protocols, world, isNew: found.some(({ isNew }) => isNew) };
  }
}

const NO_WORLD: DnsWorld = { name: 'none', servers: [] };

/** If several are possible, the one whose servers the peer selects comes first. */
function worldOf({ reaches }: Situation, namespace: string, { rule, peers }: TenantPeer): DnsWorld {
  const isMeant = (reach: DnsReach) => peers !== 'any' && peers.some((peer) => reach.whoIs(peer, namespace) === 'yes');
  const nearest = reaches.find(isMeant) ?? reaches[0];
  return nearest === undefined ? NO_WORLD : worldMeant(reaches, rule, namespace, nearest);
}

/** A policy that is being deleted excuses nothing. */
const GRANTED: PolicyClass = { includes: (policy) => policy.egress.length > 0 && !policy.deleting };

/** GrantsBefore is what was open to pods before the change, for each way. */
class GrantsBefore {
  private readonly situation: Situation;
  private readonly policy: Policy;
  private readonly policies: readonly Policy[];
  private readonly known = new Map<string, PodGrants>();

  constructor(situation: Situation, policy: Policy) {
    this.situation = situation;
    this.policy = policy;
    this.policies = situation.isNarrowed ? [] : [...situation.before.selecting(GRANTED, policy.subject)];
  }

  hold(way: DnsWay, peers: AllowRule['peers']): boolean {
    if (this.situation.isNarrowed) return true;
    const key = `${way.protocol} ${way.port}`;
    const { namespace } = this.policy.ref;
    const grants =
      this.known.get(key) ??
      new PodGrants(this.policies, namespace, (rule) => opensWay(rule, way), this.situation.budget);
    this.known.set(key, grants);
    return grants.hold(this.policy.subject, peers);
  }
}
