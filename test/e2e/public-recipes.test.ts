import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, defaultDeny } from '../harness/policies.ts';

const cluster = useCluster();

/** K3s's documented policy for a namespace: DNS by each label that some version set, and the API server's Service. */
const K3S = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: intra-namespace-and-dns}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {}}]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
        - namespaceSelector: {matchLabels: {name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
    - to: [{ipBlock: {cidr: 10.43.0.0/16}}]
      ports: [{protocol: TCP, port: 443}]
`;

const INGRESS_FROM_GATEWAY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-gateway}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}}]
      ports: [{protocol: TCP, port: 8080}]
`;

const EGRESS_TO_DATABASES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-databases}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: orders-db}}
          podSelector: {matchLabels: {app: postgres}}
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: sessions}}
          podSelector: {matchLabels: {app: redis}}
      ports: [{protocol: TCP, port: 5432}, {protocol: TCP, port: 6379}]
`;

const DNS_BY_ANY_NAMESPACE = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{namespaceSelector: {}}]
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
`;

/** The lines that kubectl prints for the API server's Warning headers. */
const warnings = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith('Warning: '));

describe('policies as people publish them', () => {
  it("K3s's policy: accepted, with a warning for the label that nothing has and one for the Service range", async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.apply(namespace, K3S);

    expect(result.status).toBe(0);
    expect(result.stdout).toBe('networkpolicy.networking.k8s.io/intra-namespace-and-dns created\n');
    expect(warnings(result.stderr)).toEqual([
      expect.stringMatching(/^Warning: spec\.egress\[0\]\.to\[1\].*\[dns-peer-matches-nothing\]$/),
      expect.stringMatching(/^Warning: spec\.egress\[1\]\.to\[0\].*\[service-address-in-ip-block\]$/),
    ]);
    for (const line of warnings(result.stderr)) expect(line.length).toBeLessThanOrEqual('Warning: '.length + 250);
  });

  it('deny, DNS, ingress from the gateway, egress to databases elsewhere: accepted without a word', async () => {
    const namespace = await cluster.namespace();
    expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0, stderr: '' });

    const result = await cluster.apply(namespace, `${INGRESS_FROM_GATEWAY}---${EGRESS_TO_DATABASES}`);

    expect(result).toEqual({
      status: 0,
      stdout:
        'networkpolicy.networking.k8s.io/allow-gateway created\nnetworkpolicy.networking.k8s.io/allow-databases created\n',
      stderr: '',
    });
  });

  it('DNS in any namespace: accepted with a warning at standard', async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.apply(namespace, DNS_BY_ANY_NAMESPACE);

    expect(result.status).toBe(0);
    expect(result.stdout).toBe('networkpolicy.networking.k8s.io/allow-dns created\n');
    expect(warnings(result.stderr)).toEqual([
      expect.stringMatching(/^Warning: spec\.egress\[0\].*\[dns-open-to-cluster\]$/),
    ]);
  });

  it('DNS in any namespace: refused where the namespace asks for strict', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'strict' });

    const result = await cluster.apply(namespace, DNS_BY_ANY_NAMESPACE);

    expect(result.status).toBe(1);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(
      /denied the request: \nNetworkPolicy \S+\/allow-dns\b[^]*\n {2}spec\.egress\[0\]\.to\[0\] opens DNS /,
    );
    expect(result.stderr).toContain('[dns-open-to-cluster]');
  });

  it('anything at all where the namespace is off', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'off' });

    expect(await cluster.apply(namespace, [defaultDeny])).toMatchObject({ status: 0, stderr: '' });
  });
});
