import { describe, expect, it } from 'vitest';
import { allowDns, BOTH_53, deny, judge, policy, SETTINGS, summary, TO_DNS } from './fixtures.ts';

const open = (name: string, podSelector = {}) =>
  policy(name, { podSelector, policyTypes: ['Egress'], egress: [{ ports: BOTH_53 }] });

/** A policy that lets pods reach one other application, and no DNS. */
const allowWeb = (app: string) =>
  policy(app, {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ protocol: 'TCP', port: 80 }] }],
  });

describe('a change is blamed only for what it makes worse', () => {
  it('warns on an edit of a policy that was open before', () => {
    const before = open('a', { matchLabels: { app: 'web' } });
    expect(summary(judge({ operation: 'UPDATE', before, after: before }, { stored: [before] }))).toEqual([
      'dns-open-to-anywhere warn',
    ]);
  });

  it('refuses an update that only widens the podSelector of an open policy', () => {
    const before = open('a', { matchLabels: { app: 'web' } });
    const after = open('a');
    expect(summary(judge({ operation: 'UPDATE', before, after }, { stored: [before] }))).toEqual([
      'dns-open-to-anywhere deny',
    ]);
  });

  it('warns on a new opening that other policies together gave the same pods already', () => {
    const stored = [
      open('a', { matchExpressions: [{ key: 'x', operator: 'Exists' }] }),
      open('b', { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }),
    ];
    expect(summary(judge({ operation: 'CREATE', after: open('c') }, { stored }))).toEqual([
      'dns-open-to-anywhere warn',
    ]);
  });

  it('refuses every port to anywhere where only port 53 was open before', () => {
    const before = open('a');
    const after = policy('a', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect(summary(judge({ operation: 'UPDATE', before, after }, { stored: [before] }))).toEqual([
      'egress-open-to-anywhere deny',
    ]);
  });

  it('takes an open rule in an empty namespace for a new grant, though nothing was isolated', () => {
    const after = policy('a', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual(['egress-open-to-anywhere deny']);
  });

  it('warns on a second default-deny in a namespace that has no DNS already', () => {
    expect(summary(judge({ operation: 'CREATE', after: deny({}, 'second') }, { stored: [deny()] }))).toEqual([
      'dns-blocked warn',
    ]);
  });

  it('refuses one that isolates more pods without DNS', () => {
    const stored = [deny({ matchLabels: { app: 'web' } })];
    expect(summary(judge({ operation: 'CREATE', after: deny({}, 'all') }, { stored }))).toEqual(['dns-blocked deny']);
  });

  it('refuses an update that narrows the carve-out others lean on', () => {
    const before = allowDns();
    const after = allowDns({ matchLabels: { app: 'web' } });
    const verdict = judge(
      { operation: 'UPDATE', before, after },
      { stored: [before, deny({ matchLabels: { app: 'api' } })] },
    );
    expect(summary(verdict)).toEqual(['dns-blocked warn']);
    const everyone = judge(
      { operation: 'UPDATE', before, after: policy('allow-dns', { podSelector: {}, policyTypes: ['Ingress'] }) },
      { stored: [before, deny()] },
    );
    expect(summary(everyone)).toEqual(['dns-blocked deny']);
    expect(everyone.findings[0]?.why).toMatch(
      /^default-deny still isolates them, and no other policy lets them reach /,
    );
  });

  it('names a pod that loses DNS where a carve-out is narrowed, in one line too', () => {
    const before = allowDns();
    const after = allowDns({ matchLabels: { app: 'web' } });
    const { findings } = judge({ operation: 'UPDATE', before, after }, { stored: [before, deny()] });
    expect(findings.map(({ rule }) => rule)).toEqual(['dns-partly-blocked']);
    expect(findings[0]?.why).toContain('pods without labels cannot reach kube-system/kube-dns');
    expect(findings[0]?.short).toContain('pods without labels');
  });

  it('says nothing of policies that lean on a carve-out which stays', () => {
    const before = allowDns();
    expect(summary(judge({ operation: 'UPDATE', before, after: allowDns() }, { stored: [before, deny()] }))).toEqual(
      [],
    );
  });

  it('warns on deleting the carve-out, and refuses it where the settings say so', () => {
    const before = allowDns();
    const stored = [before, deny()];
    expect(summary(judge({ operation: 'DELETE', before }, { stored }))).toEqual(['dns-blocked warn']);
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' as const } };
    expect(summary(judge({ operation: 'DELETE', before }, { stored, settings }))).toEqual(['dns-blocked deny']);
  });

  it('refuses deleting it for the pods that are sure to lose DNS, whatever is not certain of others', () => {
    const before = allowDns();
    const byLabel = { namespaceSelector: { matchLabels: { name: 'kube-system' } } };
    const perhaps = policy('a-perhaps', {
      podSelector: { matchLabels: { app: 'a' } },
      policyTypes: ['Egress'],
      egress: [{ to: [byLabel], ports: [{ protocol: 'UDP', port: 53 }] }],
    });
    const stored = [before, perhaps, deny({ matchLabels: { app: 'a' } }, 'a'), allowWeb('b')];
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' as const } };
    const verdict = judge({ operation: 'DELETE', before }, { stored, settings });
    expect(summary(verdict)).toContain('dns-blocked deny');
    expect(verdict.findings[0]?.headline).toBe('cuts pods app=b off from DNS');
    const alone = judge({ operation: 'DELETE', before }, { stored: stored.slice(0, 3), settings });
    expect(summary(alone)).toContain('dns-blocked warn?');
  });

  it('says that it is not certain where the way that stays hangs on labels that are not known', () => {
    const before = allowDns();
    const perhaps = policy('perhaps', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { name: 'kube-system' } } }], ports: BOTH_53 }],
    });
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' as const } };
    expect(summary(judge({ operation: 'DELETE', before }, { stored: [before, perhaps], settings }))).toEqual([
      'dns-blocked warn?',
    ]);
    expect(summary(judge({ operation: 'DELETE', before: perhaps }, { stored: [before, perhaps], settings }))).toEqual(
      [],
    );
  });

  it('allows deleting it where another one covers the same pods', () => {
    const before = allowDns();
    const stored = [before, deny(), allowDns({}, BOTH_53, 'other')];
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' as const } };
    expect(summary(judge({ operation: 'DELETE', before }, { stored, settings }))).toEqual([]);
  });

  it('allows anything that is on its way out', () => {
    const before = allowDns();
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' as const } };
    const namespaces = [{ name: 'shop', labels: new Map<string, string>(), terminating: true }];
    expect(summary(judge({ operation: 'DELETE', before }, { stored: [before, deny()], settings, namespaces }))).toEqual(
      [],
    );
    const leaving = { ...before, deleting: true };
    for (const operation of ['UPDATE', 'DELETE'] as const) {
      const change = { operation, before: leaving, ...(operation === 'UPDATE' && { after: leaving }) };
      expect(summary(judge(change, { stored: [leaving, deny()], settings }))).toEqual([]);
    }
    expect(
      summary(
        judge({ operation: 'UPDATE', before, after: before }, { stored: [before, deny()], settings, namespaces }),
      ),
    ).toEqual([]);
  });

  it('refuses an update that drops TCP where strict is enforced', () => {
    const before = allowDns();
    const after = allowDns({}, [{ protocol: 'UDP', port: 53 }]);
    const namespaces = [{ name: 'shop', labels: new Map([['netpol-guard.io/enforce', 'strict']]), terminating: false }];
    expect(summary(judge({ operation: 'UPDATE', before, after }, { stored: [before], namespaces }))).toEqual([
      'dns-over-tcp-blocked deny',
    ]);
    expect(summary(judge({ operation: 'UPDATE', before: after, after }, { stored: [after], namespaces }))).toEqual([
      'dns-over-tcp-blocked warn',
    ]);
  });

  it('still refuses the new part for other pods where an opening stood before on shared pods', () => {
    const strict = [{ name: 'shop', labels: new Map([['netpol-guard.io/enforce', 'strict']]), terminating: false }];
    const half = (name: string, podSelector: Record<string, unknown>, cidr: string) =>
      policy(name, {
        podSelector,
        policyTypes: ['Egress'],
        egress: [{ to: [...TO_DNS, { ipBlock: { cidr } }], ports: BOTH_53 }],
      });
    const stored = [
      open('all', { matchLabels: { app: 'web' } }),
      half('half', { matchLabels: { app: 'web' } }, '8.0.0.0/9'),
    ];
    const verdict = judge(
      { operation: 'CREATE', after: half('other', {}, '8.128.0.0/9') },
      { stored, namespaces: strict },
    );
    expect(summary(verdict)).toContain('dns-open-to-outside-resolver deny');
  });

  const toEveryNamespace = (ports: readonly unknown[]) =>
    policy('a', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        { to: TO_DNS, ports: BOTH_53 },
        { to: [{ namespaceSelector: {} }], ports },
      ],
    });
  const STRICT = [{ name: 'shop', labels: new Map([['netpol-guard.io/enforce', 'strict']]), terminating: false }];

  it('takes a port by name for another grant than port 53, since each pod names its own ports', () => {
    const [number, name] = [
      toEveryNamespace([{ protocol: 'UDP', port: 53 }]),
      toEveryNamespace([{ protocol: 'UDP', port: 'dns' }]),
    ];
    const update = (before: typeof number, after: typeof number) =>
      summary(judge({ operation: 'UPDATE', before, after }, { stored: [before], namespaces: STRICT }));
    expect(update(number, name)).toEqual(['dns-open-to-cluster deny']);
    expect(update(name, number)).toEqual(['dns-open-to-cluster deny']);
    expect(update(toEveryNamespace([{ protocol: 'UDP' }]), name)).toEqual(['dns-open-to-cluster warn']);
  });

  describe('of a port by name to anywhere', () => {
    const rules = (...egress: readonly unknown[]) =>
      policy('a', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: TO_DNS, ports: BOTH_53 }, ...egress] });
    const update = (before: typeof byName, after: typeof byName) =>
      summary(judge({ operation: 'UPDATE', before, after }, { stored: [before] }));
    const to = (cidr: string) => [{ ipBlock: { cidr } }];
    const web = [{ protocol: 'UDP', port: 'web' }];
    const byName = rules({ ports: web });

    it('never refuses the same again, less of it, or its end', () => {
      expect(update(byName, byName)).toEqual(['named-port-to-anywhere warn']);
      expect(update(byName, rules({ to: to('0.0.0.0/0'), ports: web }))).toEqual(['named-port-to-anywhere warn']);
      expect(update(byName, rules({ to: to('9.9.9.9/32'), ports: web }))).toEqual([]);
      expect(update(byName, rules())).toEqual([]);
    });

    it('refuses more of it', () => {
      expect(update(rules({ to: to('0.0.0.0/0'), ports: web }), byName)).toEqual(['named-port-to-anywhere deny']);
      expect(update(byName, rules({ ports: [...web, { port: 'web' }] }))).toEqual(['named-port-to-anywhere deny']);
      expect(update(rules(), byName)).toEqual(['named-port-to-anywhere deny']);
    });

    it('takes another name for the same, since a pod names its ports as it likes', () => {
      expect(update(byName, rules({ ports: [{ protocol: 'UDP', port: 'other' }] }))).toEqual([
        'named-port-to-anywhere warn',
      ]);
    });

    it('takes every port for each that has a name, and port 53 for another', () => {
      expect(update(rules({ ports: [{ protocol: 'UDP' }] }), byName)).toEqual(['named-port-to-anywhere warn']);
      expect(update(rules({ ports: [{ protocol: 'UDP', port: 53 }] }), byName)).toEqual([
        'named-port-to-anywhere deny',
      ]);
    });

    it('says it once where port 53 is said of a rule about DNS, unless the name alone is new', () => {
      const number = { protocol: 'UDP', port: 53 };
      const both = rules({ ports: [number, { protocol: 'UDP', port: 'dns' }] });
      expect(update(rules(), both)).toEqual(['dns-open-to-anywhere deny']);
      expect(update(both, both)).toEqual(['dns-open-to-anywhere warn']);
      expect(update(rules({ ports: [number] }), both)).toEqual([
        'named-port-to-anywhere deny',
        'dns-open-to-anywhere warn',
      ]);
    });

    it('is asked of the pods for which it is new', () => {
      const some = policy('b', {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Egress'],
        egress: [{ ports: web }],
      });
      const verdict = judge({ operation: 'CREATE', after: byName }, { stored: [some] });
      expect(summary(verdict)).toEqual(['named-port-to-anywhere deny']);
      const again = judge({ operation: 'CREATE', after: some }, { stored: [byName] });
      expect(summary(again)).toEqual(['named-port-to-anywhere warn']);
    });
  });

  it('refuses what is new for pods where an opening to the same addresses stood before', () => {
    const before = policy('a', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [...TO_DNS, { ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }], ports: BOTH_53 }],
    });
    const change = { operation: 'UPDATE' as const, before, after: open('a') };
    expect(summary(judge(change, { stored: [before], namespaces: STRICT }))).toEqual([
      'dns-open-to-cluster deny',
      'dns-open-to-anywhere warn',
    ]);
  });

  it('refuses an update that costs some pods DNS over UDP and the others DNS over TCP', () => {
    const subject = { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] };
    const before = allowDns(subject);
    const stored = [
      before,
      allowDns({ matchLabels: { app: 'a' } }, [{ protocol: 'UDP', port: 53 }], 'udp'),
      allowDns({ matchLabels: { app: 'b' } }, [{ protocol: 'TCP', port: 53 }], 'tcp'),
    ];
    const change = { operation: 'UPDATE' as const, before, after: deny(subject, 'allow-dns') };
    expect(summary(judge(change, { stored, namespaces: STRICT }))).toContain('dns-partly-blocked deny');
  });

  it('blames every policy that adds up to an opening when all of them are audited', () => {
    const block = (name: string, cidrs: readonly string[], podSelector = {}) =>
      policy(name, {
        podSelector,
        policyTypes: ['Egress'],
        egress: [{ to: [...TO_DNS, ...cidrs.map((cidr) => ({ ipBlock: { cidr } }))], ports: BOTH_53 }],
      });
    const a = block('a', ['8.0.0.0/9'], { matchLabels: { app: 'web' } });
    const b = block('b', ['8.128.0.0/9'], { matchLabels: { tier: 'front' } });
    const c = block('c', ['9.0.0.0/9'], { matchLabels: { app: 'other' } });
    const stored = [a, b, c];
    const audit = (after: typeof a) => summary(judge({ operation: 'AUDIT', after }, { stored }));
    expect(audit(a)).toEqual(['dns-open-to-anywhere deny']);
    expect(audit(b)).toEqual(['dns-open-to-anywhere deny']);
    expect(audit(c)).toEqual(['dns-open-to-anywhere deny']);
    const apart = {
      ...c,
      subject: policy('c', { podSelector: { matchLabels: { app: 'other', tier: 'back' } } }).subject,
    };
    expect(summary(judge({ operation: 'AUDIT', after: apart }, { stored: [a, b, apart] }))).toEqual([
      'dns-open-to-outside-resolver warn',
    ]);
  });
});
