import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { useCluster } from '../harness/fixture.ts';
import { startLabelWebhook } from '../harness/label-webhook.ts';
import { until } from '../harness/until.ts';

const BASELINE = 'netpol-guard.io/baseline';
const STATUS = 'netpol-guard.io/baseline-status';
const ENFORCE = 'netpol-guard.io/enforce';

type Labels = Readonly<Record<string, string>>;

/** May write namespaces, and no more. */
const DANA = { as: { user: 'dana', groups: ['developers'] } };
/** May lower what is enforced besides, in every namespace. */
const ERIN = { as: { user: 'erin', groups: ['developers'] } };
/** The same, in the namespace `scoped` alone. */
const FINN = { as: { user: 'finn', groups: ['developers'] } };

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/namespace-labels.md'), 'utf8');

/** The role as the page gives it. */
const [, EXEMPT = ''] = /```yaml\n([^]*?)```/.exec(PAGE) ?? [];

const RIGHTS = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: namespace-writer}
rules:
  - {apiGroups: [""], resources: [namespaces], verbs: [get, list, create, update, patch]}
---
${EXEMPT}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: netpol-guard-exempt-scoped}
rules:
  - {apiGroups: [netpol-guard.io], resources: [namespaces], verbs: [exempt], resourceNames: [scoped]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: namespace-writers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: namespace-writer}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: netpol-guard-exempt}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: netpol-guard-exempt}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: erin}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: netpol-guard-exempt-scoped}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: netpol-guard-exempt-scoped}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: finn}]
