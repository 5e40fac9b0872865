import { describe, expect, it } from 'vitest';
import {
  ALLOW_DNS,
  DEFAULT_DENY,
  DEFAULT_POLICIES,
  EXEMPT,
  storedPolicies,
  untilSpecs,
  WITH_BASELINE,
} from '../harness/baseline.ts';
import { BREAKGLASS } from '../harness/connected.ts';
import { figure, quantiles } from '../harness/figures.ts';
import { useCluster } from '../harness/fixture.ts';
import { egressPolicy, policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: { ...WITH_BASELINE, ...EXEMPT } });
const as = BREAKGLASS;

const standing = async (): Promise<string> => {
  const namespace = await cluster.namespace();
  await untilSpecs(cluster, namespace);
  return namespace;
};

describe('what an exempt user does to the baseline is undone', () => {
  it('a policy that is deleted comes back', async () => {
    const namespace = await standing();

    for (const name of [ALLOW_DNS, DEFAULT_DENY]) {
      const deleted = await cluster.kubectl(['delete', 'networkpolicy', name, '-n', namespace], { as });
      expect(deleted).toMatchObject({ status: 0, stderr: '' });
      await untilSpecs(cluster, namespace);
    }

    const events = await until('the event', async () => {
      const { stdout } = await cluster.kubectl(['events', '-n', namespace]);
      return stdout.includes('BaselineHealed') ? stdout : undefined;
    });
    // One Event for both, which says what was restored last.
    expect(events).toMatch(
      /Warning +BaselineHealed +Namespace\/\S+ +restored netpol-guard-(?:allow-dns|default-deny), which someone/,
    );
  });

  it('all of them deleted at once come back', async () => {
    const namespace = await standing();

    const deleted = await cluster.kubectl(['delete', 'networkpolicies', '--all', '-n', namespace], { as });
    expect(deleted).toMatchObject({ status: 0, stderr: '' });

    await untilSpecs(cluster, namespace);
  });

  it('a rule that is added with kubectl edit goes', async () => {
    const namespace = await standing();
    const editor = `sed -i 's/^spec:/spec:\\n  ingress:\\n  - from:\\n    - podSelector: {}/'`;

    const edited = await cluster.kubectl(['edit', 'networkpolicy', DEFAULT_DENY, '-n', namespace], { as, editor });
    expect(edited).toMatchObject({ status: 0, stdout: `networkpolicy.networking.k8s.io/${DEFAULT_DENY} edited\n` });

    await untilSpecs(cluster, namespace);
  });

  it.each([
    ['a port more', [{ op: 'add', path: '/spec/egress/0/ports/-', value: { protocol: 'TCP', port: 443 } }]],
    ['a peer more', [{ op: 'add', path: '/spec/egress/0/to/-', value: { ipBlock: { cidr: '0.0.0.0/0' } } }]],
    ['a rule more', [{ op: 'add', path: '/spec/egress/-', value: {} }]],
    ['the other direction', [{ op: 'add', path: '/spec/ingress', value: [{}] }]],
    ['fewer pods', [{ op: 'add', path: '/spec/podSelector/matchLabels', value: { app: 'web' } }]],
    ['no rule at all', [{ op: 'remove', path: '/spec/egress' }]],
  ])('kubectl patch, %s: the whole spec is as it was', async (_, patch) => {
    const namespace = await standing();
    const args = ['patch', 'networkpolicy', ALLOW_DNS, '-n', namespace, '--type=json', '-p', JSON.stringify(patch)];

    expect(await cluster.kubectl(args, { as })).toMatchObject({ status: 0 });

    await untilSpecs(cluster, namespace);
  });

  it('another server-side applier that forces its fields does not keep them', async () => {
    const namespace = await standing();
    const theirs = egressPolicy(ALLOW_DNS, [{ to: [{ podSelector: {} }] }]);
    const forced = ['--server-side', '--force-conflicts', '--field-manager=somebody'];

    expect(await cluster.apply(namespace, [theirs], forced, { as })).toMatchObject({ status: 0 });

    await untilSpecs(cluster, namespace);
  });

  it('the label that says whose they are is put back', async () => {
    const namespace = await standing();
    const args = ['label', 'networkpolicy', ALLOW_DNS, '-n', namespace, 'app.kubernetes.io/managed-by-'];

    expect(await cluster.kubectl(args, { as })).toMatchObject({ status: 0 });

    await until('the label', async () => {
      const policies = await storedPolicies(cluster, namespace);
      return policies.every(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'netpol-guard')
        ? true
        : undefined;
    });
  });
});

describe('what is not ours', () => {
  it("is left alone: a user's policies, and labels and annotations of theirs on ours", async () => {
    const namespace = await standing();
    await cluster.apply(namespace, [egressPolicy('web', [{ to: [{ podSelector: {} }] }])]);
    const labelled = await cluster.kubectl(['label', 'networkpolicy', ALLOW_DNS, '-n', namespace, 'team=shop']);
    expect(labelled).toMatchObject({ status: 0, stderr: '' });
    const before = (await storedPolicies(cluster, namespace)).map(({ metadata }) => metadata);

    await cluster.kubectl(['delete', 'networkpolicy', DEFAULT_DENY, '-n', namespace], { as });
    const { web = {} } = Object.fromEntries(
      (await storedPolicies(cluster, namespace)).map(({ metadata, spec }) => [metadata.name, spec]),
    );
    await untilSpecs(cluster, namespace, { ...DEFAULT_POLICIES, web });

    const after = (await storedPolicies(cluster, namespace)).map(({ metadata }) => metadata);
    const kept = ({ name }: { name: string }) => name !== DEFAULT_DENY;
    expect(after.filter(kept)).toEqual(before.filter(kept));
    expect(after.find(({ name }) => name === ALLOW_DNS)?.labels).toMatchObject({ team: 'shop' });
  });
});

it('heals soon: measured, not judged', async () => {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const namespace = await standing();
    const path = policyPath(namespace, `/${DEFAULT_DENY}`);
    const { metadata } = await cluster.api.get<{ metadata: { uid: string } }>(path);
    const edit = [{ op: 'add', path: '/spec/ingress', value: [{}] }];
    const edited = await cluster.breakglass.request('PATCH', path, edit, 'application/json-patch+json');
    expect(edited.status).toBe(200);
    const started = performance.now();
    await untilSpecs(cluster, namespace);
    times.push(performance.now() - started);
    expect((await cluster.api.get<{ metadata: object }>(path)).metadata).toMatchObject({ uid: metadata.uid });
  }
  figure('an edited policy is itself again (seen by a poll every 50 ms)', quantiles(times));
});
