import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { docsAddress } from '../../../src/config/docs-address.ts';
import { CHART } from '../helm.ts';
import { knownMetrics, metricsIn, unknownIn } from './known-metrics.ts';
import { promtool } from './promtool.ts';

const FILE = join(CHART, 'files/alerts.yaml');
/** The file links to the branch; the chart replaces that by its own version. */
const DOCS_ON_MAIN = docsAddress('0.0.0-dev');
const DOCS = join(import.meta.dirname, '../../../docs');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations?: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

interface Cases {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly object[] }[];
  }[];
}

const rules = parse(readFileSync(FILE, 'utf8')) as { groups: [{ name: string; rules: Alert[] }] };
const alerts = rules.groups[0].rules;
const cases = parse(readFileSync(join(import.meta.dirname, 'alerts.yaml'), 'utf8')) as Cases;

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The cases against these rules, without annotations: promtool wants them word by word, and they are prose. */
function tested(given: readonly Alert[]) {
  const bare = given.map(({ alert, annotations: _annotations, ...rest }) => ({ alert, ...rest }));
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'netpol-guard', rules: bare }] }));
  writeFileSync(join(folder, 'cases.yaml'), stringify({ ...cases, rule_files: [join(folder, 'rules.yaml')] }));
  return promtool('test', 'rules', join(folder, 'cases.yaml'));
}

describe('the alerts', () => {
  it('are rules that Prometheus takes, templates and all', () => {
    const { status, output } = promtool('check', 'rules', FILE);
    expect(output).toContain(`SUCCESS: ${alerts.length} rules found`);
    expect(status).toBe(0);
  });

  it('fire when they should, and only then', () => {
    const { status, output } = tested(alerts);
    expect(output).toContain('SUCCESS');
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it('are each seen to fire, and to be silent', () => {
    const seen = cases.tests.flatMap(({ alert_rule_test: asked }) => asked);
    const named = (fires: boolean) =>
      new Set(seen.flatMap(({ alertname, exp_alerts: found = [] }) => (found.length > 0 === fires ? [alertname] : [])));
    const all = new Set(alerts.map(({ alert }) => alert));
    expect(named(true)).toEqual(all);
    expect(named(false)).toEqual(all);
    expect(tested(alerts.map((alert) => ({ ...alert, expr: 'vector(1) < 0' }))).status).toBe(1);
  });

  it('ask for metrics and labels that exist', async () => {
    const known = await knownMetrics();
    for (const { alert, expr } of alerts) {
      expect(metricsIn(expr), alert).toBeGreaterThan(0);
      expect(unknownIn(expr, known), alert).toEqual([]);
    }
    const series = cases.tests.flatMap(({ input_series }) => input_series.map((one) => one.series));
    expect(series.length).toBeGreaterThan(40);
    expect(series.flatMap((one) => unknownIn(one, known))).toEqual([]);
    expect(unknownIn('netpol_guard_shed_requests_total{cause="x"} or netpol_guard_moons', known)).toEqual([
      'netpol_guard_shed_requests_total{cause}',
      'netpol_guard_moons',
    ]);
  });

  it.each(alerts)(
    '$alert says what it is, how bad, and where it is written what to do',
    ({ alert, labels, annotations }) => {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations?.summary).toMatch(/\w/);
      expect(annotations?.description).toMatch(/\.$/);
      const url = annotations?.runbook_url ?? '';
      const page = url.replace(`${DOCS_ON_MAIN}/`, '').replace(/#.*$/, '');
      expect(url).toBe(`${DOCS_ON_MAIN}/${page}#${alert.toLowerCase()}`);
      expect(existsSync(join(DOCS, page))).toBe(true);
      expect(readFileSync(join(DOCS, page), 'utf8')).toContain(`\n### ${alert}\n`);
    },
  );
});
