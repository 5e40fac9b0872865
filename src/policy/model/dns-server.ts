import type { AddressSet } from '../../sets/address-set.ts';
import type { LabelSelector, Labels } from '../../sets/label-selector.ts';

/** DnsPorts are the container ports that DNS servers listen on, and the names that their pods give them. */
export interface DnsPorts {
  readonly udp: readonly number[];
  readonly tcp: readonly number[];
  /** Names of UDP ports, such as `dns`. */
  readonly udpNames: readonly string[];
  /** Names of TCP ports, such as `dns-tcp`. */
  readonly tcpNames: readonly string[];
}

/** DnsPods are DNS servers that run as pods: what `kube-dns` selects in kube-system. */
export interface DnsPods {
  readonly kind: 'pods';
  /** Their name in messages, such as `kube-system/kube-dns`. */
  readonly name: string;
  /** The namespaces that hold them; configured selectors can pick several. */
  readonly namespaces: LabelSelector;
  /** The name of the namespace, if there is only one and it is known. */
  readonly namespace?: string | undefined;
  /** What the DNS Service selects by; every DNS pod carries it, and perhaps more labels. */
  readonly pods: LabelSelector;
  /** Labels of the live pods, if discovery saw them; they decide exactly. */
  readonly livePods?: readonly Labels[] | undefined;
  readonly ports: DnsPorts;
  /** Addresses of the Service and of the pods, if known: what an ipBlock may try to name. */
  readonly addresses: AddressSet;
  /** The same as texts, the Service's first. */
  readonly hosts?: readonly string[] | undefined;
  /** Whether it is a node-local cache, which answers in addition to any configured servers. */
  readonly isCache?: boolean | undefined;
}

/** DnsAddresses are DNS servers that no pod selector can name: a node-local cache, a cloud's resolver. */
export interface DnsAddresses {
  readonly kind: 'addresses';
  readonly name: string;
  readonly addresses: AddressSet;
  /** The same as CIDRs, for policies ready to paste. */
  readonly blocks: readonly string[];
  readonly ports: DnsPorts;
  /**
   * Its pods, if they run on the network of their nodes: selectors match them, but policies do not reach them that way.
   */
  readonly onNodes?: Pick<DnsPods, 'namespaces' | 'namespace' | 'pods'> | undefined;
  /** Configured by the operator, so that an ipBlock is the right way; a discovered one is `dns-depends-on-cni`. */
  readonly trusted: boolean;
}

/** DnsServer is a server of cluster DNS, known by its pods or by its addresses. */
export type DnsServer = DnsPods | DnsAddresses;
