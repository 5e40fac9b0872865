import { createGateHandler } from '../../src/admission/handlers/gate.ts';
import { createMutationHandler } from '../../src/admission/handlers/mutate.ts';
import { createNamespaceHandler } from '../../src/admission/handlers/namespaces.ts';
import { createPolicyHandler } from '../../src/admission/handlers/policies.ts';
import { createMetrics } from '../../src/commands/serve/metrics/admission.ts';
import { applyPatch, type LabelStep } from '../../src/objects/json-patch.ts';
import { NETWORK_POLICY } from '../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { createLog } from '../../src/runtime/log.ts';
import { admissionReview } from '../harness/admission-review.ts';
import { namespaceReview, withBaseline } from '../unit/admission/namespace-review.ts';
import { judging, policy, review, serverOf } from '../unit/admission/setup.ts';
import { Chance } from './chance.ts';
import { mutate } from './mutator.ts';

const DNS = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};
const PORTS = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53, endPort: 60 },
];

const SPECS: readonly object[] = [
  { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: [{ to: [DNS], ports: PORTS }] },
  {
    podSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db', 'cache'] }] },
    egress: [
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '192.168.0.0/16'] } }], ports: [{ port: 443 }] },
      { to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 'postgres' }] },
      { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 'dns' }] },
    ],
    ingress: [{ from: [{ ipBlock: { cidr: '2001:db8::/32' } }], ports: [{ protocol: 'SCTP', port: 80 }] }],
    policyTypes: ['Ingress', 'Egress'],
  },
];

const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'netpol-guard.io/enforce': 'strict', 'netpol-guard.io/warn': 'off' } },
};

const BARE = { ...NAMESPACE, metadata: { name: 'shop' } };
const HELD = { 'netpol-guard.io/baseline': 'default-deny', 'netpol-guard.io/baseline-status': 'pending' };
const LABELLED = { ...NAMESPACE, metadata: { name: 'shop', labels: HELD } };
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web' }] } };

/** Seed is a review that is mutated, and where it is sent. */
interface Seed {
  readonly path: string;
  readonly review: object;
}

const ofPolicy = (request: object): Seed => ({ path: '/validate', review: review({ ...request }) });

const ofNamespace = (path: string, object: object, oldObject?: object): Seed => {
  return { path, review: namespaceReview(object, oldObject) };
};

const ofPod = (namespace: string): Seed => {
  return { path: '/gate', review: admissionReview('pods', { namespace, object: POD }) };
};

const SEEDS: readonly Seed[] = [
  ...SPECS.map((spec) => ofPolicy({ object: policy(spec) })),
  ...SPECS.map((spec, i) =>
    ofPolicy({ operation: 'UPDATE', object: policy(spec), oldObject: policy(SPECS[(i + 1) % SPECS.length]) }),
  ),
  ofPolicy({ operation: 'DELETE', oldObject: policy(SPECS[1]) }),
  ofPolicy({ namespace: 'kube-system', object: policy(SPECS[0], { namespace: 'kube-system' }) }),
  ofNamespace('/validate', NAMESPACE, BARE),
  ofNamespace('/mutate', NAMESPACE),
  ofNamespace('/mutate', BARE, LABELLED),
  ofNamespace('/mutate', NAMESPACE, LABELLED),
  ofPod('shop'),
  ofPod('young'),
];

/** FuzzReport is what a run saw. */
export interface FuzzReport {
  readonly answers: ReadonlyMap<string, number>;
  /** What is not by design, with the request that showed it; the run ends at the first few. */
  readonly faults: readonly { readonly problem: string; readonly payload: string }[];
  readonly slowest: { readonly ms: number; readonly payload: string };
}

/** fuzz posts `count` mutated reviews to a door, one after another. */
export async function fuzz({ app, errors }: Door, seed: number, count: number): Promise<FuzzReport> {
  const chance = new Chance(seed);
  const answers = new Map<string, number>();
  const faults: { problem: string; payload: string }[] = [];
  let slowest = { ms: 0, payload: '' };
  for (let i = 0; i < count && faults.length < 5; i += 1) {
    const { path, review: original } = chance.pick(SEEDS);
    const payload = mutate(original, chance);
    const started = performance.now();
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: `${path}?timeout=5s`,
      headers: { 'content-type': 'application/json' },
      payload,
    });
    const ms = performance.now() - started;
    if (ms > slowest.ms) slowest = { ms, payload };
    const { kind, problem } = judge(statusCode, body, payload);
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
    const trouble = problem ?? pollution();
    if (trouble !== undefined) faults.push({ problem: `${trouble} ${errors.splice(0).join()}`, payload });
  }
  return { answers, faults, slowest };
}

