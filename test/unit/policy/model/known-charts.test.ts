import { expect, test } from 'vitest';
import { chartAdvice } from '../../../../src/policy/model/known-charts.ts';

const labelled = (chart: string, component?: string) =>
  chartAdvice(
    new Map([
      ['helm.sh/chart', chart],
      ...(component === undefined ? [] : [['app.kubernetes.io/component', component] as const]),
    ]),
  );

test('a known chart is told the value to set', () => {
  expect(labelled('redis-23.1.1')?.forAllEgress).toBe(
    "In Bitnami's Helm chart redis, set networkPolicy.allowExternalEgress=false and list what the pods need in networkPolicy.extraEgress",
  );
  expect(labelled('redis-cluster-11.0.0-rc.1')?.forAllEgress).toContain('chart redis-cluster, set');
  expect(labelled('postgresql-17.1.0', 'read')?.forAllEgress).toContain(
    'set readReplicas.networkPolicy.allowExternalEgress=false',
  );
  expect(labelled('postgresql-17.1.0', 'primary')?.forDns).toBe(
    "No value of Bitnami's Helm chart postgresql names cluster DNS there: install it with --post-renderer netpol-guard-fix, or set primary.networkPolicy.enabled=false and apply a policy of your own",
  );
  expect(labelled('ingress-nginx-4.12.0', 'controller')?.forAllEgress).toContain(
    'controller.networkPolicy.enabled=false',
  );
});

test('of others nothing is said: other charts, other components, and what is no label of Helm', () => {
  expect(labelled('my-redis-1.0.0')).toBeUndefined();
  expect(labelled('redis')).toBeUndefined();
  expect(labelled('cert-manager-v1.18.0', 'webhook')).toBeUndefined();
  expect(labelled('postgresql-17.1.0')).toBeUndefined();
  expect(labelled('postgresql-17.1.0', 'constructor')).toBeUndefined();
  expect(labelled('constructor-1.0.0')).toBeUndefined();
  expect(chartAdvice(new Map())).toBeUndefined();
});
