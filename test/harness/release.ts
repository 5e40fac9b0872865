import { join } from 'node:path';
import { type Installation, ownObjects, releaseObjects } from '../../scripts/release/objects.ts';
import type { ApiClient } from './api-client.ts';
import type { Kubectl } from './kubectl.ts';

/** RELEASE is where the tests install netpol-guard, and as whom it runs. */
export const RELEASE: Installation = {
  name: 'netpol-guard',
  namespace: 'netpol-guard',
  serviceAccount: 'netpol-guard',
};

/** OURSELVES is how the API server knows netpol-guard. */
export const OURSELVES = `system:serviceaccount:${RELEASE.namespace}:${RELEASE.serviceAccount}`;

const LEASE_PATH = `/apis/coordination.k8s.io/v1/namespaces/${RELEASE.namespace}/leases/${RELEASE.name}`;

/** installRelease brings cluster DNS, and all that netpol-guard needs before it starts, into a new cluster. */
export async function installRelease(kubectl: Kubectl): Promise<void> {
  const dns = await kubectl(['apply', '-f', join(import.meta.dirname, '../e2e/manifests')]);
  if (dns.status !== 0) throw new Error(dns.stderr);
  const list = { apiVersion: 'v1', kind: 'List', items: releaseObjects(RELEASE) };
  const release = await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(list) });
  if (release.status !== 0) throw new Error(release.stderr);
}

/** renewRelease makes netpol-guard's own objects anew, empty: no process of another test holds the Lease. */
export async function renewRelease(api: ApiClient): Promise<void> {
  for (const object of ownObjects(RELEASE)) {
    const prefix = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
    const path = `${prefix}/namespaces/${RELEASE.namespace}/${object.kind.toLowerCase()}s`;
    await api.request('DELETE', `${path}/${RELEASE.name}`);
    const { status, body } = await api.request('POST', path, object);
    if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
  }
}

/** leaderOf reads who holds the Lease: the name of a replica; empty for nobody. */
export async function leaderOf(api: ApiClient): Promise<string> {
  const lease = await api.get<{ spec?: { holderIdentity?: string } }>(LEASE_PATH);
  return (lease.spec?.holderIdentity ?? '').split('_', 1)[0] ?? '';
}

/** ourWarnings shows what netpol-guard has warned of, as kubectl does; empty for nothing. */
export async function ourWarnings(kubectl: Kubectl): Promise<string> {
  const selector = '--field-selector=type=Warning,reportingComponent=netpol-guard';
  return (await kubectl(['get', 'events', '-A', selector])).stdout;
}
