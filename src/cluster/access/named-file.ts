import { readFileSync } from 'node:fs';
import { readFailure } from '../../objects/read-failure.ts';

/** readNamedFile reads a file that a person has named; `shown` is what errors call it: `kubeconfig ~/.kube/config`. */
export function readNamedFile(path: string, shown: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`${shown}: ${readFailure(cause)}`, { cause });
  }
}
