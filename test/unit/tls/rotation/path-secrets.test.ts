import { describe, expect, it } from 'vitest';
import { ISSUER } from '../../../../src/tls/rotation/issuer.ts';
import { isPathSecret, standing } from '../../../../src/tls/rotation/path-secrets.ts';
import { isAnswered, secretsIn } from '../../../../src/tls/rotation/published.ts';
import { configurationOf, secretOf } from './path-cases.ts';

describe('a secret of a path', () => {
  it('that is made here has 128 bits, and is never made twice', () => {
    const made = Array.from({ length: 100 }, () => ISSUER.pathSecret());
    expect(new Set(made).size).toBe(100);
    for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{32}$/);
    expect(made.every(isPathSecret)).toBe(true);
  });

  it.each([
    ['x'.repeat(31), false],
    ['x'.repeat(32), true],
    ['x'.repeat(63), true],
    ['x'.repeat(64), false],
    [`${'x'.repeat(32)}-9`, true],
    [`${'x'.repeat(32)}-`, false],
    ['X'.repeat(32), false],
    [`${'x'.repeat(32)}/y`, false],
    [`${'x'.repeat(32)}.y`, false],
    [`${'x'.repeat(32)}\n`, false],
    ['', false],
  ])('is what the API server takes as a step of a path: %j, %s', (text, is) => {
    expect(isPathSecret(text)).toBe(is);
  });
});

describe('a path', () => {
  it.each([
    ['/validate', { kind: 'plain' }],
    [`/validate/${secretOf('a')}`, { kind: 'secret', secret: secretOf('a') }],
    [undefined, { kind: 'broken' }],
    ['/', { kind: 'broken' }],
    [`/validate/${secretOf('a')}/`, { kind: 'broken' }],
    [`/validate${secretOf('a')}`, { kind: 'broken' }],
  ])('%j stands for %j', (path, expected) => {
    expect(standing({ plain: '/validate', path })).toEqual(expected);
  });

  it('of a webhook that is not known says nothing', () => {
    expect(standing({ plain: undefined, path: '/validate' })).toEqual({ kind: 'unknown' });
  });

  it('is answered unless it is broken, by a Service', () => {
    expect(isAnswered([configurationOf(['/validate', 'a'])])).toBe(true);
    expect(isAnswered([configurationOf(['/validate', ''])])).toBe(false);
    expect(isAnswered([configurationOf(['/elsewhere'], { by: 'url' })])).toBe(true);
    expect(isAnswered([])).toBe(true);
  });

  it('is listed by its secret once', () => {
    expect([...secretsIn([configurationOf(['a', '/validate', 'a']), configurationOf(['b'])])]).toEqual(
      ['a', 'b'].map(secretOf),
    );
  });
});
