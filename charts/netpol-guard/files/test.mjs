// What `helm test` runs in a pod: every write is a dry run, and leaves nothing behind.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const {
  KUBERNETES_SERVICE_HOST: host = '',
  KUBERNETES_SERVICE_PORT: port,
  TOKEN_FILE = '',
  EXPECTED = '',
} = process.env;
/** @type {{namespace: string, policy: string, template: string, patienceSeconds: number}} */
const { namespace, policy, template, patienceSeconds } = JSON.parse(EXPECTED);
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** @typedef {{apiVersion: string, kind: string, metadata: {name: string}}} Named */
/** @type {(name: string, spec: object) => Named} */
const networkPolicy = (name, spec) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: { matchLabels: { app: name } }, ...spec },
});
/** @type {(name: string, labels: Record<string, string>) => Named} */
const newNamespace = (name, labels) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

/** An admission policy of the chart's, which knows this policy by itself. */
const OPENINGS = "'netpol-guard-openings'";
const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
/** @typedef {{status: number, text: string, warnings: string}} Answer */
/** @type {{what: string, path: string, object: Named, holds: (answer: Answer) => boolean}[]} */
const CHECKS = [
  {
    what: `a policy that opens DNS to anywhere is ${policy}`,
    path: policies,
    object: networkPolicy('helm-test-bad', {
      policyTypes: ['Egress'],
      egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
    }),
    holds: ({ status, text, warnings }) => {
      // Where the webhook may be passed by, the API server answers first; the labels below show that the webhook is asked.
      const denied = status === 403 && (text.includes('policies.netpol-guard.io') || text.includes(OPENINGS));
      const about = warnings.split(/, (?=299 )/).filter((one) => one.includes('dns-open-to-anywhere'));
      const warned = status === 201 && about.length > 0;
      if (policy === 'warned of') return warned && about.some((one) => !one.includes(OPENINGS));
      return policy === 'refused' ? denied : status === 201 && !warned;
    },
  },
  {
    what: 'a policy that does no harm is admitted',
    path: policies,
    object: networkPolicy('helm-test-good', { policyTypes: ['Ingress'], ingress: [] }),
    holds: ({ status }) => status === 201,
  },
  {
    what: 'a Namespace whose label is misspelt is refused',
    path: '/api/v1/namespaces',
    object: newNamespace('helm-test-misspelt', { 'netpol-guard.io/warn': 'strikt' }),
    holds: ({ status, text }) => status >= 400 && text.includes('labels.netpol-guard.io'),
  },
  {
    what: template === 'none' ? 'a new Namespace gets no baseline' : `a new Namespace gets the baseline ${template}`,
    path: '/api/v1/namespaces',
    object: newNamespace('helm-test-new', {}),
    holds: ({ status, text }) =>
      status === 201 && (JSON.parse(text).metadata.labels['netpol-guard.io/baseline'] ?? 'none') === template,
  },
];

/**
 * Applied server-side, since that names the object in the request: so the account may create objects of these names alone.
 * @type {(check: {path: string, object: {metadata: {name: string}}}) => Promise<Answer>}
 */
async function dryRun({ path, object }) {
  const response = await fetch(`${server}${path}/${object.metadata.name}?dryRun=All&fieldManager=helm-test`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`,
      'content-type': 'application/apply-patch+yaml',
    },
    body: JSON.stringify(object),
  });
  return { status: response.status, text: await response.text(), warnings: response.headers.get('warning') ?? '' };
}

/** @type {(error: unknown) => Answer} */
function noAnswer(error) {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return { status: 0, text: String(cause), warnings: '' };
}

const end = Date.now() + patienceSeconds * 1000;
for (const check of CHECKS) {
  for (;;) {
    const answer = await dryRun(check).catch(noAnswer);
    if (check.holds(answer)) {
      console.log(`ok: ${check.what}`);
      break;
    }
    if (Date.now() > end) {
      // It shows where it calls the webhook, the secret of the path included.
      const said = `${answer.text} ${answer.warnings}`.replaceAll(/(https:\/\/[^\s"/]+\/[a-z-]+)\/[\w-]{32,}/g, '$1/…');
      console.log(`not ok: ${check.what}\nthe API server answered ${answer.status}: ${said}`);
      console.log(
        `is namespace ${namespace} exempt, or has it labels of its own? then set tests.namespace to another one`,
      );
      process.exit(1);
    }
    await sleep(1000);
  }
}
