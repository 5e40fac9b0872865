import { describe, expect, test } from 'vitest';
import { Adoptions, missingLabel } from '../../../src/controller/adoption.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import type { NamespaceFacts } from '../../../src/policy/model/snapshot.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { SETTINGS } from '../policy/fixtures.ts';

const SINCE = Date.UTC(2026, 0, 1);

function namespace(name: string, createdAt: number | undefined, labels: Record<string, string> = {}): NamespaceFacts {
  return {
    name,
    labels: new Map(Object.entries(labels)),
    labelsKnown: true,
    terminating: false,
    ...(createdAt !== undefined && { createdAt }),
  };
}

function settings(baseline: Partial<Settings['baseline']> = {}): Settings {
  const template = BUILT_IN_TEMPLATES.get('default-deny');
  return { ...SETTINGS, baseline: { ...SETTINGS.baseline, template, ...baseline } };
}

describe('a namespace without a template gets the default one', () => {
  test('where it came when netpol-guard was there already, or in that very second', () => {
    const missed = { template: 'default-deny', why: 'missed' };
    expect(missingLabel(namespace('shop', SINCE), settings(), SINCE)).toEqual(missed);
    expect(missingLabel(namespace('shop', SINCE + 5000), settings(), SINCE)).toEqual(missed);
  });

  test('where it is older, only with `adopt`', () => {
    const old = namespace('shop', SINCE - 1000);
    expect(missingLabel(old, settings(), SINCE)).toBeUndefined();
    expect(missingLabel(old, settings({ existingNamespaces: 'adopt' }), SINCE)).toEqual({
      template: 'default-deny',
      why: 'adopted',
    });
  });

  test.each(['none', 'default-deny', 'misspelt', ''])('but not where its label says "%s"', (value) => {
    const labelled = namespace('shop', SINCE + 1, { 'netpol-guard.io/baseline': value });
    expect(missingLabel(labelled, settings({ existingNamespaces: 'adopt' }), SINCE)).toBeUndefined();
  });

  test.each(['kube-system', 'openshift-dns', 'legacy-billing'])('but not %s', (name) => {
    const all = settings({ existingNamespaces: 'adopt', excludedNamespaces: ['legacy-*'] });
    expect(missingLabel(namespace(name, SINCE + 1), all, SINCE)).toBeUndefined();
  });

  test('but not where there is no default template, or its age or ours is not known', () => {
    const all = settings({ existingNamespaces: 'adopt' });
    const young = namespace('shop', SINCE + 1);
    expect(missingLabel(young, settings({ template: undefined, existingNamespaces: 'adopt' }), SINCE)).toBeUndefined();
    expect(missingLabel(namespace('shop', undefined), all, SINCE)).toBeUndefined();
    expect(missingLabel(young, all, undefined)).toBeUndefined();
  });
});

describe('adoptions', () => {
  test('come at five a second, each namespace in its turn', () => {
    const adoptions = new Adoptions();
    const waits = ['a', 'b', 'c', 'd'].map((name) => adoptions.waitMs(name, 1000));
    expect(waits).toEqual([0, 200, 400, 600]);
    expect(adoptions.waitMs('c', 1300)).toBe(100);
    expect(adoptions.waitMs('c', 1400)).toBe(0);
    expect(adoptions.waitMs('e', 1400)).toBe(400);
  });

  test('of ten thousand asked for at once are never more than five a second', () => {
    const adoptions = new Adoptions();
    const due = Array.from({ length: 10_000 }, (_, i) => adoptions.waitMs(`namespace-${i}`, 0));
    expect(due.at(-1)).toBe(9999 * 200);
  });

  test('come at once when nobody waits', () => {
    const adoptions = new Adoptions();
    adoptions.waitMs('a', 0);
    expect(adoptions.waitMs('b', 200)).toBe(0);
  });
});
