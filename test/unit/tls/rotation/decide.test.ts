import { describe, expect, it } from 'vitest';
import { pairToShow } from '../../../../src/tls/rotation/choose-pair.ts';
import { decide, pathsRegardless, type Stored, type View } from '../../../../src/tls/rotation/decide.ts';
import type { Published } from '../../../../src/tls/rotation/published.ts';
import {
  type Authority,
  bundleOf,
  type Trust,
  type TrustSettings,
  trustedBy,
} from '../../../../src/tls/rotation/trust.ts';

const MINUTE = 60_000;
const SETTINGS: TrustSettings = { authorityMs: 600 * MINUTE, certificateMs: 60 * MINUTE, names: ['guard.svc'] };

const authority = (id: string, issued = 0) => ({
  id,
  cert: `<${id}>`,
  key: id,
  issued,
  expires: issued + SETTINGS.authorityMs,
});
const pair = (issuer: string, issued = 0) => ({
  cert: `leaf of ${issuer} at ${issued}`,
  key: 'key',
  issuer,
  issued,
  expires: issued + SETTINGS.certificateMs,
  names: SETTINGS.names,
});
const TRUST: Trust = {
  generation: 10,
  authority: authority('one'),
  pair: pair('one'),
  leavesUntil: SETTINGS.certificateMs,
  previous: [],
  dropped: [],
  paths: { secrets: ['0'.repeat(32)], made: MINUTE, freshUntil: 0, plainUntil: 0 },
};

function holding(authorities: readonly Authority[], name = 'policies'): Published {
  return { name, version: '1', bundles: [{ text: bundleOf(authorities), authorities }], paths: [] };
}

interface Case {
  readonly stored?: Stored;
  readonly trust?: Trust;
  readonly remembered?: Trust;
  readonly published?: readonly Published[];
  readonly steadyMs?: number;
}

/** What is decided where all is as it shall be, but for what the case says. */
function decided({ trust = TRUST, steadyMs = 0, remembered, ...rest }: Case, now = MINUTE) {
  const stored = rest.stored ?? { kind: 'trust', trust };
  const view: View = {
    stored,
    remembered: remembered ?? (stored.kind === 'trust' ? trust : undefined),
    published: rest.published ?? [holding(trustedBy(trust))],
    steadyMs: () => steadyMs,
  };
  return decide(view, SETTINGS, now);
}

describe('while all is as it shall be', () => {
  it('nothing is done', () => {
    expect(decided({})).toEqual({ kind: 'wait' });
    expect(decided({ published: [] })).toEqual({ kind: 'wait' });
  });

  it('the certificate is renewed after two thirds of its time', () => {
    expect(decided({}, 40 * MINUTE - 1)).toEqual({ kind: 'wait' });
    expect(decided({}, 40 * MINUTE)).toEqual({ kind: 'renew', names: SETTINGS.names });
  });

  it('a certificate is renewed although a CA cannot be published', () => {
    expect(decided({ published: [holding([])] }, 40 * MINUTE).kind).toBe('renew');
  });

  it('a certificate is not renewed again and again as its CA runs out', () => {
    const last = { ...pair('one', 595 * MINUTE), expires: TRUST.authority.expires };
    const trust = { ...TRUST, pair: last, next: authority('two', 590 * MINUTE) };
    expect(decided({ trust }, 599 * MINUTE)).toEqual({ kind: 'wait' });
  });

  it('a name that it lacks is added, and no other is taken away', () => {
    const trust = { ...TRUST, pair: { ...TRUST.pair, names: ['older.svc'] } };
    expect(decided({ trust })).toEqual({ kind: 'renew', names: ['older.svc', 'guard.svc'] });
  });
});

describe('a change of the CA', () => {
  const fresh = { ...TRUST, pair: pair('one', 399 * MINUTE) };
  const announced = { ...fresh, next: authority('two', 400 * MINUTE) };

  it('begins after two thirds of its time', () => {
    expect(decided({ trust: fresh }, 400 * MINUTE - 1)).toEqual({ kind: 'wait' });
    expect(decided({ trust: fresh }, 400 * MINUTE)).toEqual({ kind: 'announce' });
  });

  it('publishes both before anything else', () => {
    const old = holding([announced.authority]);
    expect(decided({ trust: announced, published: [old], steadyMs: 100 * MINUTE }, 401 * MINUTE)).toEqual({
      kind: 'publish',
      bundle: '<one><two>',
      where: [old],
    });
  });

  it('goes on once the new one has stood everywhere for ten minutes', () => {
    expect(decided({ trust: announced, steadyMs: 10 * MINUTE - 1 }, 411 * MINUTE)).toEqual({ kind: 'wait' });
    expect(decided({ trust: announced, steadyMs: 10 * MINUTE }, 411 * MINUTE)).toEqual({ kind: 'switch' });
  });

  it('does not wait for that where the old one has expired', () => {
    expect(decided({ trust: announced }, 600 * MINUTE)).toEqual({ kind: 'switch' });
  });

  it('ends when nothing that the old one signed is left, as long as it has been watched', () => {
    const previous = [{ authority: authority('zero'), until: 30 * MINUTE }];
    const trust = { ...TRUST, previous };
    expect(decided({ trust, steadyMs: 10 * MINUTE }, 30 * MINUTE - 1)).toEqual({ kind: 'wait' });
    expect(decided({ trust }, 30 * MINUTE)).toEqual({ kind: 'wait' });
    expect(decided({ trust, steadyMs: 10 * MINUTE }, 30 * MINUTE)).toEqual({ kind: 'drop', ids: new Set(['zero']) });
  });

  it('is made up for where everything has expired', () => {
    expect(decided({ trust: fresh }, 600 * MINUTE)).toEqual({ kind: 'issue', previous: [] });
  });
});

