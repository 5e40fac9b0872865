import type { PathView } from '../../../../src/tls/rotation/decide-paths.ts';
import type { PathSecrets } from '../../../../src/tls/rotation/path-secrets.ts';
import type { Published } from '../../../../src/tls/rotation/published.ts';

/** secretOf is the secret of a letter: `a` is older than `b`, if a case says so. */
export const secretOf = (letter: string) => letter.repeat(32);

/** pathsOf is what a Secret holds, the newest first. */
export function pathsOf(letters: string, more: Partial<PathSecrets> = {}): PathSecrets {
  return { secrets: [...letters].map(secretOf), made: 0, freshUntil: 0, plainUntil: 0, ...more };
}

/**
 * configurationOf is a webhook configuration by the paths of its webhooks: a letter for `/validate/<secret>`, empty for none,
 * or the path itself.
 */
export function configurationOf(paths: readonly string[], more: { by?: 'url'; name?: string } = {}): Published {
  return {
    name: more.name ?? 'netpol-guard',
    version: '1',
    bundles: [],
    paths: paths.map((text, index) => ({
      webhook: `w${index}`,
      plain: '/validate',
      path: pathOf(text),
      by: more.by ?? 'service',
    })),
  };
}

/** pathOf spells a path as configurationOf takes it. */
export function pathOf(text: string): string | undefined {
  if (text === '') return undefined;
  return text.startsWith('/') ? text : `/validate/${secretOf(text)}`;
}

/** viewOf is a view in which everything has held for so long. */
export function viewOf(paths: PathSecrets, published: readonly Published[], steadyMs: PathView['steadyMs']): PathView {
  return { paths, pair: { issued: 0 }, published, steadyMs };
}
