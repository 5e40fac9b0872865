/** Known is a row of the corpus with which the engine is known to disagree, on one column. */
export interface Known {
  readonly id: string;
  readonly column: string;
  readonly reason: string;
}

const ALL_DNS = ['dns_carveout_complete', 'dns_udp_tcp_k8s', 'dns_udp_tcp_openshift'];

const CUSTOM_LABEL =
  'a rule for every port to namespaces by a label of their own: offline it is unknown whether the DNS namespace carries ' +
  'it, so it is not certain here; the corpus treats it as absent where the rule is not about DNS';
const PRIVATE_ADDRESS =
  'a rule for every port to one private address: offline any private address may be the DNS Service, so it depends on ' +
  'the network plugin here; the corpus treats it as some other server';
const SERVICE_PORT =
  'an ipBlock with port 53: a plugin that checks before translation sees the Service, whose port is 53 on OpenShift too, ' +
  'so it depends on the plugin here; the corpus looks only at the port of the pods';
const REFUSED = 'every API server refuses the object (a peer without any field): it never gets a verdict';

const on = (id: string, columns: readonly string[], reason: string): Known[] =>
  columns.map((column) => ({ id, column, reason }));

/** KNOWN_DISAGREEMENTS are checked both ways: one that is not listed fails, and so does one that no longer disagrees. */
export const KNOWN_DISAGREEMENTS: readonly Known[] = [
  ...on('091', ALL_DNS, CUSTOM_LABEL),
  ...on('092', ALL_DNS, CUSTOM_LABEL),
  ...on('098', [...ALL_DNS, 'finding'], PRIVATE_ADDRESS),
  ...on('107', ALL_DNS, CUSTOM_LABEL),
  ...on('108', ['dns_udp_tcp_openshift'], SERVICE_PORT),
  ...on('258', ALL_DNS, CUSTOM_LABEL),
  ...on('568', ['object'], REFUSED),
  ...on('571', ['object'], REFUSED),
  ...on('572', ['dns_udp_tcp_openshift'], SERVICE_PORT),
  ...on('573', ['dns_udp_tcp_openshift'], SERVICE_PORT),
];
