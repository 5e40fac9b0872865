import { BlockList, isIPv4 } from 'node:net';

/** Block is an ipBlock as a manifest has it. */
export interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}

/** inBlock says whether a block holds an address, by Node's own arithmetic and not by the engine's. */
export function inBlock({ cidr, except = [] }: Block, address: string): boolean {
  return inCidr(cidr, address) && !except.some((hole) => inCidr(hole, address));
}

/** inCidr says whether an IPv4 address lies in a range of either family. */
export function inCidr(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  // Node takes ::ffff:0:0/96 for IPv4, and an IPv4 address lies in no other range of IPv6.
  if (!isIPv4(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  return list.check(address, 'ipv4');
}
