import { describe, expect, it } from 'vitest';
import { allowDns, BOTH_53, judge, policy, type Spec, summary } from '../unit/policy/fixtures.ts';

/** Ways past a check that looks at one policy, one rule or one spelling at a time; each is judged as what it opens. */

const blocks = (...cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));
const egress = (rules: readonly unknown[], podSelector: Spec = {}): Spec => ({
  podSelector,
  policyTypes: ['Egress'],
  egress: rules,
});
const to53 = (...cidrs: readonly string[]) => ({ to: blocks(...cidrs), ports: BOTH_53 });
const label = (key: string, value: string): Spec => ({ matchLabels: { [key]: value } });

/** What is said of a policy that is created beside the stored ones, in a namespace where DNS is allowed. */
function verdictOn(spec: Spec, stored: Readonly<Record<string, Spec>> = {}): readonly string[] {
  const others = Object.entries(stored).map(([name, other]) => policy(name, other));
  return summary(judge({ operation: 'CREATE', after: policy('web', spec) }, { stored: [allowDns(), ...others] }));
}

describe('anywhere, in other words', () => {
  const anywhere = ['dns-open-to-anywhere deny'];

  it.each<[string, readonly unknown[]]>([
    ['no destination', [{ ports: BOTH_53 }]],
    ['an empty list of destinations', [{ to: [], ports: BOTH_53 }]],
    ['null for a list of destinations', [{ to: null, ports: BOTH_53 }]],
    ['all of IPv4', [to53('0.0.0.0/0')]],
    ['all of IPv6', [to53('::/0')]],
    ['what of IPv6 is routed', [to53('2000::/3')]],
    ['halves in one rule', [to53('0.0.0.0/1', '128.0.0.0/1')]],
    ['halves in two rules', [to53('0.0.0.0/1'), to53('128.0.0.0/1')]],
    ['one /8', [to53('9.0.0.0/8')]],
    ['sixteen /12', [to53(...Array.from({ length: 16 }, (_, i) => `9.${i * 16}.0.0/12`))]],
    ['sixteen /12, a rule for each', Array.from({ length: 16 }, (_, i) => to53(`9.${i * 16}.0.0/12`))],
    ['IPv4 mapped into IPv6', [to53('::ffff:0:0/96')]],
    ['IPv4 mapped, with dots', [to53('::ffff:0.0.0.0/96')]],
    ['IPv4 mapped, within a larger block', [to53('::/3')]],
    ['NAT64', [to53('64:ff9b::/96')]],
    ['a half of NAT64', [to53('64:ff9b::/97')]],
    ['NAT64 by a prefix of one’s own', [to53('64:ff9b:1::/48')]],
    ['NAT64 by a prefix of 64 bits of one’s own', [to53('64:ff9b:1:abcd::/64')]],
    ['a half of NAT64 by a prefix of 96 bits of one’s own', [to53('64:ff9b:1:abcd::/97')]],
    ['6to4', [to53('2002::/16')]],
    ['Teredo', [to53('2001::/32')]],
    [
      'halves of a /8, in the clothes of NAT64 and of Teredo',
      [to53('64:ff9b:1::900:0/105'), to53('2001:0:4136:e378:8000:63bf:f600:0/105')],
    ],
    ['Teredo, by one server', [to53('2001:0:4136:e378::/64')]],
    ['all that one registry has of IPv6', [to53('2600::/12')]],
    ['a sixteenth of it', [to53('2a00::/16')]],
    ['a /17 of each of two registries', [to53('2600::/17', '2a00::/17')]],
    ['host bits', [to53('1.2.3.4/0')]],
    ['leading zeros', [to53('000.000.000.000/0')]],
    ['a leading zero in the mask', [to53('0.0.0.0/00')]],
    [
      'an exception of one resolver',
      [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['8.8.8.8/32'] } }], ports: BOTH_53 }],
    ],
    [
      'exceptions of all that is private',
      [
        {
          to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] } }],
          ports: BOTH_53,
        },
      ],
    ],
    [
      'an exception that another item adds again',
      [{ to: [{ ipBlock: { cidr: '9.0.0.0/8', except: ['9.0.0.0/9'] } }, ...blocks('9.0.0.0/9')], ports: BOTH_53 }],
    ],
    ['cluster DNS beside it', [{ to: [{ podSelector: {} }, ...blocks('0.0.0.0/0')], ports: BOTH_53 }]],
  ])('%s', (_, rules) => {
    expect(verdictOn(egress(rules))).toContain('dns-open-to-anywhere deny');
  });

  it('halves in two policies', () => {
    expect(verdictOn(egress([to53('0.0.0.0/1')]), { other: egress([to53('128.0.0.0/1')]) })).toEqual(anywhere);
  });

  it('pieces in two policies with different selectors that one pod can satisfy', () => {
    const other = egress([to53('9.0.0.0/9')], label('tier', 'front'));
    expect(verdictOn(egress([to53('9.128.0.0/9')], label('app', 'web')), { other })).toEqual(anywhere);
  });

  it('pieces in three policies, no two of which are enough', () => {
    const stored = {
      a: egress([to53('9.0.0.0/9')], label('a', '1')),
      b: egress([to53('9.128.0.0/10')], label('b', '1')),
    };
    expect(verdictOn(egress([to53('9.192.0.0/10')], label('c', '1')), stored)).toEqual(anywhere);
  });

  it('is not what pods of different policies reach between them', () => {
    const other = egress([to53('9.0.0.0/9')], label('app', 'shop'));
    expect(verdictOn(egress([to53('9.128.0.0/9')], label('app', 'web')), { other })).toEqual([
      'dns-open-to-outside-resolver warn',
    ]);
  });

  it('is not what three policies reach of which no pod has all', () => {
    const stored = {
      a: egress([to53('9.0.0.0/9')], label('app', 'a')),
      both: egress([to53('9.192.0.0/10')], { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }),
    };
    expect(verdictOn(egress([to53('9.128.0.0/10')], label('app', 'b')), stored)).toEqual([
      'dns-open-to-outside-resolver warn',
    ]);
  });

  it('is not UDP to one half of it and TCP to the other', () => {
    const rules = [
      { to: blocks('9.0.0.0/9'), ports: [{ protocol: 'UDP', port: 53 }] },
      { to: blocks('9.128.0.0/9'), ports: [{ protocol: 'TCP', port: 53 }] },
    ];
    expect(verdictOn(egress(rules))).not.toContain('dns-open-to-anywhere deny');
  });

  it('is not a block of which the exceptions leave nothing', () => {
    const block = { ipBlock: { cidr: '0.0.0.0/0', except: ['0.0.0.0/1', '128.0.0.0/1'] } };
    expect(verdictOn(egress([{ to: [block], ports: BOTH_53 }]))).toEqual([]);
  });
});

