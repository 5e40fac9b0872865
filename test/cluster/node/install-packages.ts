import { execFileSync } from 'node:child_process';
import type { Machine } from './machine.ts';
import { lackingPackages } from './packages.ts';

/**
 * installPackages has apt-get install what is missing, where there is an apt-get and root to run it; elsewhere it does
 * nothing, and `listLacks` names what is missing. What apt-get says goes to stderr. Throws where it fails.
 */
export function installPackages(machine: Machine, tell: (line: string) => void): void {
  if (machine.platform !== 'linux' || machine.uid !== 0 || !machine.finds('apt-get')) return;
  const names = lackingPackages(machine).map(({ name }) => name);
  if (names.length === 0) return;
  tell(`installing Debian's packages ${names.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...names],
  ]) {
    execFileSync('apt-get', args, { env, stdio: ['ignore', 2, 2] });
  }
}
