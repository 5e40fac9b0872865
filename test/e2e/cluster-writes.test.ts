import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { loadCredentials } from '../../src/cluster/access/load-credentials.ts';
import { ApiError } from '../../src/cluster/api/api-error.ts';
import { Client } from '../../src/cluster/api/client.ts';
import { LEASES } from '../../src/cluster/api/resource.ts';
import { LeaderElector } from '../../src/cluster/election/leader-elector.ts';
import { NotLeading } from '../../src/cluster/election/term.ts';
import {
  applyPolicy,
  deletePolicy,
  isNamespaceTerminating,
  type PolicyToApply,
  patchNamespaceLabels,
} from '../../src/cluster/writes/apply.ts';
import { readOrInitialise } from '../../src/cluster/writes/config-map.ts';
import { EventRecorder } from '../../src/cluster/writes/events.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { specText } from '../../src/policy/dialects/network-policy/spec-text.ts';
import { MANAGED_LABELS } from '../../src/policy/model/labels.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { createApiClient } from '../harness/api-client.ts';
import { hurriedClock } from '../harness/clocks.ts';
import { createKubectl } from '../harness/kubectl.ts';
import { policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';
import { TestLogger } from '../unit/cluster/world.ts';

const controlPlane = inject('controlPlane');
const kubectl = createKubectl(controlPlane.kubectl, controlPlane.kubeconfig, controlPlane.folder);
const api = createApiClient(controlPlane.server, readFileSync(controlPlane.caFile, 'utf8'), controlPlane.admin);
const client = newClient();
const soon = () => AbortSignal.timeout(10_000);

afterAll(async () => {
  client.close();
  await api.close();
});

function newClient(): Client {
  const parseYaml = (text: string) => readYaml(text, 'kubeconfig').value;
  const credentials = loadCredentials({ kubeconfig: controlPlane.kubeconfig, env: {}, parseYaml, clock: systemClock });
  return new Client({ credentials, clock: systemClock, userAgent: 'netpol-guard/e2e' });
}

async function newNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = `writes-${randomBytes(4).toString('hex')}`;
  const answer = await api.request('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  expect(answer.status).toBe(201);
  return name;
}

async function kubectlOrThrow(args: readonly string[], stdin?: unknown): Promise<string> {
  const result = await kubectl(args, stdin === undefined ? {} : { stdin: JSON.stringify(stdin) });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

const NAME = 'netpol-guard-allow-dns';

/** With lists that are empty, which must not be written anew each time. */
const SPEC = {
  podSelector: { matchLabels: {} },
  policyTypes: ['Egress'],
  ingress: [],
  egress: [
    {
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ],
};

function policyIn(namespace: string): PolicyToApply {
  return {
    namespace,
    name: NAME,
    labels: MANAGED_LABELS,
    annotations: { 'netpol-guard.io/purpose': 'a test' },
    spec: SPEC,
  };
}

async function storedIn(namespace: string): Promise<{ metadata: Record<string, unknown>; spec: unknown }> {
  return JSON.parse(await kubectlOrThrow(['get', 'networkpolicy', NAME, '-n', namespace, '-o', 'json']));
}

const WEB = { podSelector: { matchLabels: { app: 'web' } } };

describe('a policy that is applied', () => {
  it.each([
    ['a rule of a list', [{ op: 'add', path: '/spec/egress/-', value: {} }]],
    ['a port of a rule', [{ op: 'add', path: '/spec/egress/0/ports/-', value: { protocol: 'TCP', port: 80 } }]],
    ['a peer of a rule', [{ op: 'add', path: '/spec/egress/0/to/-', value: { ipBlock: { cidr: '0.0.0.0/0' } } }]],
    ['a list that was stated empty', [{ op: 'add', path: '/spec/ingress', value: [{ from: [WEB] }] }]],
    ['a policy type', [{ op: 'add', path: '/spec/policyTypes/-', value: 'Ingress' }]],
    ['a narrower selector', [{ op: 'add', path: '/spec/podSelector/matchLabels', value: { app: 'web' } }]],
    ['the rules taken away', [{ op: 'remove', path: '/spec/egress' }]],
  ])('is itself again, whole, where someone else wrote %s', async (_, patch) => {
    const namespace = await newNamespace();
    await applyPolicy(client, policyIn(namespace), soon());
    const edited = await api.request(
      'PATCH',
      policyPath(namespace, `/${NAME}?fieldManager=kubectl-edit`),
      patch,
      'application/json-patch+json',
    );
    expect(edited.status).toBe(200);
    expect(specText((await storedIn(namespace)).spec)).not.toBe(specText(SPEC));
    const restored = await applyPolicy(client, policyIn(namespace), soon());
    expect(specText(restored['spec'])).toBe(specText(SPEC));
    expect(specText((await storedIn(namespace)).spec)).toBe(specText(SPEC));
  });

  it('is itself again, whole, where another one took its fields by server-side apply', async () => {
    const namespace = await newNamespace();
    await applyPolicy(client, policyIn(namespace), soon());
    const other = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: NAME, namespace, labels: { 'app.kubernetes.io/managed-by': 'other', theirs: 'yes' } },
      spec: { podSelector: {}, ingress: [{ from: [WEB] }], egress: [{}], policyTypes: ['Ingress', 'Egress'] },
    };
    await kubectlOrThrow(['apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'], other);
    expect(specText((await storedIn(namespace)).spec)).toBe(specText(other.spec));
    const restored = await applyPolicy(client, policyIn(namespace), soon());
    expect(specText(restored['spec'])).toBe(specText(SPEC));
    expect(restored['metadata']).toMatchObject({ labels: { ...MANAGED_LABELS, theirs: 'yes' } });
  });

  it.each([
    ['as it was made', []],
    ['once healed', [{ op: 'add', path: '/spec/ingress', value: [{ from: [WEB] }] }]],
  ])('is not written again where it stands %s: it keeps its version and its generation', async (_, edit) => {
    const namespace = await newNamespace();
    await applyPolicy(client, policyIn(namespace), soon());
    const path = policyPath(namespace, `/${NAME}`);
    if (edit.length > 0) await api.request('PATCH', path, edit, 'application/json-patch+json');
    // Healing leaves the empty list stated, and one more time takes that back.
    for (let i = 0; i < 2; i += 1) await applyPolicy(client, policyIn(namespace), soon());
    const { metadata } = await storedIn(namespace);
    for (let i = 0; i < 3; i += 1) await applyPolicy(client, policyIn(namespace), soon());
    expect((await storedIn(namespace)).metadata).toEqual(metadata);
  });
});

describe('a guarded client', () => {
  it('asks its guard once the connection is encrypted, and writes nothing where that throws', async () => {
    const namespace = await newNamespace();
    for (const leads of [false, true]) {
      const fresh = newClient();
      let asked = 0;
      const guarded = fresh.guardedBy(() => {
        asked += 1;
        if (!leads) throw new NotLeading('not the leader');
      });
      const applied = applyPolicy(guarded, policyIn(namespace), soon()).finally(() => fresh.close());
      if (leads) await applied;
      else expect(await failureOf(applied)).toEqual(new NotLeading('not the leader'));
      expect(asked).toBe(1);
      expect((await kubectl(['get', 'networkpolicy', NAME, '-n', namespace])).status).toBe(leads ? 0 : 1);
    }
  });
});

describe('deletePolicy', () => {
  it('removes what was applied, also where someone else has edited it since', async () => {
    const namespace = await newNamespace();
    expect(await deletePolicy(client, namespace, NAME, soon())).toBe('absent');
    await applyPolicy(client, policyIn(namespace), soon());
    await kubectlOrThrow(['label', 'networkpolicy', NAME, '-n', namespace, 'theirs=yes']);
    expect(await deletePolicy(client, namespace, NAME, soon())).toBe('deleted');
    expect(await deletePolicy(client, namespace, NAME, soon())).toBe('absent');
  });

  it("leaves a user's policy of that name alone", async () => {
    const namespace = await newNamespace();
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: NAME, namespace } };
    await kubectlOrThrow(['apply', '-f', '-'], { ...policy, spec: SPEC });
    expect(await deletePolicy(client, namespace, NAME, soon())).toBe('not-ours');
    await storedIn(namespace);
  });
});

