import { describe, expect, it, onTestFinished } from 'vitest';
import { allowDns, defaultDeny } from '../../harness/policies.ts';
import { startWorld } from '../../harness/world.ts';

/** Who deletes the objects of a dying namespace depends on how kube-controller-manager was started. */
const DELETERS = [
  [true, 'system:serviceaccount:kube-system:namespace-controller'],
  [false, 'system:kube-controller-manager'],
] as const;

describe.each(DELETERS)(
  'namespace deletion with --use-service-account-credentials=%s',
  (serviceAccountCredentials, deleter) => {
    it('is never held up, with the webhook up or down, even where deleting a carve-out is refused', async () => {
      const world = await startWorld({ serviceAccountCredentials, config: { dnsBlocked: { onDelete: 'deny' } } });
      onTestFinished(world.stop);
      for (const name of ['up', 'down']) {
        await world.kubectl(['create', 'namespace', name]);
        expect(await world.apply(name, [allowDns, defaultDeny])).toMatchObject({ status: 0 });
      }

      const up = await world.kubectl(['delete', 'namespace', 'up', '--timeout=30s']);
      expect(up).toMatchObject({ status: 0, stderr: '' });
      await world.guards[0]?.process.stop('SIGKILL');
      const down = await world.kubectl(['delete', 'namespace', 'down', '--timeout=30s']);
      expect(down).toMatchObject({ status: 0, stderr: '' });

      const deletions = world
        .auditLog()
        .filter((event) => event.verb === 'deletecollection' && event.objectRef?.resource === 'networkpolicies');
      expect(new Set(deletions.map((event) => event.user.username))).toEqual(new Set([deleter]));
      expect(deletions.every((event) => event.responseStatus?.code === 200)).toBe(true);
    });
  },
);