/** Door is a server with the real engine, metrics and log, and what it logged as errors. */
export type Door = ReturnType<typeof openDoor>;

export function openDoor() {
  const stored = SPECS.map((spec, i) => readNetworkPolicy(policy(spec, { name: `p${i}` }), 'shop'));
  const world = {
    namespaces: [
      { name: 'shop', labels: new Map([['team', 'a']]), terminating: false },
      { name: 'young', labels: new Map(Object.entries(HELD)), terminating: false },
    ],
    policies: stored,
    otherPolicies: [],
  };
  const snapshot = offlineSnapshot(world, withBaseline);
  const metrics = createMetrics();
  const observer = metrics.admission;
  const all = judging({ evaluate, settings: () => withBaseline, gatherSnapshot: () => snapshot, observer });
  const errors: string[] = [];
  const { logger } = createLog('info', (lines) => {
    errors.push(...lines.split('\n').filter((line) => line.includes('"level":"error"')));
  });
  const validate = new Map([
    ['networking.k8s.io/v1/networkpolicies', createPolicyHandler(all, NETWORK_POLICY)],
    ['v1/namespaces', createNamespaceHandler(all)],
  ]);
  const routes = new Map([
    ['/validate', validate],
    ['/mutate', new Map([['v1/namespaces', createMutationHandler(all, logger)]])],
    ['/gate', new Map([['v1/pods', createGateHandler(all)]])],
  ]);
  const { app } = serverOf(undefined, { routes, observer, log: logger });
  return { app, errors, metrics };
}

interface Judged {
  readonly kind: string;
  readonly problem?: string;
}

function judge(statusCode: number, body: string, payload: string): Judged {
  if (statusCode >= 500) return { kind: `${statusCode}`, problem: `status ${statusCode}: ${body}` };
  return statusCode === 200 ? judgeReview(body, payload) : judgeStatus(statusCode, body);
}

/** What is no review is refused with a Status that says so. */
function judgeStatus(statusCode: number, body: string): Judged {
  const json = JSON.parse(body);
  const clear = statusCode >= 400 && json.kind === 'Status' && json.code === statusCode && json.message.length > 5;
  return clear ? { kind: `${statusCode}` } : { kind: `${statusCode}`, problem: `unclear: ${statusCode} ${body}` };
}

function judgeReview(body: string, payload: string): Judged {
  const json = JSON.parse(body);
  const { uid, allowed, status, warnings = [], patch } = json.response;
  if (json.apiVersion !== 'admission.k8s.io/v1' || typeof uid !== 'string' || typeof allowed !== 'boolean') {
    return { kind: 'review', problem: `no review: ${body}` };
  }
  if (warnings.some((line: string) => line.length > 250 || line === '' || /[\p{Cc}\p{Cs}]/u.test(line))) {
    return { kind: 'review', problem: `unfit warning: ${JSON.stringify(warnings)}` };
  }
  if (body.length > 200_000) return { kind: 'review', problem: `an answer of ${body.length} bytes` };
  if (patch !== undefined) return judgePatch(patch, payload);
  if (allowed) return { kind: 'allowed' };
  return isClear(status) ? { kind: `denied ${status.code}` } : { kind: 'denied', problem: `unclear denial: ${body}` };
}

/** What could not be read has no causes. */
function isClear({ code, message, details }: DenialStatus): boolean {
  const isUnread = [400, 413].includes(code);
  const hasCauses = [403, 422, 429].includes(code) && details.causes.length > 0;
  return message.length > 10 && (isUnread || hasCauses);
}

interface DenialStatus {
  readonly code: number;
  readonly message: string;
  readonly details: { readonly causes: readonly unknown[] };
}

/** A patch that cannot be applied fails a request for good. */
function judgePatch(patch: string, payload: string): Judged {
  const operations: readonly LabelStep[] = JSON.parse(Buffer.from(patch, 'base64').toString());
  try {
    applyPatch(JSON.parse(payload).request.object, operations);
    return { kind: 'patched' };
  } catch (error) {
    return { kind: 'patched', problem: `a patch that fails: ${String(error)}` };
  }
}

function pollution(): string | undefined {
  return Object.hasOwn(Object.prototype, 'polluted') ? 'Object.prototype is polluted' : undefined;
}