describe('patchNamespaceLabels', () => {
  const path = '/metadata/labels/netpol-guard.io~1baseline-status';
  const lift = [
    { op: 'test', path, value: 'pending' },
    { op: 'remove', path },
  ] as const;

  it('changes what its tests hold for, and nothing else', async () => {
    const namespace = await newNamespace({ 'netpol-guard.io/baseline-status': 'pending', team: 'a' });
    expect(await patchNamespaceLabels(client, namespace, lift, soon())).toBe('patched');
    const labels = await kubectlOrThrow(['get', 'namespace', namespace, '-o', 'jsonpath={.metadata.labels}']);
    expect(JSON.parse(labels)).toEqual({ 'kubernetes.io/metadata.name': namespace, team: 'a' });
    expect(await patchNamespaceLabels(client, namespace, lift, soon())).toBe('conflict');
    expect(await patchNamespaceLabels(client, 'nowhere', lift, soon())).toBe('absent');
  });

  it('throws where the API server takes the new labels for wrong', async () => {
    const namespace = await newNamespace({ team: 'a' });
    const wrong = [{ op: 'add', path: '/metadata/labels/team', value: 'not a label!' }] as const;
    const error = await failureOf(patchNamespaceLabels(client, namespace, wrong, soon()));
    expect(error).toMatchObject({ code: 422, causes: expect.arrayContaining(['FieldValueInvalid']) });
  });
});

