import type { Service, ServicePort } from './service.ts';

/** Names by distribution: kubeadm and most others, the CoreDNS chart, RKE2, OpenShift. */
const NAMES: ReadonlySet<string> = new Set(['kube-dns', 'coredns', 'rke2-coredns-rke2-coredns', 'dns-default']);
const APPS: ReadonlySet<string> = new Set(['kube-dns', 'coredns']);

/**
 * isDnsService decides whether a Service is cluster DNS. It is if all of this holds:
 *
 * 1. its namespace is one of `namespaces`, which the operator names: anywhere else a tenant's Service could pose as
 *    cluster DNS;
 * 2. it serves port 53, over UDP or TCP (so the metrics Services that select the same pods are none);
 * 3. its name is `kube-dns`, `coredns`, `rke2-coredns-rke2-coredns` or `dns-default`, or its label `k8s-app` is
 *    `kube-dns` or `coredns`, or its label `app.kubernetes.io/name` is `coredns`.
 *
 * A Service with another name belongs in `dns.servers` of the configuration.
 */
export function isDnsService(service: Service, namespaces: readonly string[]): boolean {
  if (!namespaces.includes(service.namespace) || dnsPorts(service).length === 0) return false;
  const { name, labels } = service;
  return NAMES.has(name) || APPS.has(labels.get('k8s-app') ?? '') || labels.get('app.kubernetes.io/name') === 'coredns';
}

/** dnsPorts returns the ports at which the Service answers DNS. */
export function dnsPorts({ ports }: Service): readonly ServicePort[] {
  return ports.filter(({ port, protocol }) => port === 53 && (protocol === 'UDP' || protocol === 'TCP'));
}
