import { CLUSTER_DNS, type Instance, OUTSIDE } from './instance.ts';
import { OUTSIDE_NAMESPACE } from './parts.ts';

/** The node's end of its link to the Internet. */
const GATEWAY = '198.51.100.1';

/**
 * networkScript is a shell script that makes the node's network. Its default route leads into the namespace that stands for the
 * Internet, which takes every address for its own: no packet of a pod can leave the machine, whatever the host forwards.
 */
export function networkScript({ nodeAddress, range }: Instance): string {
  return `set -e
ip link set lo up
ip address add ${nodeAddress}/24 dev node0
ip link set node0 up
mkdir -p /run/netns
ip netns add outside
ip link add internet0 type veth peer name eth0 netns outside
ip address add ${GATEWAY}/24 dev internet0
ip link set internet0 up
ip route add default via ${OUTSIDE} dev internet0
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
nsenter --net=${OUTSIDE_NAMESPACE} sh -ec '
  ip link set lo up
  ip address add ${OUTSIDE}/24 dev eth0
  ip link set eth0 up
  ip route add local default dev lo
  ip route add 10.244.0.0/16 via ${GATEWAY}
  ip route add ${range} via ${GATEWAY}
'
`;
}

/** LOOKUP asks cluster DNS for a name that it alone knows. */
export const LOOKUP = ['nslookup', '-type=a', 'kubernetes.default.svc.cluster.local', CLUSTER_DNS] as const;
