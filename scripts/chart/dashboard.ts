import { type Panel, row, series, stat, table } from './panels.ts';

const OURS = '{name=~".+\\\\.netpol-guard\\\\.io"}';
const RATE = '[$__rate_interval]';

const quantile = (q: number, metric: string, selector = '') =>
  `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket${selector}${RATE})))`;

/** PANELS answer, from top to bottom: is it healthy, what was refused and why, which namespaces lack a baseline, how fast. */
const PANELS: readonly Panel[] = [
  row('Is it healthy?'),
  stat('Scraped replicas', { '': 'count(netpol_guard_leader_election_master_status)' }, { red: 0, green: 2 }),
  stat('Leading replicas', { '': 'sum(netpol_guard_leader_election_master_status)' }, { red: 0, green: 1 }),
  stat(
    'Latest configuration is in force',
    { '': 'min(netpol_guard_configuration_last_reload_successful)' },
    { red: 0, green: 1 },
  ),
  stat(
    'Certificates expire in',
    { '': 'min(netpol_guard_certificate_expiry_timestamp_seconds) - time()' },
    { red: 0, green: 48 * 3600 },
    's',
  ),
  stat('Oldest cache', { '': 'max(netpol_guard_cache_age_seconds)' }, { green: 0, red: 300 }, 's'),
  stat(
    'Internal errors in the last day',
    { '': 'sum(increase(netpol_guard_internal_errors_total[1d]))' },
    { green: 0, red: 1 },
  ),
  series('Webhook calls that the API server could not make', {
    'refused unjudged: {{name}}': `sum by (name) (rate(apiserver_admission_webhook_rejection_count${OURS.replace('}', ',error_type="calling_webhook_error"}')}${RATE}))`,
    'admitted unjudged: {{name}}': `sum by (name) (rate(apiserver_admission_webhook_fail_open_count${OURS}${RATE}))`,
  }),
  series('Requests answered without a verdict', {
    'busy: {{reason}}': `sum by (reason) (rate(netpol_guard_shed_requests_total${RATE}))`,
    'not confirmed: {{reason}}': `sum by (reason) (rate(netpol_guard_unconfirmed_total${RATE}))`,
    'no review: {{code}}': `sum by (code) (rate(netpol_guard_refused_requests_total${RATE}))`,
  }),

  row('What was refused, and why?'),
  series('Refusals, by rule', {
    '{{rule}}': `sum by (rule) (increase(netpol_guard_findings_total{effect="deny"}${RATE}))`,
  }),
  series('Warnings and audit-only findings, by rule', {
    '{{effect}}: {{rule}}': `sum by (rule, effect) (increase(netpol_guard_findings_total{effect!="deny"}${RATE}))`,
  }),
  series('Reviews, by outcome', {
    '{{operation}} {{resource}}, allowed: {{allowed}}': `sum by (operation, resource, allowed) (rate(netpol_guard_admission_requests_total{dry_run="false"}${RATE}))`,
  }),
  table('Stored policies that break a rule', 'sum by (rule, level) (netpol_guard_violations) > 0'),

  row('Which namespaces lack a baseline?'),
  series('Namespaces that wait for a baseline', {
    '{{state}}': 'sum by (state) (netpol_guard_namespaces{state!~"ready|none"})',
  }),
  table('Namespaces, by template and state', 'sum by (template, state) (netpol_guard_namespaces) > 0'),
  series(
    'Time from namespace to baseline',
    {
      median: quantile(0.5, 'netpol_guard_time_to_baseline_seconds'),
      '99th percentile': quantile(0.99, 'netpol_guard_time_to_baseline_seconds'),
    },
    's',
  ),
  series('Pods created before the baseline, by outcome', {
    '{{outcome}}': `sum by (outcome) (increase(netpol_guard_gate_waits_total${RATE}))`,
  }),
  series('Baselines that someone changed', {
    restored: `sum(increase(netpol_guard_drift_healed_total${RATE}))`,
    'undone repeatedly': `sum(increase(netpol_guard_conflicts_total${RATE}))`,
  }),
  series('Reconciliations of namespaces', {
    '{{result}}': `sum by (result) (rate(netpol_guard_reconcile_total${RATE}))`,
    'waiting: {{name}}': 'sum by (name) (netpol_guard_workqueue_depth)',
  }),

  row('How fast is it?'),
  series(
    'Reviews, except those of pods',
    {
      median: quantile(0.5, 'netpol_guard_review_duration_seconds', '{resource!="pods"}'),
      '99th percentile': quantile(0.99, 'netpol_guard_review_duration_seconds', '{resource!="pods"}'),
    },
    's',
  ),
  series('Requests in progress', { '{{pod}}': 'netpol_guard_in_flight' }),
  series('Requests to the API server', {
    '{{verb}} {{resource}}: {{code}}': `sum by (verb, resource, code) (rate(netpol_guard_rest_client_requests_total${RATE}))`,
  }),
  series('Memory', { '{{pod}}': 'netpol_guard_process_resident_memory_bytes' }, 'bytes'),
];

/** dashboardFile is the Grafana dashboard, as Grafana imports it: files/dashboard.json. */
export function dashboardFile(): object {
  return {
    uid: 'netpol-guard',
    title: 'netpol-guard',
    tags: ['netpol-guard', 'kubernetes', 'security'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} }],
    },
    panels: placed(PANELS),
  };
}

/** Grafana's grid is 24 wide. */
const GRID = 24;

/** placed puts panels side by side as long as they fit, and begins a new line with each row. */
function placed(panels: readonly Panel[]): readonly object[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ w, h, ...panel }, index) => {
    if (x + w > GRID) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w, h };
    x += w;
    height = Math.max(height, h);
    return { id: index + 1, ...panel, gridPos };
  });
}
