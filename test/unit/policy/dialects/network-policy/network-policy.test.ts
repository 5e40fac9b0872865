import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checked } from '../../../../../src/objects/faults.ts';
import { InvalidObject } from '../../../../../src/objects/invalid-object.ts';
import { readNetworkPolicy } from '../../../../../src/policy/dialects/network-policy/network-policy.ts';

const metadata = { name: 'web', namespace: 'shop' };

function policy(spec: unknown, meta: unknown = metadata): unknown {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: meta, spec };
}

function egress(rule: unknown): unknown {
  return policy({ podSelector: {}, egress: [rule] });
}

const ports = (...items: unknown[]) => egress({ ports: items });
const peers = (...items: unknown[]) => egress({ to: items });
const block = (cidr: unknown, except?: unknown) =>
  peers({ ipBlock: { cidr, ...(except === undefined ? {} : { except }) } });
const selector = (podSelector: unknown) => policy({ podSelector });
const requirement = (item: unknown) => selector({ matchExpressions: [item] });

function read(value: unknown) {
  return checked((faults) => readNetworkPolicy(value, 'shop', faults));
}

function problems(value: unknown): readonly string[] {
  return read(value).problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
}

describe('a NetworkPolicy that the API server takes', () => {
  it.each([
    ['the smallest', policy({})],
    ['no spec', { metadata }],
    ['null for every list', policy({ podSelector: null, ingress: null, egress: null, policyTypes: null })],
    ['a null rule, which allows everything', policy({ egress: [null] })],
    ['an empty port, which is all of TCP', ports({})],
    ['a null port', ports(null)],
    ['one port', ports({ port: 53, protocol: 'UDP' })],
    ['the whole range', ports({ port: 1, endPort: 65535 })],
    ['a range of one', ports({ port: 53, endPort: 53 })],
    ['a named port', ports({ port: 'dns-tcp', protocol: 'TCP' })],
    ['a name of fifteen characters', ports({ port: 'abcdefghijklmno' })],
    ['SCTP', ports({ protocol: 'SCTP' })],
    ['an empty podSelector as a peer', peers({ podSelector: {} })],
    ['both selectors in one item', peers({ namespaceSelector: {}, podSelector: { matchLabels: { a: 'b' } } })],
    ['a selector beside a null ipBlock', peers({ podSelector: {}, ipBlock: null })],
    ['a block with exceptions', block('10.0.0.0/8', ['10.1.0.0/16', '10.2.3.4/32'])],
    ['an IPv6 block with exceptions', block('2000::/3', ['2001:db8::/32'])],
    ['the same type twice', policy({ policyTypes: ['Egress', 'Egress'] })],
    ['a label value that is empty', selector({ matchLabels: { a: '' } })],
    ['a label value that is null, which Go reads as empty', selector({ matchLabels: { a: null } })],
    ['a label key with a domain', selector({ matchLabels: { 'app.kubernetes.io/name': 'x_Y.9' } })],
    [
      'every operator',
      selector({
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['b'] },
          { key: 'a', operator: 'NotIn', values: ['', 'c'] },
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'DoesNotExist', values: [] },
        ],
      }),
    ],
    ['generateName', policy({}, { generateName: 'web-' })],
    ['a name with dots', policy({}, { name: 'a.b-c.9' })],
    [
      'annotations with capitals in the key',
      policy({}, { name: 'web', annotations: { 'Example.com/Note': 'any text\n' } }),
    ],
    [
      'what kubectl get -o yaml adds',
      policy(
        {},
        {
          name: 'web',
          creationTimestamp: '2026-01-01T00:00:00Z',
          generation: 3,
          resourceVersion: '17',
          uid: 'x',
          managedFields: [{ manager: 'kubectl' }],
          ownerReferences: [{}],
          finalizers: ['a/b'],
        },
      ),
    ],
  ])('%s', (_, value) => {
    expect(problems(value)).toEqual([]);
  });
});

