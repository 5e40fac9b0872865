import { describe, expect, test } from 'vitest';
import type { DnsEndpoints } from '../../../../src/cluster/discovery/dns-endpoints.ts';
import { DnsRecord, followDnsRecord, writeDnsRecord } from '../../../../src/cluster/discovery/dns-record.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import { type FakeApiServer, sendJson, sendStatus } from '../fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from '../world.ts';

const CONFIG_MAPS = '/api/v1/configmaps';
const PLACE = { namespace: 'security', name: 'guard' };
const KEY = 'kube-system/kube-dns';
const ENDPOINTS: DnsEndpoints = {
  selector: { 'k8s-app': 'kube-dns' },
  byAddress: false,
  ports: { udp: [53], tcp: [53], udpNames: [], tcpNames: [] },
  addresses: ['10.42.0.3'],
  podLabels: [],
};

function put(server: FakeApiServer, data: Readonly<Record<string, string>> | null): void {
  server.put(CONFIG_MAPS, { metadata: { name: 'guard', namespace: 'security' }, data });
}

function follow(server: FakeApiServer) {
  const record = new DnsRecord();
  const logger = new TestLogger();
  const abort = new AbortController();
  const following = followDnsRecord(
    record,
    { ...PLACE, client: clientOf(server), clock: systemClock, logger },
    abort.signal,
  );
  onEnd(async () => {
    abort.abort(new Error('ended'));
    await following;
  });
  return { record, logger };
}

test('one process reads what another one wrote, and follows what it writes', async () => {
  const first = new DnsRecord();
  first.memory.recall(KEY, ENDPOINTS, 0);
  const server = await startServer((fake) => put(fake, null));
  server.faults.push(async (request, response, url) => {
    if (request.method !== 'PATCH') return false;
    expect(url.pathname).toBe('/api/v1/namespaces/security/configmaps/guard');
    expect(request.headers['content-type']).toBe('application/merge-patch+json');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { data } = JSON.parse(body);
    put(server, data);
    sendJson(response, 200, { data });
    return true;
  });
  const { record } = follow(server);
  await eventually(() => record.isRead);
  expect(record.memory.recall(KEY, undefined, 0)).toBeUndefined();

  const write = () => writeDnsRecord(first, clientOf(server), PLACE, AbortSignal.timeout(3000));
  first.decide({ mismatch: '10.0.0.53' });
  await write();
  await eventually(() => record.mismatch === '10.0.0.53');
  expect(record.memory.recall(KEY, undefined, 0)).toEqual(ENDPOINTS);
  first.decide({ mismatch: undefined });
  await write();
  await eventually(() => record.mismatch === undefined);
});

describe('it is read', () => {
  test.each([
    ['there is no such place', 404, 'NotFound'],
    ['we are not to know', 403, 'Forbidden'],
  ])('as nothing where %s', async (_, code, reason) => {
    const server = await startServer((fake) => {
      fake.faults.push((_request, response) => {
        sendStatus(response, code, reason, 'no');
        return true;
      });
    });
    const { record, logger } = follow(server);
    await eventually(() => record.isRead);
    expect(logger.messages()).toContain('cannot read the stored record of cluster DNS');
  });

  test('only once the API server answers', async () => {
    let isDown = true;
    const server = await startServer((fake) => {
      put(fake, { resolvers: JSON.stringify({ [KEY]: ENDPOINTS }) });
      fake.faults.push((_request, response) => {
        if (isDown) sendStatus(response, 500, 'InternalError', 'etcd is away');
        return isDown;
      });
    });
    const { record, logger } = follow(server);
    await eventually(() => logger.lines.length > 0);
    expect(record.isRead).toBe(false);
    isDown = false;
    await eventually(() => record.isRead);
    expect(record.memory.recall(KEY, undefined, 0)).toEqual(ENDPOINTS);
  });

  test('with a warning of what is wrong with it', async () => {
    const server = await startServer((fake) => put(fake, { resolvers: 'kube-dns', baselineSince: 'x' }));
    const { record, logger } = follow(server);
    await eventually(() => record.isRead);
    expect(logger.messages()).toContain('ignoring the stored record of cluster DNS');
  });
});

test('what the leader decides counts for it whatever was written, until it leads no more', () => {
  const record = new DnsRecord();
  record.learn(new Map([['resolverMismatch', '10.0.0.53']]));
  expect(record.mismatch).toBe('10.0.0.53');
  record.decide({ mismatch: undefined });
  record.learn(new Map([['resolverMismatch', '10.0.0.54']]));
  expect(record.mismatch).toBeUndefined();
  record.decide(undefined);
  expect(record.mismatch).toBe('10.0.0.54');
  record.learn(new Map([['resolverMismatch', '']]));
  expect(record.mismatch).toBeUndefined();
});
