import { OTHER_POLICY_APIS } from '../../policy/dialects/other-policy-apis.ts';
import type { ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import type { Followed, WantedKind } from './kind-watch.ts';
import type { ServedKind } from './served-kinds.ts';

/** OTHER_POLICIES are the kinds of other policy APIs. Only the existence of their objects is known. */
export const OTHER_POLICIES: readonly WantedKind[] = OTHER_POLICY_APIS.map(({ group, plural }) => ({
  served: [{ group }],
  plural,
  follow: followNames,
}));

/** followNames follows the names of objects: each can reach its namespace, and one without a namespace reaches all. */
export function followNames({ clusterScoped }: ServedKind): Followed {
  const names = new Names();
  return {
    handler: names,
    metadataOnly: true,
    reaches: (namespace) => names.has(clusterScoped ? '' : namespace),
  };
}

/**
 * Names counts the objects of one kind by namespace, without those that represent others. It does not keep the names:
 * the reflector knows them (see Replica), and a tenant may make a hundred thousand.
 */
class Names implements ObjectHandler {
  private readonly byNamespace = new Map<string, number>();

  has(namespace: string): boolean {
    return this.byNamespace.has(namespace);
  }

  onAdd(key: ObjectKey): void {
    this.count(key, 1);
  }

  onUpdate(): void {}

  onDelete(key: ObjectKey): void {
    this.count(key, -1);
  }

  private count({ namespace, name }: ObjectKey, more: number): void {
    if (isMirror(name)) return;
    const count = (this.byNamespace.get(namespace) ?? 0) + more;
    if (count > 0) this.byNamespace.set(namespace, count);
    else this.byNamespace.delete(namespace);
  }
}

/**
 * An object may be another's shadow: Calico's API server lists the cluster's own NetworkPolicies and
 * admin policies among its own kinds, under names that begin so (libcalico-go, conversion/constants.go).
 */
function isMirror(name: string): boolean {
  return ['knp.default.', 'kanp.', 'kbanp.', 'kcnp.'].some((prefix) => name.startsWith(prefix));
}
