import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKubectl } from '../../harness/kubectl.ts';
import { type Booting, bootNode, type Tell, untilDnsAnswers } from './boot.ts';
import { writeConfiguration } from './configuration.ts';
import { describeAddress, writeCredentials } from './credentials.ts';
import { writeImages } from './images.ts';
import { installPackages } from './install-packages.ts';
import type { Instance } from './instance.ts';
import { forgetStarter, writeStarter } from './keeping.ts';
import { THIS_MACHINE } from './machine.ts';
import { listHidden } from './mounts.ts';
import { identify } from './process-identity.ts';
import { cacheHome, findClusterPrograms } from './programs.ts';
import { listLacks } from './requirements.ts';
import { listObstacles, look } from './vacancy.ts';

/** Raised is a cluster that has come up. It ends with this process. */
export interface Raised {
  readonly booting: Booting;
  /** Lets the cluster outlive this process. */
  detach(): void;
}

/** What a keeper says: that the node is there, or why not. */
type Said = { readonly init: number } | { readonly fault: string };

/**
 * raiseCluster starts an instance that is not there so far, until its DNS answers. Throws an Error that names what stands in
 * the way. Where it fails or is interrupted, it leaves nothing.
 */
export async function raiseCluster(instance: Instance, tell: Tell, interrupted?: AbortSignal): Promise<Raised> {
  installPackages(THIS_MACHINE, (line) => console.error(line));
  const here = listHidden([instance.folder, cacheHome(), import.meta.dirname]);
  const obstacles = [...listLacks(THIS_MACHINE), ...here, ...listObstacles(instance, look(instance))];
  if (obstacles.length > 0) throw new Error(obstacles.join('\n'));
  const { note, times } = startClock(tell);
  const programs = await findClusterPrograms();
  note('programs are built');
  const images = await writeImages(programs);
  note('images are written');
  if (interrupted?.aborted === true) throw new Error('interrupted before the start');
  claim(instance);
  return supervise(instance, interrupted, async (untilKept) => {
    const address = describeAddress(instance, programs.kubectl);
    writeCredentials(instance, address);
    writeConfiguration(instance, programs);
    await untilKept();
    note('namespaces are there');
    const booting = { instance, programs, address };
    await bootNode(booting, images, note);
    await applyDns(booting);
    await untilDnsAnswers(instance);
    note('CoreDNS answers');
    writeFileSync(join(instance.folder, 'times.json'), JSON.stringify(times, null, 2));
    return booting;
  });
}

/** resumeCluster starts the node of an instance again, on the disk that it has. */
export async function resumeCluster(instance: Instance, tell: Tell): Promise<Raised> {
  const { note } = startClock(tell);
  const programs = await findClusterPrograms();
  writeStarter(instance.folder, identify(process.pid));
  return supervise(instance, undefined, async (untilKept) => {
    await untilKept();
    const booting = { instance, programs, address: describeAddress(instance, programs.kubectl) };
    await bootNode(booting, [], note);
    return booting;
  });
}

/**
 * supervise sees to it that what `work` leaves unfinished is taken away. The keeper is there before anything else, and makes
 * the namespaces meanwhile.
 */
async function supervise(
  instance: Instance,
  interrupted: AbortSignal | undefined,
  work: (untilKept: () => Promise<void>) => Promise<Booting>,
): Promise<Raised> {
  const keeper = forkKeeper(instance);
  const stopped = new Promise<never>((_, reject) => {
    interrupted?.addEventListener('abort', () => reject(new Error('interrupted; nothing of the cluster is left')));
  });
  try {
    const booting = await Promise.race([work(() => untilKept(instance, keeper)), stopped]);
    forgetStarter(instance.folder);
    return { booting, detach: () => release(keeper) };
  } catch (error) {
    await abandon(instance, keeper);
    throw error;
  }
}

/** The folder is the lock. It comes with word of who has made it, so nobody takes it for one that was left behind. */
function claim({ folder, number }: Instance): void {
  mkdirSync(join(folder, '..'), { recursive: true });
  const ours = mkdtempSync(`${folder}.`);
  writeStarter(ours, identify(process.pid));
  for (const name of ['etc', 'logs']) mkdirSync(join(ours, name));
  try {
    renameSync(ours, folder);
  } catch (cause) {
    rmSync(ours, { recursive: true, force: true });
    throw new Error(`cluster ${number} was started by someone else at the same time, in ${folder}`, { cause });
  }
}

function forkKeeper(instance: Instance): ChildProcess {
  const log = openSync(join(instance.folder, 'logs', 'node.log'), 'a');
  try {
    return fork(join(import.meta.dirname, 'keeper.ts'), [JSON.stringify(instance)], {
      detached: true,
      // Those of whoever starts the cluster may be anything: a test runner's, or a script.
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}

async function untilKept({ folder }: Instance, keeper: ChildProcess): Promise<void> {
  const said = once(keeper, 'message').then(([message]: Said[]) => message);
  const gone = once(keeper, 'exit').then((): Said => ({ fault: 'the keeper of the node ended' }));
  const message = await Promise.race([said, gone]);
  if (message !== undefined && 'init' in message) return;
  const words = readFileSync(join(folder, 'logs', 'node.log'), 'utf8').trimEnd();
  throw new Error(`${message?.fault ?? 'the keeper of the node said nothing'}:\n${words}`);
}

function release(keeper: ChildProcess): void {
  keeper.send('detach', () => keeper.disconnect());
  keeper.unref();
}

/** A keeper that is left alone removes everything, the folder too. */
async function abandon({ folder }: Instance, keeper: ChildProcess): Promise<void> {
  if (keeper.connected) {
    const gone = once(keeper, 'exit');
    keeper.disconnect();
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function applyDns({ instance, programs, address }: Booting): Promise<void> {
  const kubectl = createKubectl(programs.kubectl, address.kubeconfig, instance.folder);
  const stdin = readFileSync(join(import.meta.dirname, 'manifests/coredns.yaml'), 'utf8');
  const { status, stderr } = await kubectl(['apply', '-f', '-'], { stdin });
  if (status !== 0) throw new Error(`cluster DNS was not applied: ${stderr}`);
}

/** startClock tells what is reached, and keeps the seconds that it took since now. */
function startClock(tell: Tell): { note(reached: string): void; readonly times: Readonly<Record<string, number>> } {
  const began = performance.now();
  const times: Record<string, number> = {};
  const note = (reached: string) => {
    times[reached] = Math.round((performance.now() - began) / 100) / 10;
    tell(reached, times[reached]);
  };
  return { note, times };
}
