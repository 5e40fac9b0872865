import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { DEFAULT_POLICIES, specsIn, untilSpecs, WITH_BASELINE } from './harness/baseline.ts';
import { useCluster } from './harness/fixture.ts';
import { openDns } from './harness/policies.ts';
import { until } from './harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

it('what netpol-guard baseline prints is accepted in a namespace that has opted out, without a word', async () => {
  const namespace = await cluster.namespace({ 'netpol-guard.io/baseline': 'none' });
  const program = join(inject('bundle'), 'dist', 'netpol-guard.js');
  const args = [program, 'baseline', '-n', namespace, '--kubeconfig', cluster.address.kubeconfig];
  const { stdout } = await promisify(execFile)(process.execPath, args);

  const applied = await cluster.kubectl(['apply', '-f', '-'], { stdin: stdout });

  expect(applied).toMatchObject({ status: 0, stderr: '' });
  expect(applied.stdout).toContain('networkpolicy.networking.k8s.io/');
  expect(applied.stdout).not.toContain('netpol-guard');
  const specs = Object.values(await specsIn(cluster, namespace));
  expect(specs).toHaveLength(2);
  expect(specs).toEqual(expect.arrayContaining(Object.values(DEFAULT_POLICIES)));
});

it('what stands and breaks a rule is counted by the leader, and no more once it is gone', async () => {
  const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'off' });
  await untilSpecs(cluster, namespace);
  const violations = () =>
    cluster.guard.metric('netpol_guard_violations', { rule: 'dns-open-to-anywhere', level: 'standard' }).catch(() => 0);
  const before = await violations();
  await cluster.apply(namespace, [openDns]);

  await until('the violation', async () => ((await violations()) === before + 1 ? true : undefined));

  await cluster.kubectl(['delete', 'networkpolicy', 'open-dns', '-n', namespace]);
  await until('it to be gone', async () => ((await violations()) === before ? true : undefined));
  expect(await violations()).toBe(before);
});
