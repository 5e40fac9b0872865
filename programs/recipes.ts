/** Recipe says what the Go module in the folder of its name makes. */
export interface Recipe {
  /** Programs by the name of their file, each with the package that it is built from. */
  readonly programs: Readonly<Record<string, string>>;
  /** Go's build tags. */
  readonly tags?: string;
  /** Needs a C compiler, and these of pkg-config's libraries with the Debian packages that have them. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** Kubernetes' own release scripts stamp the version; `kubectl version` and `/version` show it. */
  readonly stamped?: true;
}

const CONTROL_PLANE = {
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/** RECIPES are all modules of this folder. */
export const RECIPES = {
  kubernetes: {
    programs: {
      ...CONTROL_PLANE,
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      etcd: 'go.etcd.io/etcd/server/v3',
    },
    stamped: true,
  },
  'kubernetes-oldest': { programs: CONTROL_PLANE, stamped: true },
  containerd: {
    programs: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
    },
    tags: 'no_btrfs',
  },
  runc: {
    programs: { runc: 'github.com/opencontainers/runc' },
    tags: 'seccomp',
    libraries: { libseccomp: 'libseccomp-dev' },
  },
  coredns: { programs: { coredns: 'github.com/coredns/coredns' } },
  'kube-router': { programs: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' } },
  'cert-manager': { programs: { 'cert-manager': '.' } },
  'helm-3': { programs: { helm: 'helm.sh/helm/v3/cmd/helm' } },
  'helm-4': { programs: { helm: 'helm.sh/helm/v4/cmd/helm' } },
  'helm-docs': { programs: { 'helm-docs': 'github.com/norwoodj/helm-docs/cmd/helm-docs' } },
  'helm-unittest': { programs: { 'helm-unittest': 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest' } },
  actionlint: { programs: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' } },
} as const satisfies Readonly<Record<string, Recipe>>;

/** ModuleName is a folder beside this file: a Go module that pins what it makes. */
export type ModuleName = keyof typeof RECIPES;
