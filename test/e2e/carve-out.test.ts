import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, allowDnsFor, defaultDeny } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster();

const deletion = (namespace: string, ...names: readonly string[]) =>
  cluster.kubectl(['delete', 'networkpolicy', ...names, '-n', namespace]);

/** A warning is said by the cache, which is a moment behind: only a refusal is confirmed. */
const untilNoWarning = (namespace: string) =>
  until('no warning', async () => {
    const dryRun = ['delete', 'networkpolicy', 'allow-dns', '-n', namespace, '--dry-run=server'];
    const { status, stderr } = await cluster.kubectl(dryRun);
    return status === 0 && stderr === '' ? true : undefined;
  });

describe('the carve-out under default-deny, by default', () => {
  it('may be deleted, with a warning', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);

    const result = await cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', namespace]);

    expect(result.status).toBe(0);
    expect(result.stdout).toContain('"allow-dns" deleted');
    expect(result.stderr).toBe(
      `Warning: deleting allow-dns cuts every pod of ${namespace} off from DNS: default-deny still isolates them [dns-blocked]\n`,
    );
  });

  it('may be deleted without a word while another covers the same pods', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, { ...allowDns, metadata: { name: 'allow-dns-too' } }, defaultDeny]);

    await untilNoWarning(namespace);

    expect(await deletion(namespace, 'allow-dns')).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['default-deny', 'allow-dns'],
    ['allow-dns', 'default-deny'],
  ])('may be deleted together with the deny: %s, then %s', async (...names) => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);

    expect(await deletion(namespace, ...names)).toMatchObject({ status: 0 });
  });

  it('may be deleted without a word once the deny is gone', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);
    expect(await deletion(namespace, 'default-deny')).toMatchObject({ status: 0, stderr: '' });
    await untilNoWarning(namespace);

    expect(await deletion(namespace, 'allow-dns')).toMatchObject({ status: 0, stderr: '' });
  });

  it('may not be narrowed until nobody that is isolated reaches DNS', async () => {
    const namespace = await cluster.namespace();
    const isolatedWeb = {
      ...defaultDeny,
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] },
    };
    const egress = {
      ...allowDns,
      metadata: { name: 'web' },
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 443 }] }],
      },
    };
    expect(await cluster.apply(namespace, [allowDns, isolatedWeb, egress])).toMatchObject({ status: 0 });

    const result = await cluster.apply(namespace, [allowDnsFor({ matchLabels: { app: 'batch' } })]);

    expect(result.status).toBe(1);
    expect(result.stderr).toContain('admission webhook "policies.netpol-guard.io" denied the request: ');
    expect(result.stderr).toContain('[dns-blocked]');
  });

  it('may not be narrowed by its ports either', async () => {
    const namespace = await cluster.namespace();
    expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0 });

    const result = await cluster.apply(namespace, [allowDnsFor({}, [{ protocol: 'TCP', port: 53 }])]);

    expect(result.status).toBe(1);
    expect(result.stderr).toContain('[dns-over-udp-blocked]');
  });

  it('narrowed to some of the pods: accepted with a warning that names a pod without DNS, refused at strict', async () => {
    const standard = await cluster.namespace();
    const strict = await cluster.namespace({ 'netpol-guard.io/enforce': 'strict' });
    for (const namespace of [standard, strict]) {
      expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0 });
    }
    const narrowed = allowDnsFor({ matchLabels: { app: 'web' } });

    const warned = await cluster.apply(standard, [narrowed]);
    expect(warned).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^Warning: .*pods without labels.*\[dns-partly-blocked\]\n$/),
    });
    const refused = await cluster.apply(strict, [narrowed]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('[dns-partly-blocked]') });
  });

  it('is no concern of an edit elsewhere: what was broken before is warned of, never refused', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);
    await cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', namespace]);

    const labelled = await cluster.kubectl(['label', 'networkpolicy', 'default-deny', 'team=shop', '-n', namespace]);

    expect(labelled.status).toBe(0);
    expect(labelled.stderr).toMatch(/^Warning: .*\[dns-blocked\]\n$/);
  });
});
