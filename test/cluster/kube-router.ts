/** KubeRouter is what a kube-router that does nothing but enforce policies is told of its cluster. */
export interface KubeRouter {
  /** The file's path. */
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly serviceRange: string;
  /** Of its metrics on every address of the node; 0 for none. */
  readonly metricsPort: number;
}

/** kubeRouterFlags have it enforce policies, and tell when it begins to write the rules and when it is done (`--v=1`). */
export function kubeRouterFlags({ kubeconfig, nodeName, serviceRange, metricsPort }: KubeRouter): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    '--run-firewall=true',
    '--run-router=false',
    '--run-service-proxy=false',
    `--service-cluster-ip-range=${serviceRange}`,
    '--enable-cni=false',
    '--health-port=0',
    `--metrics-port=${metricsPort}`,
    '--v=1',
  ];
}
