import { openLog } from '../../src/cli/log.ts';
import { createMetrics } from '../../src/commands/serve/metrics/admission.ts';
import { createWebhook } from '../../src/commands/serve/webhook.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { TOYS, toy } from '../dialects/toy.ts';
import {
  BASELINE,
  ENFORCE,
  namespace,
  namespaceReview,
  STATUS,
  withBaseline,
} from '../unit/admission/namespace-review.ts';
import { certificate, clock, policy, review } from '../unit/admission/setup.ts';
import { type Sink, textsIn } from './sink.ts';

/** Asked is a review, and the path that it is sent to. */
type Asked = readonly [path: string, body: object | string];

const AT_DEADLINE = '?timeout=1s';
const POD = { group: '', version: 'v1', resource: 'pods' };
const ORDINARY = { podSelector: {}, policyTypes: ['Egress'] };

/** What a stranger may write into a policy, in reviews of which some are read and judged, and others are not. */
function policyReviews(text: string): readonly Asked[] {
  const labels = { [text]: text };
  const peers = [{ namespaceSelector: { matchLabels: labels }, podSelector: { matchLabels: labels } }];
  const isolating = { podSelector: { matchLabels: labels }, policyTypes: ['Egress'], egress: [{ to: peers }] };
  const specs: readonly object[] = [
    isolating,
    { ...isolating, egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, { to: peers, ports: [{ port: text }] }] },
    { podSelector: { matchExpressions: [{ key: text, operator: 'In', values: [text] }] }, policyTypes: ['Egress'] },
    { podSelector: { matchExpressions: [{ key: 'a', operator: text }] } },
    { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: text } }] }] },
    { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [text] } }] }] },
    { podSelector: {}, egress: [{ ports: [{ protocol: text, port: 1 }] }] },
    { podSelector: {}, policyTypes: [text] },
    { podSelector: { matchLabels: { [text]: 1 } } },
    { podSelector: text },
    { [text]: {} },
  ];
  const objects = specs.map((spec) => policy(spec, { name: text, labels, annotations: labels }));
  return [
    ...objects.map((object): Asked => ['/validate', review({ object, name: text })]),
    ...objects.map((oldObject): Asked => ['/validate', review({ operation: 'DELETE', oldObject })]),
    ...objects.map(
      (oldObject): Asked => ['/validate', review({ operation: 'UPDATE', object: policy(ORDINARY), oldObject })],
    ),
  ];
}

/** The same for a dialect whose sets and cluster-scoped policies are read, and not judged. */
function toyReviews(text: string): readonly Asked[] {
  const objects: readonly (readonly [plural: string, object: object])[] = [
    ['toysets', toy('ToySet', { blocks: text })],
    ['toysets', toy('ToySet', text as unknown as object)],
    ['clustertoypolicies', toy('ClusterToyPolicy', { pods: {}, blocks: [text] })],
    ['toypolicies', toy('ToyPolicy', { pods: {}, blocks: [text] })],
  ];
  return objects.map(([resource, object]) => [
    '/validate',
    review({ resource: { group: 'toy.example', version: 'v1', resource }, object, name: text }),
  ]);
}

/** The same for Namespaces, and for a Pod of one. */
function namespaceReviews(text: string): readonly Asked[] {
  const hostile = { [ENFORCE]: text, [BASELINE]: text, [STATUS]: text, [`netpol-guard.io/${text}`]: text };
  const ordinary = { [ENFORCE]: 'strict', [BASELINE]: 'default-deny', [STATUS]: 'pending' };
  const named = { name: text, annotations: { [text]: text } };
  const pairs: readonly (readonly [object, object?])[] = [
    [namespace(hostile, named)],
    [namespace({ [text]: text }, named)],
    [namespace(hostile, named), namespace(ordinary, named)],
    [namespace(ordinary, named), namespace(hostile, named)],
    [namespace(hostile, named), namespace(hostile, named)],
    [namespace(ordinary, named), namespace({ ...ordinary, [ENFORCE]: 'off' }, named)],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: text, labels: { [text]: {} } } }],
    [{ apiVersion: text, kind: text, metadata: { name: text } }],
  ];
  const paths = ['/validate', '/mutate', '/opt-out'];
  return [
    ...paths.flatMap((path) =>
      pairs.map(([object, old]): Asked => [path, namespaceReview(object, old, { name: text, namespace: '' })]),
    ),
    [
      '/gate',
      review({ resource: POD, namespace: 'young', object: { apiVersion: 'v1', kind: 'Pod', metadata: named } }),
    ],
  ];
}

