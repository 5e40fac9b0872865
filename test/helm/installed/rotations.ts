import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startLooking } from './looking.ts';

/** Renewed counts those that have come since it was begun to look. */
export interface Renewed {
  readonly authorities: number;
  readonly certificates: number;
}

/** Following looks at netpol-guard's Secret all the time. */
export interface Following {
  /** Waits until so many have come at least, and returns how many it were. */
  stop(atLeast: Renewed): Promise<Renewed>;
}

const SECRET = `/api/v1/namespaces/${RELEASE.namespace}/secrets/${RELEASE.name}`;
/** A fraction of the shortest lifetime that can be asked for, 10 s. */
const LOOK_MS = 500;

/** followSecret counts the certificates that netpol-guard makes. */
export async function followSecret({ api }: Pick<Cluster, 'api'>): Promise<Following> {
  const authorities = new Set<string>();
  const certificates = new Set<string>();
  const look = async () => {
    const { data = {} } = await api.get<{ readonly data?: Readonly<Record<string, string>> }>(SECRET);
    authorities.add(data['ca.crt'] ?? '');
    certificates.add(data['tls.crt'] ?? '');
  };
  const renewed = () => ({ authorities: authorities.size - 1, certificates: certificates.size - 1 });
  const looking = await startLooking(look, LOOK_MS);
  return {
    stop: async (atLeast) => {
      const isEnough = () => {
        const { authorities, certificates } = renewed();
        return authorities >= atLeast.authorities && certificates >= atLeast.certificates ? true : undefined;
      };
      await until('certificates to be renewed', isEnough, 300_000);
      await looking.stop();
      return renewed();
    },
  };
}
