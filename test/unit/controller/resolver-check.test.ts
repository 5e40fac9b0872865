import { expect, test } from 'vitest';
import type { Client } from '../../../src/cluster/api/client.ts';
import { DnsRecord, writeDnsRecord } from '../../../src/cluster/discovery/dns-record.ts';
import { checkResolvers } from '../../../src/controller/resolver-check.ts';
import { dnsFacts } from '../../../src/policy/dns/facts.ts';
import type { DnsServer } from '../../../src/policy/model/dns-server.ts';
import { addressesOf } from '../../../src/sets/cidr.ts';
import { settled, VirtualClock } from '../../harness/virtual-time.ts';
import { TestLogger } from '../cluster/world.ts';
import { KUBE_DNS, WITH_BASELINE } from './world.ts';

/** What a leader does on a pod that was given those nameservers, on a clock that stands still until it is told. */
async function lead(nameservers: readonly string[]) {
  const clock = new VirtualClock();
  const record = new DnsRecord();
  const abort = new AbortController();
  const [kubeDns] = KUBE_DNS;
  if (kubeDns === undefined) throw new Error('no such preset');
  const world = {
    clock,
    record,
    logger: new TestLogger(),
    servers: [{ ...kubeDns, addresses: addressesOf('10.96.0.10/32') }] as readonly DnsServer[],
    settings: WITH_BASELINE,
    isDown: false,
    written: [] as string[],
    events: [] as string[],
    gauge: [] as boolean[],
  };
  const patch: Client['patch'] = async (_resource, name, { body }) => {
    if (world.isDown) throw new Error('the API server is away');
    world.written.push(`${name} ${JSON.stringify(body)}`);
    return {};
  };
  const running = checkResolvers(
    {
      cluster: { discoveredDns: () => world.servers, dnsRecord: record },
      writes: {
        writeDnsRecord: (of, signal) =>
          writeDnsRecord(of, { patch } as Client, { namespace: 'security', name: 'guard' }, signal),
      },
      settings: () => world.settings,
      nameservers,
      observer: { resolverMismatch: (isMismatch) => world.gauge.push(isMismatch) },
      warn: (reason, message) => world.events.push(`${reason}: ${message}`),
      clock,
      logger: world.logger,
    },
    abort.signal,
  );
  await settled();
  const end = async () => {
    abort.abort(new Error('no longer the leader'));
    await running;
  };
  return Object.assign(world, { end });
}

const MESSAGE =
  'pods are given the nameserver 10.0.0.53, which is not among the DNS servers found (kube-system/kube-dns): no ' +
  'namespace is locked down that was not; name cluster DNS in the configuration, as in ' +
  'dns.servers: [{ipBlocks: ["10.0.0.53/32"], ports: [53]}]';

test('another nameserver than those found is told once, in every way, and written down', async () => {
  const world = await lead(['10.0.0.53']);
  expect(world.record.mismatch).toBe('10.0.0.53');
  expect(world.events).toEqual([`ResolverMismatch: ${MESSAGE}`]);
  expect(world.logger.messages()).toEqual([MESSAGE]);
  expect(world.gauge).toEqual([true]);
  expect(world.written).toEqual(['guard {"data":{"resolvers":"{}","resolverMismatch":"10.0.0.53"}}']);
  await world.clock.advance(60_000);
  expect([world.events.length, world.written.length]).toEqual([1, 1]);

  world.servers = [{ ...KUBE_DNS[0], addresses: addressesOf('10.0.0.53/32') } as DnsServer];
  await world.clock.advance(1000);
  expect(world.record.mismatch).toBeUndefined();
  expect(world.gauge).toEqual([true, false]);
  expect(world.written.at(-1)).toBe('guard {"data":{"resolvers":"{}","resolverMismatch":""}}');
  await world.end();
});

test('where the operator says who cluster DNS is, it is known and not told', async () => {
  const world = await lead(['10.0.0.53']);
  world.settings = { ...WITH_BASELINE, dns: { ...WITH_BASELINE.dns, servers: KUBE_DNS } };
  await world.clock.advance(1000);
  expect(world.gauge).toEqual([true, false]);
  // dnsFacts leaves it out while the operator says so, and takes it up in the moment in which they no longer do.
  const facts = () => dnsFacts(world.settings, world.servers, new Map(), world.record.mismatch);
  expect(facts().mismatch).toBeUndefined();
  world.settings = WITH_BASELINE;
  expect(facts().mismatch).toBe('10.0.0.53');
  await world.clock.advance(1000);
  expect(world.gauge).toEqual([true, false, true]);
  await world.end();
});

test.each([
  ['the same nameserver', ['10.96.0.10']],
  ['no word of it', []],
])('%s is nothing to tell', async (_, nameservers) => {
  const world = await lead(nameservers);
  expect([world.record.mismatch, world.events, world.gauge]).toEqual([undefined, [], []]);
  await world.end();
});

test('what is remembered is written down whenever it changes, as soon as the API server takes it', async () => {
  const world = await lead([]);
  const ports = { udp: [53], tcp: [53], udpNames: [], tcpNames: [] };
  const endpoints = { selector: { a: 'b' }, byAddress: false, ports, addresses: [], podLabels: [] };
  world.isDown = true;
  world.record.memory.recall('kube-system/kube-dns', endpoints, 0);
  await world.clock.advance(1000);
  expect(world.written).toHaveLength(1);
  expect(world.logger.messages()).toEqual(['cannot store what is known of cluster DNS, retrying']);
  world.isDown = false;
  await world.clock.advance(10_000);
  expect(world.written).toHaveLength(2);
  expect(world.written[1]).toContain('kube-system/kube-dns');
  await world.end();
});

test('what was written is written again where somebody removes it', async () => {
  const world = await lead([]);
  world.record.learn(new Map([['resolvers', '{}']]));
  await world.clock.advance(5000);
  expect(world.written).toHaveLength(1);
  world.record.learn(new Map());
  await world.clock.advance(5000);
  expect(world.written).toHaveLength(2);
  await world.end();
});

test('who leads no more decides no more', async () => {
  const world = await lead(['10.0.0.53']);
  await world.end();
  expect(world.record.mismatch).toBeUndefined();
  expect(world.gauge).toEqual([true, false]);
});