/** What no API server would send, and whoever reaches the port may. */
function otherBodies(text: string): readonly Asked[] {
  const fields = ['uid', 'operation', 'namespace', 'object', 'oldObject', 'userInfo', 'dryRun', 'subResource'];
  return [
    ['/validate', text],
    ['/validate', `{"a": ${text}}`],
    ['/validate', { apiVersion: text, kind: text, request: {} }],
    ['/validate', { ...review(), [text]: text }],
    ...fields.map((field): Asked => ['/validate', review({ [field]: text })]),
    ['/validate', review({ resource: { group: text, version: text, resource: text } })],
    ['/validate', review({ userInfo: { username: text, groups: [text] } })],
    [`/${encodeURIComponent(text.replaceAll(/\p{Cs}/gu, ''))}`, review()],
  ];
}

/** What a webhook has answered, logged and counted of reviews. */
interface Heard {
  readonly answers: readonly { readonly status: number; readonly body: string }[];
  readonly log: string;
  readonly metrics: string;
}

const told = new Map<string, Promise<Heard>>();

/** tell asks a webhook with the real engine and the real log about a text, once for all sinks that it comes out of. */
function tell(text: string): Promise<Heard> {
  const heard =
    told.get(text) ??
    ask([...policyReviews(text), ...toyReviews(text), ...namespaceReviews(text), ...otherBodies(text)]);
  told.set(text, heard);
  return heard;
}

async function ask(all: readonly Asked[]): Promise<Heard> {
  let log = '';
  const { logger, flush } = openLog('debug', { err: (lines) => (log += lines) });
  const metrics = createMetrics();
  const young = {
    name: 'young',
    labels: new Map([
      [BASELINE, 'default-deny'],
      [STATUS, 'pending'],
    ]),
    terminating: false,
  };
  const snapshot = offlineSnapshot({ namespaces: [young], policies: [], otherPolicies: [] }, withBaseline);
  const { app } = createWebhook({
    facts: { snapshot: () => snapshot, notReady: () => [], stop: async () => {} },
    settings: () => withBaseline,
    readLarge: () => Promise.reject(new Error('nothing here is large')),
    security: { tls: certificate },
    clock,
    metrics,
    log: logger,
    dialects: TOYS,
  });
  const answers: { status: number; body: string }[] = [];
  for (const [path, payload] of all) {
    const headers = { 'content-type': 'application/json' };
    const { statusCode, body } = await app.inject({ method: 'POST', url: path + AT_DEADLINE, headers, payload });
    answers.push({ status: statusCode, body });
  }
  await app.close();
  flush();
  return { answers, log, metrics: (await metrics.text()).text };
}

/** What kubectl and the audit log show of an answer. The uid and the patch go back to where they came from. */
function shownOf(body: string): string {
  const { response, ...status } = JSON.parse(body);
  const { uid: _, patch: __, ...shown } = response ?? status;
  return textsIn(shown).join('\n');
}

const linesOf = (log: string): unknown =>
  log
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

/** ANSWERS are what the webhook tells of reviews. */
export const ANSWERS: readonly Sink[] = [
  {
    name: 'the status message, causes, warnings and audit annotations of a review',
    files: [
      'admission/review/response.ts',
      'admission/review/read-change.ts',
      'admission/review/unjudged.ts',
      'admission/handlers/gate.ts',
      'admission/handlers/mutate.ts',
      'admission/handlers/namespaces.ts',
      'admission/handlers/opt-out.ts',
      'admission/handlers/policies.ts',
    ],
    send: async (text) => {
      const { answers } = await tell(text);
      return answers
        .filter(({ status }) => status === 200)
        .map(({ body }) => shownOf(body))
        .join('\n');
    },
  },
  {
    name: 'the Status of a request that is no review',
    files: ['admission/review/failure.ts', 'admission/server/server.ts'],
    send: async (text) => {
      const { answers } = await tell(text);
      return answers
        .filter(({ status }) => status !== 200)
        .map(({ body }) => shownOf(body))
        .join('\n');
    },
  },
  {
    name: 'the log',
    files: ['cli/log.ts', 'runtime/log.ts'],
    send: async (text) => (await tell(text)).log,
    parse: linesOf,
  },
  {
    name: 'labels of metrics',
    files: ['commands/serve/metrics/admission.ts', 'admission/server/metrics-server.ts'],
    send: async (text) => (await tell(text)).metrics,
    isSilent: true,
  },
];
