import { addressesOf, type Dialect, type DialectKind } from '../model/dialect.ts';
import { NETWORK_POLICY_API } from './network-policy/dialect.ts';

/** Dialects are the policy APIs that are read, by what their objects call themselves and by where the API server has them. */
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

  /** kindOf returns the kind of an object by what it says of itself; undefined where it is not read. */
  kindOf(apiVersion: string, kind: string): DialectKind | undefined {
    return this.byName.get(`${apiVersion} ${kind}`);
  }

  /** kindAt returns the kind that the API server has at `group/version/plural`; undefined where it is not read. */
  kindAt(address: string): DialectKind | undefined {
    return this.byAddress.get(address);
  }
}

/** apiVersionsOf returns what the objects of a kind may say as `apiVersion`. */
export function apiVersionsOf({ served }: DialectKind): readonly string[] {
  return served.flatMap(({ group, versions }) => versions.map((version) => `${group}/${version}`));
}

function put(kinds: Map<string, DialectKind>, key: string, kind: DialectKind): void {
  if (kinds.has(key)) throw new Error(`${key} is in two dialects`);
  kinds.set(key, kind);
}

/** DIALECTS are those of this version. */
export const DIALECTS = new Dialects([NETWORK_POLICY_API]);
