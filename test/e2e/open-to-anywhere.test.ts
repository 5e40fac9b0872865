import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';

const cluster = useCluster();

/** Ten ways and more to write the same leak. Each is the `egress` of a policy, and the rule that must name it. */
const SPELLINGS: readonly (readonly [title: string, egress: string, rule: string])[] = [
  ['no `to` at all', '[{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]', 'dns-open-to-anywhere'],
  ['an empty `to`', '[{to: [], ports: [{protocol: UDP, port: 53}]}]', 'dns-open-to-anywhere'],
  ['TCP alone, the protocol left out', '[{ports: [{port: 53}]}]', 'dns-open-to-anywhere'],
  ['0.0.0.0/0', '[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{protocol: UDP, port: 53}]}]', 'dns-open-to-anywhere'],
  ['::/0', '[{to: [{ipBlock: {cidr: "::/0"}}], ports: [{protocol: UDP, port: 53}]}]', 'dns-open-to-anywhere'],
  [
    'two halves in one rule',
    '[{to: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}], ports: [{protocol: UDP, port: 53}]}]',
    'dns-open-to-anywhere',
  ],
  [
    'two halves in two rules',
    '[{to: [{ipBlock: {cidr: 0.0.0.0/1}}], ports: [{protocol: UDP, port: 53}]}, {to: [{ipBlock: {cidr: 128.0.0.0/1}}], ports: [{protocol: UDP, port: 53}]}]',
    'dns-open-to-anywhere',
  ],
  [
    'private ranges taken out',
    '[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}}], ports: [{protocol: UDP, port: 53}]}]',
    'dns-open-to-anywhere',
  ],
  ['a range of ports that 53 is in', '[{ports: [{protocol: UDP, port: 50, endPort: 60}]}]', 'dns-open-to-anywhere'],
  [
    'two ranges of ports that leave out one port of all',
    '[{ports: [{protocol: UDP, port: 1, endPort: 852}, {protocol: UDP, port: 854, endPort: 65535}]}]',
    'dns-open-to-anywhere',
  ],
  [
    'one /8 of the Internet',
    '[{to: [{ipBlock: {cidr: 8.0.0.0/8}}], ports: [{protocol: UDP, port: 53}]}]',
    'dns-open-to-anywhere',
  ],
  ['NAT64', '[{to: [{ipBlock: {cidr: "64:ff9b::/96"}}], ports: [{protocol: UDP, port: 53}]}]', 'dns-open-to-anywhere'],
  [
    'NAT64 by a prefix of one’s own',
    '[{to: [{ipBlock: {cidr: "64:ff9b:1::/48"}}], ports: [{protocol: UDP, port: 53}]}]',
    'dns-open-to-anywhere',
  ],
  ['a port by name', '[{ports: [{protocol: UDP, port: web}]}]', 'named-port-to-anywhere'],
  ['one empty rule', '[{}]', 'egress-open-to-anywhere'],
  ['a protocol without a port', '[{ports: [{protocol: UDP}]}]', 'egress-open-to-anywhere'],
  ['every port by number', '[{ports: [{protocol: TCP, port: 1, endPort: 65535}]}]', 'egress-open-to-anywhere'],
];

/** The carve-out is in the same file, so that nothing but the leak can be the reason. */
const policies = (egress: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: leak}
spec: {podSelector: {}, policyTypes: [Egress], egress: ${egress}}
`;

describe('a policy that opens port 53 to anywhere is refused', () => {
  it.each(SPELLINGS)('%s', async (_title, egress, rule) => {
    const namespace = await cluster.namespace();

    const result = await cluster.apply(namespace, policies(egress));

    expect(result.status).toBe(1);
    expect(result.stdout).toBe('networkpolicy.networking.k8s.io/allow-dns created\n');
    expect(result.stderr).toContain('Error from server (Forbidden): error when creating "STDIN": ');
    expect(result.stderr).toContain('admission webhook "policies.netpol-guard.io" denied the request: ');
    expect(result.stderr).toMatch(new RegExp(`^NetworkPolicy ${namespace}/leak\\b`, 'm'));
    expect(result.stderr).toMatch(/^ {2}spec\.egress\[\d\] opens /m);
    expect(result.stderr).toContain(`[${rule}]`);
    const stored = await cluster.kubectl(['get', 'networkpolicies', '-n', namespace, '-o', 'name']);
    expect(stored.stdout).toBe('networkpolicy.networking.k8s.io/allow-dns\n');
  });

  it('two halves in two policies that select a common pod', async () => {
    const namespace = await cluster.namespace();
    const half = (name: string, cidr: string, app: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}}
spec:
  podSelector: {matchLabels: {${app}}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: ${cidr}}}], ports: [{protocol: UDP, port: 53}]}]
`;
    const lower = await cluster.apply(
      namespace,
      policies('[]').replace('---', `---${half('lower', '8.0.0.0/9', 'app: web')}---`),
    );
    expect(lower).toMatchObject({ status: 0 });

    const upper = await cluster.apply(namespace, half('upper', '8.128.0.0/9', 'tier: front'));

    expect(upper.status).toBe(1);
    expect(upper.stderr).toContain('denied the request');
    expect(upper.stderr).toContain('[dns-open-to-anywhere]');
    expect(upper.stderr).toContain('lower');
  });

  it('every fault at once, each with a cause for machines', async () => {
    const namespace = await cluster.namespace();
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'leak' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, {}] },
    };
    const answer = await cluster.api.request(
      'POST',
      `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
      policy,
    );

    expect(answer).toMatchObject({ status: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403 } });
    expect(answer.body).toMatchObject({
      details: {
        causes: expect.arrayContaining([
          expect.objectContaining({ reason: 'egress-open-to-anywhere', field: expect.stringMatching(/^spec\.egress/) }),
        ]),
      },
    });
  });
});
