import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedPaths, NOTHING_SIGHTED, sighted } from '../../../../src/tls/rotation/accepted-paths.ts';
import { configurationOf, pathsOf, secretOf } from './path-cases.ts';

const SETTLE = 600_000;
const at = (elapsed: number) => ({ now: 1_000_000 + elapsed, elapsed, settle: SETTLE });

describe('the paths at which a replica answers', () => {
  it('are all secrets that the Secret holds, published or not', () => {
    expect(acceptedPaths(pathsOf('cba'), NOTHING_SIGHTED, at(0))).toEqual({
      secrets: ['c', 'b', 'a'].map(secretOf),
      plain: false,
    });
  });

  it('are those that stood in a configuration within ten minutes, whoever wrote them', () => {
    const then = sighted(NOTHING_SIGHTED, [configurationOf(['x', 'a'])], at(0));
    const now = sighted(then, [configurationOf(['a'])], at(1));
    expect(acceptedPaths(pathsOf('a'), now, at(SETTLE)).secrets).toEqual([secretOf('a'), secretOf('x')]);
    expect(acceptedPaths(pathsOf('a'), now, at(SETTLE + 1)).secrets).toEqual([secretOf('a')]);
    expect(acceptedPaths(undefined, now, at(SETTLE + 1)).secrets).toEqual([secretOf('a')]);
    expect(sighted(sighted(now, [], at(SETTLE)), [], at(2 * SETTLE)).secretsGoneAt.size).toBe(0);
  });

  it('are those that the last look showed, however long ago it was, and for ten minutes those that are gone at the next', () => {
    const late = 5 * SETTLE;
    const then = sighted(NOTHING_SIGHTED, [configurationOf(['x', '/validate'])], at(0));
    expect(acceptedPaths(pathsOf('a'), then, at(late))).toEqual({
      secrets: [secretOf('a'), secretOf('x')],
      plain: true,
    });
    const now = sighted(then, [configurationOf(['a', 'a'])], at(late));
    expect(acceptedPaths(pathsOf('a'), now, at(late + SETTLE - 1))).toEqual({
      secrets: [secretOf('a'), secretOf('x')],
      plain: true,
    });
    expect(acceptedPaths(pathsOf('a'), now, at(late + SETTLE))).toEqual({ secrets: [secretOf('a')], plain: false });
  });

  it.each([['/validate'], ['']])(
    'are those without a secret while one stands, or none, and for ten minutes: "%s"',
    (path) => {
      const seen = sighted(NOTHING_SIGHTED, [configurationOf(['a', path])], at(0));
      const gone = sighted(seen, [configurationOf(['a', 'a'])], at(1));
      expect(acceptedPaths(pathsOf('a'), gone, at(SETTLE)).plain).toBe(true);
      expect(acceptedPaths(pathsOf('a'), gone, at(SETTLE + 1)).plain).toBe(false);
    },
  );

  it('are those without a secret by an address, too, which is never ours to change', () => {
    const seen = sighted(NOTHING_SIGHTED, [configurationOf(['/validate'], { by: 'url' })], at(0));
    expect(acceptedPaths(pathsOf('a'), seen, at(1)).plain).toBe(true);
  });

  it('are those without a secret until the Secret says that all is over, for who was not there to see', () => {
    const paths = pathsOf('a', { plainUntil: at(50).now });
    expect(acceptedPaths(paths, NOTHING_SIGHTED, at(49)).plain).toBe(true);
    expect(acceptedPaths(paths, NOTHING_SIGHTED, at(50)).plain).toBe(false);
  });

  it('are never fewer because more is known', () => {
    const letters = fc.constantFrom('a', 'b', 'c', '/validate', '');
    const configurations = fc.array(fc.array(letters).map((paths) => configurationOf(paths)));
    fc.assert(
      fc.property(configurations, configurations, fc.nat(SETTLE - 1), (first, second, later) => {
        const once = sighted(NOTHING_SIGHTED, first, at(0));
        const twice = sighted(once, second, at(later));
        const [before, after] = [once, twice].map((seen) => acceptedPaths(pathsOf('a'), seen, at(later)));
        for (const secret of before?.secrets ?? []) expect(after?.secrets).toContain(secret);
        expect(after?.plain === true || before?.plain === false).toBe(true);
      }),
    );
  });
});
