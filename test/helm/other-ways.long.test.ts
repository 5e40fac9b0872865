import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { CONFIGURATION_PATH, publishedBundles } from '../harness/certificates.ts';
import { createAuthority } from '../harness/pki.ts';
import { RELEASE } from '../harness/release.ts';
import { startAdmissions } from './admissions/admissions.ts';
import { untilBaseline } from './installed/baseline.ts';
import { findHelm, type Helm, type Values } from './installed/helm.ts';
import { forbiddenReads } from './installed/metrics.ts';
import {
  clearAway,
  demanded,
  install,
  isReady,
  makeNamespace,
  replicas,
  testRelease,
  untilJudged,
  untilLeft,
  upgrade,
} from './installed/release.ts';
import { record } from './report.ts';

const current = inject('current');
const SECRET = 'of-the-admin';
const SECRETS = `/api/v1/namespaces/${RELEASE.namespace}/secrets`;
const NAMESPACE = `/api/v1/namespaces/${RELEASE.namespace}`;

let cluster: Opened;
let helm: Helm;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
});

afterAll(async () => {
  await cluster.close();
});

async function bundles(): Promise<readonly string[]> {
  return [...new Set((await publishedBundles(cluster)).values())];
}

/** Upgrades while admissions are asked for, and tells how many were lost on the way. */
async function changeTo(values: Values): Promise<string> {
  const admissions = await startAdmissions(cluster.api);
  // Whose CA it is changes: Helm 4 leaves to others what is theirs, unless told otherwise.
  await demanded(upgrade(helm, current, values, ['--force-conflicts']));
  await untilLeft(cluster);
  const { total, readings, faults } = await admissions.stop();
  expect(faults.filter(({ reading }) => reading === 'no API server')).toEqual([]);
  return `${readings['failed call']} of ${total}`;
}

async function proveAtWork(): Promise<void> {
  await demanded(testRelease(helm));
  await untilBaseline(cluster);
  expect(await forbiddenReads(cluster)).toEqual([]);
}

test('certificates of an admin instead of its own, and its own again', async () => {
  const authority = createAuthority(cluster.address.folder, 'admin-ca');
  const host = `${RELEASE.name}.${RELEASE.namespace}.svc`;
  const pair = authority.issue(SECRET, { commonName: host, names: [`DNS:${host}`], newKey: ['rsa:2048'] });
  const read = (file: string) => readFileSync(file).toString('base64');
  const data = { 'tls.crt': read(pair.certFile), 'tls.key': read(pair.keyFile) };
  const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: SECRET }, data };
  expect((await cluster.api.request('POST', SECRETS, secret)).status).toBe(201);
  await demanded(install(helm, current));
  await untilJudged(cluster);

  const lostThere = await changeTo({
    tls: { mode: 'existingSecret', existingSecret: SECRET, caBundle: authority.pem },
  });
  expect((await bundles()).map((bundle) => bundle.trim())).toEqual([authority.pem.trim()]);
  await proveAtWork();

  const lostBack = await changeTo({});
  expect(await bundles()).not.toContain(authority.pem);
  await proveAtWork();
  await clearAway(cluster, helm);
  await cluster.api.request('DELETE', `${SECRETS}/${SECRET}`);
  record('installation', {
    what: '`tls.mode: existingSecret` by an upgrade, and `selfSigned` again',
    result: `\`helm test\` passes each time. Lost while replicas change over: ${lostThere} admissions, and ${lostBack}`,
  });
});

test("on the node's own network", async () => {
  const labelled = (level: string) => ({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
  await cluster.api.request('PATCH', NAMESPACE, labelled('privileged'), 'application/merge-patch+json');
  // One node has the port once.
  await demanded(install(helm, current, { hostNetwork: true, replicas: 1 }));
  const [replica] = (await replicas(cluster)).filter(isReady);
  const address = replica?.status.podIP;
  const nodes = await cluster.api.get<{ items: { status: { addresses: { address: string }[] } }[] }>('/api/v1/nodes');
  expect(nodes.items.flatMap(({ status }) => status.addresses.map(({ address }) => address))).toContain(address);
  await demanded(testRelease(helm));
  await demanded(cluster.kubectl(['rollout', 'restart', `deployment/${RELEASE.name}`, '-n', RELEASE.namespace]));
  const status = ['rollout', 'status', `deployment/${RELEASE.name}`, '-n', RELEASE.namespace, '--timeout=180s'];
  await demanded(cluster.kubectl(status));
  await demanded(testRelease(helm));

  const url = `https://${address}:10260`;
  // The path of the Service is the process's own, so Helm 4 cannot take the Service away.
  const kinds = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';
  await demanded(cluster.kubectl(['delete', kinds, '-l', `app.kubernetes.io/instance=${RELEASE.name}`]));
  await demanded(upgrade(helm, current, { hostNetwork: true, replicas: 1, webhook: { url } }));
  const { webhooks } = await cluster.api.get<{ webhooks: { clientConfig: object }[] }>(CONFIGURATION_PATH);
  const [{ clientConfig } = { clientConfig: {} }] = webhooks;
  expect(clientConfig).toMatchObject({ url: expect.stringContaining(`${url}/`) });
  expect(clientConfig).not.toHaveProperty('service');
  await demanded(testRelease(helm));

  await clearAway(cluster, helm);
  await cluster.api.request('PATCH', NAMESPACE, labelled('restricted'), 'application/merge-patch+json');
  record('installation', {
    what: '`hostNetwork: true`, one replica; then `webhook.url` beside it',
    result:
      "`helm test` passes by the node's address and port 10260, after a restart, and by the URL without the Service",
  });
});
