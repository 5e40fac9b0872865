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

/** A refusal as one line: names of namespaces differ in length, so lines break anywhere. */
const unwrapped = (refusal: string) => refusal.replaceAll(/\s+/g, ' ');

const inCluster = [{ to: [{ podSelector: {} }] }];

describe('a policy of the baseline', () => {
  it('may not be changed: the refusal says why, and what to do instead', async () => {
    const namespace = await standing();
    const patch = JSON.stringify({ spec: { ingress: [{}] } });

    const refused = await cluster.kubectl(['patch', 'networkpolicy', DEFAULT_DENY, '-n', namespace, '-p', patch]);

    expect(refused).toMatchObject({ status: 1, stdout: '' });
    const docs = String.raw`https://github\.com/netpol-guard/netpol-guard/blob/\S+/docs`;
    expect(refused.stderr).toMatch(
      new RegExp(
        [
          String.raw`^Error from server \(Forbidden\): admission webhook "policies\.netpol-guard\.io" denied the request: `,
          `NetworkPolicy ${namespace}/netpol-guard-default-deny`,
          String.raw`  changes what netpol-guard manages \[baseline-modified\]`,
          String.raw`  netpol-guard-default-deny is managed by netpol-guard \(template default-deny\);`,
          String.raw`  this change would be reverted\.`,
          String.raw`  To allow more, add a policy of your own, as in`,
          String.raw`  ${docs}/cookbook\.md`,
          String.raw`  \(policies add up\)\.`,
          String.raw`  More: ${docs}/rules/baseline-modified\.md\n$`,
        ].join('\n'),
      ),
    );
    await untilSpecs(cluster, namespace);
  });

  it('may not be deleted', async () => {
    const namespace = await standing();

    const refused = await cluster.kubectl(['delete', 'networkpolicy', ALLOW_DNS, '-n', namespace]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('admission webhook "policies-delete.netpol-guard.io" denied the request: ');
    expect(unwrapped(refused.stderr)).toContain(
      `Deleting NetworkPolicy ${namespace}/netpol-guard-allow-dns removes a policy that netpol-guard manages [baseline-modified] ` +
        'netpol-guard-allow-dns is managed by netpol-guard (template default-deny), which would put it back. ',
    );
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
    expect(unwrapped(refused.stderr)).toContain(
      `NetworkPolicy ${namespace}/netpol-guard-default-deny gets an owner, but netpol-guard manages it [baseline-modified] ` +
        'netpol-guard-default-deny is managed by netpol-guard (template default-deny), and the garbage collector would delete it with its owner. Remove metadata.ownerReferences. ',
    );
  });

  it('may not be made to look like the work of somebody else', async () => {
    const namespace = await standing();
    const patch = ['--type=merge', '-p', JSON.stringify({ metadata: { managedFields: [{}] } })];

    const refused = await cluster.kubectl(['patch', 'networkpolicy', DEFAULT_DENY, '-n', namespace, ...patch]);

    expect(refused.status).toBe(1);
    expect(unwrapped(refused.stderr)).toContain(
      `NetworkPolicy ${namespace}/netpol-guard-default-deny loses the record that netpol-guard applied it [baseline-modified] `,
    );
    expect(unwrapped(refused.stderr)).toContain('Leave out metadata.managedFields, and the API server keeps them. ');
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
    expect(unwrapped(named.stderr)).toContain(
      `NetworkPolicy ${namespace}/netpol-guard-mine has a name reserved for netpol-guard [baseline-modified] ` +
        'The prefix netpol-guard- is reserved, and netpol-guard manages no policy called netpol-guard-mine here. ' +
        'Give the policy another name. ',
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
