/** PathOptions define the paths that are answered. Without any of them: the paths without a secret. */
export interface PathOptions {
  /** Each path is reached by `/PATH/SECRET`, with any of these. */
  readonly pathSecrets?: (() => readonly string[]) | undefined;
  /** Whether `/PATH` is answered too; by default, only if there are no secrets. */
  readonly plainPaths?: (() => boolean) | undefined;
  /** Asks whether an unknown path exists: with another secret, or without one. */
  readonly otherPaths?: ((secret: string | undefined) => Promise<boolean>) | undefined;
}

/** Way is the target of a URL. */
export interface Way {
  /** The path to route by, with its query. */
  readonly route: string;
  /** Whether a secret was shown. */
  readonly isProof: boolean;
  /** Asks whether the path exists; absent if that is known. */
  readonly ask?: (() => Promise<boolean>) | undefined;
}

/** NOWHERE replaces every unknown path, so that no log or message can show what a client has asked for. */
export const NOWHERE = '/';

const PATH = /^(\/[^/?#]*)(?:\/([^?#]*))?(\?[^#]*)?$/;

/** No shorter text is looked up: it was never a secret. */
const SHORTEST = 32;

/**
 * wayOf returns the target of a URL. A path of `known` is reached with one of the secrets as its second segment, or by
 * its own name if it is plain; if that is unknown, it may have to be asked. Everything else is NOWHERE, which takes the
 * same time however much of it is right.
 */
export function wayOf(url: string, known: ReadonlySet<string>, options: PathOptions): Way {
  const { path, rest, query } = partsOf(url);
  const isProof = isOneOf(rest ?? '', secretsOf(options));
  const isOpen = rest === undefined ? arePlain(options) : isProof;
  const route = known.has(path) ? `${path}${query}` : NOWHERE;
  if (isOpen || route === NOWHERE) return { route, isProof: isProof && route !== NOWHERE };
  const { otherPaths } = options;
  const isAskedAbout = rest === undefined || rest.length >= SHORTEST;
  if (otherPaths === undefined || !isAskedAbout) return { route: NOWHERE, isProof: false };
  return { route, isProof: false, ask: () => otherPaths(rest) };
}

/** arePlain tells whether paths without a secret exist. */
export function arePlain(options: PathOptions): boolean {
  return options.plainPaths?.() ?? secretsOf(options).length === 0;
}

/** `rest` is what is in the place of a secret. */
function partsOf(url: string): { readonly path: string; readonly rest: string | undefined; readonly query: string } {
  const [, path = '', rest, query = ''] = PATH.exec(url) ?? [];
  return { path, rest, query };
}

function secretsOf({ pathSecrets }: PathOptions): readonly string[] {
  return pathSecrets?.() ?? [];
}

/** Every secret is compared to its end: the time only depends on the secrets, not on the text. */
function isOneOf(text: string, secrets: readonly string[]): boolean {
  let isOne = 0;
  for (const secret of secrets) {
    let difference = text.length ^ secret.length;
    // Beyond its end a text yields NaN, which counts as 0.
    for (let at = 0; at < secret.length; at += 1) difference |= text.charCodeAt(at) ^ secret.charCodeAt(at);
    isOne |= Number(difference === 0) & Number(secret.length > 0);
  }
  return isOne === 1;
}