describe('port 53, in other words', () => {
  const internet = blocks('0.0.0.0/0');

  it.each<[string, readonly unknown[] | undefined, string]>([
    ['53 to 53', [{ protocol: 'UDP', port: 53, endPort: 53 }], 'dns-open-to-anywhere deny'],
    ['50 to 60', [{ protocol: 'UDP', port: 50, endPort: 60 }], 'dns-open-to-anywhere deny'],
    ['1 to 53', [{ protocol: 'TCP', port: 1, endPort: 53 }], 'dns-open-to-anywhere deny'],
    ['without a protocol', [{ port: 53 }], 'dns-open-to-anywhere deny'],
    ['1 to 65535', [{ protocol: 'UDP', port: 1, endPort: 65535 }], 'egress-open-to-anywhere deny'],
    [
      '1 to 52 and 53 to 65535',
      [
        { protocol: 'UDP', port: 1, endPort: 52 },
        { protocol: 'UDP', port: 53, endPort: 65535 },
      ],
      'egress-open-to-anywhere deny',
    ],
    ['no ports', undefined, 'egress-open-to-anywhere deny'],
    ['an empty list of ports', [], 'egress-open-to-anywhere deny'],
    ['a protocol alone', [{ protocol: 'UDP' }], 'egress-open-to-anywhere deny'],
    ['an empty item', [{}], 'egress-open-to-anywhere deny'],
    ['an item of null', [null], 'egress-open-to-anywhere deny'],
    ['DNS over TLS', [{ protocol: 'TCP', port: 853 }], 'encrypted-dns-open-to-anywhere warn'],
    [
      'DNS over QUIC within a range',
      [{ protocol: 'UDP', port: 800, endPort: 900 }],
      'encrypted-dns-open-to-anywhere warn',
    ],
  ])('%s', (_, ports, expected) => {
    expect(verdictOn(egress([{ to: internet, ...(ports === undefined ? {} : { ports }) }]))).toEqual([expected]);
  });

  it.each<[string, readonly unknown[]]>([
    ['DNS over HTTPS, which no port tells from HTTPS', [{ protocol: 'TCP', port: 443 }]],
    ['multicast DNS', [{ protocol: 'UDP', port: 5353 }]],
    ['SCTP', [{ protocol: 'SCTP', port: 53 }]],
    ['SCTP by name', [{ protocol: 'SCTP', port: 'dns' }]],
  ])('is not %s', (_, ports) => {
    expect(verdictOn(egress([{ to: internet, ports }]))).toEqual([]);
  });

  it('is opened by an empty rule, and by null', () => {
    expect(verdictOn(egress([{}]))).toEqual(['egress-open-to-anywhere deny']);
    expect(verdictOn(egress([null]))).toEqual(['egress-open-to-anywhere deny']);
  });
});

