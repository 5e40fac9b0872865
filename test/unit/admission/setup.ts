import { createPolicyHandler } from '../../../src/admission/handlers/policies.ts';
import type { HandlerContext, ReviewHandler } from '../../../src/admission/review/handler.ts';
import type { AdmissionObserver } from '../../../src/admission/review/observer.ts';
import type { AdmissionResponse } from '../../../src/admission/review/response.ts';
import { createAdmissionServer, type ServerOptions } from '../../../src/admission/server/server.ts';
import { NETWORK_POLICY } from '../../../src/policy/dialects/network-policy/dialect.ts';
import type { Verdict } from '../../../src/policy/evaluate.ts';
import type { Effect, Finding } from '../../../src/policy/model/finding.ts';
import { fixOf } from '../../../src/policy/model/fix.ts';
import { NamespacePolicies } from '../../../src/policy/model/namespace-policies.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../../src/policy/model/snapshot.ts';
import { RULES } from '../../../src/policy/rules/index.ts';
import type { Time } from '../../../src/runtime/clock.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { issueLoopbackCertificate } from '../../../src/tls/x509/loopback.ts';
import { type AdmissionReview, admissionReview } from '../../harness/admission-review.ts';
import { SETTINGS } from '../policy/fixtures.ts';

/** One certificate for all servers of a run. */
export const certificate = await issueLoopbackCertificate(Date.now());

export const clock: Time = { now: () => Date.now(), elapsed: () => performance.now() };

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Observer that writes down what it is told. */
export function recorder() {
  const events: string[] = [];
  const observer: AdmissionObserver = {
    decided: ({ operation, resource, allowed, dryRun }) =>
      events.push(`decided ${operation} ${resource} ${allowed ? 'allowed' : 'denied'}${dryRun ? ' dry-run' : ''}`),
    found: (rule, effect) => events.push(`found ${rule} ${effect}`),
    inFlight: () => {},
    panicked: () => events.push('panicked'),
    shed: (reason) => events.push(`shed ${reason}`),
    cutOff: (reason) => events.push(`cut off ${reason}`),
    refused: (code) => events.push(`refused ${code}`),
    liveRead: (outcome) => events.push(`live read ${outcome}`),
    unconfirmed: (reason) => events.push(`unconfirmed ${reason}`),
    graceWait: (outcome) => events.push(`grace wait ${outcome}`),
    gateWait: (outcome) => events.push(`gate wait ${outcome}`),
    unpatched: () => events.push('unpatched'),
  };
  return { events, observer };
}

export const settings: Settings = {
  ...SETTINGS,
  systemNamespaces: [],
  dnsBlocked: { ...SETTINGS.dnsBlocked, graceMs: 300 },
  docsBaseUrl: 'https://docs.example/rules',
};

export function snapshotOf(namespaces: Readonly<Record<string, { terminating?: boolean }>> = {}): ClusterSnapshot {
  const none = new NamespacePolicies();
  return {
    namespace: (name) => {
      const facts = Object.hasOwn(namespaces, name) ? namespaces[name] : undefined;
      return facts && { name, labels: new Map(), labelsKnown: true, terminating: facts.terminating ?? false };
    },
    policies: () => none,
    namespacesWithPolicies: () => [],
    dns: { worlds: [], namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: false, isKnown: false },
    services: { ranges: AddressSet.empty, apiServerEndpoints: [] },
    unreadablePolicies: () => [],
    otherPolicies: () => [],
  };
}

export function finding(rule: string, effect: Effect, more: Partial<Finding> = {}): Finding {
  return {
    rule,
    effect,
    level: 'standard',
    path: 'spec.egress[0]',
    headline: 'opens port 53 to anywhere',
    why: 'spec.egress[0] opens UDP 53 to any address.',
    short: 'spec.egress[0] opens UDP 53 to any address',
    fix: fixOf('Name cluster DNS in spec.egress[0]', {
      kind: 'set',
      path: 'spec.egress[0].to',
      value: [{ podSelector: {} }],
    }),
    blamed: true,
    isDeletion: false,
    docs: `https://docs.example/rules/${rule}.md`,
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'shop', name: 'web' },
    ...more,
  };
}

export function verdict(...findings: Finding[]): Verdict {
  const denying = findings.filter(({ effect }) => effect === 'deny').map(({ rule }) => rule);
  const worthWaiting = RULES.filter((rule) => rule.worthWaiting === true).map(({ id }) => id);
  const denied = denying.length > 0;
  const isWorthWaiting = denied && denying.every((rule) => worthWaiting.includes(rule));
  return { findings, exempted: [], notes: [], denied, worthWaiting: isWorthWaiting };
}

/** A NetworkPolicy that is well formed, and says nothing. */
export function policy(spec: object = { podSelector: {}, policyTypes: ['Egress'] }, metadata: object = {}): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec,
  };
}

/** The review of a NetworkPolicy; where its objects are not given, of one that says nothing. */
export function review(request: Readonly<Record<string, unknown>> = {}): AdmissionReview {
  const operation = request['operation'] ?? 'CREATE';
  return admissionReview('networkpolicies', {
    operation,
    object: operation === 'DELETE' ? null : policy(),
    oldObject: operation === 'CREATE' ? null : policy(),
    ...request,
  });
}

export function judging(more: Partial<HandlerContext> = {}): HandlerContext {
  return {
    evaluate: () => verdict(),
    gatherSnapshot: () => snapshotOf({ shop: {} }),
    settings: () => settings,
    clock,
    observer: recorder().observer,
    ...more,
  };
}

/** What a handler tells the API server, without what is for the log. */
export function told(handler: ReviewHandler): (...asked: Parameters<ReviewHandler>) => Promise<AdmissionResponse> {
  return async (...asked) => (await handler(...asked)).response;
}

/** A server of the one path, with what is not given left harmless. */
export function serverOf(
  handler: ReviewHandler = createPolicyHandler(judging(), NETWORK_POLICY),
  more: Partial<ServerOptions> = {},
) {
  return createAdmissionServer({
    routes: new Map([['/validate', new Map([['networking.k8s.io/v1/networkpolicies', handler]])]]),
    tls: certificate,
    notReady: () => [],
    clock,
    observer: recorder().observer,
    log: silent,
    ...more,
  });
}

export function post(
  server: ReturnType<typeof serverOf>,
  payload: object | string | Buffer,
  url = '/validate?timeout=5s',
) {
  return server.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload });
}
