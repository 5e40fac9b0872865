import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labelsOf, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { ACCOUNT, podObject } from '../harness/burst.ts';
import { policyWrites } from '../harness/slow-proxy.ts';
import { startWorld, type World } from '../harness/world.ts';

const STATUS = 'netpol-guard.io/baseline-status';

let world: World;

/** Gives the tests of a group a world in which each policy of a baseline takes so long. */
const usesSlowWorld = (milliseconds: number, config: object = {}): void => {
  beforeAll(async () => {
    world = await startWorld({ config: { ...WITH_BASELINE, ...config }, delayOf: policyWrites(milliseconds) });
    await world.leader();
  });
  afterAll(() => world.stop());
};

/** A new namespace with all that a pod needs but its baseline. */
const newNamespace = async (labels: Readonly<Record<string, string>> = {}): Promise<string> => {
  const namespace = await world.namespace(labels);
  await world.api.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, ACCOUNT);
  return namespace;
};

const createPod = (namespace: string, args: readonly string[] = []) =>
  world.kubectl(['create', '-n', namespace, '-f', '-', ...args], { stdin: JSON.stringify(podObject('web')) });

const podsRefused = (namespace: string) =>
  world.auditLog().filter(({ objectRef, verb, responseStatus }) => {
    const isPod = objectRef?.resource === 'pods' && objectRef.namespace === namespace;
    return isPod && verb === 'create' && responseStatus?.code === 429;
  });

describe('a pod that comes before the policies of its namespace', () => {
  usesSlowWorld(2500);

  it('is asked for again by kubectl, whoever else asks, and stored once they stand', async () => {
    const names = ['ann', 'bob', 'cem', 'dan', 'eve'];

    const applied = await Promise.all(
      names.map((name) => {
        const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
        return world.apply(name, [namespace, ACCOUNT, podObject('web')], ['-v=6']);
      }),
    );

    for (const [index, name] of names.entries()) {
      expect(applied[index]).toMatchObject({
        status: 0,
        stdout: `namespace/${name} created\nserviceaccount/web created\npod/web created\n`,
      });
      expect(applied[index]?.stderr).toContain('429 Too Many Requests');
      expect(podsRefused(name).length).toBeGreaterThan(0);
      await untilSpecs(world, name);
      const versions = await world.kubectl([
        'get',
        '-n',
        name,
        'pod/web',
        'networkpolicy/netpol-guard-allow-dns',
        'networkpolicy/netpol-guard-default-deny',
        '-o=jsonpath={.items[*].metadata.resourceVersion}',
      ]);
      const [pod = 0, ...policies] = versions.stdout.split(' ').map(Number);
      expect(policies).toHaveLength(2);
      for (const policy of policies) expect(policy).toBeLessThan(pod);
    }
  });
});

describe('a pod whose policies never come', () => {
  usesSlowWorld(60_000, { gate: { enabled: true, maxHold: '8s' } });

  it('is held back whatever is done about the label, and is told what it waits for', async () => {
    const preset = await newNamespace({ [STATUS]: 'ready' });
    const dropped = await newNamespace();
    const patch = JSON.stringify({ metadata: { labels: { [STATUS]: null } } });
    const drop = await world.kubectl(['patch', 'namespace', dropped, '--type=merge', '-p', patch]);
    expect(drop.stderr).toBe(
      `Warning: label ${STATUS} is kept: netpol-guard removes it once the baseline is in place\n`,
    );

    for (const namespace of [preset, dropped]) {
      const answer = await world.api.request('POST', `/api/v1/namespaces/${namespace}/pods`, podObject('web'));
      expect(answer).toMatchObject({
        status: 429,
        retryAfter: 1,
        body: {
          reason: 'TooManyRequests',
          message: `admission webhook "gate.netpol-guard.io" denied the request: metadata.namespace: namespace ${namespace} is still being set up (waiting for netpol-guard-allow-dns, netpol-guard-default-deny); retry in a second`,
          details: { retryAfterSeconds: 1, causes: [{ reason: 'BaselinePending', field: 'metadata.namespace' }] },
        },
      });
    }
  });

  it('is let in with a warning after gate.maxHold', async () => {
    const namespace = await newNamespace();

    const created = await createPod(namespace);

    expect(created).toEqual({
      status: 0,
      stdout: 'pod/web created\n',
      stderr:
        'Warning: admitted without its baseline after 8 s: netpol-guard-allow-dns, netpol-guard-default-deny is still missing\n',
    });
    expect(podsRefused(namespace).length).toBeGreaterThan(0);
    expect(await labelsOf(world, namespace)).toMatchObject({ [STATUS]: 'pending' });
    expect(await world.guards[0]?.metric('netpol_guard_gate_waits_total', { outcome: 'hold_limit_exceeded' })).toBe(1);
  });

  it('is let in while the webhook is down', async () => {
    const namespace = await newNamespace();
    expect(await labelsOf(world, namespace)).toMatchObject({ [STATUS]: 'pending' });
    await world.guards[0]?.process.stop('SIGKILL');

    expect(await createPod(namespace)).toEqual({ status: 0, stdout: 'pod/web created\n', stderr: '' });
  });
});

describe('the gate', () => {
  usesSlowWorld(0);

  it('is not asked about pods of namespaces whose baseline stands, that have none, or of the system', async () => {
    const standing = await newNamespace();
    const without = await newNamespace({ 'netpol-guard.io/baseline': 'none' });
    await untilSpecs(world, standing);

    for (const namespace of [standing, without, 'default', 'kube-system']) {
      await world.api.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, ACCOUNT);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      expect(await world.api.request('POST', path, podObject('web'))).toMatchObject({ status: 201, warnings: [] });
    }
    expect(await world.guards[0]?.metric('netpol_guard_admission_requests_total', { resource: 'pods' })).toBe(0);
  });
});