describe('a port by name, which some plugins open to every address', () => {
  const web = { protocol: 'UDP', port: 'web' };
  const dns = { protocol: 'UDP', port: 'dns' };
  const names = ['named-port-to-anywhere deny'];

  it.each<[string, readonly unknown[]]>([
    ['no destination', [{ ports: [web] }]],
    ['an empty list of destinations', [{ to: [], ports: [web] }]],
    ['over TCP, which is the default', [{ ports: [{ port: 'web' }] }]],
    ['the name that cluster DNS gives its port', [{ ports: [dns] }]],
    ['the same to every address', [{ to: blocks('0.0.0.0/0', '::/0'), ports: [dns] }]],
    ['all of IPv4', [{ to: blocks('0.0.0.0/0'), ports: [web] }]],
    ['halves in one rule', [{ to: blocks('0.0.0.0/1', '128.0.0.0/1'), ports: [web] }]],
    ['IPv4 in the clothes of NAT64', [{ to: blocks('64:ff9b:1::/96'), ports: [web] }]],
    ['pods beside it', [{ to: [{ podSelector: {} }, ...blocks('0.0.0.0/0')], ports: [web] }]],
    [
      'an exception of one address',
      [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['8.8.8.8/32'] } }], ports: [web] }],
    ],
    ['a number beside it', [{ ports: [{ protocol: 'TCP', port: 443 }, web] }]],
    ['a protocol beside it that counts for nothing', [{ ports: [{ protocol: 'SCTP' }, web] }]],
    [
      'pieces by two names in two rules',
      [
        { to: blocks('9.0.0.0/9'), ports: [web] },
        { to: blocks('9.128.0.0/9'), ports: [dns] },
      ],
    ],
  ])('%s', (_, rules) => {
    expect(verdictOn(egress(rules))).toEqual(names);
  });

  it('a piece by name, and one by number', () => {
    const rules = [{ to: blocks('9.0.0.0/9'), ports: [web] }, to53('9.128.0.0/9')];
    expect(verdictOn(egress(rules))).toContain('named-port-to-anywhere deny');
  });

  it('pieces in two policies, whichever comes last', () => {
    const byName = egress([{ to: blocks('9.0.0.0/9'), ports: [web] }], label('app', 'web'));
    const byNumber = egress([to53('9.128.0.0/9')], label('tier', 'front'));
    const other = egress([{ to: blocks('9.128.0.0/9'), ports: [dns] }], label('tier', 'front'));
    expect(verdictOn(byName, { other })).toEqual(names);
    expect(verdictOn(byName, { other: byNumber })).toEqual(names);
    expect(verdictOn(byNumber, { other: byName })).toContain('named-port-to-anywhere deny');
  });

  it('is not what UDP reaches of it by name, and TCP', () => {
    const rules = [
      { to: blocks('9.0.0.0/9'), ports: [web] },
      { to: blocks('9.128.0.0/9'), ports: [{ protocol: 'TCP', port: 'web' }] },
    ];
    expect(verdictOn(egress(rules))).toEqual([]);
  });

  it('is not the name among pods', () => {
    expect(verdictOn(egress([{ to: [{ namespaceSelector: {} }], ports: [web] }]))).toEqual([]);
  });

  it('is refused for what the name opens, not for what number it might be elsewhere', () => {
    const rules = [
      { to: blocks('9.0.0.0/9'), ports: [web] },
      { to: blocks('0.0.0.0/0'), ports: [{ protocol: 'UDP', port: 443 }] },
    ];
    expect(verdictOn(egress(rules))).toEqual([]);
  });
});