describe('what is lost or spoilt', () => {
  const unusable: Stored = { kind: 'unusable', problem: 'empty' };

  it('is begun anew by who remembers nothing, and the CA that is published stays trusted', () => {
    const until = MINUTE + SETTINGS.certificateMs + 10 * MINUTE;
    expect(decided({ stored: unusable })).toEqual({
      kind: 'issue',
      previous: [{ authority: TRUST.authority, until }],
    });
    expect(decided({ stored: unusable, published: [] })).toEqual({ kind: 'issue', previous: [], first: true });
  });

  it('is restored by who remembers it, unless it has expired', () => {
    expect(decided({ stored: unusable, remembered: TRUST })).toEqual({ kind: 'restore', trust: TRUST });
    expect(decided({ stored: unusable, remembered: TRUST }, 60 * MINUTE).kind).toBe('issue');
  });

  it('is restored over a backup, and not over what is newer', () => {
    const older = { ...TRUST, generation: 9 };
    expect(decided({ trust: older, remembered: TRUST })).toEqual({ kind: 'restore', trust: TRUST });
    expect(decided({ trust: TRUST, remembered: older })).toEqual({ kind: 'wait' });
  });

  it('is never trusted less: a CA of ours that is published and unknown is taken in, unless it was dropped', () => {
    const published = [holding([authority('other'), TRUST.authority])];
    expect(decided({ published })).toMatchObject({ kind: 'adopt', previous: [{ authority: { id: 'other' } }] });
    const trust = { ...TRUST, dropped: [{ id: 'other', expires: SETTINGS.authorityMs }] };
    expect(decided({ trust, published })).toMatchObject({ kind: 'publish', bundle: '<one>' });
  });

  it('a bundle is written again whatever stands there', () => {
    const foreign: Published = { ...holding([]), name: 'gate', bundles: [{ text: 'nonsense', authorities: [] }] };
    const good = holding([TRUST.authority]);
    expect(decided({ published: [good, foreign] })).toEqual({ kind: 'publish', bundle: '<one>', where: [foreign] });
  });

  it('CAs that somebody makes up do not fill the Secret', () => {
    const crowd = Array.from({ length: 20 }, (_, i) => authority(`made-up-${i}`));
    const step = decided({ published: [holding([TRUST.authority, ...crowd])] });
    expect(step).toMatchObject({ kind: 'adopt', previous: { length: 8 } });
  });

  it('without a Secret, a CA is published where ours is not trusted, beside others of ours', () => {
    const missing: Stored = { kind: 'missing' };
    expect(decided({ stored: missing, remembered: TRUST })).toEqual({ kind: 'wait' });
    expect(decided({ stored: missing, published: [holding([])] })).toEqual({ kind: 'wait' });
    const other = holding([authority('other')]);
    expect(decided({ stored: missing, remembered: TRUST, published: [other] })).toEqual({
      kind: 'publish',
      bundle: '<other><one>',
      where: [other],
    });
  });
});

