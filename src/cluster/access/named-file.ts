import { readFileSync } from 'node:fs';
import { messageOf } from '../../objects/message-of.ts';

const UNREADABLE: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'is a folder; name the file in it'],
  ['EACCES', 'may not be read by this user'],
]);

/** readNamedFile reads a file that a person has named; `shown` is what errors call it: `kubeconfig ~/.kube/config`. */
export function readNamedFile(path: string, shown: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    throw new Error(`${shown}: ${UNREADABLE.get(code) ?? messageOf(cause)}`, { cause });
  }
}
