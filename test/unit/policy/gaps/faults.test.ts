import { expect, it } from 'vitest';
import type { GapFault } from '../../../../src/policy/dns/gap.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { FAULTS } from '../../../../src/policy/gaps/faults.ts';
import { dnsIssues } from '../../../../src/policy/gaps/issues.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { situationOf } from '../../../../src/policy/situation/situation.ts';
import { allowDns, BOTH_53, deny, SETTINGS } from '../fixtures.ts';

const WEB = { matchLabels: { app: 'web' } };
const [UDP_53, TCP_53] = BOTH_53;

const CARVE_OUTS: Readonly<Record<GapFault, readonly Policy[]>> = {
  blocked: [],
  'udp-blocked': [allowDns({}, [TCP_53])],
  'tcp-blocked': [allowDns({}, [UDP_53])],
  'partly-blocked': [allowDns(WEB)],
};

it.each(Object.entries(FAULTS))('the fault %s is reported by the rule whose id it bears', (fault, { rule }) => {
  const policies = CARVE_OUTS[fault as GapFault];
  const snapshot = offlineSnapshot({ namespaces: [], policies, otherPolicies: [] }, SETTINGS);
  const change = { operation: 'CREATE', namespace: 'shop', after: deny() } as const;
  const issues = dnsIssues(situationOf(change, snapshot, SETTINGS), fault as GapFault);
  expect(issues).toHaveLength(1);
  const { findings } = evaluate(change, snapshot, SETTINGS, 0);
  expect(findings.filter((finding) => finding.rule === rule)).toMatchObject(issues);
});
