import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate, type Verdict } from '../../../../src/policy/evaluate.ts';
import type { Change } from '../../../../src/policy/model/change.ts';
import { MANAGED_LABELS } from '../../../../src/policy/model/labels.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import type { Template } from '../../../../src/policy/model/template.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { comingPolicies } from '../../../../src/policy/templates/coming.ts';
import { desiredPolicies } from '../../../../src/policy/templates/desired.ts';
import { allowDns, BOTH_53, deny, judge, policy, SETTINGS, type Spec, summary, TO_DNS } from '../fixtures.ts';

const born = (template: string, name = 'shop') => [
  { name, labels: new Map([['netpol-guard.io/baseline', template]]), terminating: false },
];

const web = policy('web', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ to: [{ podSelector: {} }] }],
});

describe('the baseline that is to come', () => {
  it('lets a namespace, its default-deny and its workloads be applied in any order', () => {
    for (const after of [deny(), web, allowDns()]) {
      expect(summary(judge({ operation: 'CREATE', after }, { namespaces: born('default-deny') }))).toEqual([]);
    }
  });

  it('counts where the stored policy of that name is another', () => {
    const stored = [policy('netpol-guard-allow-dns', { podSelector: {}, policyTypes: ['Egress'] })];
    const world = { stored, namespaces: born('default-deny-egress') };
    expect(summary(judge({ operation: 'CREATE', after: deny() }, world))).toEqual([]);
  });

  it.each([
    ['a template that does not allow DNS', born('default-deny-ingress')],
    ['an opt-out', born('none')],
    ['a template that nobody knows', born('default-deni')],
    ['a label by the name of a prototype', born('__proto__')],
    ['another namespace', born('default-deny', 'bank')],
  ])('is not inferred from %s', (_, namespaces) => {
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { namespaces }))).toEqual(['dns-blocked deny']);
  });

  it('is inferred by its label also in a namespace that the configuration excludes', () => {
    const settings = { ...SETTINGS, baseline: { ...SETTINGS.baseline, excludedNamespaces: ['sh*'] } };
    const world = { namespaces: born('default-deny'), settings };
    expect(summary(judge({ operation: 'CREATE', after: deny() }, world))).toEqual([]);
  });

  it('isolates pods before the change too, so that a policy which then opens nothing more is not blamed', () => {
    const opens = policy('open', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    const world = { namespaces: born('default-deny') };
    expect(summary(judge({ operation: 'CREATE', after: opens }, world))).toEqual(['egress-open-to-anywhere deny']);
    const closes = policy('deny', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
    expect(summary(judge({ operation: 'UPDATE', before: web, after: { ...closes, ref: web.ref } }, world))).toEqual([]);
  });

  it('is there again when it is deleted', () => {
    const stored = [policy('netpol-guard-allow-dns', dnsSpec), deny()];
    const [before] = stored;
    if (before === undefined) throw new Error('no policy');
    const rules = (namespaces: ReturnType<typeof born>) =>
      judge({ operation: 'DELETE', before }, { stored, namespaces }).findings.map(({ rule }) => rule);
    expect(rules(born('default-deny'))).not.toContain('dns-blocked');
    expect(rules(born('none'))).toContain('dns-blocked');
  });
});

const dnsSpec: Spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: TO_DNS, ports: BOTH_53 }] };

const OWN: Template = {
  name: 'own',
  items: [
    { part: 'allow-dns' },
    { part: 'default-deny' },
    { part: 'allow-same-namespace' },
    {
      name: 'netpol-guard-web',
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: dnsSpec['egress'] },
    },
  ],
};

const settings: Settings = {
  ...SETTINGS,
  modes: { enforce: 'strict', warn: 'strict', audit: 'strict' },
  dnsBlocked: { ...SETTINGS.dnsBlocked, onDelete: 'deny' },
  baseline: { ...SETTINGS.baseline, templates: new Map([...SETTINGS.baseline.templates, ['own', OWN]]) },
};

