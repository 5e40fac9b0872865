import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readConfiguration } from '../../src/config/load.ts';
import { readManifests } from '../../src/manifests/text/manifests.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { applyPolicies, removePolicies, renderPolicies } from '../harness/admission-policies.ts';
import { connect } from '../harness/connected.ts';
import { CREATORS, creatorsOf, refusedBy } from '../harness/creators.ts';
import type { GuardOptions } from '../harness/guard.ts';
import { policyPath } from '../harness/policies.ts';
import { OURSELVES } from '../harness/release.ts';
import { ADDRESS_BLOCKS, PORT_ENTRIES, SLICES, SUBJECTS } from '../oracle/vocabulary.ts';
import { readCases, rulesWithCases } from '../rules/rule-cases.ts';

/** The policy alone, as where no webhook is. */
const cluster = connect(inject('controlPlane'));
const { dana, furnish } = creatorsOf(cluster);
const ourselves = cluster.clientOf(OURSELVES);
let namespace = '';

beforeAll(async () => {
  await furnish();
  namespace = await cluster.namespace();
});
afterAll(() => cluster.close());

function under(config: NonNullable<GuardOptions['config']>): void {
  beforeAll(() => applyPolicies(renderPolicies(config, { failsClosed: false }), cluster.kubectl, ourselves));
  afterAll(() => removePolicies(cluster.kubectl, ourselves));
}

const offer = (spec: unknown, client = dana, where = namespace) =>
  client.request('POST', policyPath(where, '?dryRun=All'), { metadata: { name: 'offered' }, spec });

const anywhere = (egress: object) => ({ podSelector: {}, policyTypes: ['Egress'], egress: [egress] });
const block = (cidr: string, ...except: string[]) => ({
  to: [{ ipBlock: { cidr, ...(except.length > 0 && { except }) } }],
});
const dns = { ports: [{ protocol: 'UDP', port: 53 }] };

const settings = readConfiguration('kind: GuardConfiguration', 'the configuration').settings;

/** Whether the engine denies a policy on an empty namespace, for what it opens. */
function denies(spec: object): boolean {
  const world = {
    namespaces: [{ name: 'shop', labels: new Map<string, string>(), terminating: false }],
    policies: [],
    otherPolicies: [],
  };
  const after = readNetworkPolicy({ metadata: { name: 'offered', namespace: 'shop' }, spec }, 'shop');
  const change = { operation: 'CREATE', namespace: 'shop', after } as const;
  const { findings } = evaluate(change, offlineSnapshot(world, settings), settings, 0);
  return findings.some(({ rule, effect }) => effect === 'deny' && /^(dns|egress)-open-to-anywhere$/.test(rule));
}

/** Offers all, some at a time; returns how many the policy refused. Throws where the engine would let one of these pass. */
async function expectNoStricter(specs: readonly object[]): Promise<number> {
  let refused = 0;
  const rest = specs.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const spec of rest) {
        const { status, body } = await offer(spec);
        if (status === 201 || status === 422) continue;
        expect({ status, body, spec }).toMatchObject(refusedBy('openings'));
        expect({ spec, denied: denies(spec) }).toEqual({ spec, denied: true });
        refused += 1;
      }
    }),
  );
  return refused;
}

