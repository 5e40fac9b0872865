import { describe, expect, it } from 'vitest';
import { specsIn, untilSpecs } from '../harness/baseline.ts';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, defaultDeny, egressPolicy } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: { dnsBlocked: { onWrite: 'repair', onDelete: 'repair' } } });

const FLUX = ['--server-side', '--field-manager=kustomize-controller'];
const REPAIR = 'netpol-guard-dns-for-default-deny';

const names = async (namespace: string) => Object.keys(await specsIn(cluster, namespace)).sort();
const untilNames = (namespace: string, wanted: readonly string[]) =>
  until(`${wanted.join()} in ${namespace}`, async () =>
    (await names(namespace)).join() === wanted.join() ? true : undefined,
  );

describe('with dnsBlocked: repair, in namespaces without a baseline', () => {
  it("Flux's way: all in a dry run, then all for good, in the wrong order, and the repair goes once it is not needed", async () => {
    const namespace = await cluster.namespace();

    const dryRun = await cluster.apply(namespace, [defaultDeny, allowDns], [...FLUX, '--dry-run=server']);
    expect(dryRun.status).toBe(0);
    expect(dryRun.stdout).toBe(
      'networkpolicy.networking.k8s.io/default-deny serverside-applied (server dry run)\nnetworkpolicy.networking.k8s.io/allow-dns serverside-applied (server dry run)\n',
    );
    expect(await names(namespace)).toEqual([]);
    const applied = await cluster.apply(namespace, [defaultDeny, allowDns], FLUX);
    expect(applied.status).toBe(0);

    await untilNames(namespace, ['allow-dns', 'default-deny']);
    expect(await cluster.apply(namespace, [defaultDeny, allowDns], FLUX)).toMatchObject({ status: 0, stderr: '' });
  });

  it('default-deny alone: admitted with a warning, and its pods have DNS soon', async () => {
    const namespace = await cluster.namespace();

    const applied = await cluster.apply(namespace, [defaultDeny]);

    expect(applied).toMatchObject({
      status: 0,
      stdout: 'networkpolicy.networking.k8s.io/default-deny created\n',
      stderr: expect.stringMatching(/^Warning: .*\[dns-blocked\]\n$/),
    });
    await untilNames(namespace, ['default-deny', REPAIR]);
    expect((await specsIn(cluster, namespace))[REPAIR]).toEqual({
      ...(allowDns as { spec: object }).spec,
    });
    const events = await until('the event', async () => {
      const { stdout } = await cluster.kubectl(['events', '-n', namespace]);
      return stdout.includes('DnsRepaired') ? stdout : undefined;
    });
    expect(events).toMatch(
      /Normal +DnsRepaired +Namespace\/\S+ +applied netpol-guard-dns-for-default-deny: pods were cut off from DNS\n/,
    );
  });

  it('a repair for some pods selects those pods, and follows their policy', async () => {
    const namespace = await cluster.namespace();
    const isolated = (app: string) =>
      egressPolicy('web', [{ to: [{ podSelector: {} }], ports: [{ port: 5432 }] }], { matchLabels: { app } });

    expect(await cluster.apply(namespace, [isolated('web')])).toMatchObject({ status: 0 });
    await untilNames(namespace, ['netpol-guard-dns-for-web', 'web']);
    expect((await specsIn(cluster, namespace))['netpol-guard-dns-for-web']).toMatchObject({
      podSelector: { matchLabels: { app: 'web' } },
    });

    expect(await cluster.apply(namespace, [isolated('shop')])).toMatchObject({ status: 0 });
    await until('the repair to follow', async () => {
      const repair = (await specsIn(cluster, namespace))['netpol-guard-dns-for-web'];
      return JSON.stringify(repair).includes('"app":"shop"') ? true : undefined;
    });
  });

  it('a pruning uninstall, the carve-out first: it converges to nothing', async () => {
    const namespace = await cluster.namespace();
    expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0, stderr: '' });

    const first = await cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', namespace]);
    expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/^Warning: .*\[dns-blocked\]\n$/) });
    await untilNames(namespace, ['default-deny', REPAIR]);
    const second = await cluster.kubectl(['delete', 'networkpolicy', 'default-deny', '-n', namespace]);
    expect(second).toMatchObject({ status: 0, stderr: '' });

    await untilSpecs(cluster, namespace, {});
  });

  it('a repair is guarded as the baseline is', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [defaultDeny]);
    await untilNames(namespace, ['default-deny', REPAIR]);

    const refused = await cluster.kubectl(['delete', 'networkpolicy', REPAIR, '-n', namespace]);

    expect(refused.status).toBe(1);
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(
      'Add a policy of your own that allows DNS for the same pods, and netpol-guard removes this one',
    );
    expect(refused.stderr).toContain('[baseline-modified]');
  });
});
