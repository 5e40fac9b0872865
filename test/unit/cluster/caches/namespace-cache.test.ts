import { expect, test } from 'vitest';
import { NamespaceCache } from '../../../../src/cluster/caches/namespace-cache.ts';

function cached(labels: Readonly<Record<string, string>>) {
  const cache = new NamespaceCache();
  const metadata = { name: 'shop', labels };
  cache.onAdd({ name: 'shop', namespace: '', resourceVersion: '1', json: { metadata } });
  return cache.get('shop');
}

const OURS = { 'kubernetes.io/metadata.name': 'shop', 'netpol-guard.io/enforce': 'strict' };

test('all labels of an ordinary namespace are known', () => {
  expect(cached({ ...OURS, team: 'a' })).toMatchObject({
    labelsKnown: true,
    labels: new Map([...Object.entries(OURS), ['team', 'a']]),
  });
});

test('of a namespace with thousands of labels those are kept that say what is enforced, and of the others nothing is known', () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`example.com/${i}`, `${i}`]));
  expect(cached({ ...many, ...OURS })).toMatchObject({ labelsKnown: false, labels: new Map(Object.entries(OURS)) });
});

test('labels that begin like ours do not crowd out those that say what is enforced', () => {
  const alike = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`netpol-guard.io/a${i}`, '']));
  const baseline = { 'netpol-guard.io/baseline': 'default-deny', 'netpol-guard.io/baseline-status': 'pending' };
  const modes = { 'netpol-guard.io/warn': 'off', 'netpol-guard.io/audit': 'standard' };
  const decisive = { ...OURS, ...baseline, ...modes };
  expect(cached({ ...alike, ...decisive })).toMatchObject({
    labelsKnown: false,
    labels: new Map(Object.entries(decisive)),
  });
});
