import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPrograms } from '../controlplane/binaries.ts';
import { createApiClient } from './harness/api-client.ts';
import { startControlPlane } from './harness/control-plane.ts';
import { readAuditLog } from './harness/fixture.ts';
import { registerWebhooks, startGuard } from './harness/guard.ts';
import { createKubectl } from './harness/kubectl.ts';
import { allowDns, defaultDeny } from './harness/policies.ts';

/** Who deletes the objects of a dying namespace depends on how kube-controller-manager was started. */
const DELETERS = [
  [true, 'system:serviceaccount:kube-system:namespace-controller'],
  [false, 'system:kube-controller-manager'],
] as const;

describe.each(DELETERS)(
  'namespace deletion with --use-service-account-credentials=%s',
  (serviceAccountCredentials, deleter) => {
    it('is never held up, with the webhook up or down, even where deleting a carve-out is refused', async () => {
      const controlPlane = await startControlPlane(findPrograms('current'), { serviceAccountCredentials });
      const { address } = controlPlane;
      const kubectl = createKubectl(address.kubectl, address.kubeconfig, address.folder);
      const api = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
      try {
        await kubectl(['apply', '-f', `${import.meta.dirname}/manifests`]);
        const guard = await startGuard(address, kubectl, { config: { dnsBlocked: { onDelete: 'deny' } } });
        try {
          await registerWebhooks(guard, 'url', kubectl, api);
          for (const name of ['up', 'down']) {
            await kubectl(['create', 'namespace', name]);
            const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [allowDns, defaultDeny] });
            expect(await kubectl(['apply', '-n', name, '-f', '-'], { stdin })).toMatchObject({ status: 0 });
          }

          const up = await kubectl(['delete', 'namespace', 'up', '--timeout=30s']);
          expect(up).toMatchObject({ status: 0, stderr: '' });
          await guard.process.stop('SIGKILL');
          const down = await kubectl(['delete', 'namespace', 'down', '--timeout=30s']);
          expect(down).toMatchObject({ status: 0, stderr: '' });
        } finally {
          await guard.process.stop('SIGKILL');
        }
        const deletions = readAuditLog(address.auditLog).filter(
          (event) => event.verb === 'deletecollection' && event.objectRef?.resource === 'networkpolicies',
        );
        expect(new Set(deletions.map((event) => event.user.username))).toEqual(new Set([deleter]));
        expect(deletions.every((event) => event.responseStatus?.code === 200)).toBe(true);
      } finally {
        await api.close();
        await controlPlane.stop();
      }
    });
  },
);
