import type { LabelSelector } from '../../sets/label-selector.ts';
import type { PortSet } from '../../sets/port-set.ts';
import type { DnsPods, DnsServer } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { AddressPeer, AllowRule, Peer, PodPeer, Policy } from '../model/policy.ts';
import type { DnsFacts, DnsWorld, NamespaceFacts } from '../model/snapshot.ts';
import { asksNamespaceForPodLabel, asksPodsForOther } from './misplaced-label.ts';

/** The two protocols that lookups use. */
export type DnsProtocol = 'UDP' | 'TCP';

/** DNS_PROTOCOLS are those over which resolvers are asked; UDP first, since nearly every lookup is. */
export const DNS_PROTOCOLS: readonly DnsProtocol[] = ['UDP', 'TCP'];

/**
 * Reach is whether something lets pods reach DNS. `plugin`: only as an address, on which network plugins differ.
 * `unsure`: it depends on unknown labels.
 */
export type Reach = 'no' | 'unsure' | 'plugin' | 'yes';

const ORDER: readonly Reach[] = ['no', 'unsure', 'plugin', 'yes'];

/** best returns the strongest of several ways. */
export function best(reaches: Iterable<Reach>): Reach {
  let strongest: Reach = 'no';
  for (const reach of reaches) strongest = better(strongest, reach);
  return strongest;
}

function better(a: Reach, b: Reach): Reach {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? b : a;
}

/** both returns the weakest of two conditions that must hold together. */
function both(a: Reach, b: Reach): Reach {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b;
}

/** Found is what a policy reaches in a world; `by` is the mark of the DnsReach that found it. */
interface Found extends Readonly<Record<DnsProtocol, Reach>> {
  readonly by: symbol;
}

/** What a rule opens: peers and ports. */
type Opened = Pick<AllowRule, 'peers' | 'ports'>;

const reached = new Memo<Policy, Found>();

/** DnsReach answers for one set of DNS servers which policies let their pods reach them; it remembers each policy's answer. */
export class DnsReach {
  readonly world: DnsWorld;
  private readonly facts: DnsFacts;
  private readonly dnsPorts: readonly number[];
  /**
   * A cache in pods of its own serves nothing unless the network plugin redirects lookups to it; if it does, policies
   * must allow these pods (Cilium's documentation, Local Redirect Policy).
   */
  private readonly isRedirected: boolean;
  /** Represents this object in the policies, so that none of them keeps outdated facts alive. */
  private readonly mark = Symbol('DnsReach');
  /** The class of policies whose way to DNS depends on a cache in pods of its own. */
  readonly throughCache: PolicyClass = {
    includes: ({ deleting, egress, ref }) =>
      !deleting && egress.some((rule) => this.dependsOnCache(rule, ref.namespace)),
  };
  private readonly classes: Readonly<Record<Exclude<Reach, 'no'>, Readonly<Record<DnsProtocol, PolicyClass>>>>;

  /** `dnsPorts` are the port numbers that a policy may name for DNS by address, before translation. */
  constructor(world: DnsWorld, facts: DnsFacts, dnsPorts: readonly number[]) {
    this.world = world;
    this.facts = facts;
    this.dnsPorts = dnsPorts;
    this.isRedirected = facts.discovered && world.name === 'discovered' && world.servers.some(isCacheInPods);
    const over = (reach: Reach, protocol: DnsProtocol) => ({
      // A policy that is being deleted is not a carve-out to rely on.
      includes: (policy: Policy) => !policy.deleting && this.of(policy)[protocol] === reach,
    });
    const classes = (reach: Reach) => ({ UDP: over(reach, 'UDP'), TCP: over(reach, 'TCP') });
    this.classes = { yes: classes('yes'), plugin: classes('plugin'), unsure: classes('unsure') };
  }

  of(policy: Policy): Readonly<Record<DnsProtocol, Reach>> {
    return reached.get(
      policy,
      this.world.name,
      () => ({ by: this.mark, UDP: this.find(policy, 'UDP'), TCP: this.find(policy, 'TCP') }),
      ({ by }) => by === this.mark,
    );
  }

