import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { releaseObjects } from '../../../scripts/release/objects.ts';
import { RELEASE } from '../../harness/release.ts';
import type { Serving } from '../../harness/serving.ts';
import { deployment, PARTS } from './deployment.ts';
import type { Manifest } from './manifest.ts';

/** ProductOptions are what differs from installation to installation. */
export interface ProductOptions {
  /** The image, as the node knows it. */
  readonly image: string;
  /** The configuration, but for `apiVersion` and `kind`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The certificate that all replicas share. */
  readonly serving: Serving;
  readonly replicas?: number;
}

/** productObjects are netpol-guard's installation in the order in which it is applied, webhook configurations aside. */
export function productObjects(options: ProductOptions): readonly Manifest[] {
  const { config, serving } = options;
  const { name, namespace } = RELEASE;
  const metadata = { namespace, labels: PARTS };
  return [
    ...releaseObjects(RELEASE).map((object) => restricted({ ...object })),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-tls`, ...metadata },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': base64(serving.certFile), 'tls.key': base64(serving.keyFile) },
    },
    configMap(config),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, ...metadata },
      spec: { selector: PARTS, ports: [{ name: 'webhook', port: 443, targetPort: 'webhook', protocol: 'TCP' }] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, ...metadata },
      spec: { minAvailable: 1, selector: { matchLabels: PARTS } },
    },
    deployment(RELEASE, options),
  ];
}

/** configMap holds the configuration. It is read again when it changes, so no pod has to be replaced for it. */
function configMap(config: Readonly<Record<string, unknown>>): Manifest {
  const text = stringify({ apiVersion: 'netpol-guard.io/v1alpha1', kind: 'GuardConfiguration', ...config });
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${RELEASE.name}-config`, namespace: RELEASE.namespace },
    data: { 'config.yaml': text },
  };
}

/** restricted has netpol-guard's own namespace take nothing but what Pod Security's strictest level allows. */
function restricted(object: Manifest): Manifest {
  if (object.kind !== 'Namespace') return object;
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
  };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function base64(file: string): string {
  return readFileSync(file).toString('base64');
}
