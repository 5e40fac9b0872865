import { describe, expect, it } from 'vitest';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import { PART_NAMES, type TemplateItem } from '../../../../src/policy/model/template.ts';
import { desiredPolicies } from '../../../../src/policy/templates/desired.ts';
import { purposeAnnotation } from '../../../../src/policy/templates/purpose.ts';
import { repairName } from '../../../../src/policy/templates/repair-name.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';

const DOCS = 'https://docs.example/v1';
const ADVICE = `netpol-guard keeps it as it is.\nTo allow more, add a NetworkPolicy of your own beside it:\n${DOCS}/cookbook.md`;
/** As `kubectl describe` shows of a line. */
const SHOWN = 138;

function purposesOf(...items: readonly TemplateItem[]): Readonly<Record<string, string | undefined>> {
  const worlds = [{ name: 'kube-dns', servers: DNS_PRESETS.get('kube-dns') ?? [] }];
  const { empty } = AddressSet;
  const dns = { worlds, namespaces: new Map(), blockAddresses: empty, discovered: true, isKnown: true };
  const services = { ranges: empty, apiServerEndpoints: ['10.0.0.2:6443'] };
  const { policies } = desiredPolicies({ name: 'all', items }, { dns, services });
  return Object.fromEntries(
    policies.map((policy) => [policy.name, purposeAnnotation(policy, DOCS)['netpol-guard.io/purpose']]),
  );
}

describe('the purpose of a policy of the baseline', () => {
  it.each([
    ['default-deny', 'netpol-guard-default-deny', 'Denies all ingress and egress that no other policy'],
    ['default-deny-egress', 'netpol-guard-default-deny', 'Denies all egress that no other policy'],
    ['default-deny-ingress', 'netpol-guard-default-deny', 'Denies all ingress that no other policy'],
    ['allow-dns', 'netpol-guard-allow-dns', 'Lets every pod of this namespace reach cluster DNS.'],
  ] as const)('says what %s does, and where to read how to allow more', (part, name, said) => {
    const purpose = purposesOf({ part })[name];
    expect(purpose).toContain(said);
    expect(purpose?.endsWith(ADVICE)).toBe(true);
  });

  it('is known of every part, and of what an operator wrote', () => {
    const spec = { podSelector: {}, policyTypes: ['Ingress'] };
    for (const part of PART_NAMES) {
      const purposes = Object.values(purposesOf({ part, namespaces: ['gateway'] }, { part: 'default-deny' }));
      expect(purposes.length).toBeGreaterThan(0);
      for (const purpose of purposes) {
        expect(purpose).not.toContain('Belongs to the baseline');
        for (const line of purpose?.split('\n') ?? []) expect(line.length).toBeLessThanOrEqual(SHOWN);
      }
    }
    const own = purposesOf({ name: 'netpol-guard-to-telemetry', spec })['netpol-guard-to-telemetry'];
    expect(own).toBe(`Belongs to the baseline of this namespace. ${ADVICE}`);
  });

  it('is another one for a repair, whatever the policy is called that it repairs', () => {
    const policy = { name: repairName('default-deny'), spec: {}, text: '' };
    expect(purposeAnnotation(policy, DOCS)['netpol-guard.io/purpose']).toMatch(/^Lets pods reach cluster DNS that/);
  });
});
