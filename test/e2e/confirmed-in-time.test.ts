import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../harness/api-client.ts';
import { storedPolicies } from '../harness/baseline.ts';
import { defaultDeny, egressPolicy, openDns, policyPath } from '../harness/policies.ts';
import { startWorld, type World } from '../harness/world.ts';

const READ_DELAY_MS = 4_000;
const KB = 1024;

/** A namespace of which the API server says nothing for some seconds. */
let slowNamespace = '';
/** What netpol-guard asks about single namespaces, and how many bytes that brings. */
const calls: string[] = [];
let bytes = 0;
let world: World;

beforeAll(async () => {
  world = await startWorld({
    delayOf: (_method, path) => {
      if (/\/namespaces\/case-/.test(path)) calls.push(path);
      return slowNamespace !== '' && path.includes(`/namespaces/${slowNamespace}`) ? READ_DELAY_MS : 0;
    },
    onBytes: (path, length) => {
      if (/\/namespaces\/case-/.test(path)) bytes += length;
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  slowNamespace = '';
});

const write = (namespace: string, policy: object, query = ''): Promise<Answer> =>
  world.api.request('POST', policyPath(namespace, query), policy);

const unnamed = (policy: object): object => ({ ...policy, metadata: { generateName: 'tunnel-' } });

const tunnels = async (namespace: string): Promise<readonly string[]> =>
  (await storedPolicies(world, namespace))
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('tunnel'));

/** A tenant's 200 policies of 220 KB, which netpol-guard has nothing against. */
async function fill(namespace: string, fat: (index: number) => object): Promise<void> {
  for (let index = 0; index < 200; index += 4) {
    const turn = [0, 1, 2, 3].map((offset) => write(namespace, fat(index + offset)));
    for (const answer of await Promise.all(turn)) expect(answer).toMatchObject({ status: 201, warnings: [] });
  }
}

const fatRules = (index: number): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `fat-${index}` },
  spec: {
    podSelector: { matchLabels: { fat: `${index}` } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: Array.from({ length: (220 * KB) / 40 }, (_, n) => ({
          ipBlock: { cidr: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32` },
        })),
      },
    ],
  },
});

const fatAnnotations = (index: number): object => ({
  ...fatRules(index),
  metadata: { name: `fat-${index}`, annotations: { note: 'x'.repeat(220 * KB) } },
  spec: { podSelector: { matchLabels: { fat: `${index}` } }, policyTypes: ['Ingress'] },
});

/** Nobody's deadline lets an opening in: tried with every one that the API server tells the webhook in other words. */
async function tryDeadlines(namespace: string, tries: number): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  for (let i = 0; i < tries; i += 1) {
    const answer = await write(namespace, unnamed(openDns), `?timeout=${1 + (i % 4)}s`);
    statuses.add(answer.status);
  }
  expect(await tunnels(namespace)).toEqual([]);
  return statuses;
}

describe('where the API server does not say in time whether a refusal still holds', () => {
  it('the writer is told to come again, with all findings, and nothing is stored', async () => {
    const namespace = await world.namespace();
    slowNamespace = namespace;
    const both = egressPolicy('both', [{ ports: [{ port: 53, protocol: 'UDP' }] }, { ports: [{ protocol: 'TCP' }] }]);

    const answer = await write(namespace, both, '?timeout=2s');

    expect(answer).toMatchObject({
      status: 429,
      retryAfter: 1,
      body: {
        reason: 'TooManyRequests',
        details: { causes: [{ reason: 'dns-open-to-anywhere' }, { reason: 'egress-open-to-anywhere' }] },
      },
    });
    const { message } = answer.body as { message: string };
    expect(message).toContain('the API server did not confirm in time');
    expect(message).toMatch(/ \[dns-open-to-anywhere\]\n {2}spec\.egress\[0\] opens /);
    expect(message).toMatch(/ \[egress-open-to-anywhere\]\n {2}spec\.egress\[1\] opens /);
    expect(await storedPolicies(world, namespace)).toEqual([]);
    expect(await world.guards[0]?.metric('netpol_guard_unconfirmed_total', { reason: 'late' })).toBe(1);
    const event = await world.auditEvent(namespace, 'create', 429);
    expect(event.annotations?.['policies.netpol-guard.io/findings']).toContain('dns-open-to-anywhere deny');
  });

  it('no deadline of the writer admits it', async () => {
    const namespace = await world.namespace();
    slowNamespace = namespace;
    expect(await tryDeadlines(namespace, 8)).not.toContain(201);
    expect(await write(namespace, unnamed(defaultDeny), '?timeout=1s')).toMatchObject({ status: 429 });
  });

  it('a namespace can be deleted all the same, with all that is in it', async () => {
    const namespace = await world.namespace();
    expect(await write(namespace, defaultDeny, '?dryRun=All')).toMatchObject({ status: 403 });
    expect(await write(namespace, fatAnnotations(0))).toMatchObject({ status: 201 });
    slowNamespace = namespace;
    expect(await world.kubectl(['delete', 'namespace', namespace, '--timeout=50s'])).toMatchObject({ status: 0 });
  });
});

describe.each([
  ['rules', fatRules, 403, 1024 * KB],
  // Metadata alone is more than a refusal may cost; what was on its way when that was seen comes on top.
  ['annotations', fatAnnotations, 429, 32 * 1024 * KB],
])('a namespace full of policies with large %s', (_, fat, status, mostBytes) => {
  let namespace = '';
  beforeAll(async () => {
    namespace = await world.namespace();
    await fill(namespace, fat);
  }, 240_000);

  it('makes no refusal expensive for the API server', async () => {
    calls.length = bytes = 0;

    expect(await write(namespace, openDns)).toMatchObject({ status });

    expect(calls.map((path) => path.replace(/\?.*/, '')).sort()).toEqual([
      `/api/v1/namespaces/${namespace}`,
      policyPath(namespace),
    ]);
    expect(bytes).toBeLessThan(mostBytes);
  });

  it('gets nobody past a refusal, whatever deadline is tried', async () => {
    expect(await tryDeadlines(namespace, 60)).not.toContain(201);
  }, 240_000);

  it('fifty refusals at once share a few reads', async () => {
    calls.length = 0;
    const answers = await Promise.all(Array.from({ length: 50 }, () => write(namespace, unnamed(openDns))));
    for (const answer of answers) expect([403, 429]).toContain(answer.status);
    expect(calls.length).toBeLessThan(50);
    expect(await tunnels(namespace)).toEqual([]);
  });
});
