import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { checkOutVersionBefore } from '../../harness/version-before.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Version is one that can be installed: a chart, and the tag of the image that is in the cluster. */
export interface Version {
  readonly chart: string;
  readonly tag: string;
  /** Where it comes from. */
  readonly source: string;
}

/** Versions are those between which upgrades go. */
export interface Versions {
  readonly previous: Version;
  readonly current: Version;
  close(): void;
}

/**
 * prepareVersions makes the image of the sources as they are, and of the version before. Both images are brought into the
 * cluster.
 */
export async function prepareVersions(cluster: Pick<Cluster, 'importImage'>): Promise<Versions> {
  const before = checkOutVersionBefore();
  try {
    const made = async (sources: string, tag: string): Promise<void> => {
      const file = join(before.folder, `${tag}.tar`);
      const script = join(sources, 'scripts/image.ts');
      execFileSync(process.execPath, [script, '--output', file, '--tag', `localhost/netpol-guard:${tag}`], {
        cwd: sources,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await cluster.importImage(file);
      rmSync(file);
    };
    await made(before.folder, 'before');
    await made(ROOT, 'test');
    return {
      previous: { chart: join(before.folder, 'charts/netpol-guard'), tag: 'before', source: before.source },
      current: { chart: join(ROOT, 'charts/netpol-guard'), tag: 'test', source: 'the sources as they are' },
      close: before.remove,
    };
  } catch (error) {
    before.remove();
    throw error;
  }
}
