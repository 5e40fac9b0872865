import { describe, expect, it, onTestFinished } from 'vitest';
import { isWrite } from '../../harness/audit-log.ts';
import { untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { OURSELVES } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startWorld, type World } from '../../harness/world.ts';

const doomed = async (world: World, namespace: string): Promise<void> => {
  const deleted = await world.kubectl(['delete', 'namespace', namespace, '--timeout=30s']);
  expect(deleted).toEqual({ status: 0, stdout: `namespace "${namespace}" deleted\n`, stderr: '' });
};

const ourWrites = (world: World, namespace: string) =>
  world.auditLog().filter((event) => {
    const { user, objectRef } = event;
    const isPolicy = objectRef?.resource === 'networkpolicies' && objectRef.namespace === namespace;
    return user.username === OURSELVES && isWrite(event) && isPolicy;
  });

describe.each([true, false])(
  'a namespace that is deleted, with --use-service-account-credentials=%s',
  (serviceAccountCredentials) => {
    it('goes with its baseline, whether the webhook is up, in the middle of applying it, or down', async () => {
      // Long enough that a namespace is gone before its policies are there.
      let delay = 0;
      const delayOf = (method: string, path: string) =>
        method !== 'GET' && path.includes('/networkpolicies') ? delay : 0;
      const world = await startWorld({ config: WITH_BASELINE, serviceAccountCredentials, delayOf });
      onTestFinished(world.stop);
      await world.leader();

      const up = await world.namespace();
      await untilSpecs(world, up);
      await doomed(world, up);

      delay = 1500;
      const early = await world.namespace();
      const late = await world.namespace();
      await until('half a baseline', () => (ourWrites(world, late).length === 1 ? true : undefined));
      await Promise.all([early, late].map((namespace) => doomed(world, namespace)));
      delay = 0;

      const held = await world.namespace();
      await untilSpecs(world, held);
      await holdUp(world, held);
      await world.kubectl(['delete', 'namespace', held, '--wait=false']);
      await until('its policies to go', async () => {
        const { stdout } = await world.kubectl(['get', 'networkpolicies', '-n', held, '-o', 'name']);
        return stdout === '' ? true : undefined;
      });
      const after = await world.namespace();
      await untilSpecs(world, after);
      // Others are served meanwhile, and nothing is tried in the one that goes.
      expect(ourWrites(world, held).map(({ responseStatus }) => responseStatus?.code)).toEqual([201, 201]);
      expect((await world.kubectl(['get', 'networkpolicies', '-n', held, '-o', 'name'])).stdout).toBe('');
      await letGo(world, held);
      await world.kubectl(['wait', '--for=delete', `namespace/${held}`, '--timeout=30s']);

      const down = await world.namespace();
      await untilSpecs(world, down);
      await world.guards[0]?.process.stop('SIGKILL');
      await doomed(world, down);

      // What was under way when its namespace went was refused once, and not tried again.
      for (const namespace of [early, late]) {
        const refused = ourWrites(world, namespace).filter(({ responseStatus }) => (responseStatus?.code ?? 0) >= 400);
        expect(refused.length).toBeLessThanOrEqual(2);
      }
    });
  },
);

/** Something with a finalizer keeps a namespace Terminating. */
async function holdUp(world: World, namespace: string): Promise<void> {
  const holding = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'holding', finalizers: ['example.org/hold'] },
  };
  expect(await world.apply(namespace, [holding])).toMatchObject({ status: 0 });
}

async function letGo(world: World, namespace: string): Promise<void> {
  const patch = '{"metadata":{"finalizers":null}}';
  await world.kubectl(['patch', 'configmap', 'holding', '-n', namespace, '--type=merge', '-p', patch]);
}
