import { UsageError } from '../../src/cli/command.ts';
import { eventNews, eventObject } from '../../src/cluster/writes/event-object.ts';
import { baseline } from '../../src/commands/baseline.ts';
import { cleanup } from '../../src/commands/cleanup.ts';
import { scan } from '../../src/commands/scan.ts';
import {
  reportOfRefusal,
  reportOfState,
  reportOfUndecided,
  reportOfViolations,
  reportsOfDone,
} from '../../src/controller/reports.ts';
import { BASELINE } from '../unit/admission/namespace-review.ts';
import { withFiles } from '../unit/cli/setup.ts';
import type { FakeApiServer } from '../unit/cluster/fake-api-server.ts';
import { startServer } from '../unit/cluster/world.ts';
import { kubeconfigFor, processIo, started } from '../unit/commands/served.ts';
import { dnsOf } from '../unit/controller/world.ts';
import { filesOf } from './printed.ts';
import { type Sink, textsIn } from './sink.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';

/** An API server whose every object bears the text, as none would that checks what it stores. */
function serverOf(text: string): Promise<FakeApiServer> {
  return startServer((server) => {
    const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }];
    server.put('/api/v1/namespaces', { metadata: { name: 'kube-system', labels: { [text]: text } } });
    server.put('/api/v1/services', {
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { clusterIP: '10.96.0.10', selector: { [text]: text }, ports },
    });
    server.put('/api/v1/pods', {
      metadata: { name: 'dns', namespace: 'kube-system', labels: { [text]: text } },
      spec: { containers: [{ name: 'dns', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] }] },
      status: { phase: 'Running', podIPs: [{ ip: '10.0.0.5' }], conditions: [{ type: 'Ready', status: 'True' }] },
    });
    server.put(POLICIES, {
      metadata: {
        name: text,
        namespace: text,
        managedFields: [{ manager: 'netpol-guard', operation: 'Apply' }],
      },
      spec: { podSelector: { matchLabels: { [text]: text } }, policyTypes: ['Egress'] },
    });
  });
}

/** What a command prints that is called against such a server. */
async function printedOf(
  text: string,
  call: (kubeconfig: string, io: ReturnType<typeof processIo>) => Promise<unknown>,
) {
  const kubeconfig = await kubeconfigFor(await serverOf(text));
  let printed = '';
  const keep = (more: string | Uint8Array) => {
    printed += more;
  };
  await call(kubeconfig, processIo({ out: keep, err: keep }));
  return printed;
}

/** Labels that no API server would store make no policy, but by then it has said which DNS was found. */
async function baselineFor(kubeconfig: string, io: ReturnType<typeof processIo>): Promise<void> {
  await baseline({ kubeconfig, kustomize: false }, io).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
  });
}

/** CLUSTERS is what is said of a live cluster, and into it. */
export const CLUSTERS: readonly Sink[] = [
  {
    name: 'scan',
    files: ['commands/scan.ts'],
    send: (text) => printedOf(text, (kubeconfig, io) => scan({ kubeconfig, format: 'text' }, io)),
  },
  {
    name: 'scan, as JSON',
    files: ['commands/scan.ts'],
    send: (text) => printedOf(text, (kubeconfig, io) => scan({ kubeconfig, format: 'json' }, io)),
  },
  {
    name: 'baseline, for a cluster',
    files: ['commands/baseline.ts'],
    send: (text) => printedOf(text, baselineFor),
  },
  {
    name: 'cleanup',
    files: ['commands/cleanup.ts'],
    send: (text) => printedOf(text, (kubeconfig, io) => cleanup({ kubeconfig, deleteBaseline: false }, io)),
  },
  {
    name: 'serve, of a folder of such manifests',
    files: ['commands/serve.ts'],
    send: (text) =>
      withFiles(filesOf(text), async (manifests) => {
        const { out, err, stop, done } = await started({ manifests });
        stop();
        await done;
        return `${out()}\n${err()}`;
      }),
  },
  {
    name: 'an Event',
    files: ['cluster/writes/events.ts'],
    send: (text) => {
      const names = { applied: [text], healed: [text], altered: [text], removed: [text], hasConflict: false };
      const labels = new Map([[BASELINE, text]]);
      const namespace = { name: 'shop', labels, labelsKnown: true, terminating: false };
      const unknown = {
        actions: [],
        template: '<unknown>',
        state: 'unknown',
        waiting: [],
        againAfterMs: undefined,
      } as const;
      const reports = [
        ...reportsOfDone({ ...names, label: { template: text, why: 'missed' } }, text),
        ...[reportOfState(namespace, unknown, dnsOf([]), [text])].filter((report) => report !== undefined),
        reportOfRefusal(text),
        reportOfViolations([{ policy: text, rule: 'dns-blocked' }]),
        reportOfUndecided([text]),
      ];
      const source = { component: 'netpol-guard', instance: 'a' };
      const written = reports.map((report) => {
        const event = { namespace: 'shop', ...report };
        return { ...eventObject(event, 'shop.1', source, 0), ...eventNews(event, 1, 0) };
      });
      // Behind the type and the reason, in a table.
      return textsIn(written)
        .map((shown) => `Warning ${shown}`)
        .join('\n');
    },
  },
];
