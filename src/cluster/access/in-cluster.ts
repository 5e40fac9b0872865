import type { KubeconfigContext } from './kubeconfig.ts';

/** Where the kubelet puts a pod's credentials for the API server. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * inClusterContext describes the API server as pods reach it, with the pod's own ServiceAccount; undefined outside of a
 * cluster. `directory` contains the token and the CA.
 */
export function inClusterContext(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT,
): KubeconfigContext | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  return {
    cluster: {
      name: 'in-cluster',
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      caFile: `${directory}/ca.crt`,
      skipTLSVerify: false,
    },
    user: {
      name: 'service-account',
      authProvider: { name: 'tokenFile', config: { tokenFile: `${directory}/token` } },
    },
    origin: "this pod's ServiceAccount",
  };
}
