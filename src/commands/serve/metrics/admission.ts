import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type AdmissionObserver,
  GATE_OUTCOMES,
  GRACE_WAIT_OUTCOMES,
  INTERNAL_ERROR_KINDS,
  LIVE_READ_OUTCOMES,
  UNCONFIRMED_REASONS,
} from '../../../admission/review/observer.ts';
import type { BaselineObserver } from '../../../controller/observer.ts';
import { controllerObserver } from './controller.ts';

/** Most verdicts take well below a millisecond; a confirmed denial waits up to some seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Metrics provides the observers that modules report to, and renders what they reported. No label ever holds a user or
 * a name.
 */
export interface Metrics {
  readonly admission: AdmissionObserver;
  readonly certificates: {
    /** `milliseconds` since the epoch; the CA is known if netpol-guard made it. */
    expires(certificate: 'serving' | 'authority', milliseconds: number): void;
    /** Certificates could not be read or written. */
    failed(): void;
    /** This replica has changed the Secret or published the CA. */
    stepped(step: string): void;
    /** There is no Secret to keep certificates in. */
    secretMissing(isMissing: boolean): void;
  };
  readonly configuration: {
    /** A new one is in force, or was rejected and the last good one stays. */
    reloaded(outcome: 'loaded' | 'refused'): void;
    /** The admission policies in the API server were rendered from another one. */
    policiesOutdated(isOutdated: boolean): void;
  };
  readonly cluster: {
    /** The API server answered a request; the code is `<error>` where no answer came. */
    requested(verb: string, resource: string, code: string, milliseconds: number): void;
    /** `ages` gives the seconds since each cache last heard of the API server, whenever metrics are read. */
    watchCaches(ages: () => ReadonlyMap<string, number>): void;
    /** The watch of a resource ended, and is started again. */
    watchEnded(resource: string, reason: string): void;
  };
  readonly baseline: BaselineObserver;
  /** What Prometheus scrapes. */
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
}

type DecisionLabel = 'operation' | 'resource' | 'allowed' | 'dry_run';

/** createMetrics makes the metrics of one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  // Among them the lag of the event loop, as netpol_guard_nodejs_eventloop_lag_*.
  collectDefaultMetrics({ prefix: 'netpol_guard_', register: registry });
  return {
    admission: admissionObserver(registry),
    certificates: certificateObserver(registry),
    configuration: configurationObserver(registry),
    cluster: clusterObserver(registry),
    baseline: controllerObserver(registry),
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function admissionObserver(registry: Registry): AdmissionObserver {
  const decisions = decisionObserver(registry);
  const findings = counter(registry, 'findings_total', 'Findings on reviewed changes.', ['rule', 'effect']);
  let inHand = 0;
  new Gauge({
    name: 'netpol_guard_in_flight',
    help: 'Requests being read or judged.',
    registers: [registry],
    collect() {
      this.set(inHand);
    },
  });
  const internalErrors = startingAtZero(
    counter(registry, 'internal_errors_total', 'Internal errors, each caused by a bug in netpol-guard.', ['kind']),
    INTERNAL_ERROR_KINDS,
  );
  const shed = counter(registry, 'shed_requests_total', 'Requests rejected for now with 503 or 429.', ['reason']);
  const refused = counter(registry, 'refused_requests_total', 'Requests that are not reviews, answered with 4xx.', [
    'code',
  ]);
  const cut = counter(
    registry,
    'connections_cut_total',
    'Connections closed to make room for others or because they were slow.',
    ['reason'],
  );
  const confirmations = confirmationObserver(registry);
  const gate = gateObserver(registry);
  return {
    ...decisions,
    ...confirmations,
    ...gate,
    found: (rule, effect) => findings.inc({ rule, effect }),
    inFlight: (count) => {
      inHand = count;
    },
    internalError: (kind) => internalErrors.inc({ kind }),
    shed: (reason) => shed.inc({ reason }),
    cutOff: (reason) => cut.inc({ reason }),
    refused: (code) => refused.inc({ code }),
  };
}

/**
 * Incrementing a counter with four labels takes longer than the tally of a decision, so the counter is updated when it
 * is read.
 */
