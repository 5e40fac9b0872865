/** Where DNS servers are, and the label that their pods have. */
interface DnsPlace {
  readonly namespace: string;
  readonly label: string;
}

/** OPENSHIFT is the place on OpenShift (cluster-dns-operator's DaemonSet). */
export const OPENSHIFT: DnsPlace = { namespace: 'openshift-dns', label: 'dns.operator.openshift.io/daemonset-dns' };

/** KUBE_DNS is the place nearly everywhere else (kubeadm's CoreDNS manifest). */
export const KUBE_DNS: DnsPlace = { namespace: 'kube-system', label: 'k8s-app' };
