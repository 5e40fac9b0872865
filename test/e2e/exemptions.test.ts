import { expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { openDns } from '../harness/policies.ts';

const cluster = useCluster({
  config: {
    exemptions: {
      users: ['breakglass'],
      entries: [
        { namespace: 'case-*', name: 'tested-*', rules: ['dns-open-to-anywhere'], reason: 'resolver under test' },
        { namespace: 'kube-public', name: '*', rules: [], reason: 'over', expires: '2020-01-01T00:00:00Z' },
      ],
    },
  },
});

it('an exempt user may do it, and the audit log says that it was an exemption', async () => {
  const namespace = await cluster.namespace();
  const as = { user: 'breakglass', groups: ['system:masters'] };

  expect(await cluster.apply(namespace, [openDns])).toMatchObject({ status: 1 });
  expect(await cluster.apply(namespace, [openDns], [], { as })).toMatchObject({ status: 0 });

  const event = await cluster.auditEvent(namespace, 'create', 201);
  expect(event.annotations?.['policies.netpol-guard.io/exempted']).toContain('dns-open-to-anywhere');
});

it('an exempt object may stand, with the reason in the audit log', async () => {
  const namespace = await cluster.namespace();
  const tested = { ...openDns, metadata: { name: 'tested-resolver' } };

  expect(await cluster.apply(namespace, [tested])).toMatchObject({ status: 0 });

  const event = await cluster.auditEvent(namespace, 'create', 201);
  expect(event.annotations?.['policies.netpol-guard.io/exempted']).toContain('resolver under test');
});

it('system namespaces are out of it', async () => {
  expect(await cluster.apply('kube-system', [openDns], ['--dry-run=server'])).toMatchObject({ status: 0, stderr: '' });
});

it('but nobody may cut the DNS servers off there', async () => {
  const isolated = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-dns' },
    spec: { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } }, policyTypes: ['Ingress'] },
  };

  const result = await cluster.apply('kube-system', [isolated], ['--dry-run=server']);

  expect(result.status).toBe(1);
  expect(result.stderr).toContain('admission webhook "dns-plane.netpol-guard.io" denied the request: ');
  expect(result.stderr).toContain('[dns-servers-isolated]');
});