describe('a NetworkPolicy that it refuses', () => {
  it.each([
    ['no metadata', { spec: {} }, 'metadata: is missing; give a name in it'],
    ['no name', policy({}, { namespace: 'shop' }), 'metadata.name: is missing; give a name, or a generateName'],
    [
      'a name in capitals',
      policy({}, { name: 'Web' }),
      'metadata.name: "Web" is not an RFC 1123 subdomain: lower-case letters, digits, "-" and ".", with a letter or digit at both ends',
    ],
    [
      'a name that YAML reads as a boolean',
      policy({}, { name: true }),
      'metadata.name: true is a boolean where a string is expected; put it in quotes (YAML 1.1, as kubectl reads it, takes y, n, yes, no, on and off for booleans)',
    ],
    [
      'a name that is a number',
      policy({}, { name: 7 }),
      'metadata.name: 7 is a number where a string is expected; put it in quotes',
    ],
    [
      'a namespace with a dot',
      policy({}, { name: 'web', namespace: 'a.b' }),
      'metadata.namespace: "a.b" is not an RFC 1123 label: lower-case letters, digits and "-", with a letter or digit at both ends',
    ],
    [
      'a label that is a boolean',
      policy({}, { name: 'web', labels: { 'example.com/debug': true } }),
      'metadata.labels[example.com/debug]: true is a boolean where a string is expected; put it in quotes (YAML 1.1, as kubectl reads it, takes y, n, yes, no, on and off for booleans)',
    ],
    [
      'an unknown field of metadata',
      policy({}, { name: 'web', label: {} }),
      'metadata.label: unknown field "label"; did you mean labels?',
    ],
    [
      'a misspelt matchLabels',
      selector({ matchlabels: { a: 'b' } }),
      'spec.podSelector.matchlabels: unknown field "matchlabels"; did you mean matchLabels?',
    ],
    [
      'a field that is like none',
      peers({ podSelector: {}, dnsName: 'example.com' }),
      'spec.egress[0].to[0].dnsName: unknown field "dnsName"; the fields here are podSelector, namespaceSelector, ipBlock',
    ],
    [
      'an ipBlock among the ports',
      ports({ ipBlock: {} }),
      'spec.egress[0].ports[0].ipBlock: unknown field "ipBlock"; the fields here are protocol, port, endPort',
    ],
    [
      'from under egress',
      egress({ from: [] }),
      'spec.egress[0].from: unknown field "from"; the fields here are ports, to',
    ],
    [
      'rules that are no list',
      policy({ egress: {} }),
      'spec.egress: is an object where a list is expected; put each item after a dash',
    ],
    ['a rule that is a string', egress('all'), 'spec.egress[0]: "all" is a string where an object is expected'],
    [
      'a number in quotes',
      ports({ port: '53' }),
      'spec.egress[0].ports[0].port: "53" is a string of digits; a port number is written without quotes',
    ],
    ['a port of 0', ports({ port: 0 }), 'spec.egress[0].ports[0].port: 0 is not a port number from 1 to 65535'],
    [
      'a port past the end',
      ports({ port: 65536 }),
      'spec.egress[0].ports[0].port: 65536 is not a port number from 1 to 65535',
    ],
    ['half a port', ports({ port: 53.5 }), 'spec.egress[0].ports[0].port: 53.5 is not a port number from 1 to 65535'],
    [
      'a port that is a boolean',
      ports({ port: true }),
      'spec.egress[0].ports[0].port: true is neither a port number nor the name of one',
    ],
    [
      'a range as text',
      ports({ port: '8888-8890' }),
      'spec.egress[0].ports[0].port: "8888-8890" is not a port; write a range as port: 8888 with endPort: 8890',
    ],
    [
      'a port name in capitals',
      ports({ port: 'DNS' }),
      'spec.egress[0].ports[0].port: "DNS" is not a port name: lower-case letters (at least one), digits and single "-" between them',
    ],
    [
      'a port name with two dashes',
      ports({ port: 'a--b' }),
      'spec.egress[0].ports[0].port: "a--b" is not a port name: lower-case letters (at least one), digits and single "-" between them',
    ],
    [
      'a port name of sixteen',
      ports({ port: 'abcdefghijklmnop' }),
      'spec.egress[0].ports[0].port: "abcdefghijklmnop" has 16 characters, at most 15 are allowed as a port name',
    ],
    ['endPort alone', ports({ endPort: 60 }), 'spec.egress[0].ports[0].endPort: 60 needs a port'],
    [
      'endPort behind a name',
      ports({ port: 'dns', endPort: 60 }),
      'spec.egress[0].ports[0].endPort: 60 goes with a port number, not with "dns"',
    ],
    [
      'endPort below the port',
      ports({ port: 60, endPort: 53 }),
      'spec.egress[0].ports[0].endPort: 53 is below the port 60',
    ],
    [
      'endPort as a string',
      ports({ port: 53, endPort: '60' }),
      'spec.egress[0].ports[0].endPort: "60" is not a port number from 1 to 65535',
    ],
    [
      'a protocol in lower case',
      ports({ protocol: 'udp' }),
      'spec.egress[0].ports[0].protocol: "udp" is not TCP, UDP or SCTP, in capitals',
    ],
    [
      'an empty peer',
      peers({}),
      'spec.egress[0].to[0]: names no peer; give a podSelector, a namespaceSelector or an ipBlock, or leave the whole list out',
    ],
    [
      'a null peer',
      peers(null),
      'spec.egress[0].to[0]: names no peer; give a podSelector, a namespaceSelector or an ipBlock, or leave the whole list out',
    ],
    [
      'an ipBlock beside a selector',
      peers({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
      'spec.egress[0].to[0]: has an ipBlock beside a selector; put them in two items',
    ],
    [
      'a block without cidr',
      peers({ ipBlock: {} }),
      'spec.egress[0].to[0].ipBlock.cidr: is missing; write a block such as 10.0.0.0/8',
    ],
    [
      'an address without prefix',
      block('10.0.0.1'),
      'spec.egress[0].to[0].ipBlock.cidr: "10.0.0.1" lacks its prefix length; a single address is 10.0.0.1/32',
    ],
    [
      'an IPv6 address without prefix',
      block('fd00::1'),
      'spec.egress[0].to[0].ipBlock.cidr: "fd00::1" lacks its prefix length; a single address is fd00::1/128',
    ],
    [
      'no address at all',
      block('kube-dns'),
      'spec.egress[0].to[0].ipBlock.cidr: "kube-dns" is not a CIDR; write a block such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      'an exception that is the whole',
      block('10.0.0.0/8', ['10.0.0.0/8']),
      'spec.egress[0].to[0].ipBlock.except[0]: "10.0.0.0/8" must be a part of "10.0.0.0/8" and smaller than it',
    ],
    [
      'an exception outside',
      block('10.0.0.0/8', ['192.168.0.0/16']),
      'spec.egress[0].to[0].ipBlock.except[0]: "192.168.0.0/16" must be a part of "10.0.0.0/8" and smaller than it',
    ],
    [
      'an exception of the other family',
      block('0.0.0.0/0', ['2001:db8::/32']),
      'spec.egress[0].to[0].ipBlock.except[0]: "2001:db8::/32" must be a part of "0.0.0.0/0" and smaller than it',
    ],
    [
      'a null exception',
      block('10.0.0.0/8', [null]),
      'spec.egress[0].to[0].ipBlock.except[0]: is empty; write a block such as 10.0.0.0/8',
    ],
    [
      'a policy type in lower case',
      policy({ policyTypes: ['egress'] }),
      'spec.policyTypes[0]: "egress" is not Ingress or Egress',
    ],
    [
      'three policy types',
      policy({ policyTypes: ['Egress', 'Egress', 'x'] }),
      'spec.policyTypes: has 3 items, at most two are allowed',
    ],
    [
      'an operator in lower case',
      requirement({ key: 'a', operator: 'in', values: ['b'] }),
      'spec.podSelector.matchExpressions[0].operator: "in" is not one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      'In without values',
      requirement({ key: 'a', operator: 'In' }),
      'spec.podSelector.matchExpressions[0].values: is empty; In needs at least one value',
    ],
    [
      'Exists with values',
      requirement({ key: 'a', operator: 'Exists', values: ['b'] }),
      'spec.podSelector.matchExpressions[0].values: ["b"] does not go with Exists; leave it out',
    ],
    [
      'a requirement without key',
      requirement({ operator: 'Exists' }),
      'spec.podSelector.matchExpressions[0].key: is missing; name a label',
    ],
    [
      'a label key with a space',
      selector({ matchLabels: { 'a b': 'c' } }),
      'spec.podSelector.matchLabels[a b]: "a b" is not a label key: letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ],
    [
      'a label key with two slashes',
      selector({ matchLabels: { 'a/b/c': 'd' } }),
      'spec.podSelector.matchLabels[a/b/c]: "a/b/c" is not a label key: letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ],
    [
      'a label value that is too long',
      selector({ matchLabels: { a: 'x'.repeat(64) } }),
      `spec.podSelector.matchLabels.a: "${'x'.repeat(56)}... has 64 characters, at most 63 are allowed as a label value`,
    ],
  ])('%s', (_, value, expected) => {
    expect(problems(value)).toEqual([expected]);
  });

  it('but the status of old exports is no fault', () => {
    expect(problems({ ...Object(policy({})), status: {} })).toEqual([]);
  });

  it('a list', () => {
    expect(problems([])[0]).toBe('is a list where an object is expected');
  });

  it('all problems at once, in the order of the object', () => {
    const value = policy(
      { podSelector: { matchlabels: {} }, egress: [{ to: [{}], ports: [{ port: '53' }] }] },
      { name: true },
    );
    expect(read(value).problems.map(({ path }) => path)).toEqual([
      'metadata.name',
      'spec.podSelector.matchlabels',
      'spec.egress[0].to[0]',
      'spec.egress[0].ports[0].port',
    ]);
  });
});

describe('a CIDR that only newer servers refuse', () => {
  it.each(['10.0.0.1/8', '010.0.0.0/8', '::ffff:10.0.0.0/104'])('%s is tolerated', (cidr) => {
    const [problem, ...others] = read(block(cidr)).problems;
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: 'spec.egress[0].to[0].ipBlock.cidr', tolerated: true });
    expect(problem?.message).toContain(JSON.stringify(cidr));
  });

  it('may be excepted from', () => {
    const found = read(block('10.0.0.1/8', ['10.1.0.0/16'])).problems;
    expect(found.map(({ tolerated }) => tolerated)).toEqual([true]);
  });
});

describe('any JSON value', () => {
  const roots = fc
    .tuple(
      fc.jsonValue(),
      fc.constantFrom(policy, (value: unknown) => policy({}, value), egress, ports, peers, requirement),
    )
    .map(([value, around]) => around(value));
  const anything = fc.oneof(fc.jsonValue(), roots);

  it('is read, or every fault has a sentence', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const { value: policy, problems } = read(value);
        for (const { message } of problems) expect(message).not.toBe('');
        if (policy === undefined) expect(problems).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is read alike by who stops at the first fault and by who hears of all', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const { value: policy, problems } = read(value);
        const first = firstFault(value);
        if (first instanceof InvalidObject) {
          expect(policy).toBeUndefined();
          expect(problems).toContainEqual({ path: first.path, message: first.problem });
        } else if (policy !== undefined) expect(first).toEqual(policy);
      }),
      { numRuns: 1000 },
    );
  });

  function firstFault(value: unknown) {
    try {
      return readNetworkPolicy(value, 'shop');
    } catch (error) {
      if (error instanceof InvalidObject) return error;
      throw error;
    }
  }
});
