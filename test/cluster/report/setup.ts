import type { TestProject } from 'vitest/node';
import { machine } from './machine.ts';
import { beginRecords, record } from './record.ts';

/** setup runs before all tests of the cluster: what a run before recorded says nothing of this one. */
export default function setup(project: TestProject): void {
  beginRecords(project.name === 'cluster' ? 'long' : 'short', new Date());
  for (const row of machine()) record('machine', row);
}
