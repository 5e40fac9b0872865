import { describe, expect, it } from 'vitest';
import { auditCluster, printScan } from '../../../src/commands/scan.ts';
import { withEnforce } from '../../../src/config/compile.ts';
import { readConfiguration } from '../../../src/config/load.ts';
import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { type PrintedReport, testIo } from '../cli/setup.ts';

const { settings } = readConfiguration('apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n', 'test');
const deny = (namespace: string) =>
  readNetworkPolicy({ metadata: { name: 'deny', namespace }, spec: { policyTypes: ['Egress'] } }, namespace);
const snapshot = offlineSnapshot(
  { namespaces: [], policies: [deny('shop'), deny('blog')], otherPolicies: [] },
  settings,
);

describe('scan', () => {
  it('judges every policy of the cluster, without file and line', () => {
    const io = testIo();
    expect(printScan(auditCluster(snapshot, settings, 0), 'json', '', io)).toBe(1);
    const { findings, summary } = JSON.parse(io.printed.out) as PrintedReport;
    expect(findings.map(({ rule, namespace, name, file }) => [rule, namespace, name, file])).toEqual([
      ['dns-blocked', 'blog', 'deny', undefined],
      ['dns-blocked', 'shop', 'deny', undefined],
    ]);
    expect(summary).toEqual({ files: 0, documents: 0, policies: 2, errors: 2, warnings: 0 });
  });

  it('keeps to one namespace where it is told to', () => {
    const io = testIo();
    expect(printScan(auditCluster(snapshot, settings, 0, 'shop'), 'text', '#platform-help', io)).toBe(1);
    expect(io.printed.out).toMatch(/^error: NetworkPolicy shop\/deny cuts every pod off from DNS \[dns-blocked\]\n/);
    expect(io.printed.out).toMatch(/\n {2}More: \S+\/rules\/dns-blocked\.md {3}Questions: #platform-help\n/);
    expect(io.printed.out).toMatch(/\n1 error, 0 warnings: 1 policy\n$/);
  });

  it('shows as warnings what is audited and nothing else, and as errors what a level would refuse', () => {
    const modes = { enforce: 'off', warn: 'off', audit: 'strict' } as const;
    const audited = { ...settings, modes };
    const io = testIo();
    expect(printScan(auditCluster(snapshot, audited, 0, 'shop'), 'json', '', io)).toBe(0);
    expect((JSON.parse(io.printed.out) as PrintedReport).findings).toMatchObject([
      { rule: 'dns-blocked', severity: 'warning', namespace: 'shop' },
    ]);
    expect(auditCluster(snapshot, withEnforce(audited, 'standard'), 0, 'shop').summary).toMatchObject({ errors: 1 });
    const off = { ...settings, modes: { ...modes, audit: 'off' } as const };
    expect(auditCluster(snapshot, off, 0).findings).toEqual([]);
  });

  it('is clean where there is nothing', () => {
    expect(printScan(auditCluster(snapshot, settings, 0, 'other'), 'text', '', testIo())).toBe(0);
  });
});
