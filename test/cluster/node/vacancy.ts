import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Instance } from './instance.ts';
import { type Keeping, readKeeping, readStarter } from './keeping.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** State is what has become of an instance. */
export type State =
  /** Nothing of it is there. */
  | 'vacant'
  /** A process is starting it now. */
  | 'starting'
  | 'running'
  /** Its disk is there, and its node is not, or in part. */
  | 'half-dead';

/** Findings are what is to be seen of an instance. */
export interface Findings {
  readonly hasFolder: boolean;
  /** Who has made the folder, and has not finished. */
  readonly starter?: ProcessIdentity | undefined;
  readonly keeping?: Keeping | undefined;
  isAlive(process: ProcessIdentity): boolean;
  readonly hasLink: boolean;
  /** Interfaces with an address in the range of the link, the link aside. */
  readonly rivals: readonly string[];
}

/** stateOf tells what has become of an instance. */
export function stateOf({ hasFolder, starter, keeping, isAlive }: Findings): State {
  if (!hasFolder) return 'vacant';
  if (starter !== undefined) return isAlive(starter) ? 'starting' : 'half-dead';
  const runs = [keeping?.keeper, keeping?.init].every((process) => process !== undefined && isAlive(process));
  return runs ? 'running' : 'half-dead';
}

/** listObstacles says in a sentence each why an instance cannot be started, and what to do. */
export function listObstacles(instance: Instance, findings: Findings): readonly string[] {
  const { number, folder, link, range } = instance;
  const down = `npm run cluster:down${number === 0 ? '' : ` -- --instance ${number}`}`;
  switch (stateOf(findings)) {
    case 'running':
      return [`cluster ${number} runs already: export KUBECONFIG=${join(folder, 'kubeconfig')}; ${down} ends it`];
    case 'starting':
      return [`cluster ${number} is being started by process ${findings.starter?.pid}; wait for it, or end it`];
    case 'half-dead':
      return [`cluster ${number} is half-dead: ${folder} is there, and its node is not; ${down} clears it away`];
    case 'vacant':
  }
  return [
    ...(findings.hasLink ? [`the link ${link} is there without its cluster; ${down} clears it away`] : []),
    ...findings.rivals.map((name) => `${name} has an address in ${range}; choose another place with --instance N`),
  ];
}

/** look finds out what is to be seen of an instance. */
export function look({ folder, link, range }: Instance): Findings {
  const prefix = range.replace(/0\/24$/, '');
  const interfaces = Object.entries(networkInterfaces());
  return {
    hasFolder: existsSync(folder),
    starter: readStarter(folder),
    keeping: readKeeping(folder),
    isAlive,
    hasLink: existsSync(`/sys/class/net/${link}`),
    rivals: interfaces
      .filter(([name, addresses = []]) => name !== link && addresses.some(({ address }) => address.startsWith(prefix)))
      .map(([name]) => name),
  };
}
