import type { LabelSelector } from '../sets/label-selector.ts';
import type { PortSet } from '../sets/port-set.ts';
import { NAMESPACE_NAME } from './dns-presets.ts';
import type { DnsPods, DnsServer } from './dns-server.ts';
import type { AddressPeer, AllowRule, Peer, PodPeer, Policy } from './model.ts';
import type { PolicyClass } from './namespace-policies.ts';
import type { DnsFacts, DnsWorld, NamespaceFacts } from './snapshot.ts';

/** The two protocols that lookups use. */
export type DnsProtocol = 'UDP' | 'TCP';

export const DNS_PROTOCOLS: readonly DnsProtocol[] = ['UDP', 'TCP'];

/**
 * Reach says whether something lets pods reach DNS. `plugin`: only as an address, on which network plugins differ.
 * `unsure`: it hangs on labels that are not known.
 */
export type Reach = 'no' | 'unsure' | 'plugin' | 'yes';

const ORDER: readonly Reach[] = ['no', 'unsure', 'plugin', 'yes'];

/** best returns the strongest of several ways. */
export function best(reaches: Iterable<Reach>): Reach {
  let strongest: Reach = 'no';
  for (const reach of reaches) if (ORDER.indexOf(reach) > ORDER.indexOf(strongest)) strongest = reach;
  return strongest;
}

/** both returns the weakest of two conditions that must hold together. */
function both(a: Reach, b: Reach): Reach {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b;
}

/** DnsReach answers for one set of DNS servers which policies let their pods reach them; it remembers each policy's answer. */
export class DnsReach {
  readonly world: DnsWorld;
  private readonly facts: DnsFacts;
  private readonly dnsPorts: readonly number[];
  private readonly memory = new WeakMap<Policy, Readonly<Record<DnsProtocol, Reach>>>();
  private readonly classes: Readonly<Record<Exclude<Reach, 'no'>, Readonly<Record<DnsProtocol, PolicyClass>>>>;

  /** `dnsPorts` are the port numbers that a policy may name for DNS by address, before translation. */
  constructor(world: DnsWorld, facts: DnsFacts, dnsPorts: readonly number[]) {
    this.world = world;
    this.facts = facts;
    this.dnsPorts = dnsPorts;
    const over = (reach: Reach, protocol: DnsProtocol) => ({
      includes: (policy: Policy) => this.of(policy)[protocol] === reach,
    });
    const classes = (reach: Reach) => ({ UDP: over(reach, 'UDP'), TCP: over(reach, 'TCP') });
    this.classes = { yes: classes('yes'), plugin: classes('plugin'), unsure: classes('unsure') };
  }

  of(policy: Policy): Readonly<Record<DnsProtocol, Reach>> {
    let known = this.memory.get(policy);
    if (known === undefined) {
      const { namespace } = policy.ref;
      const over = (protocol: DnsProtocol) => best(policy.egress.map((rule) => this.ofRule(rule, namespace, protocol)));
      known = { UDP: over('UDP'), TCP: over('TCP') };
      this.memory.set(policy, known);
    }
    return known;
  }

  /** policiesThat returns the class of policies that reach DNS over the protocol in just this way. */
  policiesThat(reach: Exclude<Reach, 'no'>, protocol: DnsProtocol): PolicyClass {
    return this.classes[reach][protocol];
  }

  ofRule(rule: AllowRule, namespace: string, protocol: DnsProtocol): Reach {
    return best(
      this.world.servers.map((server) => {
        if (rule.peers === 'any') return this.onPort(rule.ports, server, protocol, false) ? 'yes' : 'no';
        return best(
          rule.peers.map((peer) =>
            this.onPort(rule.ports, server, protocol, peer.kind === 'addresses')
              ? this.ofPeer(peer, server, namespace)
              : 'no',
          ),
        );
      }),
    );
  }

  /** ofPeer judges a peer by whom it names alone, whatever the ports. */
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
    return namespaceReach(peer.namespaces, server.namespace, facts);
  }
}

/** namespaceReach matches a selector with one namespace; labels of a namespace that nobody described may be anything. */
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
  if (symbolic === 'yes' || live === undefined || live.length === 0) return symbolic;
  if (live.every((labels) => selector.matches(labels))) return 'plugin';
  return live.some((labels) => selector.matches(labels)) ? 'unsure' : 'no';
}

function contained(wanted: LabelSelector, selector: LabelSelector): Reach {
  if (wanted.isSubset(selector)) return 'yes';
  return wanted.intersects(selector) ? 'unsure' : 'no';
}
