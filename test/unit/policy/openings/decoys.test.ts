import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { NamespacePolicies } from '../../../../src/policy/model/namespace-policies.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { policyAddresses } from '../../../../src/policy/openings/internet-rules.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { Budget } from '../../../../src/sets/budget.ts';
import { isAnywhere } from '../../../../src/sets/globally-routable.ts';
import { allowDns, deny, judge, policy, SETTINGS, type Spec } from '../fixtures.ts';
import { CROWDS, OPENERS, PODS, slice } from './decoys.ts';

/** Tenant writes policies one after the other, as an API server with netpol-guard before it would store them. */
class Tenant {
  private readonly policies = new NamespacePolicies();
  private readonly snapshot = {
    ...offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS),
    policies: () => this.policies,
  };

  constructor(stored: readonly Policy[] = [allowDns(), deny()]) {
    for (const one of stored) this.store(one);
  }

  get stored(): readonly Policy[] {
    return [...this.policies.all()];
  }

  store(one: Policy): void {
    this.policies.set(one.ref.name ?? '', one);
  }

  /** write says whether the policy is admitted. */
  write(name: string, spec: Spec): boolean {
    const after = policy(name, spec);
    const { denied } = evaluate({ operation: 'CREATE', namespace: 'shop', after }, this.snapshot, SETTINGS, 0);
    if (!denied) this.store(after);
    return !denied;
  }
}

/** Whether a pod with these labels reaches anywhere on port 53 over UDP, by brute force. */
function reachesAnywhere(policies: readonly Policy[], pod: ReadonlyMap<string, string>): boolean {
  const opened = policies
    .filter(({ subject }) => subject.matches(pod))
    .map((one) => policyAddresses(one, { protocol: 'UDP', port: 53, family: 4 }, new Budget()));
  return isAnywhere(AddressSet.unionAll(opened), SETTINGS.dns.anywhereThreshold);
}

describe.each(CROWDS)('beside %s', (_, decoys) => {
  const first = new Tenant();
  for (const [i, spec] of decoys.entries()) first.write(`decoy-${i}`, spec);

  it.each(OPENERS)('%s is refused', (_, openers) => {
    const tenant = new Tenant(first.stored);
    expect(openers.map((spec, i) => tenant.write(`opener-${i}`, spec))).toContain(false);
  });
});

describe('in any order of writes', () => {
  it('no pod ever reaches anywhere', () => {
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 14 }), (specs) => {
        const tenant = new Tenant();
        for (const [i, spec] of specs.entries()) tenant.write(`slice-${i}`, spec);
        expect(PODS.filter((pod) => reachesAnywhere(tenant.stored, pod))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('what is refused would have let some pod reach anywhere', () => {
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 14 }), (specs) => {
        const tenant = new Tenant();
        for (const [i, spec] of specs.entries()) {
          const refused = policy('refused', spec);
          if (tenant.write(`slice-${i}`, spec) || refused.subject.isEmpty) continue;
          const after = [...tenant.stored, refused];
          expect(PODS.some((pod) => reachesAnywhere(after, pod))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what opens nothing new is not refused for a bound', () => {
  const [, entangled] = CROWDS[3] ?? ['', []];
  const stored = entangled.map((spec, i) => policy(`p${i}`, spec));
  const [first] = stored as [Policy];
  const world = { stored: [...stored, allowDns(), deny()] };

  it('a policy of the crowd, written anew, is', () => {
    const { denied, findings } = judge(
      { operation: 'CREATE', after: { ...first, ref: { ...first.ref, name: 'new' } } },
      world,
    );
    expect(denied).toBe(true);
    expect(findings.find(({ effect }) => effect === 'deny')).toMatchObject({
      rule: 'policy-too-complicated',
      short: expect.stringMatching(
        /cannot be judged beside the 36 stored policies of namespace shop within [\d,]+ steps/,
      ),
    });
  });

  it('an update that changes nothing, or takes away', () => {
    const fewer = policy('p0', { ...entangled[0], egress: [] });
    const narrower = policy('p0', {
      ...entangled[0],
      egress: [{ to: [{ ipBlock: { cidr: '20.0.0.0/14' } }], ports: [{ protocol: 'UDP', port: 53 }] }],
    });
    for (const after of [first, fewer, narrower]) {
      expect(judge({ operation: 'UPDATE', before: first, after }, world).denied).toBe(false);
    }
  });

  it('an update that adds is', () => {
    const more = policy('p0', {
      ...entangled[0],
      egress: [{ to: [{ ipBlock: { cidr: '20.0.0.0/12' } }], ports: [{ protocol: 'UDP', port: 53 }] }],
    });
    expect(judge({ operation: 'UPDATE', before: first, after: more }, world).denied).toBe(true);
  });

  it('a deletion', () => {
    expect(judge({ operation: 'DELETE', before: first }, world).denied).toBe(false);
  });
});
