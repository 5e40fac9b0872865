import { describe, expect, inject, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { startGuard } from '../harness/guard.ts';
import { allowDns, defaultDeny, openDns, policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';
import { registerWebhooks } from '../harness/webhooks.ts';

const cluster = useCluster();

describe('while the webhook is down', () => {
  it('writes of policies fail under failurePolicy Fail, deletions and labels go through under Ignore', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns]);
    await cluster.guard.process.stop('SIGKILL');

    const write = await cluster.apply(namespace, [defaultDeny]);
    expect(write.status).toBe(1);
    expect(write.stderr).toMatch(
      /^Error from server \(InternalError\): error when creating "STDIN": Internal error occurred: failed calling webhook "policies\.netpol-guard\.io": failed to call webhook: .*connection refused\n$/,
    );

    expect(await cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', namespace])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await cluster.kubectl(['label', 'namespace', namespace, 'netpol-guard.io/enforce=strict'])).toMatchObject({
      status: 0,
    });
    const event = await cluster.auditEvent(namespace, 'delete', 200);
    expect(Object.keys(event.annotations ?? {}).some((key) => key.startsWith('failed-open.'))).toBe(true);
  });

  it('writes of policies go through where the owner chose Ignore', async () => {
    const patch = JSON.stringify([{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]);
    const patched = await cluster.kubectl([
      'patch',
      'validatingwebhookconfiguration',
      'netpol-guard',
      '--type=json',
      '-p',
      patch,
    ]);
    expect(patched).toMatchObject({ status: 0 });
    const namespace = await cluster.namespace();

    await until('Ignore to be in force', async () => {
      const answer = await cluster.api.request('POST', `${policyPath(namespace)}?dryRun=All`, openDns);
      return answer.status === 201 ? true : undefined;
    });

    expect(await cluster.apply(namespace, [openDns])).toMatchObject({ status: 0, stderr: '' });
  });

  it('system namespaces and other objects are never touched', async () => {
    expect(await cluster.apply('kube-system', [openDns], ['--dry-run=server'])).toMatchObject({ status: 0 });
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'anything' } };
    expect(await cluster.apply('default', [configMap], ['--dry-run=server'])).toMatchObject({ status: 0 });
  });
});

describe('a webhook that is told to stop', () => {
  it('says that it is not ready, goes on answering for a while, and leaves with status 0', async () => {
    const guard = await startGuard(inject('bundle'), cluster.address, cluster.kubectl);
    await registerWebhooks(guard, 'url', cluster.kubectl, cluster.api);
    const namespace = await cluster.namespace();
    guard.process.signal('SIGTERM');

    await until('readiness to be withdrawn', async () => ((await guard.ready()) ? undefined : true));
    for (let index = 0; index < 20; index += 1) {
      const answer = await cluster.api.request('POST', `${policyPath(namespace)}?dryRun=All`, openDns);
      expect(answer.body).toMatchObject({
        reason: 'Forbidden',
        message: expect.stringContaining('[dns-open-to-anywhere]'),
      });
    }
    expect(await until('netpol-guard to leave', () => guard.process.exitCode(), 50_000)).toBe(0);
  });

  it('a second SIGTERM: leaves at once', async () => {
    const guard = await startGuard(inject('bundle'), cluster.address, cluster.kubectl);
    guard.process.signal('SIGTERM');
    await until('readiness to be withdrawn', async () => ((await guard.ready()) ? undefined : true));
    guard.process.signal('SIGTERM');

    expect(await until('netpol-guard to leave', () => guard.process.exitCode(), 3_000)).toBe(0);
  });
});
