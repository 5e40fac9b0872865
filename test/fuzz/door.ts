import { createNamespaceHandler } from '../../src/admission/namespaces.ts';
import { createPolicyHandler } from '../../src/admission/policies.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { readNetworkPolicy } from '../../src/policy/readers/network-policy.ts';
import { judging, policy, review, serverOf, settings } from '../admission/setup.ts';
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

const SEEDS: readonly object[] = [
  ...SPECS.map((spec) => review({ object: policy(spec) })),
  ...SPECS.map((spec, i) =>
    review({ operation: 'UPDATE', object: policy(spec), oldObject: policy(SPECS[(i + 1) % SPECS.length]) }),
  ),
  review({ operation: 'DELETE', oldObject: policy(SPECS[1]) }),
  review({ namespace: 'kube-system', object: policy(SPECS[0], { namespace: 'kube-system' }) }),
  review({
    operation: 'UPDATE',
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    object: NAMESPACE,
    oldObject: { ...NAMESPACE, metadata: { name: 'shop' } },
  }),
];

/** FuzzReport is what a run saw. */
export interface FuzzReport {
  readonly answers: ReadonlyMap<string, number>;
  /** What is not by design, with the request that showed it; the run ends at the first few. */
  readonly faults: readonly { readonly problem: string; readonly payload: string }[];
  readonly slowestMs: number;
}

/** One verdict takes microseconds, a hostile one stops at its budget; on a busy machine this is still a hang. */
const HANG_MS = 3000;

/** fuzz posts `count` mutated reviews to a door, one after another. */
export async function fuzz({ app, errors }: Door, seed: number, count: number): Promise<FuzzReport> {
  const chance = new Chance(seed);
  const answers = new Map<string, number>();
  const faults: { problem: string; payload: string }[] = [];
  let slowestMs = 0;
  for (let i = 0; i < count && faults.length < 5; i += 1) {
    const payload = mutate(chance.pick(SEEDS), chance);
    const started = performance.now();
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/validate?timeout=5s',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    const took = performance.now() - started;
    slowestMs = Math.max(slowestMs, took);
    const { kind, problem } = judge(statusCode, body);
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
    const trouble = problem ?? (took > HANG_MS ? `took ${Math.round(took)} ms` : pollution());
    if (trouble !== undefined) faults.push({ problem: `${trouble} ${errors.splice(0).join()}`, payload });
  }
  return { answers, faults, slowestMs };
}

/** Door is a server with the real engine, metrics and log, and what it logged as errors. */
export type Door = ReturnType<typeof openDoor>;

export function openDoor() {
  const stored = SPECS.map((spec, i) => readNetworkPolicy(policy(spec, { name: `p${i}` }), 'shop'));
  const world = {
    namespaces: [{ name: 'shop', labels: new Map([['team', 'a']]), terminating: false }],
    policies: stored,
    otherPolicies: [],
  };
  const snapshot = offlineSnapshot(world, settings);
  const metrics = createMetrics();
  const observer = metrics.admission;
  const all = judging({ evaluate, gatherSnapshot: () => snapshot, observer });
  const handlers = new Map([
    ['networking.k8s.io/v1/networkpolicies', createPolicyHandler(all)],
    ['v1/namespaces', createNamespaceHandler(all)],
  ]);
  const errors: string[] = [];
  const { logger } = createLog('info', (lines) => {
    errors.push(...lines.split('\n').filter((line) => line.includes('"level":"error"')));
  });
  const { app } = serverOf(undefined, { routes: new Map([['/validate', handlers]]), observer, log: logger });
  return { app, errors, metrics };
}

interface Judged {
  readonly kind: string;
  readonly problem?: string;
}

function judge(statusCode: number, body: string): Judged {
  if (statusCode >= 500) return { kind: `${statusCode}`, problem: `status ${statusCode}: ${body}` };
  const json = JSON.parse(body);
  if (statusCode !== 200) {
    const clear = statusCode >= 400 && json.kind === 'Status' && json.code === statusCode && json.message.length > 5;
    return clear ? { kind: `${statusCode}` } : { kind: `${statusCode}`, problem: `unclear: ${statusCode} ${body}` };
  }
  const { uid, allowed, status, warnings = [] } = json.response;
  if (json.apiVersion !== 'admission.k8s.io/v1' || typeof uid !== 'string' || typeof allowed !== 'boolean') {
    return { kind: 'review', problem: `no review: ${body}` };
  }
  if (warnings.some((line: string) => line.length > 120 || line === '' || /[\p{Cc}\p{Cs}]/u.test(line))) {
    return { kind: 'review', problem: `unfit warning: ${JSON.stringify(warnings)}` };
  }
  if (body.length > 200_000) return { kind: 'review', problem: `an answer of ${body.length} bytes` };
  if (allowed) return { kind: 'allowed' };
  const told = [403, 422].includes(status.code) && status.message.length > 10 && status.details.causes.length > 0;
  return told ? { kind: `denied ${status.code}` } : { kind: 'denied', problem: `unclear denial: ${body}` };
}

function pollution(): string | undefined {
  return Object.hasOwn(Object.prototype, 'polluted') ? 'Object.prototype is polluted' : undefined;
}
