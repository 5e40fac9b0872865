import type { Result } from '../../e2e/harness/kubectl.ts';
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
export async function offer({ kubectl }: Pick<Host, 'kubectl'>, which: keyof typeof POLICIES): Promise<Result> {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `offered-${which}`, namespace: 'default' },
    spec: POLICIES[which],
  };
  return await kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: JSON.stringify(policy) });
}
