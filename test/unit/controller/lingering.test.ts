import { describe, expect, test } from 'vitest';
import { Lingering } from '../../../src/controller/lingering.ts';
import type { DnsServer } from '../../../src/policy/model/dns-server.ts';
import type { DnsFacts } from '../../../src/policy/model/snapshot.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { LabelSelector } from '../../../src/sets/label-selector.ts';

function pods(app: string, port = 53, livePods: readonly string[] = []): DnsServer {
  return {
    kind: 'pods',
    name: `kube-system/${app}`,
    namespaces: LabelSelector.everything,
    namespace: 'kube-system',
    pods: LabelSelector.of(new Map([['app', app]])),
    livePods: livePods.map((pod) => new Map([['pod', pod]])),
    ports: { udp: [port], tcp: [port], udpNames: [], tcpNames: [] },
    addresses: AddressSet.empty,
  };
}

function addresses(block: string): DnsServer {
  const ports = { udp: [53], tcp: [53], udpNames: [], tcpNames: [] };
  return {
    kind: 'addresses',
    name: 'node-local-dns',
    addresses: AddressSet.empty,
    blocks: [block],
    ports,
    trusted: false,
  };
}

function facts(servers: readonly DnsServer[], isKnown = true): DnsFacts {
  const worlds = [{ name: 'discovered', servers }];
  return { worlds, namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: true, isKnown };
}

const serversOf = ({ worlds }: DnsFacts) => worlds.flatMap(({ servers }) => servers);

describe('DNS servers that are gone', () => {
  test('stay beside the new ones for 30 s', () => {
    const lingering = new Lingering();
    const [old, young] = [pods('kube-dns'), pods('coredns')];
    lingering.facts(facts([old]), 0);
    const now = facts([young]);
    expect(serversOf(lingering.facts(now, 1000))).toEqual([young, old]);
    expect(serversOf(lingering.facts(now, 30_999))).toEqual([young, old]);
    expect(lingering.facts(now, 31_000)).toBe(now);
  });

  test('stay each for its own time', () => {
    const lingering = new Lingering();
    const [a, b, c] = [pods('a'), pods('b'), addresses('169.254.20.10/32')];
    lingering.facts(facts([a]), 0);
    lingering.facts(facts([b]), 10_000);
    const now = facts([c]);
    expect(serversOf(lingering.facts(now, 20_000))).toEqual([c, a, b]);
    expect(serversOf(lingering.facts(now, 45_000))).toEqual([c, b]);
    expect(serversOf(lingering.facts(now, 50_000))).toEqual([c]);
  });

  test('that come back linger no longer', () => {
    const lingering = new Lingering();
    const [a, b] = [pods('a'), pods('b')];
    lingering.facts(facts([a]), 0);
    lingering.facts(facts([b]), 1000);
    expect(serversOf(lingering.facts(facts([a]), 2000))).toEqual([a, b]);
  });

  test('linger from when others are known, where for a while none was', () => {
    const lingering = new Lingering();
    const [a, b] = [pods('a'), pods('b')];
    lingering.facts(facts([a]), 0);
    const unknown = facts([pods('usual')], false);
    expect(lingering.facts(unknown, 1000)).toBe(unknown);
    expect(serversOf(lingering.facts(facts([b]), 500_000))).toEqual([b, a]);
  });

  test('are told by what policies name of them: the same Service on another port is another way', () => {
    const lingering = new Lingering();
    const [old, moved] = [pods('a', 53), pods('a', 5353)];
    lingering.facts(facts([old]), 0);
    expect(serversOf(lingering.facts(facts([moved]), 1))).toEqual([moved, old]);
    const restarted = facts([pods('a', 5353, ['new-pod'])]);
    expect(serversOf(lingering.facts(restarted, 40_000))).toEqual(serversOf(restarted));
  });
});

test('the facts are the same object until something about them changes', () => {
  const lingering = new Lingering();
  const first = facts([pods('a')]);
  expect(lingering.facts(first, 0)).toBe(first);
  const now = facts([pods('b')]);
  const made = lingering.facts(now, 1000);
  expect(lingering.facts(now, 2000)).toBe(made);
});

describe('new ways to cluster DNS', () => {
  /** How many ways are open, second by second, where each second brings another server in place of the last. */
  function opened(seconds: number, first = 0): readonly number[] {
    const lingering = new Lingering();
    lingering.facts(facts([pods('old')]), first);
    return Array.from({ length: seconds }, (_, i) => {
      const made = lingering.facts(facts([pods(`dns-${i}`)]), first + (i + 1) * 1000);
      return JSON.stringify(serversOf(made).map(({ name }) => name));
    }).flatMap((text, i, all) => (text === all[i - 1] ? [] : i + 1));
  }

  test('are opened at once', () => {
    const lingering = new Lingering();
    lingering.facts(facts([pods('a')]), 0);
    expect(serversOf(lingering.facts(facts([pods('b')]), 1))).toHaveLength(2);
  });

  test('are opened ever more slowly while there is another one every second', () => {
    const changes = opened(300);
    expect(changes.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 31]);
    expect(changes.length).toBeLessThan(25);
  });

  test('that had to wait are the ones that are there by then, beside those of before', () => {
    const lingering = new Lingering();
    lingering.facts(facts([pods('a')]), 0);
    lingering.facts(facts([pods('b')]), 1000);
    const held = lingering.facts(facts([pods('c')]), 1500);
    expect(serversOf(held).map(({ name }) => name)).toEqual(['kube-system/b', 'kube-system/a']);
    const last = facts([pods('d')]);
    expect(serversOf(lingering.facts(last, 1999)).map(({ name }) => name)).toEqual(['kube-system/b', 'kube-system/a']);
    const after = serversOf(lingering.facts(last, 2000)).map(({ name }) => name);
    expect(after).toEqual(['kube-system/d', 'kube-system/a', 'kube-system/b']);
  });

  test('wait no longer once it has been quiet for five minutes', () => {
    const lingering = new Lingering();
    lingering.facts(facts([pods('old')]), 0);
    for (let i = 1; i <= 100; i += 1) lingering.facts(facts([pods(`dns-${i}`)]), i * 1000);
    const quiet = facts([pods('quiet')]);
    lingering.facts(quiet, 200_000);
    for (const [i, now] of [500_000, 501_000].entries()) {
      const made = lingering.facts(facts([pods(`late-${i}`)]), now);
      expect(serversOf(made).map(({ name }) => name)).toContain(`kube-system/late-${i}`);
    }
  });

  test('are not waited for where a server only comes back, or goes', () => {
    const lingering = new Lingering();
    const [a, b] = [pods('a'), pods('b')];
    lingering.facts(facts([a]), 0);
    for (let i = 1; i < 100; i += 1) {
      const made = lingering.facts(facts(i % 2 === 0 ? [a] : [b]), i * 1000);
      expect(
        serversOf(made)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['kube-system/a', 'kube-system/b']);
    }
  });

  test('carry along all else that is said of cluster DNS', () => {
    const lingering = new Lingering();
    lingering.facts(facts([pods('a')]), 0);
    lingering.facts(facts([pods('b')]), 1000);
    const made = lingering.facts({ ...facts([pods('c')]), mismatch: '10.0.0.53' }, 1001);
    expect(made.mismatch).toBe('10.0.0.53');
    expect(serversOf(made)).toHaveLength(2);
  });
});
