import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnsSubdomainProblem } from '../../../../src/objects/names.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import { type OfflineWorld, offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { lookForRepairs } from '../../../../src/policy/repairs/repairs.ts';
import type { DesiredPolicy } from '../../../../src/policy/templates/desired.ts';
import { repairName } from '../../../../src/policy/templates/repair-name.ts';
import { allowDns, BOTH_53, deny, judge, policy, SETTINGS, type Spec, summary, TO_DNS } from '../fixtures.ts';
import { ENTANGLED, needy } from './entangled.ts';

const REPAIR: Settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onWrite: 'repair', onDelete: 'repair' } };
/** Writes are judged as if nothing were repaired. */
const REFUSING: Settings = { ...REPAIR, dnsBlocked: { ...REPAIR.dnsBlocked, onWrite: 'deny' } };
const WEB = { matchLabels: { app: 'web' } };

function snapshotOf(policies: readonly Policy[], world: Partial<OfflineWorld> = {}, settings: Settings = REPAIR) {
  return offlineSnapshot({ namespaces: [], otherPolicies: [], ...world, policies }, settings);
}

function repairsFor(...look: Parameters<typeof lookForRepairs>): readonly DesiredPolicy[] {
  const repairs = [...lookForRepairs(...look)].flatMap(({ repair }) => repair ?? []);
  return repairs.filter((repair) => repair !== 'undecided').sort((a, b) => (a.name < b.name ? -1 : 1));
}

function names(policies: readonly Policy[], world?: Partial<OfflineWorld>, settings?: Settings): readonly string[] {
  return repairsFor('shop', snapshotOf(policies, world, settings), settings ?? REPAIR).map(({ name }) => name);
}

/** A policy that lets its pods connect, but not to DNS. */
function web(name = 'web', podSelector: Spec = WEB): Policy {
  const egress = [{ to: [{ podSelector: { matchLabels: { app: 'database' } } }] }];
  return policy(name, { podSelector, policyTypes: ['Egress'], egress });
}

const labelled = (key: string, value: string) => [
  { name: 'shop', labels: new Map([[`netpol-guard.io/${key}`, value]]), terminating: false },
];

describe('a repair', () => {
  it('allows DNS, and nothing else, for just the pods of the policy', () => {
    const podSelector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['a', 'b'] }],
    };
    const [repair] = repairsFor('shop', snapshotOf([web('web', podSelector)]), REPAIR);
    expect(repair?.name).toBe('netpol-guard-dns-for-web');
    expect(repair?.spec).toEqual({
      podSelector,
      policyTypes: ['Egress'],
      ingress: [],
      egress: [{ to: TO_DNS, ports: BOTH_53 }],
    });
  });

  it('is made for each policy whose pods cannot ask, over UDP or at all, sorted by name', () => {
    const tcpOnly = allowDns({}, [{ port: 53 }], 'allow-dns-over-tcp');
    expect(names([web(), tcpOnly, deny()])).toEqual([
      'netpol-guard-dns-for-allow-dns-over-tcp',
      'netpol-guard-dns-for-default-deny',
      'netpol-guard-dns-for-web',
    ]);
  });

  it('stays while it is needed, and goes once another policy covers the same pods', () => {
    const stored = [deny(), allowDns({}, BOTH_53, 'netpol-guard-dns-for-default-deny')];
    expect(names(stored)).toEqual(['netpol-guard-dns-for-default-deny']);
    expect(names([...stored, allowDns()])).toEqual([]);
  });

  it.each<[string, readonly Policy[], Partial<OfflineWorld>, Settings]>([
    ['the settings do not ask for it', [deny()], {}, SETTINGS],
    ['the coming baseline covers the pods', [deny()], { namespaces: labelled('baseline', 'default-deny') }, REPAIR],
    ['some pods reach DNS', [deny(), allowDns(WEB)], {}, REPAIR],
    ['the pods may connect nowhere at all', [deny(WEB)], {}, REPAIR],
    [
      'the policy isolates for ingress alone',
      [policy('in', { podSelector: {}, policyTypes: ['Ingress'] })],
      {},
      REPAIR,
    ],
    ['netpol-guard manages the policy', [deny({}, 'netpol-guard-default-deny')], {}, REPAIR],
    ['nothing is enforced there', [deny()], { namespaces: labelled('enforce', 'off') }, REPAIR],
    ['the rule is only warned of', [deny()], {}, { ...REPAIR, rules: new Map([['dns-blocked', 'warn']]) }],
    ['policies of another API may allow DNS', [deny()], { otherPolicies: [{ kind: 'x.cilium.io' }] }, REPAIR],
    ['it is a system namespace', [deny()], {}, { ...REPAIR, systemNamespaces: ['sh*'] }],
    [
      'the namespace is exempt',
      [deny()],
      {},
      { ...REPAIR, exemptions: { ...REPAIR.exemptions, namespaces: ['shop'] } },
    ],
  ])('is not made where %s', (_, policies, world, settings) => {
    expect(names(policies, world, settings)).toEqual([]);
  });

  it('is not made while nobody knows who cluster DNS is', () => {
    const snapshot = snapshotOf([deny()]);
    expect(repairsFor('shop', { ...snapshot, dns: { ...snapshot.dns, isKnown: false } }, REPAIR)).toEqual([]);
  });

  it('is not made for a policy that is exempt from the rule, until the exemption expires', () => {
    const entry = { namespace: 'shop', name: 'default-deny', rules: ['dns-blocked'], reason: 'old', expires: 1000 };
    const settings = { ...REPAIR, exemptions: { ...REPAIR.exemptions, entries: [entry] } };
    const snapshot = snapshotOf([deny()], {}, settings);
    expect(repairsFor('shop', snapshot, settings, 999)).toEqual([]);
    expect(repairsFor('shop', snapshot, settings, 1000)).toHaveLength(1);
  });

  it('is made for pods that may connect nowhere, where the settings deny that', () => {
    const settings: Settings = { ...REPAIR, dnsBlocked: { ...REPAIR.dnsBlocked, noEgressAtAll: 'deny' } };
    expect(names([deny(WEB)], {}, settings)).toEqual(['netpol-guard-dns-for-default-deny']);
  });
});

