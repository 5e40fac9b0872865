import { describe, expect, it } from 'vitest';
import { useCluster } from './harness/fixture.ts';
import { OURSELVES, RELEASE } from './harness/release.ts';

const cluster = useCluster();

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** What the contract says, word by word: verbs, resource, where (a namespace; empty for everywhere), name. */
const RIGHTS: readonly (readonly [verbs: string, resource: string, namespace: string, name: string])[] = [
  ['get list watch patch', 'namespaces', '', ''],
  ['get list watch create update patch delete', 'networkpolicies.networking.k8s.io', '', ''],
  ['list watch', 'services', '', ''],
  ['create patch', 'events', '', ''],
  ['list watch', 'pods', 'kube-system', ''],
  ['list watch', 'pods', 'default', ''],
  ['list watch', 'endpointslices.discovery.k8s.io', 'kube-system', ''],
  ['list watch', 'endpointslices.discovery.k8s.io', 'default', ''],
  ['get watch update patch', 'secrets', 'netpol-guard', 'netpol-guard'],
  ['get watch update patch', 'configmaps', 'netpol-guard', 'netpol-guard'],
  ['get watch update patch', 'leases.coordination.k8s.io', 'netpol-guard', 'netpol-guard'],
  ['get', 'deployments.apps', 'netpol-guard', 'netpol-guard'],
  ['get watch patch', 'mutatingwebhookconfigurations.admissionregistration.k8s.io', '', 'netpol-guard'],
  ['get watch patch', 'validatingwebhookconfigurations.admissionregistration.k8s.io', '', 'netpol-guard'],
  ['get watch patch', 'validatingwebhookconfigurations.admissionregistration.k8s.io', '', 'netpol-guard-gate'],
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
    ([verbs, kind, where, which]) =>
      verbs.split(' ').includes(verb) &&
      kind === resource &&
      (where === '' || where === namespace) &&
      (which === '' || which === name),
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
    ];
    for (const args of attempts) {
      const { status, stderr } = await cluster.kubectl(args, { as });
      expect({ args, status }).toEqual({ args, status: 1 });
      expect(stderr).toMatch(/forbidden: User "system:serviceaccount:netpol-guard:netpol-guard" cannot /);
    }
  });
});