function decisionObserver(registry: Registry): Pick<AdmissionObserver, 'decided'> {
  const tallies = new Map<string, { readonly labels: Record<DecisionLabel, string>; count: number }>();
  new Counter({
    name: 'netpol_guard_admission_requests_total',
    help: 'Reviews answered.',
    labelNames: ['operation', 'resource', 'allowed', 'dry_run'] satisfies DecisionLabel[],
    registers: [registry],
    collect() {
      for (const tally of tallies.values()) {
        this.inc(tally.labels, tally.count);
        tally.count = 0;
      }
    },
  });
  const durations = new Histogram({
    name: 'netpol_guard_review_duration_seconds',
    help: 'Time from the headers of a review to its verdict.',
    labelNames: ['operation', 'resource'],
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    decided: ({ operation, resource, allowed, dryRun, seconds }) => {
      const key = `${operation} ${resource} ${allowed} ${dryRun}`;
      let tally = tallies.get(key);
      if (tally === undefined) {
        tally = { labels: { operation, resource, allowed: String(allowed), dry_run: String(dryRun) }, count: 0 };
        tallies.set(key, tally);
      }
      tally.count += 1;
      durations.observe({ operation, resource }, seconds);
    },
  };
}

function confirmationObserver(registry: Registry): Pick<AdmissionObserver, 'liveRead' | 'unconfirmed' | 'graceWait'> {
  const liveReads = outcomes(registry, 'live_reads_total', 'Live reads that confirm a denial.', LIVE_READ_OUTCOMES);
  const unconfirmedHelp = 'Changes answered with 429: their refusal could not be confirmed.';
  const unconfirmed = startingAtZero(
    counter(registry, 'unconfirmed_total', unconfirmedHelp, ['reason']),
    UNCONFIRMED_REASONS,
  );
  const graceWaits = outcomes(
    registry,
    'grace_waits_total',
    'Waits for a policy that allows DNS to arrive.',
    GRACE_WAIT_OUTCOMES,
  );
  return {
    liveRead: (outcome) => liveReads.inc({ outcome }),
    unconfirmed: (reason) => unconfirmed.inc({ reason }),
    graceWait: (outcome) => graceWaits.inc({ outcome }),
  };
}

function gateObserver(registry: Registry): Pick<AdmissionObserver, 'gateWait'> {
  const gateWaits = outcomes(
    registry,
    'gate_waits_total',
    'Pods that were created before the baseline of their namespace was in place.',
    GATE_OUTCOMES,
  );
  const gateDurations = new Histogram({
    name: 'netpol_guard_gate_wait_seconds',
    help: 'Time that pods were kept waiting for the baseline.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    gateWait: (outcome, seconds) => {
      gateWaits.inc({ outcome });
      gateDurations.observe({ outcome }, seconds);
    },
  };
}

function certificateObserver(registry: Registry): Metrics['certificates'] {
  const expiry = new Gauge({
    name: 'netpol_guard_certificate_expiry_timestamp_seconds',
    help: 'Expiry time of the served certificate, and of the CA that signed it if netpol-guard made that CA.',
    labelNames: ['certificate'],
    registers: [registry],
  });
  const failures = counter(
    registry,
    'certificate_reload_failures_total',
    'Times that certificates could not be read, renewed or published.',
  );
  const steps = counter(registry, 'certificate_steps_total', 'Steps taken to keep certificates current.', ['step']);
  const missing = gauge(registry, 'certificate_secret_missing', '1 while the Secret for certificates does not exist.');
  return {
    expires: (certificate, milliseconds) => expiry.set({ certificate }, milliseconds / 1000),
    failed: () => failures.inc(),
    stepped: (step) => steps.inc({ step }),
    secretMissing: (isMissing) => missing.set(isMissing ? 1 : 0),
  };
}

function configurationObserver(registry: Registry): Metrics['configuration'] {
  const said = 'Changes of the configuration, loaded or rejected.';
  const reloads = outcomes(registry, 'configuration_reloads_total', said, ['loaded', 'refused']);
  const last = gauge(
    registry,
    'configuration_last_reload_successful',
    '0 while a changed configuration is rejected, else 1.',
  );
  last.set(1);
  const outdated = gauge(
    registry,
    'admission_policies_outdated',
    '1 while the admission policies were rendered from another configuration.',
  );
  return {
    reloaded: (outcome) => {
      reloads.inc({ outcome });
      last.set(outcome === 'loaded' ? 1 : 0);
    },
    policiesOutdated: (isOutdated) => outdated.set(isOutdated ? 1 : 0),
  };
}

function clusterObserver(registry: Registry): Metrics['cluster'] {
  const requests = counter(registry, 'rest_client_requests_total', 'Requests to the API server.', [
    'verb',
    'resource',
    'code',
  ]);
  const durations = new Histogram({
    name: 'netpol_guard_rest_client_request_duration_seconds',
    help: 'Time until an answer of the API server began.',
    labelNames: ['verb'],
    buckets: SECONDS,
    registers: [registry],
  });
  const watchEnds = counter(registry, 'watch_restarts_total', 'Watches that ended and were restarted.', [
    'resource',
    'reason',
  ]);
  return {
    watchEnded: (resource, reason) => watchEnds.inc({ resource, reason }),
    requested: (verb, resource, code, milliseconds) => {
      requests.inc({ verb, resource, code });
      durations.observe({ verb }, milliseconds / 1000);
    },
    watchCaches: (ages) => {
      new Gauge({
        name: 'netpol_guard_cache_age_seconds',
        help: 'Time since a cache last heard of the API server.',
        labelNames: ['cache'],
        registers: [registry],
        collect() {
          for (const [cache, seconds] of ages()) this.set({ cache }, seconds);
        },
      });
    },
  };
}

function counter<L extends string>(registry: Registry, name: string, help: string, labelNames: L[] = []): Counter<L> {
  return new Counter({ name: `netpol_guard_${name}`, help, labelNames, registers: [registry] });
}

function outcomes(registry: Registry, name: string, help: string, all: readonly string[]): Counter<'outcome'> {
  return startingAtZero(counter(registry, name, help, ['outcome']), all);
}

/** Counters that exist from the start, at 0: Prometheus sees no increase in one that begins at 1. */
function startingAtZero<L extends string>(made: Counter<L>, values: readonly string[]): Counter<L> {
  for (const value of values) made.labels(value).inc(0);
  return made;
}

function gauge(registry: Registry, name: string, help: string): Gauge {
  return new Gauge({ name: `netpol_guard_${name}`, help, registers: [registry] });
}
