import type { Faults } from '../../objects/faults.ts';
import type { Policy } from './policy.ts';

/** ServedGroup is a group of the API under which a kind is served, and the versions of it that are read. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly string[];
}

interface Kind {
  readonly kind: string;
  /** As in the API's addresses: `networkpolicies`. */
  readonly plural: string;
  /** Several if a project has moved, or serves the same objects twice. */
  readonly served: readonly ServedGroup[];
  readonly scope: 'Namespaced' | 'Cluster';
}

/** PolicyKind is a kind whose objects allow or deny. */
export interface PolicyKind extends Kind {
  readonly role: 'policy';
  /**
   * Reads an object; `namespace` is the default for one without a namespace. Throws what `faults` throws, and
   * TooManyItems.
   */
  readonly read: (object: unknown, namespace: string, faults?: Faults) => Policy;
  /**
   * Whether an object is the one before it, or that one with parts removed; decidable even for objects that are too
   * large to be read.
   */
  readonly onlyTakesAway: (before: unknown, after: unknown) => boolean;
}

/** FactKind is a kind that policies depend on, such as a set of addresses that they name. */
export interface FactKind extends Kind {
  readonly role: 'fact';
  /** Throws what `faults` throws. */
  readonly read: (object: unknown, faults?: Faults) => object;
}

/** DialectKind is a kind of either sort. */
export type DialectKind = PolicyKind | FactKind;

/** Dialect is one policy API: its kinds, and how they are read. */
export interface Dialect {
  /** Its webhook entries are named after it. */
  readonly name: string;
  readonly kinds: readonly DialectKind[];
  /** Accounts of what enforces it, such as `system:serviceaccount:toy:agent`: the webhook is not asked about what they write. */
  readonly accounts?: readonly string[] | undefined;
}

/** defineDialect returns the dialect unchanged; it exists for the types. */
export function defineDialect(dialect: Dialect): Dialect {
  return dialect;
}

/** JudgedKind is a kind of namespaced policies. */
export type JudgedKind = PolicyKind & { readonly scope: 'Namespaced' };

/** isJudged holds for namespaced policies: each is judged in its own namespace. */
export function isJudged(kind: DialectKind): kind is JudgedKind {
  return kind.role === 'policy' && kind.scope === 'Namespaced';
}

/** addressesOf returns the addresses of a kind in the API, as `group/version/plural`. */
export function addressesOf({ served, plural }: DialectKind): readonly string[] {
  return served.flatMap(({ group, versions }) => versions.map((version) => `${group}/${version}/${plural}`));
}