describe('what one policy opens to anywhere', () => {
  under({});

  it.each([
    ['no destination', anywhere(dns)],
    ['all of IPv4', anywhere({ ...dns, ...block('0.0.0.0/0') })],
    ['all but private addresses', anywhere({ ...dns, ...block('0.0.0.0/0', '10.0.0.0/8', '192.168.0.0/16') })],
    ['half of IPv4', anywhere({ ...dns, ...block('128.0.0.0/1') })],
    ['a block of 8 bits', anywhere({ ...dns, ...block('8.0.0.0/8') })],
    ['all of IPv6', anywhere({ ...dns, ...block('::/0') })],
    ["a registry's share of IPv6", anywhere({ ...dns, ...block('2600::/8') })],
    ['TCP', anywhere({ ports: [{ port: 53 }] })],
    ['a range that passes 53', anywhere({ ports: [{ protocol: 'UDP', port: 50, endPort: 60 }] })],
    ['53 among others', anywhere({ ports: [{ port: 443 }, { port: 8443, endPort: 9000 }, { port: 53 }] })],
    ['a second rule', { ...anywhere({}), egress: [{ to: [{ podSelector: {} }] }, dns] }],
    ['some pods', { ...anywhere(dns), podSelector: { matchLabels: { app: 'web' } } }],
  ])('is refused on port 53: %s', async (_, spec) => {
    expect(await offer(spec)).toMatchObject(refusedBy('openings', '[dns-open-to-anywhere]'));
    expect(denies(spec)).toBe(true);
  });

  it.each([
    ['no rule at all', anywhere({})],
    ['a protocol', anywhere({ ports: [{ protocol: 'UDP' }] })],
    ['all numbers', anywhere({ ports: [{ port: 1, endPort: 65535 }] })],
    ['all of IPv4', anywhere(block('0.0.0.0/0'))],
  ])('is refused on every port: %s', async (_, spec) => {
    expect(await offer(spec)).toMatchObject(refusedBy('openings', '[egress-open-to-anywhere]'));
    expect(denies(spec)).toBe(true);
  });

  it.each([
    ['cluster DNS', anywhere({ ...dns, to: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: 'b' } } }] })],
    ['the web', anywhere({ ports: [{ port: 443 }] })],
    ['SCTP', anywhere({ ports: [{ protocol: 'SCTP', port: 53 }, { protocol: 'SCTP' }] })],
    ['a port by its name', anywhere({ ports: [{ protocol: 'UDP', port: 'dns' }] })],
    [
      'ranges beside 53',
      anywhere({
        ports: [
          { port: 1, endPort: 52 },
          { port: 54, endPort: 65535 },
        ],
      }),
    ],
    ['9 bits', anywhere({ ...dns, ...block('8.0.0.0/9') })],
    ['private addresses', anywhere({ ...dns, ...block('10.0.0.0/8') })],
    ['a shared block', anywhere({ ...dns, ...block('100.0.0.0/8') })],
    ['multicast', anywhere({ ...dns, ...block('224.0.0.0/4') })],
    ['reserved addresses', anywhere({ ...dns, ...block('224.0.0.0/3') })],
    ['IPv6 that nobody has', anywhere({ ...dns, ...block('3000::/4') })],
    ['nothing but exceptions', anywhere({ ...dns, ...block('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1') })],
    [
      'pods that cannot be',
      {
        ...anywhere(dns),
        podSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] },
      },
    ],
    ['ingress alone', { podSelector: {}, policyTypes: ['Ingress'], egress: [dns] }],
  ])('is none of its business: %s', async (_, spec) => {
    expect(await offer(spec)).toMatchObject({ status: 201 });
  });

  it('may be written again where it was open before, and not be opened further', async () => {
    const path = policyPath(namespace);
    const open = { metadata: { name: 'open' }, spec: anywhere(dns) };
    await removePolicies(cluster.kubectl, ourselves);
    expect((await dana.request('POST', path, open)).status).toBe(201);
    await applyPolicies(renderPolicies({}, { failsClosed: false }), cluster.kubectl, ourselves);
    const update = (egress: object) =>
      dana.request('PUT', `${path}/open?dryRun=All`, { ...open, spec: anywhere(egress) });
    expect((await update({ ...dns, ...block('0.0.0.0/0') })).status).toBe(200);
    expect(await update({})).toMatchObject(refusedBy('openings', '[egress-open-to-anywhere]'));
  });

  it('is no matter in a system namespace, nor where nothing is enforced', async () => {
    expect((await offer(anywhere({}), dana, 'kube-system')).status).toBe(201);
    const off = await cluster.namespace({ 'netpol-guard.io/enforce': 'off' });
    expect((await offer(anywhere({}), dana, off)).status).toBe(201);
  });

  it('passes unjudged where it is too large, and is judged just below', async () => {
    const web = (count: number) => Array.from({ length: count }, (_, i) => ({ port: i + 1000 }));
    const small = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [...web(499), { port: 53 }] }] };
    expect(await offer(small)).toMatchObject(refusedBy('openings'));
    const blocks = Array.from({ length: 499 }, (_, i) => ({ ipBlock: { cidr: `8.${i >> 8}.${i & 255}.0/24` } }));
    const full = anywhere({ ports: [...web(498), { port: 53 }], to: [...blocks, { ipBlock: { cidr: '0.0.0.0/0' } }] });
    expect(await offer(full)).toMatchObject(refusedBy('openings'));
    expect((await offer(anywhere({ ports: [...web(500), { port: 53 }] }))).status).toBe(201);
    const many = Array.from({ length: 30_000 }, (_, i) => ({ ipBlock: { cidr: `9.${i >> 8}.${i & 255}.0/24` } }));
    expect((await offer(anywhere({ ...dns, to: many }))).status).toBe(201);
    const rules = Array.from({ length: 501 }, () => ({ ports: [{ port: 443 }] }));
    expect((await offer({ podSelector: {}, policyTypes: ['Egress'], egress: rules })).status).toBe(201);
    expect((await offer({ podSelector: {}, policyTypes: ['Ingress'] })).status).toBe(201);
  });

  it('is refused by the engine as well: every policy of the rule cases', async () => {
    const specs = rulesWithCases().flatMap((rule) =>
      (['invalid', 'valid'] as const).flatMap((kind) =>
        readCases(rule, kind).flatMap(({ manifests }) => specsIn(manifests)),
      ),
    );
    expect(specs.length).toBeGreaterThan(150);
    expect(await expectNoStricter(specs)).toBeGreaterThan(20);
  });

  it('is refused by the engine as well: policies by chance', async () => {
    const specs = fc.sample(ANY_SPEC, 3000);
    expect(await expectNoStricter(specs)).toBeGreaterThan(300);
  });
});

