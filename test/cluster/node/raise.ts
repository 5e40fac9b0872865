import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createKubectl } from '../../e2e/harness/kubectl.ts';
import { type Booting, bootNode, type Tell, untilDnsAnswers } from './boot.ts';
import { writeConfiguration } from './configuration.ts';
import { describeAddress, writeCredentials } from './credentials.ts';
import { writeImages } from './images.ts';
import type { Instance } from './instance.ts';
import { findClusterPrograms } from './programs.ts';

/** Raised is a cluster that has come up. */
export interface Raised extends Booting {
  /** Lets the cluster outlive this process. */
  detach(): void;
}

/** What a keeper says: that the node is there, or why not. */
type Said = { readonly init: number } | { readonly fault: string };

/** raiseCluster starts an instance that has no folder so far, until its DNS answers; this process ends, it ends. */
export async function raiseCluster(instance: Instance, tell: Tell): Promise<Raised> {
  const programs = await findClusterPrograms();
  tell('programs');
  const images = await writeImages(programs);
  tell('images');
  mkdirSync(join(instance.folder, '..'), { recursive: true });
  claim(instance);
  let keeper: ChildProcess | undefined;
  try {
    for (const name of ['etc', 'logs']) mkdirSync(join(instance.folder, name));
    const address = describeAddress(instance, programs.kubectl);
    writeCredentials(instance, address);
    writeConfiguration(instance, programs);
    keeper = await keepNode(instance);
    tell('namespaces');
    const booting = { instance, programs, address, tell };
    await bootNode(booting, images);
    const kubectl = createKubectl(programs.kubectl, address.kubeconfig, instance.folder);
    const manifest = readFileSync(join(import.meta.dirname, 'manifests/coredns.yaml'), 'utf8');
    const { status, stderr } = await kubectl(['apply', '-f', '-'], { stdin: manifest });
    if (status !== 0) throw new Error(`cluster DNS was not applied: ${stderr}`);
    await untilDnsAnswers(instance);
    tell('CoreDNS answers');
    return { ...booting, detach: detacher(keeper) };
  } catch (error) {
    await abandon(instance, keeper);
    throw error;
  }
}

/** resumeCluster starts the node of an instance again, on the disk that it has. */
export async function resumeCluster(instance: Instance, tell: Tell): Promise<Raised> {
  const programs = await findClusterPrograms();
  const keeper = await keepNode(instance);
  const booting = { instance, programs, address: describeAddress(instance, programs.kubectl), tell };
  try {
    await bootNode(booting, []);
    return { ...booting, detach: detacher(keeper) };
  } catch (error) {
    await abandon(instance, keeper);
    throw error;
  }
}

/** The folder is the lock: only one process can make it. */
function claim({ folder, number }: Instance): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    throw new Error(`cluster ${number} is being started by someone else, in ${folder}`, { cause });
  }
}

async function keepNode(instance: Instance): Promise<ChildProcess> {
  const log = openSync(join(instance.folder, 'logs', 'node.log'), 'a');
  const keeper = fork(join(import.meta.dirname, 'keeper.ts'), [JSON.stringify(instance)], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const said = once(keeper, 'message').then(([message]: Said[]) => message);
  const gone = once(keeper, 'exit').then(
    (): Said => ({ fault: `the keeper ended; see ${instance.folder}/logs/node.log` }),
  );
  const message = await Promise.race([said, gone]);
  if (message === undefined || 'fault' in message) throw new Error(message?.fault ?? 'the keeper said nothing');
  return keeper;
}

function detacher(keeper: ChildProcess): () => void {
  return () => {
    keeper.send('detach', () => keeper.disconnect());
    keeper.unref();
  };
}

/** A keeper that is left alone removes everything, the folder too. */
async function abandon({ folder }: Instance, keeper: ChildProcess | undefined): Promise<void> {
  if (keeper?.connected === true) {
    const gone = once(keeper, 'exit');
    keeper.disconnect();
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}
