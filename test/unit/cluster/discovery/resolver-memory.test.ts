import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DnsEndpoints } from '../../../../src/cluster/discovery/dns-endpoints.ts';
import { ResolverMemory } from '../../../../src/cluster/discovery/resolver-memory.ts';

const KEY = 'kube-system/kube-dns';
const DAY = 86_400_000;

function endpoints(more: Partial<DnsEndpoints> = {}): DnsEndpoints {
  return {
    selector: { 'k8s-app': 'kube-dns' },
    byAddress: false,
    ports: { udp: [5353], tcp: [5353], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
    addresses: ['10.42.0.3'],
    podLabels: [{ 'k8s-app': 'kube-dns', hash: 'x' }],
    ...more,
  };
}

describe('what stood behind a Service', () => {
  test('is remembered once nothing stands there any more, for good', () => {
    const memory = new ResolverMemory();
    memory.recall(KEY, endpoints(), 0);
    expect(memory.recall(KEY, undefined, 1)).toEqual(endpoints());
    expect(memory.recall(KEY, undefined, 1000 * DAY)).toEqual(endpoints());
  });

  test('is nothing where nothing ever stood there', () => {
    const memory = new ResolverMemory();
    memory.recall('kube-system/coredns', endpoints(), 0);
    expect(memory.recall(KEY, undefined, 1)).toBeUndefined();
    expect(memory.recall(KEY, undefined, 2)).toBeUndefined();
  });

  test('is what stands there now, once something does', () => {
    const memory = new ResolverMemory();
    memory.recall(KEY, endpoints(), 0);
    const now = endpoints({ selector: { app: 'coredns' }, podLabels: [{ app: 'coredns' }] });
    expect(memory.recall(KEY, now, 1)).toEqual(now);
    expect(memory.recall(KEY, undefined, 2)).toEqual(now);
  });

  test('on the network of the nodes keeps its addresses while new pods have none yet', () => {
    const memory = new ResolverMemory();
    const onNodes = endpoints({ byAddress: true, addresses: ['10.0.0.7'], podLabels: [] });
    const starting = { ...onNodes, addresses: [] };
    expect(memory.recall('kube-system/first', starting, 0)).toEqual(starting);
    memory.recall(KEY, onNodes, 0);
    expect(memory.recall(KEY, starting, 1)).toEqual(onNodes);
  });

  test('is told by its pods: endpoints that outlive these do not make other peers of them', () => {
    const memory = new ResolverMemory();
    const onNodes = endpoints({ byAddress: true, podLabels: [] });
    memory.recall(KEY, onNodes, 0);
    expect(memory.recall(KEY, endpoints({ podLabels: [] }), 1)).toEqual(onNodes);

    memory.recall('in pods', endpoints(), 0);
    const moved = endpoints({ podLabels: [], addresses: ['10.42.0.4'] });
    expect(memory.recall('in pods', moved, 1)).toEqual({ ...moved, podLabels: endpoints().podLabels });
    const other = endpoints({ podLabels: [], selector: { app: 'coredns' } });
    expect(memory.recall('in pods', other, 2)).toEqual(other);
  });
});

test('a cache is forgotten a day after its last pod, and a day later if it came back between', () => {
  const memory = new ResolverMemory();
  const recall = (live: DnsEndpoints | undefined, now: number) => memory.recall('cache', live, now, DAY);
  recall(endpoints(), 0);
  expect(recall(undefined, 50 * DAY)).toEqual(endpoints());
  expect(recall(undefined, 51 * DAY - 1)).toEqual(endpoints());
  recall(endpoints(), 51 * DAY - 1);
  expect(recall(undefined, 51 * DAY)).toEqual(endpoints());
  const before = memory.version;
  expect(recall(undefined, 52 * DAY)).toBeUndefined();
  expect(memory.version).not.toBe(before);
});

describe('another process', () => {
  test('knows what the first one wrote, whatever labels and ports there are', () => {
    const words = fc.stringMatching(/^[a-z]{1,8}$/);
    const labels = fc.dictionary(words, words, { minKeys: 1, noNullPrototype: true });
    const port = fc.integer({ min: 1, max: 65_535 });
    const names = fc.array(words);
    const any = fc.record({
      selector: labels,
      byAddress: fc.boolean(),
      ports: fc.record({ udp: fc.array(port), tcp: fc.array(port), udpNames: names, tcpNames: names }),
      addresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6())),
      podLabels: fc.array(labels),
    });
    fc.assert(
      fc.property(fc.dictionary(words, any), (written) => {
        const [first, second] = [new ResolverMemory(), new ResolverMemory()];
        for (const [key, one] of Object.entries(written)) first.recall(key, one, 0);
        expect(second.restore(first.text())).toEqual([]);
        for (const [key, one] of Object.entries(written)) expect(second.recall(key, undefined, 0)).toEqual(one);
        expect(second.text()).toBe(first.text());
      }),
    );
  });

  test('knows better what it saw itself', () => {
    const [first, second] = [new ResolverMemory(), new ResolverMemory()];
    first.recall(KEY, endpoints(), 0);
    const seen = endpoints({ addresses: ['10.42.9.9'] });
    second.recall(KEY, seen, 0);
    second.restore(first.text());
    expect(second.recall(KEY, undefined, 1)).toEqual(seen);
  });

  test.each([
    ['no JSON', '{', /JSON/],
    ['no object', '[]', /resolvers: is a list where an object is expected/],
    [
      'endpoints that are none',
      `{"${KEY}": "all"}`,
      /resolvers\["kube-system\/kube-dns"\]: "all" is a string where an object is expected/,
    ],
    ['what would select every pod', `{"${KEY}": {"ports": {"udp": [53]}}}`, /selector: is empty/],
    [
      'ports that are none',
      `{"${KEY}": {"selector": {"a": "b"}, "ports": 53}}`,
      /ports: 53 is a number where an object is expected/,
    ],
  ])('is told of %s, and takes over the rest', (_, text, problem) => {
    const memory = new ResolverMemory();
    const before = memory.version;
    expect(memory.restore(text).join()).toMatch(problem);
    expect(memory.recall(KEY, undefined, 0)).toBeUndefined();
    expect(memory.version).toBe(before);
    const both = `{"${KEY}": 1, "other": ${JSON.stringify(endpoints())}}`;
    expect(memory.restore(both)).toHaveLength(1);
    expect(memory.recall('other', undefined, 0)).toEqual(endpoints());
  });

  test('any text at all breaks nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const memory = new ResolverMemory();
        memory.restore(text);
        expect(() => memory.text()).not.toThrow();
      }),
    );
  });
});

test('the version tells whether something else is remembered', () => {
  const memory = new ResolverMemory();
  memory.recall(KEY, endpoints(), 0);
  const { version } = memory;
  memory.recall(KEY, endpoints(), 1);
  memory.recall(KEY, undefined, 2);
  memory.recall(KEY, endpoints(), 3);
  expect(memory.version).toBe(version);
  memory.recall(KEY, endpoints({ addresses: [] }), 4);
  expect(memory.version).not.toBe(version);
});

test('it does not grow for ever: what is gone longest goes first', () => {
  const memory = new ResolverMemory();
  for (let i = 0; i < 60; i += 1) {
    memory.recall(KEY, endpoints(), i);
    memory.recall(`kube-system/dns-${i}`, endpoints(), i);
  }
  expect(Object.keys(JSON.parse(memory.text()))).toHaveLength(50);
  expect(memory.recall(KEY, undefined, 99)).toEqual(endpoints());
  expect(memory.recall('kube-system/dns-0', undefined, 99)).toBeUndefined();
});
