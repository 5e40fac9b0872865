import type { TestProject } from 'vitest/node';
import { machine } from '../report/machine.ts';
import type { Form } from '../report/records.ts';
import { openCluster } from './cluster.ts';
import { beginRecords, record } from './report.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How much of it is run: all that there is, or what CI has time for. */
    form: Form;
  }
}

/** setup starts the one cluster of a test run, unless there is one: the tests attach to it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const form = project.name === 'cluster' ? 'long' : 'short';
  project.provide('form', form);
  beginRecords(form, new Date());
  for (const row of machine()) record('machine', row);
  const { close, times } = await openCluster((reached, seconds) => console.log(`cluster: ${reached}, ${seconds} s`));
  for (const [reached, seconds] of Object.entries(times)) {
    record('times', { what: `the start, until ${reached}`, time: `${seconds} s` });
  }
  return close;
}
