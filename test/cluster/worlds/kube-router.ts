import type { PeerManifest, PolicyManifest, PortManifest, RuleManifest } from '../../oracle/manifest.ts';
import { isolates, matchesPod, picks, type Transport } from '../../oracle/matching.ts';
import { type Block, inCidr } from './blocks.ts';
import {
  clientIn,
  dnsPodIn,
  type Pod,
  podsIn,
  policiesOf,
  portOf,
  type Question,
  TARGETS,
  type World,
} from './world.ts';

/** Trait is something that kube-router does otherwise than the API documents it. */
export type Trait =
  | 'unresolved-name-opens-every-port'
  | 'name-without-peers-is-the-namespaces-own'
  | 'except-of-one-block-cuts-all';

/** ALL_TRAITS are what its source shows (v2.6.3-k3s1, pkg/controllers/netpol/policy.go). */
export const ALL_TRAITS: ReadonlySet<Trait> = new Set([
  // processEgressRules and processIngressRules: "if the policy contains no ports at all create the policy based only on
  // IP" is asked of the ports that were resolved, so a rule whose only ports are names that no peer has opens all of them.
  'unresolved-name-opens-every-port',
  // buildNetworkPoliciesInfo: names of a rule without peers are looked up among the pods of the policy's own namespace,
  // and the numbers found are then opened to every address there is.
  'name-without-peers-is-the-namespaces-own',
  // evalIPBlockPeer: all blocks of a rule share one ipset, where the most specific network that holds an address decides,
  // so what one block excepts is cut out of the wider ones beside it.
  'except-of-one-block-cuts-all',
]);

/** kubeRouter predicts what kube-router lets through, with some of its traits. Without any it reads as the API does. */
export function kubeRouter(world: World, { client, target, transport }: Question, traits: ReadonlySet<Trait>): boolean {
  const pod = clientIn(world, client);
  const dns = dnsPodIn(world);
  const view: View = { world, traits, transport, port: portOf(world, target), dns };
  const leaving = isolating(world, pod, 'Egress');
  const address = target === 'dns' ? dns.address : TARGETS[target].server;
  const mayLeave = leaving.length === 0 || leaving.some((policy) => letsOut(view, policy, address));
  if (target !== 'dns' || !mayLeave) return mayLeave;
  const guarding = isolating(world, dns, 'Ingress');
  return guarding.length === 0 || guarding.some((policy) => letsIn(view, policy, pod));
}

interface View {
  readonly world: World;
  readonly traits: ReadonlySet<Trait>;
  readonly transport: Transport;
  readonly port: number;
  readonly dns: Pod;
}

function isolating(world: World, pod: Pod, direction: 'Ingress' | 'Egress'): readonly PolicyManifest[] {
  return policiesOf(world, pod.namespace).filter(
    (policy) => isolates(policy, direction) && picks(policy.spec.podSelector, pod.labels),
  );
}

function letsOut(view: View, { metadata: { namespace }, spec }: PolicyManifest, address: string): boolean {
  return (spec.egress ?? []).some((rule) => {
    const peers = rule.to ?? [];
    const pods = selected(view.world, peers, namespace);
    const ownNames = view.traits.has('name-without-peers-is-the-namespaces-own');
    const everywhere = podsIn(view.world);
    const bearers =
      peers.length > 0 ? pods : ownNames ? everywhere.filter((pod) => pod.namespace === namespace) : everywhere;
    const ports = resolve(view, rule, bearers);
    if (peers.length === 0) {
      if (ports.isMissing || ports.byNumber) return true;
      return ownNames ? ports.named.length > 0 : ports.named.some((pod) => pod.address === address);
    }
    return opensPods(view, pods, ports, address) || opensBlocks(view, peers, ports, address);
  });
}

