import { once } from 'node:events';
import { basename, join } from 'node:path';
import { build } from '../../../programs/build.ts';
import { definitionsOf } from '../../chart/custom-resources.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { demanded } from './release.ts';

/** CertManager works in a cluster, from the node, as its admin. */
export interface CertManager {
  /** Has a certificate made anew before its time, as `cmctl renew` does. */
  renew(certificate: string): Promise<void>;
  /** Takes it away with its custom resources. */
  stop(): Promise<void>;
}

interface Issued {
  readonly status: { readonly conditions: readonly { readonly type: string }[] };
}

/** startCertManager returns once its kinds are served. */
export async function startCertManager(
  cluster: Pick<Cluster, 'kubectl' | 'api' | 'spawn' | 'kubeconfig'>,
): Promise<CertManager> {
  const program = join(await build('cert-manager'), 'cert-manager');
  const definitions = definitionsOf('github.com/cert-manager/cert-manager');
  const files = definitions.map((file) => `--filename=${file}`);
  await demanded(cluster.kubectl(['apply', '--server-side', ...files]));
  const kinds = definitions.map((file) => basename(file, '.yaml').split('_').toReversed().join('.')).join();
  const served = async () => ((await cluster.kubectl(['get', kinds, '-A'])).status === 0 ? true : undefined);
  await until(`${kinds} to be served`, served, 60_000);
  const running = cluster.spawn('node', [program, cluster.kubeconfig]);
  let output = '';
  running.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000);
  });
  const ended = once(running, 'close');
  return {
    renew: async (certificate) => {
      const path = `/apis/cert-manager.io/v1/namespaces/${RELEASE.namespace}/certificates/${certificate}/status`;
      const { status } = await cluster.api.get<Issued>(path);
      const others = status.conditions.filter(({ type }) => type !== 'Issuing');
      const lastTransitionTime = new Date().toISOString();
      const issuing = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', lastTransitionTime };
      const change = { status: { conditions: [...others, issuing] } };
      const answer = await cluster.api.request('PATCH', path, change, 'application/merge-patch+json');
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    },
    stop: async () => {
      running.stdin?.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`cert-manager ended with ${code}: ${output}`);
      await demanded(cluster.kubectl(['delete', ...files]));
    },
  };
}