  private find({ egress, ref }: Policy, protocol: DnsProtocol): Reach {
    let found: Reach = 'no';
    for (const rule of egress) {
      found = better(found, this.ofRule(rule, ref.namespace, protocol));
      if (found === 'yes') break;
    }
    return found;
  }

  /** policiesThat returns the class of policies that reach DNS over the protocol in just this way. */
  policiesThat(reach: Exclude<Reach, 'no'>, protocol: DnsProtocol): PolicyClass {
    return this.classes[reach][protocol];
  }

  private dependsOnCache(rule: Opened, namespace: string): boolean {
    const { peers } = rule;
    if (peers === 'any') return false;
    return this.isRedirected
      ? DNS_PROTOCOLS.some((protocol) => this.named(rule, namespace, protocol) === 'yes')
      : peers.some((peer) => this.whoPerhaps(peer, namespace) !== 'no');
  }

  ofRule(rule: Opened, namespace: string, protocol: DnsProtocol): Reach {
    const reach = this.named(rule, namespace, protocol);
    if (reach !== 'yes' || !this.isRedirected) return reach;
    return this.named(rule, namespace, protocol, isCacheInPods) === 'yes' ? 'yes' : 'unsure';
  }

  /** named judges which of the servers a rule names, even if lookups may end at others of them. */
  named(
    { peers, ports }: Opened,
    namespace: string,
    protocol: DnsProtocol,
    counts: (server: DnsServer) => boolean = () => true,
  ): Reach {
    let found: Reach = 'no';
    for (const server of this.world.servers) {
      if (!counts(server)) continue;
      const toPods = this.onPort(ports, server, protocol, false);
      if (peers === 'any') {
        if (toPods) return 'yes';
        continue;
      }
      const toAddresses = this.onPort(ports, server, protocol, true);
      for (const peer of peers) {
        if (!(peer.kind === 'pods' ? toPods : toAddresses)) continue;
        found = better(found, this.ofPeer(peer, server, namespace));
        if (found === 'yes') return 'yes';
      }
    }
    return found === 'no' && this.perhapsReaches({ peers, ports }, namespace, protocol) ? 'unsure' : found;
  }

  /** If no resolver is known, any peer of a rule for DNS may be one. */
  private perhapsReaches({ peers, ports }: Opened, namespace: string, protocol: DnsProtocol): boolean {
    if (peers === 'any') return false;
    if (!this.facts.isKnown && this.dnsPorts.some((port) => ports.has(protocol, port))) return peers.length > 0;
    const { perhaps = [] } = this.world;
    if (!perhaps.some((server) => this.onPort(ports, server, protocol, false))) return false;
    return peers.some((peer) => this.whoPerhaps(peer, namespace) !== 'no');
  }

  /** What decides whether `unsure` ways lead to DNS, as a clause; `byCache` if one leads to a cache. */
  doubt(byCache: boolean): string {
    if (!this.facts.isKnown) return 'no cluster DNS was found';
    if (!byCache) return "it depends on labels of the DNS namespace or pods that netpol-guard can't see here";
    return this.isRedirected
      ? 'it depends on whether lookups are redirected to the pods of NodeLocal DNSCache'
      : 'it depends on whether NodeLocal DNSCache runs in pods of its own here';
  }

  /** whoPerhaps judges by labels whether a peer names pods that are DNS servers on some clusters. */
  whoPerhaps(peer: Peer, namespace: string): Reach {
    const { perhaps = [] } = this.world;
    if (peer.kind !== 'pods') return 'no';
    const named = perhaps.filter(({ pods }) => pods.isSubset(peer.pods) && sharesLabel(peer.pods, pods));
    return best(named.map((server) => this.ofNamespaces(peer, server, namespace)));
  }

  /** isOnNodes holds if a peer selects the pods of a server that no selector reaches. */
  isOnNodes(peer: Peer, server: DnsServer, namespace: string): boolean {
    if (server.kind === 'pods' || server.onNodes === undefined) return false;
    return this.ofPeer(peer, { ...server, ...server.onNodes, kind: 'pods' }, namespace) === 'yes';
  }

