import type { TestProject } from 'vitest/node';
import { openCluster } from './cluster.ts';
import { record } from './report/record.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How much of it is run: all that there is, or what CI has time for. */
    form: 'long' | 'short';
  }
}

/** setup starts the one cluster of a test run, unless there is one: the tests attach to it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('form', project.name === 'cluster' ? 'long' : 'short');
  const { close, times } = await openCluster((reached, seconds) => console.log(`cluster: ${reached}, ${seconds} s`));
  for (const [reached, seconds] of Object.entries(times)) {
    record('times', { what: `the start, until ${reached}`, time: `${seconds} s` });
  }
  return close;
}
