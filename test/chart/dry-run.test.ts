import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChartCluster, startChartCluster } from './chart-cluster.ts';
import { COMBINATIONS } from './combinations.ts';
import { findHelm, RELEASE } from './helm.ts';

const helm = await findHelm(4);

describe.each(['current', 'oldest'] as const)(
  'every object of every combination is taken, each field of it, by the API server: %s',
  (release) => {
    const taken = new Set<string>();
    let cluster: ChartCluster;
    beforeAll(async () => {
      cluster = await startChartCluster(release);
      await cluster.done(['create', 'namespace', 'openshift-dns']);
      // Without it no pod is taken that runs as it.
      await cluster.done(['create', 'serviceaccount', 'netpol-guard-test', '-n', RELEASE.namespace, '--save-config']);
    });
    afterAll(async () => {
      await cluster?.stop();
    });

    it.each(Object.entries(COMBINATIONS))('%s', async (_what, values) => {
      // What was taken as it is, in another combination, need not be tried again.
      const items = helm.render(values).filter((object) => !taken.has(JSON.stringify(object)));
      // Of what only leaves an object out, all has been taken already.
      expect(helm.render(values).length).toBeGreaterThan(0);
      if (items.length === 0) return;
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const { stdout, stderr } = await cluster.done(['apply', '--dry-run=server', '-f', '-'], list);
      expect(stdout.match(/\(server dry run\)/g)).toHaveLength(items.length);
      expect(stderr.match(/would violate PodSecurity "restricted/g) ?? []).toHaveLength(
        values['hostNetwork'] === true ? 1 : 0,
      );
      expect(stderr.split('\n').filter((line) => line !== '' && !line.includes('PodSecurity'))).toEqual([]);
      for (const object of items) taken.add(JSON.stringify(object));
    });
  },
);