  /** whoIs judges which of all servers a peer names, ignoring ports. */
  whoIs(peer: Peer, namespace: string): Reach {
    return best(this.world.servers.map((server) => this.ofPeer(peer, server, namespace)));
  }

  /** ofPeer judges a peer only by the servers that it names, ignoring ports. */
  ofPeer(peer: Peer, server: DnsServer, namespace: string): Reach {
    if (peer.kind === 'addresses') return this.ofAddresses(peer, server);
    if (server.kind === 'addresses') return 'no';
    return both(this.ofNamespaces(peer, server, namespace), podsReach(peer.pods, server));
  }

  /** A plugin that checks addresses before translation sees the Service's port, others the container's. */
  private onPort(ports: PortSet, server: DnsServer, protocol: DnsProtocol, byAddress: boolean): boolean {
    const { udp, tcp, udpNames, tcpNames } = server.ports;
    const [numbers, names] = protocol === 'UDP' ? [udp, udpNames] : [tcp, tcpNames];
    if (numbers.some((port) => ports.has(protocol, port))) return true;
    if (byAddress) return this.dnsPorts.some((port) => ports.has(protocol, port));
    return names.some((name) => ports.hasName(protocol, name));
  }

  private ofAddresses(peer: AddressPeer, server: DnsServer): Reach {
    if (server.kind === 'addresses' && server.addresses.intersects(peer.addresses)) {
      return server.trusted ? 'yes' : 'plugin';
    }
    return peer.addresses.intersects(this.facts.blockAddresses) ? 'plugin' : 'no';
  }

  private ofNamespaces(peer: PodPeer, server: DnsPods, namespace: string): Reach {
    if (peer.namespaces === 'own') {
      if (server.namespace !== undefined) return server.namespace === namespace ? 'yes' : 'no';
      return server.namespaces.matches(new Map([[NAMESPACE_NAME, namespace]])) ? 'yes' : 'no';
    }
    if (server.namespace === undefined) return contained(server.namespaces, peer.namespaces);
    const facts = this.facts.namespaces.get(server.namespace);
    const reach = namespaceReach(peer.namespaces, server.namespace, facts);
    return reach === 'unsure' && asksNamespaceForPodLabel(peer.namespaces, server) ? 'no' : reach;
  }
}

/** A peer that selects every pod of a namespace is not necessarily meant for these. */
function sharesLabel(selector: LabelSelector, pods: LabelSelector): boolean {
  return [...pods.constraints.keys()].some((key) => selector.constraints.get(key)?.complement === false);
}

function isCacheInPods(server: DnsServer): boolean {
  return server.kind === 'pods' && server.isCache === true;
}

/** namespaceReach matches a selector with one namespace; a namespace that is not described may have any labels. */
export function namespaceReach(selector: LabelSelector, name: string, facts: NamespaceFacts | undefined): Reach {
  const labels = new Map(facts?.labels).set(NAMESPACE_NAME, name);
  let unsure = false;
  for (const [key, set] of selector.constraints) {
    if (labels.has(key) || facts?.labelsKnown === true) {
      if (!set.has(labels.get(key))) return 'no';
    } else if (set.isEmpty) return 'no';
    else unsure = true;
  }
  return unsure ? 'unsure' : 'yes';
}

/**
 * podsReach matches a selector with the DNS pods. Live pods decide; one that the Service's own selector does not imply
 * depends on the plugin, since some resolve the Service by that selector (AWS VPC CNI).
 */
function podsReach(selector: LabelSelector, server: DnsPods): Reach {
  const symbolic = contained(server.pods, selector);
  const live = server.livePods;
  if (symbolic === 'yes') return symbolic;
  if (live === undefined || live.length === 0) return asksPodsForOther(selector, server) ? 'no' : symbolic;
  if (live.every((labels) => selector.matches(labels))) return 'plugin';
  return live.some((labels) => selector.matches(labels)) ? 'unsure' : 'no';
}

function contained(wanted: LabelSelector, selector: LabelSelector): Reach {
  if (wanted.isSubset(selector)) return 'yes';
  return wanted.intersects(selector) ? 'unsure' : 'no';
}
