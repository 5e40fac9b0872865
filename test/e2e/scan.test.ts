import { beforeAll, describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, defaultDeny, openDns, policyPath } from '../harness/policies.ts';
import { netpolGuard } from '../harness/program.ts';

const cluster = useCluster();

/** More policies than one page of a LIST holds, so that the scan and a starting server have to turn pages. */
const MANY = 600;

describe('netpol-guard scan', () => {
  let good: string;
  let leaky: string;

  beforeAll(async () => {
    good = await cluster.namespace();
    leaky = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'standard' });
    await cluster.apply(good, [allowDns, defaultDeny]);
    await cluster.apply(leaky, [openDns, allowDns]);
    for (let index = 0; index < MANY; index += 20) {
      const batch = Array.from({ length: 20 }, (_, offset) => ({
        ...allowDns,
        metadata: { name: `allow-dns-${index + offset}` },
      }));
      const answers = await Promise.all(batch.map((policy) => cluster.api.request('POST', policyPath(good), policy)));
      expect(answers.every(({ status }) => status === 201)).toBe(true);
    }
  }, 60_000);

  it('a namespace without faults: status 0, and every policy counted', async () => {
    const { status, stdout } = await netpolGuard(['scan', '-n', good, '--format', 'json']);

    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      findings: [],
      summary: { policies: MANY + 2, errors: 0, warnings: 0 },
    });
    expect(status).toBe(0);
  });

  it('a leak that stands: what would be refused, by namespace and name', async () => {
    const { status, stdout } = await netpolGuard(['scan', '-n', leaky, '--format', 'json', '--level', 'standard']);

    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({
      findings: [
        expect.objectContaining({
          rule: 'dns-open-to-anywhere',
          kind: 'NetworkPolicy',
          namespace: leaky,
          name: 'open-dns',
          path: 'spec.egress[0]',
        }),
      ],
    });
    // The namespace's own label says `off`, and nothing is refused there.
    expect(report).toMatchObject({ summary: { policies: 2, errors: 0, warnings: 1 } });
    expect(status).toBe(0);
  });

  it('the same once the namespace enforces: status 1, as text too', async () => {
    await cluster.kubectl(['label', 'namespace', leaky, '--overwrite', 'netpol-guard.io/enforce=standard']);

    expect((await netpolGuard(['scan', '-n', leaky, '--format', 'json'])).status).toBe(1);
    const { status, stdout } = await netpolGuard(['scan', '-n', leaky]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^error: NetworkPolicy \S+\/open-dns(?:\n )? opens port 53 to anywhere \[dns-open-to-anywhere\]\n {2}spec\.egress\[0\] /m,
    );
  });

  it('tells where cluster DNS was found', async () => {
    const found = expect.stringMatching(/^cluster DNS: kube-system\/kube-dns /);
    const { stderr } = await netpolGuard(['scan', '-n', good]);
    expect(stderr.split('\n')).toContainEqual(
      expect.stringContaining('netpol-guard: cluster DNS: kube-system/kube-dns '),
    );

    const { stdout } = await netpolGuard(['scan', '-n', good, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ notes: expect.arrayContaining([found]) });
  });

  it('an API server that is not there: one sentence, status 2', async () => {
    const { status, stdout, stderr } = await netpolGuard(['scan'], '/nonexistent');

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^netpol-guard: .*\/nonexistent.*\n$/);
  });
});
