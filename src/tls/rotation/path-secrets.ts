/** PathSecrets are the last segments of the webhooks' paths. Times are in milliseconds since the epoch. */
export interface PathSecrets {
  /** The newest first, which every configuration should have; every replica accepts all of them. */
  readonly secrets: readonly string[];
  /** When the newest was made. */
  readonly made: number;
  /** Until then the newest may be published at once: no replica ran then that does not know it. */
  readonly freshUntil: number;
  /** Until then paths without a secret are accepted, though no configuration may show one any more. */
  readonly plainUntil: number;
}

/** PublishedPath is the path at which the API server calls one webhook of a configuration. */
export interface PublishedPath {
  readonly webhook: string;
  /** Its path without a secret; undefined for a webhook that this version does not know. */
  readonly plain: string | undefined;
  /** As the configuration has it; undefined for none. */
  readonly path: string | undefined;
  /** With an address the path is part of it, and is the operator's. */
  readonly by: 'service' | 'url';
}

/** PathStanding is the kind of a path. `broken` is none, or one that no replica answers. */
export type PathStanding =
  | { readonly kind: 'broken' | 'plain' | 'unknown' }
  | { readonly kind: 'secret'; readonly secret: string };

/** The API server accepts only DNS labels as segments of a Service's path, so no capital letters. */
const SECRET = /^[a-z0-9][a-z0-9-]{30,61}[a-z0-9]$/;

/**
 * MOST_SECRETS is the most to keep: a request is compared with each, and a user who can write configurations can invent
 * some.
 */
export const MOST_SECRETS = 8;

/** SECRET_SHAPE describes the form of a secret, for messages. */
export const SECRET_SHAPE = '32 to 63 lower-case letters, digits and hyphens, with a letter or digit at either end';

/** isPathSecret tells whether a text may be one. */
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
