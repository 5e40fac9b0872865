import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ALLOW_DNS, DEFAULT_DENY, storedPolicies, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { useCluster } from '../harness/fixture.ts';
import { egressPolicy } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

const standing = async (): Promise<string> => {
  const namespace = await cluster.namespace();
  await untilSpecs(cluster, namespace);
  return namespace;
};

const inCluster = [{ to: [{ podSelector: {} }] }];

describe('a policy of the baseline', () => {
  it('may not be changed: the refusal says why, and what to do instead', async () => {
    const namespace = await standing();
    const patch = JSON.stringify({ spec: { ingress: [{}] } });

    const refused = await cluster.kubectl(['patch', 'networkpolicy', DEFAULT_DENY, '-n', namespace, '-p', patch]);

    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toBe(
      [
        'Error from server (Forbidden): admission webhook "policies.netpol-guard.io" denied the request: ',
        `spec: \`netpol-guard-default-deny\` is kept here by template default-deny with another spec, and netpol-guard would put that back; add a policy of your own beside it, since policies add up; or choose another template, \`none\` to opt out: \`kubectl label namespace ${namespace} --overwrite netpol-guard.io/baseline=TEMPLATE\``,
        '[baseline-modified] https://github.com/netpol-guard/netpol-guard/blob/main/docs/rules/baseline-modified.md\n',
      ].join('\n'),
    );
    await untilSpecs(cluster, namespace);
  });

  it('may not be deleted', async () => {
    const namespace = await standing();

    const refused = await cluster.kubectl(['delete', 'networkpolicy', ALLOW_DNS, '-n', namespace]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('admission webhook "policies-delete.netpol-guard.io" denied the request: ');
    expect(refused.stderr).toContain(
      'metadata.name: `netpol-guard-allow-dns` is kept here by template default-deny, and netpol-guard would put it back; ',
    );
    expect(refused.stderr).toContain('[baseline-modified]');
    const collection = await cluster.api.request(
      'DELETE',
      `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    );
    expect(collection.status).toBe(403);
    await untilSpecs(cluster, namespace);
  });

  it('may not be left to the garbage collector', async () => {
    const namespace = await standing();
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }];
    const patch = JSON.stringify({ metadata: { ownerReferences } });

    const refused = await cluster.kubectl(['patch', 'networkpolicy', DEFAULT_DENY, '-n', namespace, '-p', patch]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'metadata.ownerReferences: `netpol-guard-default-deny` is kept here by template default-deny, and the garbage collector would delete it with its owner; leave out `ownerReferences`\n[baseline-modified]',
    );
  });

  it('may not be made to look like the work of somebody else', async () => {
    const namespace = await standing();
    const patch = ['--type=merge', '-p', JSON.stringify({ metadata: { managedFields: [{}] } })];

    const refused = await cluster.kubectl(['patch', 'networkpolicy', DEFAULT_DENY, '-n', namespace, ...patch]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'metadata.managedFields: `netpol-guard-default-deny` loses the record that netpol-guard applied it; leave out `managedFields`, and the API server keeps them\n[baseline-modified]',
    );
  });

  it('may be given labels and annotations; ours comes back', async () => {
    const namespace = await standing();
    const change = (verb: string, ...args: string[]) =>
      cluster.kubectl([verb, 'networkpolicy', ALLOW_DNS, '-n', namespace, ...args]);

    expect(await change('label', 'team=shop')).toMatchObject({ status: 0, stderr: '' });
    expect(await change('annotate', 'note=yes')).toMatchObject({ status: 0, stderr: '' });
    expect(await change('label', 'app.kubernetes.io/managed-by-')).toMatchObject({ status: 0, stderr: '' });

    await until('the labels', async () => {
      const [policy] = await storedPolicies(cluster, namespace);
      const labels = { 'app.kubernetes.io/managed-by': 'netpol-guard', team: 'shop' };
      return isDeepStrictEqual(policy?.metadata.labels, labels) ? true : undefined;
    });
  });

  it("its names and its label are nobody else's to use", async () => {
    const namespace = await standing();

    const named = await cluster.apply(namespace, [egressPolicy('netpol-guard-mine', inCluster)]);
    expect(named.status).toBe(1);
    expect(named.stderr).toContain(
      'metadata.name: `netpol-guard-mine` begins with the reserved prefix netpol-guard-, and is nothing that netpol-guard keeps here; give the policy another name\n[baseline-modified]',
    );
    const labels = { 'app.kubernetes.io/managed-by': 'netpol-guard' };
    const labelled = await cluster.apply(namespace, [
      { ...egressPolicy('mine', inCluster), metadata: { name: 'mine', labels } },
    ]);
    expect(labelled.status).toBe(1);
    expect(labelled.stderr).toContain('[baseline-modified]');
  });
});

describe('whoever writes what stands there anyhow', () => {
  it('may: a backup that is restored, and GitOps that owns the same objects', async () => {
    const namespace = await standing();
    const exported = await cluster.kubectl(['get', 'networkpolicies', '-n', namespace, '-o', 'yaml']);

    expect(await cluster.apply(namespace, exported.stdout)).toMatchObject({ status: 0 });
    expect((await cluster.kubectl(['diff', '-n', namespace, '-f', '-'], { stdin: exported.stdout })).status).toBe(0);

    const policies = (await storedPolicies(cluster, namespace)).map(({ metadata, spec }) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: metadata.name, labels: metadata.labels },
      spec,
    }));
    const serverSide = ['--server-side', '--field-manager=kustomize-controller'];
    const dryRun = await cluster.apply(namespace, policies, [...serverSide, '--dry-run=server']);
    expect(dryRun).toMatchObject({ status: 0, stderr: '' });
    expect(await cluster.apply(namespace, policies, serverSide)).toMatchObject({ status: 0, stderr: '' });
    await untilSpecs(cluster, namespace);
  });

  it('may restore a whole namespace: its policies come with it', async () => {
    const namespace = await standing();
    const exported = await cluster.kubectl(['get', 'networkpolicies', '-n', namespace, '-o', 'yaml']);
    const restored = await cluster.namespace();

    const applied = await cluster.kubectl(['apply', '-n', restored, '-f', '-'], {
      stdin: exported.stdout.replaceAll(namespace, restored).replaceAll(/\n +(uid|resourceVersion): .*/g, ''),
    });

    expect(applied).toMatchObject({ status: 0 });
    await untilSpecs(cluster, restored);
  });
});
