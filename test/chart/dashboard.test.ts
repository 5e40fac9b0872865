import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { knownMetrics, metricsIn, unknownIn } from './alerts/known-metrics.ts';
import { promtool } from './alerts/promtool.ts';
import { CHART } from './helm.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync(join(CHART, 'files/dashboard.json'), 'utf8')) as { panels: readonly Panel[] };
const queried = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = queried.flatMap(({ targets = [] }) => targets);

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-dashboard-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As Grafana fills them in. */
const filled = (expr: string) => expr.replaceAll('$__rate_interval', '5m');

describe('the dashboard', () => {
  it('asks what Prometheus can read', () => {
    const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr: filled(expr) }));
    const file = join(folder, 'queries.yaml');
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }));
    const { status, output } = promtool('check', 'rules', file);
    expect(queries.length).toBeGreaterThan(20);
    expect(output).toContain(`SUCCESS: ${queries.length} rules found`);
    expect(status).toBe(0);
  });

  it('asks for metrics and labels that exist, and names series by labels that are left', async () => {
    const known = await knownMetrics();
    for (const { expr, legendFormat } of queries) {
      expect(metricsIn(expr), expr).toBeGreaterThan(0);
      expect(unknownIn(expr, known)).toEqual([]);
      const kept = /sum by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? ['pod'];
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect(kept, expr).toEqual(expect.arrayContaining(shown));
    }
  });

  it('has panels that do not overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, targets } of queried) expect(targets?.length, title).toBeGreaterThan(0);
  });
});
