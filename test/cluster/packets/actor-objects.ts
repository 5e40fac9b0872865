import { IMAGES } from '../cluster.ts';
import type { Manifest } from '../product/manifest.ts';
import { type Actor, type ActorName, actorOf, namespacesOf } from './actors.ts';

/** ANSWER_OF_A_POD is what the resolvers in pods answer that ask nobody. */
export const ANSWER_OF_A_POD = '198.51.100.99';

/** NAME_LABEL tells the pods of actors apart; no policy looks at it. */
export const NAME_LABEL = 'actor';

/**
 * A tier says who it is, and then what the next tier said; 502 where that one is out of reach. It asks over a new
 * connection each time: one that is open stays open, whatever policy comes or goes.
 */
const SERVER = `
const http = require('http');
const { NAME, NEXT, PORT } = process.env;
http.createServer((_, response) => {
  const say = (status, rest) => response.writeHead(status).end(JSON.stringify([NAME, ...rest]));
  if (NEXT === '') return say(200, []);
  http.get(NEXT, { agent: false, timeout: 5000 }, async (answer) => {
    say(answer.statusCode, JSON.parse((await answer.toArray()).join('')));
  }).on('timeout', function () { this.destroy(new Error('timeout')); }).on('error', (error) => say(502, [String(error)]));
}).listen(PORT);
`;

/** actorObjects are the manifests of actors and of what they need, namespaces aside. */
export function actorObjects(names: readonly ActorName[], outside: string): readonly Manifest[] {
  return [...corefiles(names, outside), ...names.flatMap((name) => objectsOf(name, actorOf(name)))];
}

function objectsOf(name: ActorName, { namespace, labels, does }: Actor): readonly Manifest[] {
  const metadata = { name, namespace, labels: { ...labels, [NAME_LABEL]: name } };
  const podOf = (container: object, more: object = {}) => ({
    metadata: { labels: metadata.labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: 'main', imagePullPolicy: 'IfNotPresent', ...container }],
      ...more,
    },
  });
  const pod = (container: object, more?: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    ...podOf(container, more),
    metadata,
  });
  switch (does.kind) {
    case 'prober':
      // The probe itself comes by `kubectl exec`.
      return [pod({ image: IMAGES.node, command: ['node', '-e', 'setInterval(() => {}, 2 ** 30)'] })];
    case 'resolver':
      return [pod(coredns(does), { volumes: [{ name: 'corefiles', configMap: { name: 'corefiles' } }] })];
    case 'tier': {
      const { port, next } = does;
      const env = Object.entries({ NAME: name, NEXT: next ?? '', PORT: String(port) });
      const container = {
        image: IMAGES.node,
        command: ['node', '-e', SERVER],
        env: env.map(([key, value]) => ({ name: key, value })),
      };
      const app = labels['app'] ?? name;
      const selector = { [NAME_LABEL]: name };
      const spec = { replicas: 1, selector: { matchLabels: selector }, template: podOf(container) };
      return [
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: app, namespace },
          spec: { selector, ports: [{ port }] },
        },
      ];
    }
    default:
      return does satisfies never;
  }
}

function coredns({ answers, portName }: Extract<Actor['does'], { kind: 'resolver' }>): object {
  const ports = portName === undefined ? [] : [{ name: portName, protocol: 'UDP', containerPort: 53 }];
  return {
    ports,
    image: IMAGES.coredns,
    args: ['-conf', `/etc/coredns/${answers === 'itself' ? 'own' : 'relay'}`],
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'corefiles', mountPath: '/etc/coredns' }],
  };
}

function corefiles(names: readonly ActorName[], outside: string): readonly Manifest[] {
  const data = {
    own: `.:53 {\n  ready\n  template IN A {\n    answer "{{ .Name }} 60 IN A ${ANSWER_OF_A_POD}"\n  }\n}\n`,
    relay: `.:53 {\n  ready\n  forward . ${outside}\n}\n`,
  };
  return namespacesOf(names.filter((name) => actorOf(name).does.kind === 'resolver')).map((namespace) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'corefiles', namespace },
    data,
  }));
}
