import { expect, test } from 'vitest';
import { PolicyCache } from '../../../../src/cluster/caches/policy-cache.ts';
import type { KubeObject } from '../../../../src/cluster/watch/kube-object.ts';
import { TestLogger } from '../world.ts';

const MIB = 1024 * 1024;

const peers = [{ podSelector: {} }, { namespaceSelector: {} }];
const DNS_ON_THE_WAY_IN = { from: peers, ports: [{ protocol: 'UDP', port: 53 }] };
const INGRESS = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}, DNS_ON_THE_WAY_IN, { from: peers }] };

function object(namespace: string, name: string, spec: object): KubeObject {
  return { namespace, name, resourceVersion: '1', json: { metadata: { name, namespace }, spec } };
}

/** Weighs about half a MiB. */
function heavy(namespace: string, name: string): KubeObject {
  const egress = [{ ports: Array.from({ length: 1000 }, (_, i) => ({ port: i + 1 })) }];
  return object(namespace, name, { podSelector: {}, policyTypes: ['Egress'], egress });
}

function started(bytes?: number) {
  const logger = new TestLogger();
  return { logger, cache: new PolicyCache(logger, bytes) };
}

const kept = (cache: PolicyCache, namespace: string) =>
  [...cache.policies(namespace).all()].map(({ ref }) => ref.name).sort();

test('of ingress is kept what a message may need, and all of it where DNS servers are', () => {
  const { cache } = started();
  cache.keepIngressWhere((namespace) => namespace === 'kube-system');
  for (const namespace of ['kube-system', 'shop']) cache.onAdd(object(namespace, 'web', INGRESS));
  expect(cache.policies('kube-system').get('web')?.ingress).toHaveLength(3);
  const short = cache.policies('shop').get('web');
  expect(short?.ingress.map(({ path }) => path)).toEqual(['spec.ingress[1]']);
  expect(short?.isolatesIngress).toBe(true);
});

test('of a managed policy everything is kept', () => {
  const { cache } = started();
  cache.keepIngressWhere(() => false);
  cache.onAdd(object('shop', 'netpol-guard-allow-ingress', INGRESS));
  expect(cache.policies('shop').get('netpol-guard-allow-ingress')?.ingress).toHaveLength(3);
});

test('where DNS servers turn out to be, short policies count as unreadable until they were read again', () => {
  const { cache } = started();
  cache.keepIngressWhere(() => false);
  cache.onAdd(object('shop', 'web', INGRESS));
  cache.onAdd(object('shop', 'deny', { podSelector: {}, policyTypes: ['Ingress'] }));
  const told: string[] = [];
  cache.gaps.listen((namespace) => told.push(namespace));
  cache.keepIngressWhere((namespace) => namespace === 'shop');
  expect(kept(cache, 'shop')).toEqual(['deny']);
  expect(cache.unreadable('shop')).toEqual(['web']);
  expect([...cache.missing()]).toEqual([{ namespace: 'shop', key: 'web' }]);
  expect(told).toEqual(['shop']);
  cache.onUpdate(object('shop', 'web', INGRESS));
  expect(cache.policies('shop').get('web')?.ingress).toHaveLength(3);
  expect(cache.unreadable('shop')).toEqual([]);
});

test('where no DNS servers are any more, ingress is shortened at once', () => {
  const { cache } = started();
  cache.keepIngressWhere(() => true);
  cache.onAdd(object('shop', 'web', INGRESS));
  const { demanded } = cache.room('shop');
  cache.keepIngressWhere(() => false);
  expect(cache.policies('shop').get('web')?.ingress).toHaveLength(1);
  expect(cache.room('shop').demanded).toBeLessThan(demanded);
});

test('what does not fit is named, logged once, and comes back once there is room', () => {
  const { cache, logger } = started(2 * MIB);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) cache.onAdd(heavy('shop', name));
  expect(kept(cache, 'shop')).toEqual(['a', 'b', 'c', 'd']);
  expect(cache.unreadable('shop')).toEqual(['e', 'f']);
  expect(logger.messages().filter((message) => message.includes('too large to keep'))).toHaveLength(1);
  cache.onDelete({ namespace: 'shop', name: 'b' });
  expect([...cache.missing()]).toEqual([{ namespace: 'shop', key: 'e' }]);
  cache.onUpdate(heavy('shop', 'e'));
  expect(kept(cache, 'shop')).toEqual(['a', 'c', 'd', 'e']);
  expect(cache.unreadable('shop')).toEqual(['f']);
});

test('who fills his namespace takes nothing from those who have little', () => {
  const { cache } = started(4 * MIB);
  cache.onAdd(heavy('quiet', 'allow-dns'));
  for (const namespace of ['x', 'y', 'z']) {
    for (let i = 0; i < 20; i += 1) cache.onAdd(heavy(namespace, `fat-${i}`));
  }
  expect(kept(cache, 'quiet')).toEqual(['allow-dns']);
  expect(cache.unreadable('quiet')).toEqual([]);
  const sizes = ['x', 'y', 'z'].map((namespace) => cache.policies(namespace).size);
  expect(sizes).toEqual([2, 2, 2]);
});

test('whoever left makes room for all', () => {
  const { cache } = started(4 * MIB);
  for (const namespace of ['x', 'y', 'z']) {
    for (let i = 0; i < 5; i += 1) cache.onAdd(heavy(namespace, `fat-${i}`));
  }
  expect(cache.policies('x').size).toBe(2);
  for (const namespace of ['y', 'z']) {
    for (let i = 0; i < 5; i += 1) cache.onDelete({ namespace, name: `fat-${i}` });
  }
  expect([...cache.missing()]).toHaveLength(3);
  for (const { namespace, key } of [...cache.missing()]) cache.onUpdate(heavy(namespace, key));
  expect(cache.policies('x').size).toBe(5);
  expect([...cache.namespaces()]).toEqual(['x']);
});

test('the room of a namespace says what its policies weigh, kept or not', () => {
  const { cache } = started(2 * MIB);
  expect(cache.room('shop')).toMatchObject({ demanded: 0, limit: 16 * MIB });
  cache.onAdd(heavy('shop', 'a'));
  const [a] = [...cache.policies('shop').all()];
  expect(cache.room('shop').demanded).toBe(a && cache.room('shop').weigh(a));
  for (let i = 0; i < 9; i += 1) cache.onAdd(heavy('shop', `b${i}`));
  expect(cache.room('shop').demanded).toBe(10 * (a ? cache.room('shop').weigh(a) : 0));
  expect(cache.room('shop').limit).toBe(2 * MIB);
});