describe('isNamespaceTerminating', () => {
  it('knows the answers in a namespace that is being deleted, and in one that is gone', async () => {
    const namespace = await newNamespace();
    const holding = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'holding', namespace, finalizers: ['example.org/hold'] },
    };
    await kubectlOrThrow(['apply', '-f', '-'], holding);
    await kubectlOrThrow(['delete', 'namespace', namespace, '--wait=false']);
    const terminating = await until('an answer of a terminating namespace', async () => {
      const error = await failureOf(applyPolicy(client, policyIn(namespace), soon()));
      return error instanceof ApiError ? error : undefined;
    });
    expect(terminating).toMatchObject({ code: 403, causes: ['NamespaceTerminating'] });
    expect(isNamespaceTerminating(terminating)).toBe(true);

    const lift = '{"metadata":{"finalizers":null}}';
    await kubectlOrThrow(['patch', 'configmap', 'holding', '-n', namespace, '--type=merge', '-p', lift]);
    await kubectlOrThrow(['wait', '--for=delete', `namespace/${namespace}`, '--timeout=30s']);
    const gone = await failureOf(applyPolicy(client, policyIn(namespace), soon()));
    expect(gone).toMatchObject({ code: 404, kind: 'namespaces' });
    expect(isNamespaceTerminating(gone)).toBe(true);
  });

  it('takes no other refusal for one', async () => {
    const namespace = await newNamespace();
    const invalid = { ...policyIn(namespace), name: 'Not a name' };
    expect(isNamespaceTerminating(await failureOf(applyPolicy(client, invalid, soon())))).toBe(false);
    const noPolicy = await failureOf(
      client.get({ group: '', version: 'v1', plural: 'pods', namespace }, 'x', { signal: soon() }),
    );
    expect(noPolicy).toMatchObject({ code: 404, kind: 'pods' });
    expect(isNamespaceTerminating(noPolicy)).toBe(false);
  });
});

describe('an event about a namespace', () => {
  it('lies in it, counted, where kubectl shows it', async () => {
    const namespace = await newNamespace();
    const uid = await kubectlOrThrow(['get', 'namespace', namespace, '-o', 'jsonpath={.metadata.uid}']);
    const recorder = new EventRecorder({
      client,
      clock: systemClock,
      component: 'netpol-guard',
      instance: 'netpol-guard-0',
    });
    const event = { namespace, uid, type: 'Warning', reason: 'BaselineConflict', action: 'Heal' } as const;
    for (const message of ['x'.repeat(3000), 'a policy was changed back twice']) recorder.record({ ...event, message });
    try {
      const shown = await until('the event', async () => {
        const text = await kubectlOrThrow(['events', '-n', namespace]);
        return text.includes('BaselineConflict') ? text : undefined;
      });
      expect(shown).toMatch(/\(x2 over .*\) +Warning +BaselineConflict +Namespace\/.*a policy was changed back twice/);
      expect(shown.trim().split('\n')).toHaveLength(2);
      const about = await kubectlOrThrow(['events', '-n', namespace, `--for=namespace/${namespace}`]);
      expect(about).toContain('BaselineConflict');
    } finally {
      await recorder.stop();
    }
  });
});

