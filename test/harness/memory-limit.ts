import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CHART = join(import.meta.dirname, '../../charts/netpol-guard');

/** MemoryLimit is a control group of its own for one process, as a container has: past its limit the kernel kills. */
export interface MemoryLimit {
  readonly bytes: number;
  /** Writing a process id into it puts the process under the limit. */
  readonly processesFile: string;
  /** The most that its processes ever took together, in bytes. */
  peak(): number;
  /** Call it once its processes are gone. */
  remove(): void;
}

/** Names of the files of a memory controller. */
interface Controller {
  readonly mount: string;
  readonly limit: string;
  readonly swap: { readonly file: string; readonly value: (bytes: number) => string };
  readonly peak: string;
}

const V1: Controller = {
  mount: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  swap: { file: 'memory.memsw.limit_in_bytes', value: String },
  peak: 'memory.max_usage_in_bytes',
};
const V2: Controller = {
  mount: '/sys/fs/cgroup',
  limit: 'memory.max',
  swap: { file: 'memory.swap.max', value: () => '0' },
  peak: 'memory.peak',
};

/** limitMemory makes the group; whoever runs it must be root. */
export function limitMemory(name: string, bytes: number): MemoryLimit {
  const controller = existsSync(join(V1.mount, V1.limit)) ? V1 : V2;
  const folder = join(controller.mount, `netpol-guard-${process.pid}-${name}`);
  if (controller === V2) writeFileSync(join(V2.mount, 'cgroup.subtree_control'), '+memory');
  mkdirSync(folder);
  writeFileSync(join(folder, controller.limit), String(bytes));
  const swap = join(folder, controller.swap.file);
  if (existsSync(swap)) writeFileSync(swap, controller.swap.value(bytes));
  return {
    bytes,
    processesFile: join(folder, 'cgroup.procs'),
    peak: () => Number(readFileSync(join(folder, controller.peak), 'utf8')),
    remove: () => rmdirSync(folder),
  };
}

/** chartMemory is what the chart gives a replica without a preset: the limit of its container, and what it tells Node of it. */
export function chartMemory(): { readonly bytes: number; readonly nodeOptions: string } {
  const template = (name: string) => readFileSync(join(CHART, 'templates', name), 'utf8');
  const [, usual] = template('_presets.tpl').split('{{- else -}}');
  const mebibytes = /^limits: \{memory: (\d+)Mi\}$/m.exec(usual ?? '')?.[1];
  const nodeOptions = /name: NODE_OPTIONS\s+value: (\S+)/.exec(template('deployment.yaml'))?.[1];
  if (mebibytes === undefined || nodeOptions === undefined) throw new Error('the chart says nothing of memory');
  return { bytes: Number(mebibytes) * 1024 * 1024, nodeOptions };
}
