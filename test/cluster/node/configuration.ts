import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { credentialsFolder, kubeconfigOf } from './credentials.ts';
import { IMAGES } from './images.ts';
import { CLUSTER_DNS, type Instance, NODE_NAME, OUTSIDE, POD_RANGE } from './instance.ts';
import type { Programs } from './programs.ts';

/** CONTAINERD_SOCKET lies in the node's own /run. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** configurationFile names a file that a part reads. */
export function configurationFile({ folder }: Instance, name: string): string {
  return join(folder, 'etc', name);
}

/** writeConfiguration writes the files that the parts read. */
export function writeConfiguration(instance: Instance, programs: Programs): void {
  const write = (name: string, text: string) => writeFileSync(configurationFile(instance, name), text);
  const pki = credentialsFolder(instance);
  mkdirSync(configurationFile(instance, 'cni'));
  write('cni/10-bridge.conflist', JSON.stringify(podNetwork(), null, 2));
  write('containerd.toml', containerd(configurationFile(instance, 'cni'), programs));
  write('kubelet.yaml', stringify(kubelet(pki, configurationFile(instance, 'resolv.conf'))));
  write('kube-proxy.yaml', stringify(kubeProxy(instance)));
  write('audit-policy.yaml', stringify(auditPolicy()));
  write('resolv.conf', `nameserver ${OUTSIDE}\n`);
  write('Corefile.outside', outsideResolver(pki));
}

function podNetwork() {
  const ipam = { type: 'host-local', ranges: [[{ subnet: POD_RANGE }]] };
  const bridge = { type: 'bridge', bridge: 'kube-bridge', isDefaultGateway: true, hairpinMode: true, ipam };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [bridge, portmap] };
}

function containerd(cni: string, { runc }: Programs): string {
  return `version = 3
root = '/var/lib/containerd'
state = '/run/containerd'
imports = []
disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.internal.v1.tracing']

[grpc]
address = '${CONTAINERD_SOCKET}'

[plugins.'io.containerd.internal.v1.opt']
path = '/var/lib/containerd/opt'

[plugins.'io.containerd.cri.v1.images']
snapshotter = 'overlayfs'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${IMAGES.pause}'

[plugins.'io.containerd.cri.v1.runtime']
# A profile would be loaded into the kernel of the whole machine.
disable_apparmor = true
# Without CAP_SYS_RESOURCE no process may get a better score than its parent.
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '${runc}'
SystemdCgroup = false
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['/usr/lib/cni']
conf_dir = '${cni}'
`;
}

function kubelet(pki: string, resolvConf: string) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'cluster-ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, 'kubelet-serving.crt'),
    tlsPrivateKeyFile: join(pki, 'kubelet-serving.key'),
    healthzBindAddress: '0.0.0.0',
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [CLUSTER_DNS],
    clusterDomain: 'cluster.local',
    resolvConf,
    maxPods: 110,
    enforceNodeAllocatable: [],
    // The machine's disk and memory are others' too; the node is not to evict its pods for that.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    oomScoreAdj: 0,
    shutdownGracePeriod: '0s',
  };
}

function kubeProxy(instance: Instance) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig: kubeconfigOf(instance, 'kube-proxy') },
    // The table of connections is the whole machine's to size.
    conntrack: { maxPerCore: 0, min: 0 },
    oomScoreAdj: 0,
  };
}

/** Everything but what the parts of Kubernetes read all the time. */
function auditPolicy() {
  const parts = ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler', 'system:kube-proxy'];
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', verbs: ['get', 'list', 'watch'], users: [...parts, 'kube-router'] },
      { level: 'None', verbs: ['get', 'list', 'watch'], userGroups: ['system:nodes'] },
      { level: 'Metadata' },
    ],
  };
}

/** The zone is everything: names of the cluster as well, so an answer tells who gave it. */
function outsideResolver(pki: string): string {
  const zone = `    errors
    template IN A {
        answer "{{ .Name }} 60 IN A 198.51.100.80"
    }
    template IN ANY {
        rcode NOERROR
    }`;
  const tls = `    tls ${join(pki, 'outside.crt')} ${join(pki, 'outside.key')}`;
  return `.:53 {
${zone}
    health :8080
}
tls://.:853 {
${tls}
${zone}
}
https://.:443 {
${tls}
${zone}
}
`;
}
