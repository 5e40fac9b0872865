import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALLOW_DNS, DEFAULT_DENY, specsIn, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { allowDns } from '../harness/policies.ts';
import { netpolGuard } from '../harness/program.ts';
import { unregisterWebhooks } from '../harness/webhooks.ts';
import { startWorld, type World } from '../harness/world.ts';

let world: World;
let shop: string;
let warehouse: string;

/** A policy that its author says is netpol-guard's, and is not. */
const claimed = {
  ...allowDns,
  metadata: { name: 'mine', labels: { 'app.kubernetes.io/managed-by': 'netpol-guard' } },
};

beforeAll(async () => {
  world = await startWorld({ config: WITH_BASELINE });
  await world.leader();
  shop = await world.namespace();
  warehouse = await world.namespace();
  await untilSpecs(world, shop);
  await untilSpecs(world, warehouse);
  await world.guards[0]?.leave();
  await unregisterWebhooks(world.kubectl, world.api);
  await world.apply(shop, [claimed]);
  await world.kubectl(['label', 'networkpolicy', DEFAULT_DENY, '-n', shop, 'app.kubernetes.io/managed-by-']);
});
afterAll(() => world.stop());

/** The lines that it prints, in an order that does not hang on which answer came first. */
const lines = (stdout: string) => stdout.trim().split('\n').toSorted();

const run = (...args: readonly string[]) => netpolGuard(['cleanup', ...args], world.address.kubeconfig);

const kept = () =>
  [shop, warehouse].flatMap((namespace) => [`${namespace}/${ALLOW_DNS}`, `${namespace}/${DEFAULT_DENY}`]).toSorted();

describe('netpol-guard cleanup, once netpol-guard has gone', () => {
  it('names what it left, whatever its labels, and touches nothing', async () => {
    const { status, stdout, stderr } = await run();

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines(stdout)).toEqual(kept());
    expect(Object.keys(await specsIn(world, shop))).toEqual(['mine', ALLOW_DNS, DEFAULT_DENY]);
  });

  it('deletes it when told to, and nothing else', async () => {
    const { status, stdout } = await run('--delete-baseline');

    expect(status).toBe(0);
    expect(lines(stdout)).toEqual(kept().map((policy) => `${policy}: deleted`));
    expect(Object.keys(await specsIn(world, shop))).toEqual(['mine']);
    expect(await specsIn(world, warehouse)).toEqual({});
  });

  it('says that nothing is left', async () => {
    const stderr = 'netpol-guard: found no policies that netpol-guard applied\n';
    expect(await run('--delete-baseline')).toEqual({ status: 0, stdout: '', stderr });
  });

  it('says in one sentence what stands in its way', async () => {
    const { status, stderr } = await netpolGuard(['cleanup'], '/nonexistent');

    expect(status).toBe(2);
    expect(stderr).toMatch(/^netpol-guard: .*\/nonexistent.*\n$/);
  });
});
