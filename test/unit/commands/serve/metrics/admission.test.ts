import { expect, test } from 'vitest';
import { createMetrics } from '../../../../../src/commands/serve/metrics/admission.ts';

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  const { text } = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('netpol_guard_') && !/_(nodejs|process)_/.test(line));
}

test('what the door reports is counted under the names that admins know', async () => {
  const metrics = createMetrics();
  const decision = { operation: 'CREATE', resource: 'networkpolicies', allowed: false, dryRun: true, seconds: 0.003 };
  metrics.admission.decided(decision);
  metrics.admission.found('dns-blocked', 'deny');
  metrics.admission.inFlight(3);
  metrics.admission.internalError('review');
  metrics.admission.shed('requests');
  metrics.admission.refused(415);
  metrics.admission.liveRead('confirmed');
  metrics.admission.unconfirmed('late');
  metrics.admission.graceWait('arrived');
  metrics.certificates.expires('serving', 1_800_000_000_000);
  metrics.certificates.expires('authority', 1_900_000_000_000);
  metrics.certificates.failed();
  metrics.certificates.stepped('renew');
  metrics.certificates.secretMissing(true);
  metrics.configuration.reloaded('refused');
  metrics.cluster.requested('list', 'networkpolicies', '200', 12);
  metrics.cluster.watchCaches(() => new Map([['namespaces', 4.5]]));
  const lines = await samples(metrics);
  expect(lines).toEqual(
    expect.arrayContaining([
      'netpol_guard_admission_requests_total{operation="CREATE",resource="networkpolicies",allowed="false",dry_run="true"} 1',
      'netpol_guard_review_duration_seconds_count{operation="CREATE",resource="networkpolicies"} 1',
      'netpol_guard_findings_total{rule="dns-blocked",effect="deny"} 1',
      'netpol_guard_in_flight 3',
      'netpol_guard_internal_errors_total{kind="review"} 1',
      'netpol_guard_internal_errors_total{kind="labels"} 0',
      'netpol_guard_shed_requests_total{reason="requests"} 1',
      'netpol_guard_refused_requests_total{code="415"} 1',
      'netpol_guard_live_reads_total{outcome="confirmed"} 1',
      'netpol_guard_unconfirmed_total{reason="late"} 1',
      'netpol_guard_grace_waits_total{outcome="arrived"} 1',
      'netpol_guard_certificate_expiry_timestamp_seconds{certificate="serving"} 1800000000',
      'netpol_guard_certificate_expiry_timestamp_seconds{certificate="authority"} 1900000000',
      'netpol_guard_certificate_steps_total{step="renew"} 1',
      'netpol_guard_certificate_secret_missing 1',
      'netpol_guard_certificate_reload_failures_total 1',
      'netpol_guard_configuration_reloads_total{outcome="refused"} 1',
      'netpol_guard_configuration_last_reload_successful 0',
      'netpol_guard_rest_client_requests_total{verb="list",resource="networkpolicies",code="200"} 1',
      'netpol_guard_cache_age_seconds{cache="namespaces"} 4.5',
    ]),
  );
});

test('outcomes are counted from 0, so that the first one is an increase', async () => {
  const lines = await samples(createMetrics());
  expect(lines).toEqual(
    expect.arrayContaining([
      'netpol_guard_gate_waits_total{outcome="hold_limit_exceeded"} 0',
      'netpol_guard_grace_waits_total{outcome="timeout"} 0',
      'netpol_guard_live_reads_total{outcome="failed"} 0',
      'netpol_guard_unconfirmed_total{reason="busy"} 0',
      'netpol_guard_configuration_reloads_total{outcome="refused"} 0',
    ]),
  );
});

test('the lag of the event loop is measured, and everything bears our prefix', async () => {
  const { contentType, text } = await createMetrics().text();
  expect(contentType).toMatch(/^text\/plain; version=/);
  expect(text).toContain('netpol_guard_nodejs_eventloop_lag_p99_seconds ');
  expect(text.split('\n').filter((line) => line !== '' && !/^(# (HELP|TYPE) )?netpol_guard_/.test(line))).toEqual([]);
});

test('two processes in one test share nothing', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.admission.internalError('review');
  expect(await samples(other)).toContain('netpol_guard_internal_errors_total{kind="review"} 0');
});
