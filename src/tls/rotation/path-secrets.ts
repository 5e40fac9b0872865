/** PathSecrets are what the paths of the webhooks end in. Times are in milliseconds since the epoch. */
export interface PathSecrets {
  /** The newest first, which is to stand in every configuration; every replica accepts all of them. */
  readonly secrets: readonly string[];
  /** When the newest was made. */
  readonly made: number;
  /** Until then the newest may be published at once: no replica ran then that does not know it. */
  readonly freshUntil: number;
  /** Until then paths without a secret are accepted, though no configuration may show one any more. */
  readonly plainUntil: number;
}

/** PublishedPath is where the API server calls one webhook of a configuration. */
export interface PublishedPath {
  readonly webhook: string;
  /** Its path without a secret; undefined for a webhook that this version does not know. */
  readonly plain: string | undefined;
  /** As the configuration has it; undefined for none. */
  readonly path: string | undefined;
  /** With an address the path is part of it, and is the operator's. */
  readonly by: 'service' | 'url';
}

/** PathStanding is what a path is to us. `broken` is none, or one that no replica answers. */
export type PathStanding =
  | { readonly kind: 'broken' | 'plain' | 'unknown' }
  | { readonly kind: 'secret'; readonly secret: string };

/** The API server takes as a step of a Service's path what may be a label of DNS, so no capital letters. */
const SECRET = /^[a-z0-9][a-z0-9-]{30,61}[a-z0-9]$/;

/** MOST_SECRETS are kept: a request is compared with each, and a user who can write configurations can make some up. */
export const MOST_SECRETS = 8;

/** SECRET_SHAPE says what a secret may be, for messages. */
export const SECRET_SHAPE = '32 to 63 lower-case letters, digits and hyphens, with a letter or digit at either end';

/** isPathSecret says whether a text may be one. */
export function isPathSecret(text: string): boolean {
  return SECRET.test(text);
}

/** standing reads a path. */
export function standing({ plain, path = '' }: Pick<PublishedPath, 'plain' | 'path'>): PathStanding {
  if (plain === undefined) return { kind: 'unknown' };
  if (path === plain) return { kind: 'plain' };
  const secret = path.startsWith(`${plain}/`) ? path.slice(plain.length + 1) : '';
  return isPathSecret(secret) ? { kind: 'secret', secret } : { kind: 'broken' };
}