function letsIn(view: View, { metadata: { namespace }, spec }: PolicyManifest, client: Pod): boolean {
  return (spec.ingress ?? []).some((rule) => {
    const peers = rule.from ?? [];
    const targets = podsIn(view.world).filter(
      (pod) => pod.namespace === namespace && picks(spec.podSelector, pod.labels),
    );
    const ports = resolve(view, rule, targets);
    const named = ports.named.some((pod) => pod.address === view.dns.address);
    if (peers.length === 0) return ports.isMissing || ports.byNumber || named;
    const pods = selected(view.world, peers, namespace);
    return (
      opensPods(view, pods, { ...ports, named: named ? pods : [] }, client.address) ||
      opensBlocks(view, peers, { ...ports, byNumber: ports.byNumber || named }, client.address)
    );
  });
}

function selected(world: World, peers: readonly PeerManifest[], home: string): readonly Pod[] {
  return podsIn(world).filter((pod) => peers.some((peer) => matchesPod(peer, home, pod)));
}

/** Ports is what the ports of a rule come to for the port that is asked about. */
interface Ports {
  readonly isMissing: boolean;
  readonly byNumber: boolean;
  /** The pods on which a name stands for that port. */
  readonly named: readonly Pod[];
  /** None of its ports could be resolved, though it has some. */
  readonly isUnresolved: boolean;
}

function resolve({ transport, port: asked }: View, { ports = [] }: RuleManifest, bearers: readonly Pod[]): Ports {
  const isNumeric = ({ port }: PortManifest) => typeof port !== 'string';
  const isNamed = (entry: PortManifest, pod: Pod) =>
    pod.ports.some(({ name, protocol }) => name === entry.port && protocol === (entry.protocol ?? 'TCP'));
  const known = ports.filter((entry) => isNumeric(entry) || bearers.some((pod) => isNamed(entry, pod)));
  const named = bearers.filter((pod) =>
    ports.some((entry) =>
      pod.ports.some(
        ({ name, protocol, port }) =>
          name === entry.port && protocol === (entry.protocol ?? 'TCP') && protocol === transport && port === asked,
      ),
    ),
  );
  return {
    isMissing: ports.length === 0,
    byNumber: ports.filter(isNumeric).some((entry) => holdsPort(entry, transport, asked)),
    named,
    isUnresolved: ports.length > 0 && known.length === 0,
  };
}

function holdsPort({ protocol = 'TCP', port, endPort }: PortManifest, transport: Transport, asked: number): boolean {
  if (protocol !== transport) return false;
  if (typeof port !== 'number') return true;
  return port <= asked && asked <= (endPort ?? port);
}

function opensPods({ traits }: View, pods: readonly Pod[], ports: Ports, address: string): boolean {
  if (!pods.some((pod) => pod.address === address)) return false;
  if (ports.isMissing || ports.byNumber || ports.named.some((pod) => pod.address === address)) return true;
  return ports.isUnresolved && traits.has('unresolved-name-opens-every-port');
}

function opensBlocks({ traits }: View, peers: readonly PeerManifest[], ports: Ports, address: string): boolean {
  if (!ports.isMissing && !ports.byNumber) return false;
  const blocks = peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock]));
  if (traits.has('except-of-one-block-cuts-all')) return inSet(blocks, address);
  return blocks.some((block) => inSet([block], address));
}

/** inSet does as an ipset of type hash:net: the narrowest network decides, and of equal ones the last that was added. */
function inSet(blocks: readonly Block[], address: string): boolean {
  const entries = new Map<string, boolean>();
  for (const { cidr, except = [] } of blocks) {
    // A set holds no network of size 0, so kube-router adds its halves.
    for (const network of halved(cidr)) entries.set(network, true);
    for (const network of except.flatMap(halved)) entries.set(network, false);
  }
  const holding = [...entries].filter(([network]) => inCidr(network, address));
  const narrowest = holding.toSorted(([a], [b]) => bitsOf(b) - bitsOf(a))[0];
  return narrowest?.[1] ?? false;
}

function halved(cidr: string): readonly string[] {
  return cidr === '0.0.0.0/0' ? ['0.0.0.0/1', '128.0.0.0/1'] : [cidr];
}

function bitsOf(cidr: string): number {
  return Number(cidr.split('/')[1]);
}
