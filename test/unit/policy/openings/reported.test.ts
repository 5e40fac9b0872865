import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { BOTH_53, judge, policy, type Spec, summary, TO_DNS } from '../fixtures.ts';

const EVERYWHERE = { cidr: '0.0.0.0/0' };
const ANY_NAMESPACE = { namespaceSelector: {} };

/** A policy for the pods that `podSelector` picks, which reach cluster DNS and what the rules open. */
function opening(name: string, egress: readonly Spec[], podSelector: Spec = {}): Policy {
  const dns = { to: TO_DNS, ports: BOTH_53 };
  return policy(name, { podSelector, policyTypes: ['Egress'], egress: [dns, ...egress] });
}

const block = (cidr: string, ports?: readonly unknown[]): Spec => ({
  to: [{ ipBlock: { cidr } }],
  ...(ports === undefined ? {} : { ports }),
});

/** What is said of a policy where nothing was there before. */
const audit = (after: Policy, ...others: readonly Policy[]) =>
  summary(judge({ operation: 'AUDIT', after }, { stored: [...others, after] }));

/** What is said of an update. */
const update = (before: Policy, after: Policy, ...others: readonly Policy[]) =>
  summary(judge({ operation: 'UPDATE', before, after }, { stored: [...others, before] }));

describe('what is part of an opening is reported once', () => {
  it('leaves port 53 to the opening of every port that holds it', () => {
    expect(audit(opening('a', [block('0.0.0.0/0'), block('0.0.0.0/1', BOTH_53)]))).toEqual([
      'egress-open-to-anywhere deny',
    ]);
  });

  it('adds ranges of ports up to an opening of every port, beside a rule that is one', () => {
    const ranges = [
      { protocol: 'UDP', port: 1, endPort: 52 },
      { protocol: 'UDP', port: 53, endPort: 65535 },
    ];
    const verdict = judge({
      operation: 'AUDIT',
      after: opening('a', [
        block('0.0.0.0/1', [{ protocol: 'UDP' }]),
        ...ranges.map((range) => block('128.0.0.0/1', [range])),
      ]),
    });
    expect(summary(verdict)).toEqual(['egress-open-to-anywhere deny']);
    expect(verdict.findings[0]?.why).toContain('any IPv4 address together with spec.egress[2] and spec.egress[3]');
  });

  it('takes a resolver past an opening of every port for an outside resolver', () => {
    const verdict = judge({
      operation: 'AUDIT',
      after: opening('a', [block('8.0.0.0/8'), block('9.9.9.9/32', BOTH_53)]),
    });
    expect(summary(verdict)).toEqual(['egress-open-to-anywhere deny', 'dns-open-to-outside-resolver warn']);
    expect(verdict.findings[1]?.short).toBe(
      'spec.egress[2] opens UDP 53 and TCP 53 to 9.9.9.9/32, outside the cluster',
    );
  });

  it('tells of a resolver of the other IP family beside an opening in the same rule', () => {
    const to = [{ ipBlock: EVERYWHERE }, { ipBlock: { cidr: '2001:4860:4860::8888/128' } }];
    const verdict = judge({ operation: 'AUDIT', after: opening('a', [{ to, ports: BOTH_53 }]) });
    expect(summary(verdict)).toEqual(['dns-open-to-anywhere deny', 'dns-open-to-outside-resolver warn']);
    expect(verdict.findings[1]?.why).toContain('to 2001:4860:4860::8888/128, outside');
  });

  it('tells what is left of a rule without destination where an opening of every port leaves little of it', () => {
    const all = { to: [{ ipBlock: { ...EVERYWHERE, except: ['9.9.9.9/32'] } }] };
    const verdict = judge({ operation: 'AUDIT', after: opening('a', [all, { ports: BOTH_53 }]) });
    expect(summary(verdict)).toEqual([
      'egress-open-to-anywhere deny',
      'dns-open-to-anywhere deny',
      'dns-open-to-outside-resolver warn',
    ]);
    expect(verdict.findings[2]?.why).toContain('to less than 0.1% of public IPv4, outside');
  });

  it('does not repeat as outside resolvers what stood with the help of policies for the same pods', () => {
    const half = opening('a', [block('8.0.0.0/9', BOTH_53)]);
    expect(update(half, half, opening('b', [block('8.128.0.0/9', BOTH_53)]))).toEqual(['dns-open-to-anywhere warn']);
  });

  it('tells of a port by its name, which opening port 53 to anywhere does not open', () => {
    const named = { to: [ANY_NAMESPACE], ports: [{ protocol: 'UDP', port: 'dns' }] };
    expect(audit(opening('a', [{ ports: BOTH_53 }, named]))).toEqual([
      'dns-open-to-anywhere deny',
      'dns-open-to-cluster warn',
    ]);
    expect(audit(opening('a', [{}, named]))).toEqual(['egress-open-to-anywhere deny']);
  });
});

describe('who is part of an opening', () => {
  it('is a policy without which others that select a common pod stay below the threshold', () => {
    const [a, b] = [opening('a', [block('8.0.0.0/9', BOTH_53)]), opening('b', [block('8.128.0.0/9', BOTH_53)])];
    expect(audit(a, b)).toEqual(['dns-open-to-anywhere deny']);
    expect(audit(b, a)).toEqual(['dns-open-to-anywhere deny']);
  });

  it('stays so where another policy opens all of it alone: mending that one would not mend this', () => {
    const [a, b] = [opening('a', [block('8.0.0.0/9', BOTH_53)]), opening('b', [block('8.128.0.0/9', BOTH_53)])];
    expect(audit(a, b, opening('c', [{ ports: BOTH_53 }]))).toEqual(['dns-open-to-anywhere deny']);
  });

  it('is not who closes the last hole of an opening that passes without it', () => {
    const wide = { to: [{ ipBlock: { ...EVERYWHERE, except: ['9.9.9.9/32'] } }], ports: BOTH_53 };
    const slice = opening('b', [block('9.9.9.9/32', BOTH_53)]);
    expect(audit(slice, opening('a', [wide]))).toEqual(['dns-open-to-outside-resolver warn']);
    const created = judge({ operation: 'CREATE', after: slice }, { stored: [opening('a', [wide])] });
    expect(summary(created)).toEqual(['dns-open-to-outside-resolver warn']);
  });
});
