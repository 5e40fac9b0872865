import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPathStep, decidePaths, pathFacts, showsPlainService } from '../../../../src/tls/rotation/decide-paths.ts';
import type { PathSecrets } from '../../../../src/tls/rotation/path-secrets.ts';
import type { Published } from '../../../../src/tls/rotation/published.ts';
import type { TrustSettings } from '../../../../src/tls/rotation/trust.ts';
import { configurationOf, pathOf, pathsOf, secretOf, viewOf } from './path-cases.ts';

const MINUTE = 60_000;
const SETTINGS: TrustSettings = { authorityMs: 600 * MINUTE, certificateMs: 60 * MINUTE, names: [] };
const LONG = 10 * MINUTE;
const NOW = 100 * MINUTE;

/** What is decided where everything that holds now has held for `held`, but for what is said of single facts. */
function decided(
  paths: PathSecrets,
  published: readonly Published[],
  { held = LONG, isRolledOut = true, except = {}, issued = 0, now = NOW }: Partial<Circumstances> = {},
) {
  const facts = new Set(pathFacts(paths, published, isRolledOut));
  const steadyMs = (fact: string) => except[fact] ?? (facts.has(fact) ? held : 0);
  return decidePaths({ ...viewOf(paths, published, steadyMs), pair: { issued } }, SETTINGS, now);
}

interface Circumstances {
  readonly held: number;
  readonly isRolledOut: boolean;
  readonly except: Readonly<Record<string, number>>;
  readonly issued: number;
  readonly now: number;
}

const writing = (configuration: Published, ...texts: readonly string[]) => ({
  kind: 'publish-paths',
  where: [{ published: configuration, paths: new Map(texts.map((text, i) => [`w${i}`, pathOf(text)])) }],
});
const WAIT = { kind: 'wait' };
const FACTS = ['rolled out', 'plain netpol-guard w0', ...['a', 'b', 'c'].map((one) => `stored ${secretOf(one)}`)];
/** The newest secret comes first, none at all last. */
const rankOf = (path: string | undefined) =>
  path === undefined ? 4 : path === '/validate' ? 3 : 'cba'.indexOf(path.at(-1) ?? '');

describe('a webhook without a path', () => {
  const none = configurationOf(['']);

  it('gets one without a secret at once, while an older version may still run', () => {
    expect(decided(pathsOf('a'), [none], { held: LONG - 1 })).toEqual(writing(none, '/validate'));
  });

  it('gets the secret at once where every replica has had it for ten minutes', () => {
    expect(decided(pathsOf('a'), [none])).toEqual(writing(none, 'a'));
  });

  it('gets the secret at once where there has never been anything else', () => {
    const paths = pathsOf('a', { freshUntil: NOW + 1 });
    expect(decided(paths, [none], { held: 0 })).toEqual(writing(none, 'a'));
    expect(decided(paths, [none], { held: 0, now: NOW + 1 })).toEqual(writing(none, '/validate'));
  });

  it.each(['/', '/elsewhere', '/validate/', '/validate/short', `/mutate/${secretOf('a')}`])(
    'is one whose path nobody answers, too: %s',
    (path) => {
      const strange = configurationOf([path]);
      expect(decided(pathsOf('a'), [strange])).toEqual(writing(strange, 'a'));
    },
  );

  it('is left alone where this version does not know it, and keeps the path that it has', () => {
    const [unknown] = configurationOf(['/of-tomorrow']).paths;
    if (unknown === undefined) throw new Error('there is one');
    const published: Published = {
      ...configurationOf(['', '']),
      paths: [...configurationOf(['']).paths, { ...unknown, webhook: 'w1', plain: undefined }],
    };
    expect(decided(pathsOf('a'), [published])).toEqual(writing(published, 'a', '/of-tomorrow'));
  });
});

describe('a path without a secret', () => {
  const plain = configurationOf(['/validate']);
  const ending = pathsOf('a', { plainUntil: NOW + LONG });

  it('gives way when it has stood for ten minutes, while nothing was rolled out and every replica had the secret', () => {
    expect(decided(ending, [plain])).toEqual(writing(plain, 'a'));
    expect(decided(ending, [plain], { isRolledOut: false })).toEqual(WAIT);
  });

  it.each(['rolled out', `stored ${secretOf('a')}`, 'plain netpol-guard w0'])(
    'stays a moment longer where one of these has not held for long: %s',
    (fact) => {
      expect(decided(ending, [plain], { except: { [fact]: LONG - 1 } })).toEqual(WAIT);
    },
  );

  it('is written down for ten minutes to come, so that replicas that start when it has just gone can know', () => {
    const paths = pathsOf('a', { plainUntil: NOW + LONG - 1 });
    expect(decided(paths, [plain])).toEqual({ kind: 'keep-plain' });
    expect(decided(paths, [plain], { held: 0 })).toEqual({ kind: 'keep-plain' });
    const after = afterPathStep({ kind: 'keep-plain' }, pathsOf('a'), freshly('x'));
    expect(after).toEqual(pathsOf('a', { plainUntil: NOW + 2 * LONG }));
    expect(decided(after, [plain]).kind).toBe('publish-paths');
  });

  it('is not waited for by a webhook that has none', () => {
    const both = configurationOf(['/validate', '']);
    expect(decided(pathsOf('a'), [both], { isRolledOut: false })).toEqual(writing(both, '/validate', 'a'));
    const none = configurationOf([''], { name: 'gate' });
    expect(decided(pathsOf('a'), [plain, none])).toEqual(writing(none, 'a'));
  });

  it('is left to whoever gave an address', () => {
    const byUrl = configurationOf(['/validate', ''], { by: 'url' });
    expect(decided(pathsOf('a'), [byUrl])).toEqual(WAIT);
    expect(showsPlainService([byUrl])).toBe(false);
    expect(showsPlainService([plain])).toBe(true);
  });
});

