import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlPlaneAddress, writeKubeconfig } from '../../harness/address.ts';
import { createAuthority } from '../../harness/pki.ts';
import { type Instance, NODE_NAME, OUTSIDE } from './instance.ts';

/** Clients of the API server: who each is by its certificate. Kubernetes has roles for all but kube-router. */
const CLIENTS = {
  'kube-controller-manager': { commonName: 'system:kube-controller-manager' },
  'kube-scheduler': { commonName: 'system:kube-scheduler' },
  kubelet: { commonName: `system:node:${NODE_NAME}`, organizations: ['system:nodes'] },
  'kube-proxy': { commonName: 'system:kube-proxy' },
  'kube-router': { commonName: 'kube-router', organizations: ['system:masters'] },
};

/** credentialsFolder holds all keys and certificates. */
export function credentialsFolder({ folder }: Instance): string {
  return join(folder, 'pki');
}

/** kubeconfigOf is the file that a part reads to reach the API server. */
export function kubeconfigOf({ folder }: Instance, client: keyof typeof CLIENTS): string {
  return join(folder, 'etc', `${client}.kubeconfig`);
}

/** describeAddress tells where everything of an instance will be, or is. */
export function describeAddress(instance: Instance, kubectl: string): ControlPlaneAddress {
  const pki = credentialsFolder(instance);
  return {
    server: `https://${instance.nodeAddress}:6443`,
    caFile: join(pki, 'cluster-ca.crt'),
    admin: { certFile: join(pki, 'admin.crt'), keyFile: join(pki, 'admin.key') },
    kubeconfig: join(instance.folder, 'kubeconfig'),
    auditLog: join(instance.folder, 'logs', 'audit.log'),
    kubectl,
    folder: instance.folder,
  };
}

/** writeCredentials makes an authority for the cluster and one for aggregation, as kubeadm does, and a kubeconfig a client. */
export function writeCredentials(instance: Instance, address: ControlPlaneAddress): void {
  const pki = credentialsFolder(instance);
  mkdirSync(pki, { mode: 0o700 });
  const authority = createAuthority(pki, 'cluster-ca');
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const addresses = ['IP:10.96.0.1', `IP:${instance.nodeAddress}`, 'IP:127.0.0.1'];
  authority.issue('apiserver', {
    commonName: 'kube-apiserver',
    names: [...names.map((name) => `DNS:${name}`), ...addresses],
  });
  authority.issue('apiserver-kubelet-client', {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
  });
  authority.issue('kubelet-serving', {
    commonName: NODE_NAME,
    names: [`DNS:${NODE_NAME}`, `IP:${instance.nodeAddress}`],
  });
  authority.issue('outside', { commonName: 'resolver.example.com', names: [`IP:${OUTSIDE}`] });
  createAuthority(pki, 'front-proxy-ca').issue('front-proxy-client', { commonName: 'front-proxy-client' });
  execFileSync('openssl', ['genrsa', '-out', join(pki, 'service-account.key'), '2048'], { stdio: 'pipe' });
  for (const [client, request] of Object.entries(CLIENTS)) {
    const pair = authority.issue(client, request);
    writeKubeconfig(join(instance.folder, 'etc', `${client}.kubeconfig`), address, pair);
  }
  writeKubeconfig(
    address.kubeconfig,
    address,
    authority.issue('admin', { commonName: 'admin', organizations: ['system:masters'] }),
  );
}
