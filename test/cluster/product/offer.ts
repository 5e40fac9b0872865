import type { Result } from '../../harness/kubectl.ts';
import type { Host } from './install.ts';

const POLICIES = {
  bad: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] },
  good: {
    podSelector: { matchLabels: { app: 'offered' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }] }],
  },
};

/** offer asks the API server, by dry run, to take a policy that netpol-guard refuses, or one that it has nothing against. */
export async function offer(host: Pick<Host, 'kubectl'>, which: keyof typeof POLICIES): Promise<Result> {
  return await offered(host, `offered-${which}`, POLICIES[which]);
}

/** offerByAddress offers one that allows DNS by an address alone, and returns what is said of it. */
export async function offerByAddress(host: Pick<Host, 'kubectl'>, address: string): Promise<string> {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
  const egress = [{ to: [{ ipBlock: { cidr: `${address}/32` } }], ports }];
  return (await offered(host, 'offered-by-address', { podSelector: {}, policyTypes: ['Egress'], egress })).stderr;
}

async function offered({ kubectl }: Pick<Host, 'kubectl'>, name: string, spec: object): Promise<Result> {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'default' },
    spec,
  };
  return await kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: JSON.stringify(policy) });
}
