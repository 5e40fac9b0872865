import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { useCluster } from '../harness/fixture.ts';
import { paste } from '../harness/paste.ts';
import { allowDns, defaultDeny, policyPath } from '../harness/policies.ts';

const cluster = useCluster();

describe('the order in which policies arrive', () => {
  it('default-deny alone is refused, with the rule that is missing ready to paste', async () => {
    const namespace = await cluster.namespace();
    const file = stringify(defaultDeny);

    const refused = await cluster.apply(namespace, file);

    expect(refused.status).toBe(1);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(
      /^Error from server \(Forbidden\): error when creating "STDIN": admission webhook "policies\.netpol-guard\.io" denied the request: \nNetworkPolicy \S+\/default-deny/,
    );
    expect(refused.stderr).toContain('cuts every pod off from DNS [dns-blocked]\n');
    expect(refused.stderr).toMatch(/^ {2}More: https:\/\/\S+\/docs\/rules\/dns-blocked\.md$/m);

    const pasted = paste(file, refused.stderr);
    expect(pasted, refused.stderr).toContain('kubernetes.io/metadata.name: kube-system');
    const accepted = await cluster.apply(namespace, pasted);
    expect(accepted).toEqual({
      status: 0,
      stdout: 'networkpolicy.networking.k8s.io/default-deny created\n',
      stderr: '',
    });
  });

  it('allow-DNS first, then default-deny: accepted without a word', async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.apply(namespace, [allowDns, defaultDeny]);

    expect(result).toEqual({
      status: 0,
      stdout:
        'networkpolicy.networking.k8s.io/allow-dns created\nnetworkpolicy.networking.k8s.io/default-deny created\n',
      stderr: '',
    });
  });

  it('both in one file in the wrong order: refused once, accepted when applied again', async () => {
    const namespace = await cluster.namespace();

    const first = await cluster.apply(namespace, [defaultDeny, allowDns]);
    expect(first.status).toBe(1);
    expect(first.stdout).toBe('networkpolicy.networking.k8s.io/allow-dns created\n');
    expect(first.stderr).toContain('[dns-blocked]');

    const second = await cluster.apply(namespace, [defaultDeny, allowDns]);
    expect(second).toEqual({
      status: 0,
      stdout:
        'networkpolicy.networking.k8s.io/default-deny created\nnetworkpolicy.networking.k8s.io/allow-dns unchanged\n',
      stderr: '',
    });
  });

  it('default-deny 10 ms after allow-DNS: no wrong refusal from a watch that lags', async () => {
    for (let round = 0; round < 50; round += 1) {
      const namespace = await cluster.namespace();
      expect((await cluster.api.request('POST', policyPath(namespace), allowDns)).status).toBe(201);
      await pause(10);
      expect(await cluster.api.request('POST', policyPath(namespace), defaultDeny)).toMatchObject({
        status: 201,
        warnings: [],
      });
    }
  });

  it("Helm's way: both created at the same time, both stored, 200 times", async () => {
    const answers = [];
    for (let round = 0; round < 20; round += 1) {
      const releases = Array.from({ length: 10 }, async (_, index) => {
        const namespace = await cluster.namespace();
        const late = async (policy: object, delayMs: number) => {
          await pause(delayMs);
          return cluster.api.request('POST', policyPath(namespace), policy);
        };
        return Promise.all([late(defaultDeny, 0), late(allowDns, index * 5)]);
      });
      answers.push(...(await Promise.all(releases)));
    }

    expect(answers).toHaveLength(200);
    expect(answers.flat().filter((answer) => answer.status !== 201)).toEqual([]);
  }, 120_000);

  it("Flux's way: default-deny is refused in the dry run, which sees no carve-out, and nothing is applied", async () => {
    const namespace = await cluster.namespace();
    const serverSide = ['--server-side', '--field-manager=kustomize-controller'];

    const dryRun = await cluster.apply(namespace, [allowDns, defaultDeny], [...serverSide, '--dry-run=server']);
    expect(dryRun.status).toBe(1);
    expect(dryRun.stdout).toContain('allow-dns serverside-applied (server dry run)');
    expect(dryRun.stderr).toContain('[dns-blocked]');
    expect((await cluster.kubectl(['get', 'networkpolicies', '-n', namespace])).stderr).toContain('No resources found');

    expect(await cluster.apply(namespace, [allowDns], serverSide)).toMatchObject({ status: 0 });
    expect(await cluster.apply(namespace, [defaultDeny], [...serverSide, '--dry-run=server'])).toMatchObject({
      status: 0,
    });
  });

  it('an object with generateName is a new, unnamed member', async () => {
    const namespace = await cluster.namespace();
    const unnamed = { ...defaultDeny, metadata: { generateName: 'deny-' } };
    const create = (object: object) =>
      cluster.kubectl(['create', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(object) });

    const refused = await create(unnamed);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('[dns-blocked]');

    await cluster.apply(namespace, [allowDns]);
    const accepted = await create(unnamed);
    expect(accepted).toMatchObject({ status: 0, stderr: '' });
    expect(accepted.stdout).toMatch(/^networkpolicy\.networking\.k8s\.io\/deny-\w+ created\n$/);
  });
});
