import type { RecordPlace } from '../../cluster/cluster.ts';

const NAME = 'netpol-guard';

/** ownRelease returns the namespace that this runs in, and the name of its own objects; undefined outside a cluster. */
export function ownRelease(env: Readonly<Record<string, string | undefined>>): RecordPlace | undefined {
  const namespace = env['POD_NAMESPACE'];
  return namespace ? { namespace, name: env['RELEASE_NAME'] || NAME } : undefined;
}