describe('readOrInitialise', () => {
  it('gives the value of the first to all who ask at once', async () => {
    const namespace = await newNamespace();
    await kubectlOrThrow(['create', 'configmap', 'netpol-guard', '-n', namespace]);
    const since = { namespace, name: 'netpol-guard', key: 'baselineSince' };
    const ask = (value: string) => readOrInitialise(client, since, value, soon());
    const answers = await Promise.all(['1', '2', '3', '4', '5'].map(ask));
    expect(new Set(answers).size).toBe(1);
    expect(await ask('6')).toBe(answers[0]);
    const error = await failureOf(readOrInitialise(client, { ...since, name: 'nothing' }, '1', soon()));
    expect(error).toMatchObject({ code: 404, kind: 'configmaps' });
  });
});

describe('leader election', () => {
  it('makes no Lease anew that was deleted under its leader, though the API server would let updates do so', async () => {
    const namespace = await newNamespace();
    const resource = { ...LEASES, namespace };
    await client.create(resource, { metadata: { name: 'netpol-guard' } }, { signal: soon() });
    const lease = await client.get(resource, 'netpol-guard', { signal: soon() });
    await client.delete(resource, 'netpol-guard', {}, { signal: soon() });
    const error = await failureOf(client.update(resource, 'netpol-guard', lease, { signal: soon() }));
    expect(error).toMatchObject({ code: 409 });
    expect(await failureOf(client.get(resource, 'netpol-guard', { signal: soon() }))).toMatchObject({ code: 404 });
  });

  it('waits for the Lease, leads one at a time, and hands over', async () => {
    const namespace = await newNamespace();
    const logger = new TestLogger();
    const leading = new Set<string>();
    const elect = (identity: string) =>
      new LeaderElector({
        client,
        namespace,
        name: 'netpol-guard',
        identity,
        clock: hurriedClock(5),
        logger,
        lead: (signal) => {
          leading.add(identity);
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              leading.delete(identity);
              resolve();
            });
          });
        },
      });
    const electors = new Map(['one', 'two'].map((identity) => [identity, elect(identity)]));
    try {
      await until('a complaint', () => (logger.lines.length === 2 ? true : undefined));
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'netpol-guard', namespace },
      };
      expect(logger.messages()[0]).toContain('Lease not found, so no replica can lead');
      expect((await kubectl(['get', 'lease', 'netpol-guard', '-n', namespace])).stderr).toContain('NotFound');
      await kubectlOrThrow(['create', '-f', '-'], lease);
      const [first = ''] = await until('a leader', () => (leading.size > 0 ? [...leading] : undefined));
      const spec = async (): Promise<Record<string, unknown>> =>
        JSON.parse(await kubectlOrThrow(['get', 'lease', 'netpol-guard', '-n', namespace, '-o', 'jsonpath={.spec}']));
      const before = await spec();
      expect(before).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 1 });
      expect(before['holderIdentity']).toMatch(new RegExp(`^${first}_`));
      await until('a renewal', async () => ((await spec())['renewTime'] !== before['renewTime'] ? true : undefined));
      expect((await spec())['acquireTime']).toBe(before['acquireTime']);

      await electors.get(first)?.stop();
      expect(leading.has(first)).toBe(false);
      const [second = ''] = await until('another leader', () => (leading.size > 0 ? [...leading] : undefined));
      expect(second).not.toBe(first);
      expect(await spec()).toMatchObject({ leaseTransitions: 2 });
      await electors.get(second)?.stop();
      expect(await spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 2 });
    } finally {
      await Promise.all([...electors.values()].map((elector) => elector.stop()));
    }
  });
});
