import { describe, expect, it } from 'vitest';
import { attemptsOf, type Packets, seen, summary, told } from './claims.ts';
import type { Outcome } from './targets.ts';
import { saidIn } from './verdict.ts';

const CLAIM: Packets = { plain: { reaches: ['dns/udp'], not: ['outside/udp'] }, internet: { not: ['web:8080'] } };

function tried(...outcomes: readonly Outcome[]) {
  return attemptsOf(CLAIM).map((attempt, i) => ({ ...attempt, outcome: outcomes[i] ?? 'reached' }));
}

describe('a claim about packets', () => {
  it('holds where each attempt came out as it says, however it failed', () => {
    expect(seen(tried('reached', 'timeout', 'refused'))).toEqual(told(CLAIM));
    expect(seen(tried('reached', 'refused', 'unreachable'))).toEqual(told(CLAIM));
  });

  it('does not hold where one was reached that should not be, or the other way round', () => {
    expect(seen(tried('reached', 'reached', 'refused'))).not.toEqual(told(CLAIM));
    expect(seen(tried('timeout', 'timeout', 'refused'))).not.toEqual(told(CLAIM));
  });

  it('holds neither way where somebody else answered', () => {
    const wrong = seen(tried('reached', 'said rcode 3', 'refused'));
    expect(wrong).not.toEqual(told(CLAIM));
    expect(wrong).toContain('plain, outside/udp: said rcode 3');
  });

  it('is a sentence for each sender and kind of outcome', () => {
    expect(summary(CLAIM)).toBe(
      '`plain` reaches dns/udp\n`plain` does not reach outside/udp\n`internet` does not reach web:8080',
    );
  });
});

describe('what kubectl prints', () => {
  it('names the rules that warn and those that refuse, each once', () => {
    const stderr = `Warning: spec.egress[0] opens one thing [dns-open-to-cluster]
Warning: spec.egress[1] opens the same [dns-open-to-cluster]
Error from server (Forbidden): admission webhook denied the request: 
NetworkPolicy shop/default-deny cuts every pod off from DNS [dns-blocked]
  No policy in shop lets them reach kube-system/kube-dns.
  More: https://docs.example/rules/dns-blocked.md   Questions: #platform-help

NetworkPolicy shop/a-long-name
  opens port 53 to anywhere [dns-open-to-anywhere]
`;
    expect(saidIn({ stderr })).toEqual({
      refused: ['dns-blocked', 'dns-open-to-anywhere'],
      warned: ['dns-open-to-cluster'],
    });
  });

  it('may be nothing', () => {
    expect(saidIn({ stderr: '' })).toEqual({ refused: [], warned: [] });
  });
});
