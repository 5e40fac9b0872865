import { addressesOf, type Dialect, type DialectKind } from '../model/dialect.ts';
import { NETWORK_POLICY_API } from './network-policy/dialect.ts';

/**
 * Dialects are the policy APIs that netpol-guard reads, by the kind in their objects and by their address in the API.
 */
export class Dialects {
  readonly all: readonly Dialect[];
  readonly kinds: readonly DialectKind[];
  private readonly byAddress = new Map<string, DialectKind>();
  private readonly byName = new Map<string, DialectKind>();

  /** Throws where two kinds have the same name or address. */
  constructor(dialects: readonly Dialect[]) {
    this.all = dialects;
    this.kinds = dialects.flatMap(({ kinds }) => kinds);
    for (const kind of this.kinds) {
      for (const address of addressesOf(kind)) put(this.byAddress, address, kind);
      for (const apiVersion of apiVersionsOf(kind)) put(this.byName, `${apiVersion} ${kind.kind}`, kind);
    }
  }

  /** kindOf returns the kind of an object by its apiVersion and kind; undefined for one that is not read. */
  kindOf(apiVersion: string, kind: string): DialectKind | undefined {
    return this.byName.get(`${apiVersion} ${kind}`);
  }

  /** kindAt returns the kind at `group/version/plural` of the API; undefined for one that is not read. */
  kindAt(address: string): DialectKind | undefined {
    return this.byAddress.get(address);
  }
}

/** apiVersionsOf returns the values of `apiVersion` that objects of a kind may have. */
export function apiVersionsOf({ served }: DialectKind): readonly string[] {
  return served.flatMap(({ group, versions }) => versions.map((version) => `${group}/${version}`));
}

function put(kinds: Map<string, DialectKind>, key: string, kind: DialectKind): void {
  if (kinds.has(key)) throw new Error(`${key} is in two dialects`);
  kinds.set(key, kind);
}

/** DIALECTS are those of this version. */
export const DIALECTS = new Dialects([NETWORK_POLICY_API]);