/** A step that is taken now, with this for a secret that was never used. */
function freshly(letter: string) {
  return { fresh: secretOf(letter), settle: LONG, now: NOW };
}

describe('a secret', () => {
  it('is made when the certificate is renewed, and not again before that is done with', () => {
    const used = [configurationOf(['a'])];
    expect(decided(pathsOf('a', { made: 5 }), used, { issued: 6 })).toEqual({ kind: 'make-secret' });
    expect(decided(pathsOf('a', { made: 6 }), used, { issued: 6 })).toEqual(WAIT);
    expect(decided(pathsOf('ba', { made: 5 }), used, { issued: 6, held: 0 })).toEqual(WAIT);
    const unused = pathsOf('a', { made: 5, plainUntil: NOW + LONG });
    expect(decided(unused, [configurationOf(['/validate'])], { issued: 6, held: 0 })).toEqual(WAIT);
    const made = afterPathStep({ kind: 'make-secret' }, pathsOf('a', { freshUntil: 9 }), freshly('b'));
    expect(made).toEqual(pathsOf('ba', { made: NOW }));
    expect(afterPathStep({ kind: 'make-secret' }, undefined, freshly('b'))).toEqual(pathsOf('b', { made: NOW }));
  });

  it('is published once it has been in the Secret for ten minutes', () => {
    const old = configurationOf(['a', 'a']);
    expect(decided(pathsOf('ba'), [old], { except: { [`stored ${secretOf('b')}`]: LONG - 1 } })).toEqual(WAIT);
    expect(decided(pathsOf('ba'), [old])).toEqual(writing(old, 'b', 'b'));
  });

  it('is never replaced by an older one, nor by none, whatever has held for how long', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c', '/validate', ''), { minLength: 1 });
    fc.assert(
      fc.property(letters, fc.dictionary(fc.constantFrom(...FACTS), fc.nat(2 * LONG)), (texts, except) => {
        const step = decided(pathsOf('cba', { plainUntil: NOW + LONG }), [configurationOf(texts)], { except, held: 0 });
        if (step.kind !== 'publish-paths') return;
        for (const { published, paths } of step.where) {
          for (const { webhook, path } of published.paths) {
            expect(rankOf(paths.get(webhook))).toBeLessThanOrEqual(rankOf(path));
          }
        }
      }),
    );
  });

  it('that nobody knows is known to all before it is replaced, in the webhooks that show it', () => {
    const tampered = configurationOf(['x', 'a']);
    const adopt = { kind: 'adopt-secrets', secrets: [secretOf('x')] } as const;
    expect(decided(pathsOf('a'), [tampered])).toEqual(adopt);
    const adopted = afterPathStep(adopt, pathsOf('a'), freshly('y'));
    expect(adopted).toEqual(pathsOf('ax'));
    expect(decided(adopted, [tampered])).toEqual(writing(tampered, 'a', 'a'));
    expect(decided(pathsOf('a'), [configurationOf(['x'], { by: 'url' })])).toEqual(WAIT);
  });

  it('that somebody makes up does not fill the Secret', () => {
    const crowd = [configurationOf([...'abcdefghijklmn'])];
    expect(decided(pathsOf('a'), crowd)).toMatchObject({ kind: 'adopt-secrets', secrets: { length: 7 } });
    expect(decided(pathsOf('abcdefgh'), crowd).kind).toBe('publish-paths');
  });

  it('is dropped when it has stood nowhere for ten minutes', () => {
    const now = [configurationOf(['b'])];
    const drop = { kind: 'drop-secrets', secrets: [secretOf('a')] };
    expect(decided(pathsOf('ba'), now)).toEqual(drop);
    expect(decided(pathsOf('ba'), now, { except: { [`gone ${secretOf('a')}`]: LONG - 1 } })).toEqual(WAIT);
    expect(decided(pathsOf('ba'), [...now, configurationOf(['a'], { name: 'gate' })]).kind).toBe('publish-paths');
    const step = { kind: 'drop-secrets', secrets: [secretOf('a')] } as const;
    expect(afterPathStep(step, pathsOf('ba', { made: 3 }), freshly('x'))).toEqual(pathsOf('b', { made: 3 }));
  });

  it('that is the newest is never dropped', () => {
    expect(decided(pathsOf('b'), [])).toEqual(WAIT);
  });
});
