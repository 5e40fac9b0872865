import type { LabelSelector } from '../../sets/label-selector.ts';
import type { PortSet } from '../../sets/port-set.ts';
import type { DnsPods, DnsServer } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { AddressPeer, AllowRule, Peer, PodPeer, Policy } from '../model/policy.ts';
import type { DnsFacts, DnsWorld, NamespaceFacts } from '../model/snapshot.ts';

/** The two protocols that lookups use. */
export type DnsProtocol = 'UDP' | 'TCP';

/** DNS_PROTOCOLS are those over which resolvers are asked; UDP first, since nearly every lookup is. */
export const DNS_PROTOCOLS: readonly DnsProtocol[] = ['UDP', 'TCP'];

/**
 * Reach says whether something lets pods reach DNS. `plugin`: only as an address, on which network plugins differ.
 * `unsure`: it depends on labels that are not known.
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

/** What a rule opens: whom, and where. */
type Opened = Pick<AllowRule, 'peers' | 'ports'>;

const reached = new Memo<Policy, Found>();

/** DnsReach answers for one set of DNS servers which policies let their pods reach them; it remembers each policy's answer. */
export class DnsReach {
  readonly world: DnsWorld;
  private readonly facts: DnsFacts;
  private readonly dnsPorts: readonly number[];
  /** Stands for this one with the policies, so that none keeps the facts of long ago. */
  private readonly mark = Symbol('DnsReach');
  private readonly classes: Readonly<Record<Exclude<Reach, 'no'>, Readonly<Record<DnsProtocol, PolicyClass>>>>;

  /** `dnsPorts` are the port numbers that a policy may name for DNS by address, before translation. */
  constructor(world: DnsWorld, facts: DnsFacts, dnsPorts: readonly number[]) {
    this.world = world;
    this.facts = facts;
    this.dnsPorts = dnsPorts;
    const over = (reach: Reach, protocol: DnsProtocol) => ({
      // What is being deleted is no carve-out that anybody can rely on.
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

  ofRule({ peers, ports }: Opened, namespace: string, protocol: DnsProtocol): Reach {
    let found: Reach = 'no';
    for (const server of this.world.servers) {
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

  private perhapsReaches({ peers, ports }: Opened, namespace: string, protocol: DnsProtocol): boolean {
    const { perhaps = [] } = this.world;
    if (peers === 'any' || !perhaps.some((server) => this.onPort(ports, server, protocol, false))) return false;
    return peers.some((peer) => this.isPerhapsServer(peer, namespace));
  }

  /** isPerhapsServer holds where a peer surely names pods that are DNS servers on some clusters. */
  isPerhapsServer(peer: Peer, namespace: string): boolean {
    return (this.world.perhaps ?? []).some((server) => this.ofPeer(peer, server, namespace) === 'yes');
  }

  /** whoIs judges whom a peer names of all servers, whatever the ports. */
  whoIs(peer: Peer, namespace: string): Reach {
    return best(this.world.servers.map((server) => this.ofPeer(peer, server, namespace)));
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
    const reach = namespaceReach(peer.namespaces, server.namespace, facts);
    return reach === 'unsure' && misplacedLabel(peer, server) !== undefined ? 'no' : reach;
  }
}

/** Labels that DNS pods have, and that no distribution gives to a namespace. */
const POD_LABELS: ReadonlySet<string> = new Set(['k8s-app', 'dns.operator.openshift.io/daemonset-dns']);

/** MisplacedLabel is a label that a peer asks of the namespace where DNS pods carry it, or the other way round. */
export interface MisplacedLabel {
  /** As messages show it. */
  readonly label: string;
  readonly of: 'pods' | 'namespaces';
}

/** misplacedLabel finds the label that is in the wrong selector of a peer; undefined where there is none. */
export function misplacedLabel(peer: Peer, server: DnsPods): MisplacedLabel | undefined {
  if (peer.kind !== 'pods') return undefined;
  if (peer.pods.constraints.get(NAMESPACE_NAME)?.absent === false) return { label: NAMESPACE_NAME, of: 'namespaces' };
  if (peer.namespaces === 'own') return undefined;
  for (const [key, set] of server.pods.constraints) {
    const asked = peer.namespaces.constraints.get(key);
    if (!POD_LABELS.has(key) || asked === undefined || asked.absent || asked.complement) continue;
    for (const value of asked.values) if (set.has(value)) return { label: `${key}=${value}`, of: 'pods' };
  }
  return undefined;
}

/** namespaceReach matches a selector with one namespace; labels of a namespace that is not described may be anything. */
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
  // Of namespaces only: no DNS pod carries it.
  if (selector.constraints.get(NAMESPACE_NAME)?.absent === false) return 'no';
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
