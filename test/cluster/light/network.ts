import type { Enclosure } from './enclosure.ts';
import {
  type ANSWERS,
  CLIENTS,
  DNS_PLACE,
  DNS_SERVICE,
  type DnsPort,
  NODE,
  OUTSIDE,
  OUTSIDE_GATEWAY,
  type Place,
  POD_GATEWAY,
} from './places.ts';

/** OUTSIDE_NETWORK is the network namespace of the resolver outside. */
export const OUTSIDE_NETWORK = 'outside';

type Located = Pick<Place, 'namespace' | 'name' | 'address'>;

/** networkOf names the network namespace of a pod. */
export function networkOf({ namespace, name }: Located): string {
  return `${namespace}-${name}`;
}

/** layNetwork makes the node: a bridge with the pods on it, the world outside, and the Service of cluster DNS. */
export async function layNetwork(enclosure: Enclosure, dnsPort: DnsPort): Promise<void> {
  await enclosure.run(
    ['sh', '-eux'],
    [NODE_SCRIPT, serviceScript(dnsPort), ...[...CLIENTS, DNS_PLACE].map(podScript), OUTSIDE_SCRIPT].join('\n'),
  );
}

// /run is where iptables has its lock and ip its namespaces: a file system of our own leaves none of that behind.
// Refusals are answered at once, each of them: the kernel would hold most back (icmp_ratelimit), to be waited for.
const NODE_SCRIPT = `
mount -t tmpfs tmpfs /run
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.icmp_ratelimit=0
ip addr add ${NODE.address}/32 dev lo
ip link add kube-bridge type bridge
ip addr add ${POD_GATEWAY}/24 dev kube-bridge
ip link set kube-bridge up
`;

function serviceScript(dnsPort: DnsPort): string {
  return `
for protocol in udp tcp; do
  iptables -t nat -A PREROUTING -d ${DNS_SERVICE} -p $protocol --dport 53 \\
    -j DNAT --to-destination ${DNS_PLACE.address}:${dnsPort}
done`;
}

const OUTSIDE_SCRIPT = `
ip netns add ${OUTSIDE_NETWORK}
ip link add out0 type veth peer name eth0 netns ${OUTSIDE_NETWORK}
ip addr add ${OUTSIDE_GATEWAY}/24 dev out0
ip link set out0 up
ip -n ${OUTSIDE_NETWORK} addr add ${OUTSIDE.documentation}/24 dev eth0
ip -n ${OUTSIDE_NETWORK} addr add ${OUTSIDE.public}/32 dev eth0
ip -n ${OUTSIDE_NETWORK} link set lo up
ip -n ${OUTSIDE_NETWORK} link set eth0 up
ip -n ${OUTSIDE_NETWORK} route add default via ${OUTSIDE_GATEWAY}
ip route add ${OUTSIDE.public}/32 via ${OUTSIDE.documentation}`;

function podScript(place: Located, i: number): string {
  const network = networkOf(place);
  return `
ip netns add ${network}
ip link add pod${i} type veth peer name eth0 netns ${network}
ip link set pod${i} master kube-bridge up
ip -n ${network} link set lo up
ip -n ${network} addr add ${place.address}/24 dev eth0
ip -n ${network} link set eth0 up
ip -n ${network} route add default via ${POD_GATEWAY}`;
}

/** resolverZone is CoreDNS's configuration for a resolver that gives every name the same address, its mark. */
export function resolverZone(mark: (typeof ANSWERS)[keyof typeof ANSWERS], port: DnsPort): string {
  return `.:${port} {
    errors
    template IN A {
        answer "{{ .Name }} 60 IN A ${mark}"
    }
}
`;
}
