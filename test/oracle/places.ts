/** Labels of a pod or a namespace of the small worlds. */
export type PlainLabels = Readonly<Record<string, string>>;

/** PodDestination is a pod that a connection may go to. */
export interface PodDestination {
  readonly namespace: string;
  readonly namespaceLabels: PlainLabels;
  readonly labels: PlainLabels;
}

/** NamedPort is a container port with a name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

const named = (name: string): PlainLabels => ({ 'kubernetes.io/metadata.name': name });

/** Every kind of pod that selectors over `app` and `role` with the values a and b can tell apart. */
export const PODS: readonly PlainLabels[] = [undefined, 'a', 'b', 'fresh'].flatMap((app) =>
  [undefined, 'a', 'b', 'fresh'].map((role) => ({
    ...(app === undefined ? {} : { app }),
    ...(role === undefined ? {} : { role }),
  })),
);

/** The labels that the DNS Service selects by. */
export const DNS_SELECTOR: PlainLabels = { 'k8s-app': 'kube-dns' };

export const DNS_NAMESPACE_LABELS: PlainLabels = { ...named('kube-system'), team: 'b' };

/** The one DNS pod. */
export const DNS_POD: PodDestination = {
  namespace: 'kube-system',
  namespaceLabels: DNS_NAMESPACE_LABELS,
  labels: { ...DNS_SELECTOR, 'pod-template-hash': 'x1' },
};

/** Pods that the DNS Service would select, as its pods may be labelled one day. */
export const DNS_PODS_TO_COME: readonly PodDestination[] = [{}, { 'pod-template-hash': 'x2' }, { app: 'a' }].map(
  (more: PlainLabels) => ({ ...DNS_POD, labels: { ...DNS_SELECTOR, ...more } }),
);

/** Address of the DNS pod and of its Service. */
export const DNS_ADDRESSES: readonly string[] = ['10.244.0.7/32', '10.96.0.10/32'];

export const SHOP_LABELS: PlainLabels = { ...named('shop'), team: 'a' };

export function dnsPortNames(port: number): readonly NamedPort[] {
  return [
    { name: 'dns', protocol: 'UDP', port },
    { name: 'dns-tcp', protocol: 'TCP', port },
  ];
}

/** A pod of a namespace that nobody mentioned and that has no labels of its own. */
export function podOfNewNamespace(labels: PlainLabels): PodDestination {
  return { namespace: 'brand-new', namespaceLabels: named('brand-new'), labels };
}

/**
 * Every kind of pod that a rule may go to: whatever labels a namespace of any name may have one day, since a grant lasts
 * longer than they do.
 */
export const DESTINATIONS: readonly PodDestination[] = ['shop', 'kube-system', 'brand-new'].flatMap((namespace) =>
  [undefined, 'a', 'b', 'fresh'].flatMap((team) =>
    [{}, { name: 'kube-system' }].flatMap((more) => {
      const namespaceLabels: PlainLabels = { ...named(namespace), ...more, ...(team === undefined ? {} : { team }) };
      return [{}, DNS_SELECTOR, { 'k8s-app': 'coredns' }].flatMap((pod: PlainLabels) =>
        [{}, { app: 'a' }].map((app: PlainLabels) => ({ namespace, namespaceLabels, labels: { ...pod, ...app } })),
      );
    }),
  ),
);
