import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { certificatesIn, publishedBundles, setBundle } from '../harness/certificates.ts';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { startAdmissions } from './admissions/admissions.ts';
import { startCalls } from './admissions/calls.ts';
import { expectNothingLost, lostRow } from './admissions/lost.ts';
import { untilBaseline } from './installed/baseline.ts';
import { type CertManager, startCertManager } from './installed/cert-manager.ts';
import { findHelm, type Helm } from './installed/helm.ts';
import { inventory } from './installed/inventory.ts';
import { forbiddenReads } from './installed/metrics.ts';
import {
  clearAway,
  demanded,
  install,
  makeNamespace,
  replicas,
  testRelease,
  untilJudged,
} from './installed/release.ts';
import { record } from './report.ts';

const CERTIFICATE = `${RELEASE.name}-tls`;
const AUTHORITY = `${RELEASE.name}-ca`;
const SECRETS = `/api/v1/namespaces/${RELEASE.namespace}/secrets`;
/** The kubelet brings a changed Secret into a pod's files within a minute and a half. */
const MOUNTED_MS = 150_000;

let cluster: Opened;
let helm: Helm;
let certManager: CertManager;
let before: readonly string[];

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  certManager = await startCertManager(cluster);
  before = await inventory(cluster.api);
  await demanded(install(helm, inject('current'), { tls: { mode: 'certManager' } }));
  await untilJudged(cluster);
});

afterAll(async () => {
  await certManager.stop();
  await cluster.close();
});

interface Issued {
  readonly ca: string;
  readonly serial: string;
}

async function issued(certificate: string = CERTIFICATE): Promise<Issued> {
  const path = `${SECRETS}/${certificate}`;
  const { data } = await cluster.api.get<{ readonly data: Readonly<Record<string, string>> }>(path);
  const read = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { ca: read('ca.crt'), serial: new X509Certificate(read('tls.crt')).serialNumber };
}

/** Has cert-manager renew a certificate, and returns the new one. */
async function renewed(certificate: string): Promise<Issued> {
  const old = await issued(certificate);
  await certManager.renew(certificate);
  return await until(`${certificate} to be renewed`, async () => {
    const now = await issued(certificate);
    return now.serial === old.serial ? undefined : now;
  });
}

async function bundles(): Promise<readonly string[]> {
  return [...new Set((await publishedBundles(cluster)).values())].map((bundle) => bundle.trim());
}

/** The serial numbers of the certificates that replicas show on their ports. */
async function shown(): Promise<readonly string[]> {
  const addresses = (await replicas(cluster)).map(({ status }) => `${status.podIP}:10250`);
  const asking = addresses.map(async (address) => {
    const script = `openssl s_client -connect ${address} </dev/null 2>/dev/null | openssl x509 -noout -serial`;
    return (await demanded(cluster.inNode(['sh', '-c', script]))).trim().replace('serial=', '');
  });
  return Promise.all(asking);
}

test('cert-manager makes the certificate, and its injector writes the CA into every webhook', async () => {
  await demanded(testRelease(helm));
  const { ca, serial } = await issued();
  expect(await bundles()).toEqual([ca.trim()]);
  expect(certificatesIn(ca)).toHaveLength(1);
  expect(await shown()).toEqual([serial, serial, serial]);
  record('installation', { what: '`tls.mode: certManager`', result: '`helm test` passes' });
});

test('a replica leads, and none asks for what it may not have', async () => {
  await untilBaseline(cluster);
  expect(await forbiddenReads(cluster)).toEqual([]);
});

test('a CA that somebody takes out comes back', async () => {
  const { ca } = await issued();
  await setBundle(cluster, '');
  await until('the CA to be back', async () => ((await bundles()).join() === ca.trim() ? true : undefined), 60_000);
});

test('a renewed CA and a certificate of it are served by the replicas that run, and nothing is lost', async () => {
  const running = (await replicas(cluster)).map(({ metadata }) => metadata.uid);
  const calls = await startCalls(cluster.api);
  const admissions = await startAdmissions(cluster.api);
  await renewed(AUTHORITY);
  const { serial, ca } = await renewed(CERTIFICATE);
  // Its injector leaves the CA before in its place, until that has run out.
  const published = async () => ((await bundles()).every((bundle) => bundle.includes(ca.trim())) ? true : undefined);
  await until('the new CA in every webhook', published, 60_000);
  const served = async () => ((await shown()).every((one) => one === serial) ? true : undefined);
  await until('every replica to serve the new certificate', served, MOUNTED_MS);
  const counts = await admissions.stop();
  const counted = await calls();
  expectNothingLost(counts, counted, 'enforcing');
  record('graceful', { what: 'cert-manager renews its CA and the certificate', ...lostRow(counts, counted) });
  expect((await replicas(cluster)).map(({ metadata }) => metadata.uid)).toEqual(running);
});

test('once uninstalled, the Secrets of cert-manager are left, and nothing else', async () => {
  await clearAway(cluster, helm);
  const secrets = [AUTHORITY, CERTIFICATE];
  const left = (await inventory(cluster.api)).filter((object) => !before.includes(object) && isOurs(object));
  expect(left).toEqual(secrets.map((name) => `secrets ${RELEASE.namespace}/${name}`));
  for (const name of secrets) await cluster.api.request('DELETE', `${SECRETS}/${name}`);
});

function isOurs(object: string): boolean {
  return object.includes(RELEASE.name);
}
