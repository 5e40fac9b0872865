import { dnsPortNames, type NamedPort } from '../../oracle/places.ts';

/** Place is a network namespace that stands for a pod. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  /** What its container says of its ports; who listens is another matter. */
  readonly ports: readonly NamedPort[];
}

/** DnsPort is where the DNS pods listen: 53 as nearly everywhere, or 5353 as on OpenShift. Their Service has 53. */
export type DnsPort = 53 | 5353;

/** CLIENT_NAMESPACES are the ordinary namespaces; two of them have names that the selectors of random worlds know. */
export const CLIENT_NAMESPACES = ['shop', 'bank', 'brand-new'] as const;

/** A name of a tenant's own for the port of DNS. */
const OWN_NAME: readonly NamedPort[] = [{ name: 'web', protocol: 'UDP', port: 53 }];

/**
 * CLIENTS are the pods that ask: three in each namespace. One of them says that it has ports named as those of DNS are, and
 * one that its port 53 has a name of its own.
 */
export const CLIENTS: readonly Place[] = CLIENT_NAMESPACES.flatMap((namespace, i) =>
  [0, 1, 2].map((n) => ({
    namespace,
    name: `client-${n}`,
    address: `10.244.0.${11 + 3 * i + n}`,
    ports: i > 0 || n === 0 ? [] : n === 1 ? OWN_NAME : dnsPortNames(53),
  })),
);

/** DNS_PLACE is the one pod of cluster DNS. */
export const DNS_PLACE = { namespace: 'kube-system', name: 'coredns', address: '10.244.0.7' } as const;

export const DNS_SERVICE = '10.43.0.10';
export const SERVICE_RANGE = '10.43.0.0/16';
export const POD_RANGE = '10.244.0.0/24';
export const POD_GATEWAY = '10.244.0.1';

/** NODE is the node's own address, which kube-router wants to find on an interface. */
export const NODE = { name: 'n1', address: '10.99.0.2' } as const;

/** OUTSIDE are the addresses of the resolver out on the Internet: of a documentation range, and a public one. */
export const OUTSIDE = { documentation: '198.51.100.53', public: '8.8.8.8' } as const;
export const OUTSIDE_GATEWAY = '198.51.100.1';

/** ANSWERS are what the two resolvers give for every name, so that an answer tells who gave it. */
export const ANSWERS = { cluster: '10.0.0.53', outside: '198.51.100.80' } as const;