describe('a policy that is too complicated to be judged', () => {
  it('gets no repair, and the others get theirs', () => {
    const stored = [...ENTANGLED, needy('first'), needy('plain'), needy('last')];
    const looks = [...lookForRepairs('shop', snapshotOf(stored), REPAIR)].filter(({ repair }) => repair !== undefined);
    expect(looks).toEqual([
      { policy: 'first', repair: 'undecided' },
      { policy: 'plain', repair: expect.objectContaining({ name: 'netpol-guard-dns-for-plain' }) },
      { policy: 'last', repair: 'undecided' },
    ]);
  });
});

describe('the repairs of a namespace', () => {
  const selector = fc.constantFrom<Spec>({}, WEB, { matchExpressions: [{ key: 'app', operator: 'Exists' }] });
  const egress = fc.constantFrom<readonly unknown[]>(
    [],
    [{ to: TO_DNS, ports: BOTH_53 }],
    [{ to: TO_DNS, ports: [{ port: 53 }] }],
    [{ to: [{ podSelector: {} }] }],
  );
  const stored = fc
    .array(fc.record({ podSelector: selector, egress }), { maxLength: 4 })
    .map((specs) => specs.map((spec, i) => policy(`p${i}`, { ...spec, policyTypes: ['Egress'] })));

  it('leave nothing to be refused, and are the same once they stand, in whichever order all was stored', () => {
    fc.assert(
      fc.property(stored, fc.nat(), (policies, turn) => {
        const repairs = repairsFor('shop', snapshotOf(policies), REPAIR);
        const all = [...policies, ...repairs.map(({ name, spec }) => policy(name, { ...spec }))];
        const at = all.length === 0 ? 0 : turn % all.length;
        const turned = [...all.slice(at), ...all.slice(0, at)];
        expect(repairsFor('shop', snapshotOf(turned), REPAIR)).toEqual(repairs);
        for (const after of all) {
          const { findings } = judge({ operation: 'AUDIT', after }, { stored: all, settings: REFUSING });
          expect(findings.filter(({ effect }) => effect === 'deny')).toEqual([]);
        }
      }),
    );
  });
});

describe('the name of a repair', () => {
  const name = fc
    .stringMatching(/^[a-z0-9][a-z0-9.-]{0,251}$/)
    .filter((text) => dnsSubdomainProblem(text) === undefined);

  it('is one that the API server takes', () => {
    fc.assert(fc.property(name, (of) => dnsSubdomainProblem(repairName(of)) === undefined));
  });

  it('is another for each policy, however long and alike their names', () => {
    const long = 'a'.repeat(240);
    const alike = ['', 'b', 'c', 'bc', 'cb'].map((end) => `${long}${end}`);
    expect(new Set(alike.map(repairName)).size).toBe(alike.length);
    const cut = repairName(`${long}b`).slice('netpol-guard-dns-for-'.length);
    expect(repairName(cut)).not.toBe(repairName(`${long}b`));
  });
});

describe('what a rule says where netpol-guard repairs', () => {
  it('is a warning that begins with what is added', () => {
    const verdict = judge({ operation: 'CREATE', after: deny() }, { settings: REPAIR });
    expect(summary(verdict)).toEqual(['dns-blocked warn']);
    expect(verdict.findings[0]?.short).toMatch(
      /^netpol-guard adds netpol-guard-dns-for-default-deny, since default-deny cuts every pod of shop off from DNS: no policy in shop /,
    );
  });

  it('names every repair when a carve-out goes', () => {
    const carveOut = allowDns();
    const stored = [web(), deny(), carveOut];
    const verdict = judge({ operation: 'DELETE', before: carveOut }, { stored, settings: REPAIR });
    expect(summary(verdict)).toEqual(['dns-blocked warn']);
    expect(verdict.findings[0]?.short).toMatch(
      /^netpol-guard adds netpol-guard-dns-for-default-deny and netpol-guard-dns-for-web, since deleting allow-dns cuts /,
    );
    expect(verdict.findings[0]?.why).toContain(
      'netpol-guard adds netpol-guard-dns-for-default-deny and netpol-guard-dns-for-web.',
    );
  });

  it('promises nothing where nothing will be added', () => {
    const { name: _, ...ref } = deny().ref;
    const unnamed = judge({ operation: 'CREATE', after: { ...deny(), ref } }, { settings: REPAIR });
    expect(unnamed.findings[0]?.short).toMatch(/^netpol-guard adds a policy that allows DNS, since this policy cuts /);
    const enforceOff = judge(
      { operation: 'CREATE', after: deny() },
      { settings: REPAIR, namespaces: labelled('enforce', 'off') },
    );
    const refused = judge({ operation: 'CREATE', after: deny() }, { settings: REFUSING });
    for (const [finding] of [enforceOff.findings, refused.findings]) {
      expect(finding?.short).toMatch(/^default-deny cuts every pod of shop off from DNS: /);
      expect(`${finding?.why} ${finding?.short}`).not.toContain('netpol-guard adds');
    }
  });
});
