import type { TestProject } from 'vitest/node';
import { openCluster } from '../cluster/cluster.ts';
import { machine, versionOf } from '../report/machine.ts';
import { MAJORS } from './installed/helm.ts';
import { prepareVersions, type Version } from './installed/versions.ts';
import { beginRecords, record } from './report.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The sources as they are. */
    current: Version;
    /** What they are upgraded from. */
    previous: Version;
  }
}

/** setup starts the one cluster of a test run, unless there is one, and brings both versions' images into it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const form = project.name === 'helm' ? 'long' : 'short';
  project.provide('form', form);
  beginRecords(form, new Date());
  for (const row of machine()) record('machine', row);
  for (const major of MAJORS) {
    record('machine', { what: `Helm ${major}`, which: versionOf(`helm-${major}`, `helm.sh/helm/v${major}`) });
  }
  const cluster = await openCluster((reached) => console.log(`cluster: ${reached}`));
  try {
    const { previous, current, close } = await prepareVersions(cluster);
    project.provide('previous', previous);
    project.provide('current', current);
    record('machine', { what: 'the version before', which: previous.source });
    return async () => {
      close();
      await cluster.close();
    };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