describe('what one policy opens, under another configuration', () => {
  under({
    dns: { ports: [5353], anywhereThreshold: '1/2' },
    exemptions: {
      users: ['restore'],
      entries: [{ namespace: '*', name: 'legacy-*', rules: ['egress-open-to-anywhere'], reason: 'the appliance' }],
    },
  });

  it('follows the ports of DNS, the threshold and the exemptions', async () => {
    expect((await offer(anywhere(dns))).status).toBe(201);
    const ports = [{ protocol: 'UDP', port: 5353 }];
    expect(await offer(anywhere({ ports }))).toMatchObject(refusedBy('openings'));
    expect((await offer(anywhere({ ports, ...block('8.0.0.0/8') }))).status).toBe(201);
    expect(await offer(anywhere({ ports, ...block('0.0.0.0/0') }))).toMatchObject(refusedBy('openings'));
    expect((await offer(anywhere({}), cluster.clientOf('restore', [CREATORS]))).status).toBe(201);
    const legacy = { metadata: { name: 'legacy-1' }, spec: anywhere({}) };
    expect((await dana.request('POST', policyPath(namespace, '?dryRun=All'), legacy)).status).toBe(201);
  });
});

function specsIn(manifests: string): readonly object[] {
  const { objects } = readManifests([new SourceText('case', manifests)]);
  return objects.flatMap(({ kind, value }) => {
    const { spec } = value as { spec?: unknown };
    return kind === 'NetworkPolicy' && typeof spec === 'object' && spec !== null ? [spec] : [];
  });
}

const v4 = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(11))
  .map(([a, b, length]) => `${a}.${b}.0.0/${length}`)
  .map(masked);
const v6 = fc
  .tuple(fc.integer({ min: 0x1e00, max: 0x4000 }), fc.nat(14))
  .map(([head, length]) => `${(head & (0xffff << (16 - Math.min(16, length)))).toString(16)}::/${length}`);
const knownBlock = fc.constantFrom(...ADDRESS_BLOCKS, ...SLICES).map(([cidr = '', ...except]) => ({
  ipBlock: { cidr, ...(except.length > 0 && { except }) },
}));
const exceptions = fc.array(
  fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 8 })).map(([a, length]) => masked(`${a}.0.0.0/${length}`)),
  { minLength: 1, maxLength: 6 },
);
const peer = fc.oneof(
  knownBlock,
  v4.map((cidr) => ({ ipBlock: { cidr } })),
  v6.map((cidr) => ({ ipBlock: { cidr } })),
  exceptions.map((except) => ({ ipBlock: { cidr: '0.0.0.0/0', except } })),
  fc.constant({ namespaceSelector: {} }),
);
const rule = fc.record(
  {
    ports: fc.array(fc.constantFrom(...PORT_ENTRIES), { maxLength: 3 }),
    to: fc.array(peer, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const requirement = fc.record({
  key: fc.constantFrom('app', 'role'),
  operator: fc.constantFrom('Exists', 'DoesNotExist'),
});
const selector = fc.oneof(
  fc.constantFrom<object>(...SUBJECTS),
  fc.record({
    matchLabels: fc.constantFrom({}, { app: 'a' }),
    matchExpressions: fc.array(requirement, { maxLength: 3 }),
  }),
);

/** Specs of all kinds, most of them open to somewhere. */
const ANY_SPEC: fc.Arbitrary<object> = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.constantFrom(['Egress'], ['Ingress', 'Egress'], ['Ingress']),
    egress: fc.array(rule, { maxLength: 3 }),
  },
  { requiredKeys: ['podSelector'] },
);

/** Newer API servers refuse a block with bits set beyond its length. */
function masked(cidr: string): string {
  const [address = '', length = ''] = cidr.split('/');
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(value / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.')}/${length}`;
}