const selectors = fc.constantFrom<Spec>(
  {},
  { matchLabels: { app: 'web' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
);
const egress = fc.constantFrom<readonly unknown[]>(
  [],
  [{}],
  [{ to: TO_DNS, ports: BOTH_53 }],
  [{ to: TO_DNS, ports: [{ protocol: 'UDP', port: 53 }] }],
  [{ to: [{ podSelector: {} }] }],
  [{ ports: BOTH_53 }],
  [{ to: [{ ipBlock: { cidr: '0.0.0.0/1' } }] }],
);
const types = fc.constantFrom(['Egress'], ['Ingress'], ['Ingress', 'Egress']);
const specs = fc.record({ podSelector: selectors, egress, policyTypes: types });
const named = (name: string) => specs.map((spec) => policy(name, spec));

const changes = fc.oneof(
  named('changed').map((after) => ({ operation: 'CREATE' as const, after })),
  named('changed').map((after) => ({ operation: 'AUDIT' as const, after })),
  named('changed').map((before) => ({ operation: 'DELETE' as const, before })),
  fc.tuple(named('changed'), named('changed')).map(([before, after]) => ({
    operation: 'UPDATE' as const,
    before,
    after,
  })),
);

describe('judging with the baseline to come', () => {
  it('is judging with the baseline stored', () => {
    const worlds = fc.record({
      template: fc.constantFrom(...settings.baseline.templates.values()),
      others: fc.tuple(fc.option(named('a')), fc.option(named('b'))),
      change: changes,
      fates: fc.infiniteStream(fc.constantFrom('missing', 'stored', 'drifted')),
      drift: specs,
    });
    fc.assert(
      fc.property(worlds, ({ template, others, change, fates, drift }) => {
        const users = [...others.filter((other) => other !== null), ...('before' in change ? [change.before] : [])];
        const desired = desiredPolicies(template, offlineSnapshot(empty, settings)).policies;
        const whole = desired.map(({ name, spec }) => asManaged(name, spec));
        const partly = desired.flatMap(({ name, spec }): readonly Policy[] => {
          const fate = fates.next().value;
          if (fate === 'missing') return [];
          return [asManaged(name, fate === 'stored' ? spec : drift)];
        });
        expect(judged(change, template, [...partly, ...users])).toEqual(judged(change, template, [...whole, ...users]));
      }),
      { numRuns: 500 },
    );
  });
});

const empty = { namespaces: [], policies: [], otherPolicies: [] };

describe('a policy that is to come', () => {
  it('is what a cache will read once it is applied', () => {
    const snapshot = offlineSnapshot({ ...empty, namespaces: born('own') }, settings);
    const metadata = { namespace: 'shop', labels: MANAGED_LABELS };
    const applied = desiredPolicies(OWN, snapshot).policies.map(({ name, spec }) =>
      readNetworkPolicy({ metadata: { ...metadata, name }, spec }, 'default'),
    );
    expect(applied).toHaveLength(4);
    expect(comingPolicies('shop', snapshot, settings)).toEqual(applied);
  });
});

function asManaged(name: string, spec: object): Policy {
  return readNetworkPolicy({ metadata: { name, namespace: 'shop' }, spec }, 'shop');
}

function judged(change: Omit<Change, 'namespace'>, { name }: Template, policies: readonly Policy[]): Verdict {
  const snapshot = offlineSnapshot({ ...empty, namespaces: born(name), policies }, settings);
  return evaluate({ ...change, namespace: 'shop' }, snapshot, settings, 0);
}

describe('while pods are given another nameserver than those found', () => {
  /** What is said of a default-deny of somebody's own, beside these policies. */
  function verdictOn(after: Policy, stored: readonly Policy[]): readonly string[] {
    const world = { namespaces: born('default-deny'), policies: stored, otherPolicies: [] };
    const snapshot = offlineSnapshot(world, SETTINGS);
    const doubted = { ...snapshot, dns: { ...snapshot.dns, mismatch: '10.0.0.53' } };
    return summary(evaluate({ operation: 'CREATE', namespace: 'shop', after }, doubted, SETTINGS, 0));
  }

  it('no way to DNS is to come where nothing of the baseline stands', () => {
    expect(verdictOn(deny(), [])).toEqual(['dns-blocked deny']);
  });

  it('the rest of a baseline that stands is to come as ever', () => {
    const stands = policy('netpol-guard-default-deny', { podSelector: {}, policyTypes: ['Egress'] });
    expect(verdictOn(deny(), [stands])).toEqual([]);
  });
});
