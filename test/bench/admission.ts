import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPrograms } from '../../programs/control-plane.ts';
import { type ApiClient, createApiClient } from '../harness/api-client.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { until } from '../harness/until.ts';
import { type Server, startServer } from './process.ts';
import type { Measure, Section } from './report.ts';
import { policyManifest } from './review.ts';
import { clusterArguments, type Setting, untilReady } from './setting.ts';
import { median } from './statistics.ts';

const WAYS = ['none', 'constant', 'ours'] as const;
type Way = (typeof WAYS)[number];
const REQUESTS = { 1: 150, 16: 800 } as const;
type Clients = keyof typeof REQUESTS;

const namespaceOf = (way: Way) => `bench-${way}`;

async function create(api: ApiClient, path: string, object: object): Promise<void> {
  const answer = await api.request('POST', path, object);
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** register sends policies of one namespace alone to a webhook, so that all ways can be measured by turns. */
function register(api: ApiClient, way: Way, url: string, caBundle: string): Promise<void> {
  const rule = { apiGroups: ['networking.k8s.io'], apiVersions: ['v1'], resources: ['networkpolicies'] };
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  return create(api, path, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `bench-${way}` },
    webhooks: [
      {
        name: `${way}.bench.example.com`,
        clientConfig: { url: `${url}/validate`, caBundle },
        rules: [{ ...rule, operations: ['CREATE'], scope: 'Namespaced' }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceOf(way) } },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 5,
      },
    ],
  });
}

/** admissions posts the same policy by dry run, and returns the median time of one in milliseconds. */
async function admissions(api: ApiClient, way: Way, clients: Clients): Promise<number> {
  const namespace = namespaceOf(way);
  const manifest = policyManifest('web', 'web');
  const object = { ...manifest, metadata: { ...manifest.metadata, namespace } };
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies?dryRun=All`;
  const times: number[] = [];
  const client = async () => {
    for (let n = 0; n < REQUESTS[clients] / clients; n += 1) {
      const started = performance.now();
      await create(api, path, object);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return median(times);
}

/** measureAdmission asks a real API server, without a webhook, with one that answers a constant, and with ours. */
export async function measureAdmission(setting: Setting): Promise<Section> {
  const plane = await startControlPlane(await findPrograms('current'));
  const { address } = plane;
  const api = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  const closers: (() => Promise<void>)[] = [plane.stop, api.close];
  try {
    execFileSync(address.kubectl, ['apply', '-f', join(import.meta.dirname, '../e2e/manifests')], {
      env: { ...process.env, KUBECONFIG: address.kubeconfig, HOME: address.folder },
    });
    for (const way of WAYS) {
      const metadata = { name: namespaceOf(way) };
      await create(api, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    }
    const baseline = join(import.meta.dirname, 'baseline-server.ts');
    const constant = await startServer([baseline, 'constant', setting.certFile, setting.keyFile]);
    closers.push(constant.stop);
    const ours = await startServer(clusterArguments(setting, address.kubeconfig));
    closers.push(ours.stop);
    await untilReady(ours);
    const caBundle = Buffer.from(setting.authority).toString('base64');
    await register(api, 'constant', constant.url, caBundle);
    await register(api, 'ours', ours.url, caBundle);
    await until('the API server to call both webhooks', async () => {
      for (const way of WAYS) await admissions(api, way, 1);
      return (await isCalled(ours)) ? true : undefined;
    });
    return section(await rounds(api, Math.max(2, setting.slices / 3)));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function isCalled({ metricsUrl }: Server): Promise<boolean> {
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  return /^netpol_guard_admission_requests_total\{.*\} [1-9]/m.test(metrics);
}

type Times = Record<Clients, Record<Way, number[]>>;

async function rounds(api: ApiClient, count: number): Promise<Times> {
  const empty = () => ({ none: [], constant: [], ours: [] });
  const times: Times = { 1: empty(), 16: empty() };
  for (const way of WAYS) await admissions(api, way, 16);
  for (let n = 0; n < count; n += 1) {
    for (const clients of [1, 16] as const) {
      for (const way of WAYS) times[clients][way].push(await admissions(api, way, clients));
    }
  }
  return times;
}

function section(times: Times): Section {
  const measures = ([1, 16] as const).flatMap((clients): Measure[] => {
    const { none, constant, ours } = times[clients];
    const added = (way: readonly number[]) => median(way) - median(none);
    const with_ = clients === 1 ? 'one client' : `${clients} clients`;
    return [
      { name: `admission without a webhook, ${with_}`, value: median(none), unit: 'ms' },
      { name: `added by a constant webhook, ${with_}`, value: added(constant), unit: 'ms' },
      { name: `added by netpol-guard, ${with_}`, value: added(ours), unit: 'ms' },
      {
        name: `added by netpol-guard against a constant webhook, ${with_}`,
        value: added(ours) / added(constant),
        unit: 'x',
        goal: { at: 'most', bound: 1.25 },
      },
    ];
  });
  return {
    name: 'admission',
    how: 'a real kube-apiserver and etcd on the same cores, dry runs by turns in three namespaces; medians of medians',
    measures,
  };
}
