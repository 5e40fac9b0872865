import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { paste } from '../harness/paste.ts';

const cluster = useCluster();

const head = (podSelector = '{}', types = '[Egress]') => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector: ${podSelector}
  policyTypes: ${types}
`;

const CLUSTER_DNS = `        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
`;

const BOTH_PORTS = `      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
`;

const DNS_RULE = `    - to:
${CLUSTER_DNS}${BOTH_PORTS}`;

/** What people write, refused at the level `strict`. */
const REFUSED: Readonly<Record<string, string>> = {
  'default-deny without a carve-out': head('{}', '[Ingress, Egress]'),
  'an application that names only its database': `${head('{matchLabels: {app: web}}')}  egress:
    # The database.
    - to:
        - podSelector: {matchLabels: {app: postgres}}
      ports:
        - port: 5432
`,
  'port 53 without a destination': `${head()}  egress:
    - ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
`,
  'everything allowed': `${head()}  egress:
    - {}
`,
  'lookups over UDP only': `${head()}  egress:
    - to:
${CLUSTER_DNS}      ports:
        - port: 53
          protocol: UDP
`,
  'a port without protocol': `${head()}  egress:
    - to:
${CLUSTER_DNS}      ports:
        - port: 53
`,
  'the label name: kube-system': `${head()}  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
${BOTH_PORTS}`,
  'a podSelector without its namespace': `${head()}  egress:
    - to:
        - podSelector:
            matchLabels:
              k8s-app: kube-dns
${BOTH_PORTS}`,
  'port 53 to every address': `${head()}  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
${BOTH_PORTS}`,
  '53 in a list of web ports': `${head()}  egress:
${DNS_RULE}    - ports:
        - port: 443
        - port: 53
          protocol: UDP
`,
  'every TCP port': `${head()}  egress:
${DNS_RULE}    - ports:
        - protocol: TCP
`,
  'DNS pods of any namespace': `${head()}  egress:
    - to:
        - namespaceSelector: {}
          podSelector:
            matchLabels:
              k8s-app: kube-dns
${BOTH_PORTS}`,
};

describe('what is refused passes once what is printed is pasted where it says', () => {
  it.each(Object.entries(REFUSED))('%s', async (_, file) => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'strict' });
    const refused = await cluster.apply(namespace, file);
    expect(refused.status, refused.stdout).toBe(1);

    const pasted = paste(file, refused.stderr);

    const result = await cluster.apply(namespace, pasted);
    expect(result, `${refused.stderr}\n${pasted}`).toEqual({
      status: 0,
      stdout: 'networkpolicy.networking.k8s.io/web created\n',
      stderr: '',
    });
  });
});
