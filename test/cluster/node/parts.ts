import { join } from 'node:path';
import { kubeRouterFlags } from '../kube-router.ts';
import { CONTAINERD_SOCKET, configurationFile } from './configuration.ts';
import { credentialsFolder, kubeconfigOf } from './credentials.ts';
import { type Instance, NODE_NAME, SERVICE_RANGE } from './instance.ts';
import type { Programs } from './programs.ts';

/** Part is a program of the cluster that can be restarted. */
export type Part =
  | 'outside'
  | 'etcd'
  | 'containerd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kube-router';

const ETCD = 'http://127.0.0.1:2379';

/** OUTSIDE_NAMESPACE is the network namespace that stands for the Internet, in the node's own /run. */
export const OUTSIDE_NAMESPACE = '/run/netns/outside';

/** describeParts gives every part's command line. */
export function describeParts(instance: Instance, programs: Programs): Readonly<Record<Part, readonly string[]>> {
  const read = (name: string) => configurationFile(instance, name);
  return {
    outside: ['nsenter', `--net=${OUTSIDE_NAMESPACE}`, programs.coredns, '-conf', read('Corefile.outside')],
    // Runc and the shim are looked for on the PATH.
    containerd: ['env', `PATH=${searchPath(programs)}`, programs.containerd, '--config', read('containerd.toml')],
    etcd: [
      programs.etcd,
      '--data-dir=/var/lib/etcd',
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      // Nothing is lost by a kill: what is written is in the kernel's hands.
      '--unsafe-no-fsync',
    ],
    'kube-apiserver': [programs['kube-apiserver'], ...apiServerFlags(instance)],
    'kube-controller-manager': [programs['kube-controller-manager'], ...controllerManagerFlags(instance)],
    'kube-scheduler': [
      programs['kube-scheduler'],
      `--kubeconfig=${kubeconfigOf(instance, 'kube-scheduler')}`,
      '--leader-elect=false',
      '--kube-api-qps=200',
      '--kube-api-burst=300',
    ],
    kubelet: [
      programs.kubelet,
      `--config=${read('kubelet.yaml')}`,
      `--kubeconfig=${kubeconfigOf(instance, 'kubelet')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${instance.nodeAddress}`,
    ],
    'kube-proxy': [programs['kube-proxy'], `--config=${read('kube-proxy.yaml')}`],
    'kube-router': [
      programs['kube-router'],
      ...kubeRouterFlags({
        kubeconfig: kubeconfigOf(instance, 'kube-router'),
        nodeName: NODE_NAME,
        serviceRange: SERVICE_RANGE,
        metricsPort: 20241,
      }),
    ],
  };
}

/** CONTAINERD_CLIENT are the arguments that ctr needs first. */
export const CONTAINERD_CLIENT = ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'] as const;

function searchPath(programs: Programs): string {
  const folders = [programs['containerd-shim-runc-v2'], programs.runc].map((program) => join(program, '..'));
  return [...folders, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':');
}

function apiServerFlags(instance: Instance): readonly string[] {
  const pki = (name: string) => join(credentialsFolder(instance), name);
  return [
    `--etcd-servers=${ETCD}`,
    `--bind-address=${instance.nodeAddress}`,
    `--advertise-address=${instance.nodeAddress}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${pki('cluster-ca.crt')}`,
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki('service-account.key')}`,
    `--service-account-signing-key-file=${pki('service-account.key')}`,
    `--kubelet-certificate-authority=${pki('cluster-ca.crt')}`,
    `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
    `--audit-policy-file=${configurationFile(instance, 'audit-policy.yaml')}`,
    `--audit-log-path=${join(instance.folder, 'logs', 'audit.log')}`,
    '--audit-log-mode=blocking-strict',
    // Megabytes: tests read all of it, so it is never rotated.
    '--audit-log-maxsize=100000',
  ];
}

function controllerManagerFlags(instance: Instance): readonly string[] {
  const pki = (name: string) => join(credentialsFolder(instance), name);
  return [
    `--kubeconfig=${kubeconfigOf(instance, 'kube-controller-manager')}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${pki('service-account.key')}`,
    `--root-ca-file=${pki('cluster-ca.crt')}`,
    `--cluster-signing-cert-file=${pki('cluster-ca.crt')}`,
    `--cluster-signing-key-file=${pki('cluster-ca.key')}`,
    '--leader-elect=false',
    '--cluster-cidr=10.244.0.0/16',
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--allocate-node-cidrs=true',
    // Waves of namespaces and pods are to show what netpol-guard does, not how slowly they are told of.
    '--kube-api-qps=200',
    '--kube-api-burst=300',
  ];
}