describe('an update', () => {
  it('that only widens the podSelector is judged by the pods that it adds', () => {
    const stored = policy('a', egress([to53('9.0.0.0/9')], label('app', 'a')));
    const before = policy('b', egress([to53('9.128.0.0/9')], label('app', 'b')));
    const after = policy(
      'b',
      egress([to53('9.128.0.0/9')], { matchExpressions: [{ key: 'app', operator: 'Exists' }] }),
    );
    const verdict = judge({ operation: 'UPDATE', before, after }, { stored: [allowDns(), stored, before] });
    expect(summary(verdict)).toContain('dns-open-to-anywhere deny');
  });

  it('that narrows the podSelector is never refused', () => {
    const before = policy('b', egress([{ ports: BOTH_53 }]));
    const after = policy('b', egress([{ ports: BOTH_53 }], label('app', 'b')));
    const verdict = judge({ operation: 'UPDATE', before, after }, { stored: [allowDns(), before] });
    expect(summary(verdict)).toEqual(['dns-open-to-anywhere warn']);
  });
});

describe('the whole cluster, in other words', () => {
  const requirement = (key: string, operator: string, values?: readonly string[]): Spec => ({
    matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
  });

  it.each<[string, Spec]>([
    ['every namespace', { namespaceSelector: {} }],
    ['all but one namespace', { namespaceSelector: requirement('kubernetes.io/metadata.name', 'NotIn', ['a']) }],
    ['namespaces with a name', { namespaceSelector: requirement('kubernetes.io/metadata.name', 'Exists') }],
    ['namespaces without a label that none has', { namespaceSelector: requirement('unused', 'DoesNotExist') }],
    [
      'pods without a label that none has',
      { namespaceSelector: {}, podSelector: requirement('unused', 'DoesNotExist') },
    ],
    ['pods that carry the label of DNS pods', { namespaceSelector: {}, podSelector: label('k8s-app', 'kube-dns') }],
  ])('%s', (_, peer) => {
    expect(verdictOn(egress([{ to: [peer], ports: BOTH_53 }]))).toContain('dns-open-to-cluster warn');
  });

  it('by the name of the port', () => {
    const ports = [{ protocol: 'UDP', port: 'dns' }];
    expect(verdictOn(egress([{ to: [{ namespaceSelector: {} }], ports }]))).toEqual(['dns-open-to-cluster warn']);
  });

  it('by way of Services: a block of the Service range, behind which an endpoint may lie anywhere', () => {
    expect(verdictOn(egress([{ to: blocks('10.96.0.0/12') }]))).toEqual(['service-address-in-ip-block warn']);
  });
});

describe('no address of the Internet', () => {
  it.each([
    ['multicast', '224.0.0.0/4'],
    ['IPv6 that IANA keeps', '3000::/4'],
    ['IPv6 beyond unicast', '4000::/3'],
    ['a private host behind NAT64 by a prefix of one’s own', '64:ff9b:1::a00:1/128'],
  ])('%s is not open to anybody', (_, cidr) => {
    expect(verdictOn(egress([to53(cidr)]))).toEqual([]);
  });
});

describe('below anywhere', () => {
  it.each([
    ['one public resolver', '8.8.8.8/32'],
    ['the same behind NAT64', '64:ff9b::808:808/128'],
    ['the same behind NAT64 by a prefix of one’s own', '64:ff9b:1:abcd::808:808/128'],
    ['the same as a Teredo client', '2001:0:4136:e378:8000:63bf:f7f7:f7f7/128'],
    ['a /9', '9.0.0.0/9'],
    ['what one provider has of IPv6', '2a01:c000::/19'],
  ])('%s is an outside resolver', (_, cidr) => {
    expect(verdictOn(egress([to53(cidr)]))).toEqual(['dns-open-to-outside-resolver warn']);
  });
});