describe('the paths', () => {
  const { paths: _, ...older } = TRUST;
  const paths = { secrets: ['1'.repeat(32)], made: 0, freshUntil: 0, plainUntil: 0 };
  const called = (path: string | undefined): Published => ({
    ...holding([TRUST.authority]),
    paths: [{ webhook: 'policies', plain: '/validate', path, by: 'service' }],
  });

  it('are given a secret where an older version has written the Secret', () => {
    expect(decided({ trust: older })).toEqual({ kind: 'make-secret' });
  });

  it('are given their secret back where an older version has written over it', () => {
    expect(decided({ trust: older, remembered: { ...older, paths } })).toEqual({ kind: 'restore-secrets', paths });
  });

  it('come after all that the certificates need', () => {
    expect(decided({ trust: older, published: [holding([])] }).kind).toBe('publish');
    expect(decided({ trust: older }, 40 * MINUTE).kind).toBe('renew');
    expect(decided({ published: [called(undefined)] }).kind).toBe('publish-paths');
  });

  it('are given without a secret while there is no Secret, and nothing is written there', () => {
    const missing: Stored = { kind: 'missing' };
    const remembered = { ...TRUST, paths };
    expect(decided({ stored: missing, remembered, published: [called(undefined)] })).toMatchObject({
      kind: 'publish-paths',
      where: [{ paths: new Map([['policies', '/validate']]) }],
    });
    expect(decided({ stored: missing, remembered, published: [called(`/validate/${'x'.repeat(32)}`)] }).kind).toBe(
      'wait',
    );
    expect(decided({ stored: missing, remembered: older, published: [called(undefined)] }).kind).toBe('wait');
    expect(decided({ stored: missing, remembered, published: [called('/validate')] }).kind).toBe('wait');
  });

  it('are the first ones only where nothing of anybody has ever been published', () => {
    const unusable: Stored = { kind: 'unusable', problem: 'empty' };
    expect(
      decided({ stored: unusable, published: [{ ...called(undefined), bundles: [{ text: '', authorities: [] }] }] }),
    ).toEqual({ kind: 'issue', previous: [], first: true });
    for (const published of [
      called('/validate'),
      { ...called(undefined), bundles: [{ text: 'of others', authorities: [] }] },
    ]) {
      const bundles = published.paths[0]?.path === undefined ? published.bundles : [{ text: '', authorities: [] }];
      expect(decided({ stored: unusable, published: [{ ...published, bundles }] })).toEqual({
        kind: 'issue',
        previous: [],
      });
    }
  });
});

describe('the paths that are written though a step has failed', () => {
  const { paths: _, ...older } = TRUST;
  const newest = `/validate/${'0'.repeat(32)}`;
  const stranger = `/validate/${'x'.repeat(32)}`;
  const called = (...paths: readonly (string | undefined)[]): Published => ({
    ...holding([TRUST.authority]),
    paths: paths.map((path, i) => ({ webhook: `w${i}`, plain: '/validate', path, by: 'service' })),
  });
  const written = (published: Published, more: Partial<View> = {}) => {
    const stored: Stored = { kind: 'trust', trust: TRUST };
    const view = { stored, remembered: TRUST, published: [published], steadyMs: () => 10 * MINUTE, ...more };
    return pathsRegardless(view, SETTINGS, MINUTE).map(({ paths }) => [...paths.values()]);
  };

  it('are those of webhooks that have none, or one that nobody answers', () => {
    expect(written(called(undefined, '/elsewhere'))).toEqual([[newest, newest]]);
    expect(written(called(undefined), { steadyMs: () => 0 })).toEqual([['/validate']]);
  });

  it('are no others: what the Secret should hold first stays as it stands', () => {
    expect(written(called(undefined, stranger, '/validate'))).toEqual([[newest, stranger, '/validate']]);
    for (const path of [stranger, '/validate', newest]) expect(written(called(path))).toEqual([]);
  });

  it('have no secret where nobody remembers one', () => {
    const stored: Stored = { kind: 'trust', trust: older };
    expect(written(called(undefined), { stored, remembered: older })).toEqual([['/validate']]);
    expect(written(called(undefined), { stored, remembered: TRUST })).toEqual([[newest]]);
    const unusable: Stored = { kind: 'unusable', problem: 'empty' };
    expect(written(called(undefined), { stored: unusable })).toEqual([[newest]]);
    expect(written(called(undefined), { stored: unusable, remembered: undefined })).toEqual([]);
  });
});

describe('what is shown', () => {
  const stored = pair('two', 10 * MINUTE);
  const shown = pair('one');
  const both = [holding([authority('one'), authority('two')])];
  const choose = (more: object, now = 11 * MINUTE) =>
    pairToShow({ shown, stored, published: both, steadyMs: () => 0, ...more }, SETTINGS, now);

  it('is what there is, where there is nothing else', () => {
    expect(choose({ shown: undefined })).toBe(stored);
    expect(choose({}, shown.expires)).toBe(stored);
  });

  it('is renewed at once under the same CA, and under another once that has settled', () => {
    expect(choose({ stored: pair('one', 40 * MINUTE) })).not.toBe(shown);
    expect(choose({})).toBe(shown);
    expect(choose({ steadyMs: () => 10 * MINUTE })).toBe(stored);
  });

  it('gives way where it is trusted no more, or about to expire', () => {
    expect(choose({ published: [holding([authority('two')])] })).toBe(stored);
    expect(choose({ steadyMs: () => 4 * MINUTE }, 51 * MINUTE)).toBe(stored);
    expect(choose({ steadyMs: () => MINUTE }, 51 * MINUTE)).toBe(shown);
  });
});
