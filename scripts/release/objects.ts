import type { Release } from '../../src/admission/registration/entries.ts';
import { clusterRights, discoveryRights, ownRights, type PolicyRule } from './rights.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** The namespace of cluster DNS nearly everywhere. */
const DNS_NAMESPACES: readonly string[] = ['kube-system'];

/** Installation is the namespace and account of netpol-guard, and the names of its own objects and roles. */
export interface Installation extends Release {
  /** `RELEASE_NAME` of the process. */
  readonly name: string;
}

/** KubeManifest is an object to apply. */
export interface KubeManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * releaseObjects are the objects that must be in the cluster before netpol-guard starts, except webhook configurations:
 * its namespace and account, all its rights, and its own objects, empty.
 */
export function releaseObjects(installation: Installation): readonly KubeManifest[] {
  const { name, namespace, serviceAccount, dnsNamespaces = DNS_NAMESPACES } = installation;
  const discovery = `${name}-discovery`;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } },
    ...ownObjects(installation),
    role('ClusterRole', { name }, clusterRights()),
    binding('ClusterRoleBinding', { name }, 'ClusterRole', installation),
    role('Role', { name, namespace }, ownRights(name)),
    binding('RoleBinding', { name, namespace }, 'Role', installation),
    role('ClusterRole', { name: discovery }, discoveryRights()),
    ...[...new Set([...dnsNamespaces, 'default'])].map((place) =>
      binding('RoleBinding', { name: discovery, namespace: place }, 'ClusterRole', installation),
    ),
  ];
}

/** ownObjects are those that netpol-guard fills: the chart owns them, so nothing remains after an uninstallation. */
export function ownObjects({ name, namespace }: Installation): readonly KubeManifest[] {
  const metadata = { name, namespace };
  return [
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    { apiVersion: 'v1', kind: 'Secret', metadata },
  ];
}

function role(kind: string, metadata: KubeManifest['metadata'], rules: readonly PolicyRule[]) {
  return { apiVersion: `${RBAC}/v1`, kind, metadata, rules };
}

function binding(
  kind: string,
  metadata: KubeManifest['metadata'],
  roleKind: string,
  { namespace, serviceAccount }: Installation,
) {
  const roleRef = { apiGroup: RBAC, kind: roleKind, name: metadata.name };
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  return { apiVersion: `${RBAC}/v1`, kind, metadata, roleRef, subjects };
}
