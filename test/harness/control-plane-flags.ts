import { join } from 'node:path';
import type { ControlPlaneAddress } from './address.ts';

/** All the controllers that these tests need: namespaces are born complete and die completely. */
const CONTROLLERS = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
];

/** etcdFlags are for one member, which loses nothing by a kill: what is written is in the kernel's hands. */
export function etcdFlags(folder: string, url: string, peer: string): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
  ];
}

/** apiServerFlags name the files that prepare made. */
export function apiServerFlags(folder: string, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    // Stands in the endpoints of the `kubernetes` Service, where loopback is refused. Nobody dials it.
    '--advertise-address=10.99.0.2',
    `--cert-dir=${folder}`,
    `--tls-cert-file=${join(folder, 'apiserver.crt')}`,
    `--tls-private-key-file=${join(folder, 'apiserver.key')}`,
    `--client-ca-file=${join(folder, 'cluster-ca.crt')}`,
    // K3s's range, so that its published policies mean here what they mean there.
    '--service-cluster-ip-range=10.43.0.0/16',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'service-account.key')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    `--audit-policy-file=${join(folder, 'audit-policy.yaml')}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    '--audit-log-mode=blocking-strict',
  ];
}

/** controllerManagerFlags decide by `serviceAccountCredentials` which user deletes the objects of a dying namespace. */
export function controllerManagerFlags(
  folder: string,
  address: ControlPlaneAddress,
  serviceAccountCredentials: boolean,
): string[] {
  return [
    `--kubeconfig=${join(folder, 'controller-manager.kubeconfig')}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    `--use-service-account-credentials=${serviceAccountCredentials}`,
    `--service-account-private-key-file=${join(folder, 'service-account.key')}`,
    `--root-ca-file=${address.caFile}`,
    '--leader-elect=false',
    '--secure-port=0',
  ];
}
