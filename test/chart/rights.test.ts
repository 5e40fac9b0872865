import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Installation, releaseObjects } from '../../scripts/release/objects.ts';
import { PEM } from './combinations.ts';
import { CHART, findHelm, type KubeObject, RELEASE, type Values } from './helm.ts';

const helm = await findHelm(4);

const KINDS: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'Lease',
  'Secret',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
]);

/** What makes an object: labels and the like aside. */
const essence = ({ apiVersion, kind, metadata: { name, namespace }, ...rest }: KubeObject) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...('rules' in rest && { rules: rest['rules'] }),
  ...('roleRef' in rest && { roleRef: rest['roleRef'], subjects: rest['subjects'] }),
  ...('data' in rest && { data: rest['data'] }),
});

const compared = (objects: readonly KubeObject[], own: string) =>
  objects
    .filter(({ kind, metadata }) => KINDS.has(kind) || (kind === 'ConfigMap' && metadata.name === own))
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined)
    .map(essence)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Rights to the Secret, to the two kinds of webhook configurations, and to look at the Deployment. */
const CERTIFICATES = / (secrets|\w+webhookconfigurations|deployments) /;

interface Role extends KubeObject {
  readonly rules: readonly {
    readonly verbs: string[];
    readonly resources: string[];
    readonly resourceNames?: string[];
  }[];
}

/** Every right by itself: of which role, the verb, the resource, and the names it is limited to. */
const granted = (objects: readonly KubeObject[]): readonly string[] =>
  objects
    .filter((object): object is Role => object.kind.endsWith('Role'))
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined)
    .flatMap(({ kind, metadata, rules }) =>
      rules.flatMap(({ verbs, resources, resourceNames = [] }) =>
        verbs.flatMap((verb) =>
          resources.map((resource) => `${kind} ${metadata.name}: ${verb} ${resource} ${resourceNames.join()}`),
        ),
      ),
    );

const installed = (installation: Installation) =>
  compared(releaseObjects(installation) as readonly KubeObject[], installation.name);

describe('the rights and own objects of the chart', () => {
  it.each<[Values, Installation]>([
    [{}, { ...RELEASE, serviceAccount: 'netpol-guard' }],
    [{}, { name: 'guard', namespace: 'security', serviceAccount: 'guard' }],
    [
      { dnsNamespaces: ['openshift-dns', 'default'] },
      { name: 'g2', namespace: 'default', serviceAccount: 'g2', dnsNamespaces: ['openshift-dns', 'default'] },
    ],
    [{ serviceAccount: { name: 'guardian' } }, { ...RELEASE, serviceAccount: 'guardian' }],
  ])('are those that the program has in the tests: %j %j', (values, installation) => {
    const wanted = installed(installation);
    expect(wanted.length).toBeGreaterThan(9);
    expect(compared(helm.render(values, installation), installation.name)).toEqual(wanted);
  });

  it.each<Values>([{ mode: 'certManager' }, { mode: 'existingSecret', existingSecret: 'tls', caBundle: PEM }])(
    'are all but those to certificates where somebody else keeps them: %j',
    (tls) => {
      const [all, fewer] = [granted(helm.render()), granted(helm.render({ tls }))];
      expect(all.filter((right) => !CERTIFICATES.test(right))).toEqual(fewer);
      expect(all.filter((right) => CERTIFICATES.test(right))).toHaveLength(3 + 3 + 3 + 1);
    },
  );

  it('of hooks go with them, failed or not; what is left for its log has none', () => {
    const hooks = helm
      .render({ cleanup: { deleteBaseline: true } })
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== undefined);
    const left = hooks.filter(
      ({ metadata }) => !metadata.annotations?.['helm.sh/hook-delete-policy']?.split(',').includes('hook-failed'),
    );
    expect(left.map(({ kind }) => kind).toSorted()).toEqual(['Job', 'Pod']);
    expect(hooks.length).toBeGreaterThan(8);
  });

  it('of `helm test` are limited to the names that it asks about', () => {
    const hooks = helm.render().filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
    const asked = readFileSync(join(CHART, 'files/test.mjs'), 'utf8').match(/\bhelm-test-\w+/g);
    const allowed = hooks.flatMap((object) => ('rules' in object ? (object as Role).rules : []));
    expect(allowed.flatMap(({ resourceNames = ['*'] }) => resourceNames).toSorted()).toEqual(
      [...new Set(asked)].toSorted(),
    );
  });

  it('leave out what somebody else makes', () => {
    const objects = helm.render({ rbac: { create: false }, serviceAccount: { create: false, name: 'guardian' } });
    const kinds = compared(objects, RELEASE.name).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['ConfigMap', 'Lease', 'Secret']);
  });

  it('hold nothing that an upgrade would write over what the process keeps there', () => {
    const own = helm
      .render()
      .filter(
        ({ kind, metadata }) => ['Secret', 'ConfigMap', 'Lease'].includes(kind) && metadata.name === RELEASE.name,
      );
    expect(own.map((object) => Object.keys(object).toSorted())).toEqual([
      ['apiVersion', 'kind', 'metadata', 'type'],
      ['apiVersion', 'kind', 'metadata'],
      ['apiVersion', 'kind', 'metadata'],
    ]);
  });
});
