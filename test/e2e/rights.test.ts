import { describe, expect, it } from 'vitest';
import { clusterRights, discoveryRights, ownRights, type PolicyRule } from '../../scripts/release/rights.ts';
import { useCluster } from '../harness/fixture.ts';
import { OURSELVES, RELEASE } from '../harness/release.ts';

const cluster = useCluster();

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** Where a rule holds; everywhere without a namespace. */
interface Right extends PolicyRule {
  readonly namespace?: string;
}

/** The one table that the chart and the documents are made from; test/scripts/release.test.ts has the contract's own words. */
const RIGHTS: readonly Right[] = [
  ...clusterRights(),
  ...['kube-system', 'default'].flatMap((namespace) => discoveryRights().map((rule) => ({ ...rule, namespace }))),
  ...ownRights(RELEASE.name).map((rule) => ({ ...rule, namespace: RELEASE.namespace })),
];

const NAMESPACES = ['', 'shop', 'default', 'kube-system', RELEASE.namespace];
const NAMES = ['', 'netpol-guard', 'netpol-guard-gate'];

interface Question {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const isRight = ({ verb, resource, namespace, name }: Question): boolean =>
  RIGHTS.some(
    (right) =>
      right.verbs.includes(verb) &&
      right.resources.some((plural) =>
        right.apiGroups.some((group) => resource === [plural, group].filter(Boolean).join('.')),
      ) &&
      (right.namespace === undefined || right.namespace === namespace) &&
      (right.resourceNames === undefined || right.resourceNames.includes(name)),
  );

async function may(user: string, { verb, resource, namespace, name }: Question): Promise<boolean> {
  const [plural, ...group] = resource.split('.');
  const [main, subresource] = (plural ?? '').split('/');
  const answer = await cluster.api.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: {
      user,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${RELEASE.namespace}`, 'system:authenticated'],
      resourceAttributes: { verb, group: group.join('.'), resource: main, subresource, namespace, name },
    },
  });
  return JSON.stringify(answer.body).includes('"allowed":true');
}

describe("netpol-guard's account", () => {
  it('may do what the contract says, and no other verb on anything, anywhere', async () => {
    const listed = await cluster.kubectl(['api-resources', '-o', 'name']);
    const resources = listed.stdout.trim().split('\n');
    expect(resources.length).toBeGreaterThan(40);
    const questions = [...resources, 'pods/exec', 'namespaces/finalize', 'serviceaccounts/token'].flatMap((resource) =>
      NAMESPACES.flatMap((namespace) =>
        NAMES.flatMap((name) => VERBS.map((verb): Question => ({ verb, resource, namespace, name }))),
      ),
    );

    const wrong: Question[] = [];
    while (questions.length > 0) {
      const batch = questions.splice(0, 32);
      const answers = await Promise.all(batch.map((question) => may(OURSELVES, question)));
      wrong.push(...batch.filter((question, index) => answers[index] !== isRight(question)));
    }

    // Kubernetes itself gives every account some rights, such as to ask what it may.
    const ofEverybody = await Promise.all(wrong.map((question) => may(`${OURSELVES}-not`, question)));
    expect(wrong.filter((_, index) => !ofEverybody[index])).toEqual([]);
    expect(wrong.length).toBeLessThan(100);
  }, 120_000);

  it('is refused by the API server, in its own words, what it may not', async () => {
    const as = { user: OURSELVES, groups: ['system:serviceaccounts', 'system:authenticated'] };
    const attempts = [
      ['get', 'secrets', '-n', 'kube-system'],
      ['get', 'secrets', '-n', RELEASE.namespace],
      ['get', 'pods', '-A'],
      ['delete', 'namespace', 'default'],
      ['create', 'namespace', 'mine'],
      ['create', 'configmap', 'mine', '-n', RELEASE.namespace],
      ['delete', 'validatingwebhookconfiguration', 'netpol-guard'],
      ['delete', 'lease', 'netpol-guard', '-n', RELEASE.namespace],
      ['label', 'lease', 'netpol-guard', 'a=b', '-n', RELEASE.namespace],
      ['label', 'secret', 'netpol-guard', 'a=b', '-n', RELEASE.namespace],
    ];
    for (const args of attempts) {
      const { status, stderr } = await cluster.kubectl(args, { as });
      expect({ args, status }).toEqual({ args, status: 1 });
      expect(stderr).toMatch(/forbidden: User "system:serviceaccount:netpol-guard:netpol-guard" cannot /);
    }
  });
});