`;

const cluster = useCluster({ config: { baseline: { excludedNamespaces: ['left-out-*'] }, gate: { enabled: true } } });

beforeAll(async () => {
  expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: RIGHTS })).toMatchObject({ status: 0 });
  // Validating and mutating configurations come to the API server each in its own time.
  await until('new namespaces to be labelled', async () => (BASELINE in (await born({})) ? true : undefined));
});

/** The labels with which a namespace would be stored: the answer of a dry run, before the controller has seen it. */
async function born(metadata: object): Promise<Labels> {
  const answer = await cluster.api.request('POST', '/api/v1/namespaces?dryRun=All', {
    metadata: { name: unique(), ...metadata },
  });
  expect(answer).toMatchObject({ status: 201 });
  return (answer.body as { metadata: { labels: Labels } }).metadata.labels;
}

function unique(): string {
  return `labels-${randomBytes(4).toString('hex')}`;
}

async function stored(name: string): Promise<Labels> {
  const { body } = await cluster.api.request('GET', `/api/v1/namespaces/${name}`);
  return (body as { metadata: { labels?: Labels } }).metadata.labels ?? {};
}

function label(namespace: string, labels: readonly string[], user?: typeof DANA) {
  return cluster.kubectl(['label', '--overwrite', 'namespace', namespace, ...labels], user);
}

describe('a new namespace', () => {
  it('is born with the baseline and the gate, with labels or without', async () => {
    const both = { [BASELINE]: 'default-deny', [STATUS]: 'pending' };
    expect(await born({})).toMatchObject(both);
    expect(await born({ labels: { 'example.com/team': 'a' } })).toMatchObject({ ...both, 'example.com/team': 'a' });
    expect(await born({ labels: { [STATUS]: 'done' } })).toMatchObject(both);
  });

  it('may opt out, and then waits for nothing', async () => {
    const labels = await born({ labels: { [BASELINE]: 'none', [STATUS]: 'pending' } });
    expect(labels).toMatchObject({ [BASELINE]: 'none' });
    expect(labels).not.toHaveProperty([STATUS]);
  });

  it('is labelled also where its name is generated, whatever name its labels claim', async () => {
    const generated = { name: undefined, generateName: 'labels-' };
    expect(await born(generated)).toMatchObject({ [BASELINE]: 'default-deny' });
    const forged = { ...generated, labels: { 'kubernetes.io/metadata.name': 'kube-system' } };
    expect(await born(forged)).toMatchObject({ [BASELINE]: 'default-deny', [STATUS]: 'pending' });
  });

  it('is left alone where it is excluded or a system namespace', async () => {
    for (const metadata of [
      { name: `left-out-${unique()}` },
      { name: undefined, generateName: 'left-out-' },
      { name: `openshift-${unique()}` },
      { name: 'cattle-system' },
    ]) {
      expect(Object.keys(await born(metadata))).toEqual(['kubernetes.io/metadata.name']);
    }
  });

  it('is labelled again where another webhook has changed it since', async () => {
    const other = await startLabelWebhook(inject('controlPlane').folder);
    try {
      await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(other.configuration) });
      const labels = { 'replace-labels': 'yes' };
      const replaced = await until('the other webhook to be called', async () => {
        const found = await born({ labels });
        return 'replaced' in found ? found : undefined;
      });
      expect(replaced).toMatchObject({ replaced: 'yes', [BASELINE]: 'default-deny', [STATUS]: 'pending' });
    } finally {
      await cluster.kubectl(['delete', 'mutatingwebhookconfiguration', 'zz-labels']);
      await other.stop();
    }
  });
});

describe('an update of a namespace', () => {
  it('keeps the baseline that it drops, and says how to opt out', async () => {
    const namespace = await cluster.namespace();

    const dropped = await label(namespace, [`${BASELINE}-`]);

    expect(dropped.status).toBe(0);
    expect(dropped.stderr).toContain(`Warning: label ${BASELINE} is kept: set it to none to opt out of the baseline`);
    expect(await stored(namespace)).toMatchObject({ [BASELINE]: 'default-deny' });
    expect(await label(namespace, [`${BASELINE}=none`])).toMatchObject({ status: 0, stderr: '' });
    expect(await stored(namespace)).toMatchObject({ [BASELINE]: 'none' });
  });

  it('never brings an old namespace under the baseline', async () => {
    expect(await label('default', ['example.com/team=a'])).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(await stored('default'))).not.toContain(BASELINE);
    await label('default', ['example.com/team-']);
  });

  it.each([['--server-side'], ['--server-side=false']])(
    'changes nothing where it is the same: kubectl apply %s',
    async (how) => {
      const stdin = stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: unique(), labels: { team: 'a' } },
      });
      expect(await cluster.kubectl(['apply', how, '-f', '-'], { stdin })).toMatchObject({ status: 0 });
      expect(await cluster.kubectl(['diff', how, '-f', '-'], { stdin })).toEqual({ status: 0, stdout: '', stderr: '' });
      const again = await cluster.kubectl(['apply', how, '-f', '-'], { stdin });
      expect(again).toMatchObject({ status: 0, stderr: '' });
      expect(again.stdout).toMatch(/serverside-applied|unchanged/);
      expect(await cluster.kubectl(['diff', how, '-f', '-'], { stdin })).toMatchObject({ status: 0, stdout: '' });
    },
  );

  it('with a template that there is none of is refused with those that there are', async () => {
    const namespace = await cluster.namespace();

    const refused = await label(namespace, [`${BASELINE}=deafult-deny`]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      `metadata.labels[${BASELINE}]: "deafult-deny" is not a template; did you mean default-deny? ` +
        'use none, default-deny, default-deny-egress, default-deny-ingress',
    );
  });
});

describe('whoever may write namespaces, but lacks the verb exempt', () => {
  it('makes namespaces, raises what is enforced, and sets other labels', async () => {
    const name = unique();
    expect(await cluster.kubectl(['create', 'namespace', name], DANA)).toMatchObject({ status: 0, stderr: '' });
    expect(await label(name, [`${ENFORCE}=strict`], DANA)).toMatchObject({ status: 0 });
    expect(await label(name, ['example.com/team=a'], DANA)).toMatchObject({ status: 0, stderr: '' });
    expect(await stored(name)).toMatchObject({ [BASELINE]: 'default-deny', [ENFORCE]: 'strict' });
  });

  it.each([
    [`${ENFORCE}=off`, `label ${ENFORCE}: lowering it from standard to off`],
    [`${BASELINE}=none`, `label ${BASELINE}: changing it from "default-deny" to "none"`],
    [`${BASELINE}=default-deny-ingress`, `changing it from "default-deny" to "default-deny-ingress"`],
    [`${STATUS}=done`, `label ${STATUS}: only netpol-guard changes it; changing it from`],
  ])('is refused %s, and told whom to ask', async (change, problem) => {
    const name = await cluster.namespace();
    for (const dryRun of [[], ['--dry-run=server']]) {
      const refused = await label(name, [change, ...dryRun], DANA);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(`ValidatingAdmissionPolicy 'netpol-guard-opt-out'`);
      expect(refused.stderr).toContain(problem);
      expect(refused.stderr).toContain(
        `needs the permission exempt (namespaces.netpol-guard.io "${name}"); ask a cluster admin`,
      );
    }
    expect(await label(name, [change, '--dry-run=server'], ERIN)).toMatchObject({ status: 0 });
  });

  it('drops the baseline in vain', async () => {
    const name = await cluster.namespace();
    const dropped = await label(name, [`${BASELINE}-`], DANA);
    expect(dropped).toMatchObject({ status: 0, stderr: expect.stringContaining(`label ${BASELINE} is kept`) });
    expect(await stored(name)).toMatchObject({ [BASELINE]: 'default-deny' });
  });

  it('cannot drop a level that is above the default', async () => {
    const name = await cluster.namespace({ [ENFORCE]: 'strict' });
    expect(await label(name, [`${ENFORCE}-`], DANA)).toMatchObject({ status: 1 });
    expect(await label(name, [`${ENFORCE}-`], ERIN)).toMatchObject({ status: 0 });
  });

  it('cannot make a namespace without the baseline, under a name of its own or a generated one', async () => {
    const labels = { [BASELINE]: 'none' };
    const forged = { ...labels, 'kubernetes.io/metadata.name': 'kube-system' };
    for (const metadata of [
      { name: unique(), labels },
      { generateName: 'labels-', labels },
      { generateName: 'labels-', labels: forged },
    ]) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata };
      const create = ['create', '--dry-run=server', '-f', '-'];
      const refused = await cluster.kubectl(create, { stdin: JSON.stringify(object), ...DANA });
      expect(refused).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`label ${BASELINE}: changing it from`),
      });
      const allowed = await cluster.kubectl(create, { stdin: JSON.stringify(object), ...ERIN });
      expect(allowed).toMatchObject({ status: 0 });
    }
  });

  it('gets the baseline under an excluded name like under any other; with the verb, it does not', async () => {
    const object = (metadata: object) => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
    const create = ['create', '--dry-run=server', '-o', 'jsonpath={.metadata.labels}', '-f', '-'];
    for (const metadata of [{ name: `left-out-${unique()}` }, { generateName: 'left-out-' }]) {
      const stdin = object(metadata);
      const danas = await cluster.kubectl(create, { stdin, ...DANA });
      expect(danas).toMatchObject({ status: 0, stdout: expect.stringContaining(`"${BASELINE}":"default-deny"`) });
      const erins = await cluster.kubectl(create, { stdin, ...ERIN });
      expect(erins).toMatchObject({ status: 0, stdout: expect.not.stringContaining(BASELINE) });
    }
  });

  it('is told so by the API server, asked as the page says', async () => {
    const [, stdin = ''] = /<<EOF\n([^]*?)EOF/.exec(PAGE) ?? [];
    expect(stdin).toContain('user: dana');
    const args = ['create', '-o', 'jsonpath={.status.allowed}', '-f', '-'];
    expect(await cluster.kubectl(args, { stdin })).toMatchObject({ status: 0, stdout: 'false' });
    const erins = stdin.replace('user: dana', 'user: erin');
    expect(await cluster.kubectl(args, { stdin: erins })).toMatchObject({ status: 0, stdout: 'true' });
  });

  it('has it in the namespaces that it is given for', async () => {
    await cluster.kubectl(['create', 'namespace', 'scoped']);
    const other = await cluster.namespace();
    expect(await label('scoped', [`${BASELINE}=none`], FINN)).toMatchObject({ status: 0 });
    expect(await label(other, [`${BASELINE}=none`], FINN)).toMatchObject({ status: 1 });
  });
});

describe('while netpol-guard is down', () => {
  it('namespaces are made and labelled, but lowered by none but those who have the verb', async () => {
    const name = await cluster.namespace();
    await cluster.guard.process.stop('SIGKILL');

    expect(await cluster.kubectl(['create', 'namespace', unique()], DANA)).toMatchObject({ status: 0 });
    expect(await label(name, ['example.com/team=a'], DANA)).toMatchObject({ status: 0 });
    const refused = await label(name, [`${ENFORCE}=off`], DANA);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('lowering it from standard to off') });
    expect(await label(name, [`${ENFORCE}=off`], ERIN)).toMatchObject({ status: 0 });
  });

  it('an excluded name takes nobody past the baseline: it is given by label, or the namespace is not made', async () => {
    const excluded = `left-out-${unique()}`;
    const refused = await cluster.kubectl(['create', 'namespace', excluded], DANA);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining(`label it ${BASELINE}: default-deny`) });
    const metadata = { name: excluded, labels: { [BASELINE]: 'default-deny' } };
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
    expect(await cluster.kubectl(['create', '-f', '-'], { stdin, ...DANA })).toMatchObject({ status: 0 });
    expect(await cluster.kubectl(['create', 'namespace', `${excluded}-2`], ERIN)).toMatchObject({ status: 0 });
  });
});
