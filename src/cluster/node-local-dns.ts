import type { DnsAddresses } from '../policy/dns/server.ts';
import { AddressSet } from '../sets/address-set.ts';
import { addressesOf, parseAddress } from '../sets/cidr.ts';
import type { Pod } from './endpoints.ts';

/** NODE_LOCAL_DNS is the label of NodeLocal DNSCache's pods, in its own manifest, on GKE and in kubespray. */
export const NODE_LOCAL_DNS = 'k8s-app=node-local-dns';

/** Where NodeLocal DNSCache listens if its arguments do not say: its manifest's address, and kubespray's. */
const WELL_KNOWN: readonly string[] = ['169.254.20.10', '169.254.25.10'];
const LINK_LOCAL = addressesOf('169.254.0.0/16', 'fe80::/10');

/**
 * nodeLocalDns returns the resolver that runs on every node, if its pods are there. Pod selectors never match it, so it
 * is known by address: the link-local ones that its `-localip` argument names (it may name the DNS Service's too).
 */
export function nodeLocalDns(pods: readonly Pod[]): DnsAddresses | undefined {
  if (pods.length === 0) return undefined;
  const named = new Set(pods.flatMap((pod) => localIps(pod.args)).filter(isLinkLocal));
  const addresses = named.size > 0 ? [...named].sort() : WELL_KNOWN;
  return {
    kind: 'addresses',
    name: 'NodeLocal DNSCache',
    addresses: AddressSet.unionAll(addresses.map((ip) => parseAddress(ip) ?? AddressSet.empty)),
    blocks: addresses.map(blockOf),
    ports: { udp: [53], tcp: [53], udpNames: [], tcpNames: [] },
    trusted: false,
  };
}

/** blockOf writes one address as a CIDR. */
export function blockOf(ip: string): string {
  return `${ip}/${ip.includes(':') ? 128 : 32}`;
}

/** `-localip a,b`, `--localip=a,b`: Go's flags take one dash or two. */
function localIps(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => {
    const flag = /^--?localip(?:=(.*))?$/.exec(arg);
    if (flag === null) return [];
    return (flag[1] ?? args[i + 1] ?? '').split(',').map((ip) => ip.trim());
  });
}

function isLinkLocal(ip: string): boolean {
  return parseAddress(ip)?.isSubset(LINK_LOCAL) ?? false;
}
