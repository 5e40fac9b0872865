import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICIES, storedPolicies, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { useCluster } from '../harness/fixture.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

describe('a new namespace', () => {
  it('has its label at once, both policies soon after, and holds no pod back from then on', async () => {
    const name = `born-${Date.now()}`;
    const created = await cluster.kubectl(['create', 'namespace', name, '-o', 'jsonpath={.metadata.labels}']);
    expect(JSON.parse(created.stdout)).toEqual({
      'kubernetes.io/metadata.name': name,
      'netpol-guard.io/baseline': 'default-deny',
      'netpol-guard.io/baseline-status': 'pending',
    });

    await untilSpecs(cluster, name);

    const shown = await cluster.kubectl(['get', 'networkpolicies', '-n', name]);
    expect(shown.stdout).toMatch(
      /^NAME +POD-SELECTOR +AGE\nnetpol-guard-allow-dns +<none> +\d+s\nnetpol-guard-default-deny +<none> +\d+s\n$/,
    );
    const labels = await cluster.kubectl(['get', 'namespace', name, '-o', 'jsonpath={.metadata.labels}']);
    expect(JSON.parse(labels.stdout)).toEqual({
      'kubernetes.io/metadata.name': name,
      'netpol-guard.io/baseline': 'default-deny',
    });
  });

  it('has them too where it claims to be going', async () => {
    const labels = async (args: readonly string[], object: object): Promise<object> => {
      const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', ...object });
      const created = await cluster.kubectl([...args, '-f', '-', '-o', 'jsonpath={.metadata.labels}'], { stdin });
      return JSON.parse(created.stdout);
    };
    const born = { 'netpol-guard.io/baseline': 'default-deny', 'netpol-guard.io/baseline-status': 'pending' };
    const status = { phase: 'Terminating' };
    const deletionTimestamp = '2026-01-01T00:00:00Z';

    const metadata = { name: `claims-${Date.now()}` };
    expect(await labels(['create'], { metadata, status })).toMatchObject(born);
    const applied = { ...metadata, name: `${metadata.name}-too`, deletionTimestamp };
    expect(await labels(['apply', '--server-side'], { metadata: applied })).toMatchObject(born);
  });

  it('can say so: an event tells what was applied, and kubectl describe what it does', async () => {
    const namespace = await cluster.namespace();
    await untilSpecs(cluster, namespace);

    const events = await until('the event', async () => {
      const { stdout } = await cluster.kubectl(['events', '-n', namespace, '--for', `namespace/${namespace}`]);
      return stdout.includes('BaselineApplied') ? stdout : undefined;
    });
    expect(events).toMatch(
      /Normal +BaselineApplied +Namespace\/\S+ +applied netpol-guard-allow-dns, netpol-guard-default-deny of template default-deny\n$/,
    );
    const described = await cluster.kubectl([
      'describe',
      'networkpolicy',
      'netpol-guard-default-deny',
      '-n',
      namespace,
    ]);
    expect(described.stdout).toMatch(
      /Annotations: +netpol-guard.io\/purpose:\n +Denies all ingress and egress .+\n.+\n +\S+\/cookbook\.md\n/,
    );
    expect(described.stdout).toContain('Allowing ingress traffic:\n    <none> (Selected pods are isolated for ingress');
    expect(described.stdout).toContain('Allowing egress traffic:\n    <none> (Selected pods are isolated for egress');
  });

  it('owns objects that say whose they are, and that nothing holds on to', async () => {
    const namespace = await cluster.namespace();
    await untilSpecs(cluster, namespace);

    for (const policy of await storedPolicies(cluster, namespace)) {
      expect(policy).toMatchObject({
        metadata: {
          labels: { 'app.kubernetes.io/managed-by': 'netpol-guard' },
          managedFields: [{ manager: 'netpol-guard', operation: 'Apply' }],
        },
      });
      expect(policy.metadata).not.toHaveProperty('ownerReferences');
      expect(policy.metadata).not.toHaveProperty('finalizers');
      const { annotations = {} } = policy.metadata as { readonly annotations?: Readonly<Record<string, string>> };
      expect(Object.keys(annotations)).toEqual(['netpol-guard.io/purpose']);
      expect(annotations['netpol-guard.io/purpose']).toContain('add a NetworkPolicy of your own');
    }
  });

  it('gets the template that it asks for, and none where it opts out', async () => {
    const ingress = await cluster.namespace({ 'netpol-guard.io/baseline': 'default-deny-ingress' });
    const egress = await cluster.namespace({ 'netpol-guard.io/baseline': 'default-deny-egress' });
    const none = await cluster.namespace({ 'netpol-guard.io/baseline': 'none' });

    await untilSpecs(cluster, ingress, {
      'netpol-guard-default-deny': { podSelector: {}, policyTypes: ['Ingress'] },
    });
    await untilSpecs(cluster, egress, {
      ...DEFAULT_POLICIES,
      'netpol-guard-default-deny': { podSelector: {}, policyTypes: ['Egress'] },
    });
    expect(await storedPolicies(cluster, none)).toEqual([]);
  });

  it('a dry run stores nothing, and shows the labels', async () => {
    const dryRun = await cluster.kubectl(['create', 'namespace', 'dry', '--dry-run=server', '-o', 'yaml']);

    expect(dryRun.stdout).toContain('netpol-guard.io/baseline: default-deny');
    expect((await cluster.kubectl(['get', 'namespace', 'dry'])).stderr).toContain('NotFound');
  });

  it('a template that does not exist is refused, with those that do', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'misspelt', labels: { 'netpol-guard.io/baseline': 'defaultdeny' } },
    };
    const refused = await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(manifest) });

    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe(
      'The request is invalid: metadata.labels[netpol-guard.io/baseline]: "defaultdeny" is not a template; did you mean default-deny? use none, default-deny, default-deny-egress, default-deny-ingress\n',
    );
  });
});
