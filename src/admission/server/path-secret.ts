/** PathOptions say at which paths there is an answer. Without any of them: at those without a secret. */
export interface PathOptions {
  /** Each path is reached by `/PATH/SECRET`, with any of these. */
  readonly pathSecrets?: (() => readonly string[]) | undefined;
  /** Whether each is reached by `/PATH` too; if nothing is said, where there are no secrets. */
  readonly plainPaths?: (() => boolean) | undefined;
  /** Asks whether a path is there that is not known to be: with another secret, or without one. */
  readonly otherPaths?: ((secret: string | undefined) => Promise<boolean>) | undefined;
}

/** Way is where a URL leads. */
export interface Way {
  /** The path to route by, with its query. */
  readonly route: string;
  /** Whether a secret was shown. */
  readonly isProof: boolean;
  /** Asks whether it leads there at all; absent where that is known. */
  readonly ask?: (() => Promise<boolean>) | undefined;
}

/** NOWHERE is what every path becomes that leads nowhere, so that no log or message can show what somebody has asked for. */
export const NOWHERE = '/';

const PATH = /^(\/[^/?#]*)(?:\/([^?#]*))?(\?[^#]*)?$/;

/** No shorter text is asked about: it was never anybody's secret. */
const SHORTEST = 32;

/**
 * wayOf returns where a URL leads. A path of `known` is reached by one of the secrets as its second segment, and by its own
 * name where it is plain; where that is not known, it may have to be asked. All else is NOWHERE, which takes the same time
 * however much of it is right.
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

/** arePlain says whether paths without a secret are there. */
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

/** Every secret is compared, to its end: how long it takes depends on the secrets alone, and not on the text. */
function isOneOf(text: string, secrets: readonly string[]): boolean {
  let isOne = 0;
  for (const secret of secrets) {
    let difference = text.length ^ secret.length;
    // Past its end a text has NaN, which counts as 0.
    for (let at = 0; at < secret.length; at += 1) difference |= text.charCodeAt(at) ^ secret.charCodeAt(at);
    isOne |= Number(difference === 0) & Number(secret.length > 0);
  }
  return isOne === 1;
}
