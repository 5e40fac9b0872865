import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Cgroup is the cluster's own group in one hierarchy of the kernel's. */
export interface Cgroup {
  /** Options of `mount` that name the hierarchy; `undefined` for cgroup v2. */
  readonly options?: string;
  /** Where the hierarchy is mounted. */
  readonly mountPoint: string;
  /** The cluster's group, seen from the host. */
  readonly folder: string;
}

/**
 * planCgroups names a group in every hierarchy that this process is in: below its own group, so that what bounds it bounds
 * the cluster. In cgroup v2 a group with processes hands no controllers down (cgroup-v2.rst, "No Internal Process
 * Constraint"), so there the group lies below the root.
 */
export function planCgroups(name: string, memberships: string, mounts: string): readonly Cgroup[] {
  const lines = memberships.trim().split('\n');
  return lines.flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const mountPoint = findMount(controllers, mounts);
    if (mountPoint === undefined) return [];
    if (controllers !== '') {
      const options = controllers.startsWith('name=') ? `none,${controllers}` : controllers;
      return [{ options, mountPoint, folder: join(mountPoint, path, name) }];
    }
    return [{ mountPoint, folder: join(mountPoint, lines.length === 1 ? '/' : path, name) }];
  });
}

function findMount(controllers: string, mounts: string): string | undefined {
  const wanted = controllers.split(',');
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type, options = '']) => {
      if (controllers === '') return type === 'cgroup2';
      return type === 'cgroup' && wanted.every((controller) => options.split(',').includes(controller));
    })?.[1];
}

/** ownCgroups plans for this process. */
export function ownCgroups(name: string): readonly Cgroup[] {
  return planCgroups(name, readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/mounts', 'utf8'));
}

/** makeCgroups makes the groups. A new group of `cpuset` has no processors and no memory until it is given some. */
export function makeCgroups(cgroups: readonly Cgroup[]): void {
  for (const { folder } of cgroups) {
    mkdirSync(folder, { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const here = join(folder, file);
      if (existsSync(here) && readFileSync(here, 'utf8').trim() === '') {
        writeFileSync(here, readFileSync(join(folder, '..', file), 'utf8'));
      }
    }
  }
}

/** delegateControllers lets groups below a cgroup v2 have controllers; its processes move into a group of their own. */
export function delegateControllers(cgroups: readonly Cgroup[]): void {
  for (const { options, folder } of cgroups) {
    const controllers = options === undefined ? readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim() : '';
    if (controllers === '') continue;
    mkdirSync(join(folder, 'init'), { recursive: true });
    for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim().split('\n')) {
      writeFileSync(join(folder, 'init', 'cgroup.procs'), pid);
    }
    const all = controllers.split(' ').map((controller) => `+${controller}`);
    writeFileSync(join(folder, 'cgroup.subtree_control'), all.join(' '));
  }
}

/** findCgroups finds the folders of all groups of that name, whoever made them. */
export function findCgroups(name: string): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const roots = mounts.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, root = '']) => root);
  return roots.flatMap((root) => findBelow(root, name));
}

function findBelow(folder: string, name: string): readonly string[] {
  return groupsBelow(folder).flatMap((group) =>
    group === name ? [join(folder, name)] : findBelow(join(folder, group), name),
  );
}

/** Groups come and go while we look. */
function groupsBelow(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** listMembers lists the processes in groups and below them. */
export function listMembers(folders: readonly string[]): readonly number[] {
  const members = folders.flatMap((folder): readonly number[] => {
    const file = join(folder, 'cgroup.procs');
    const here = existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(Number) : [];
    return [...here, ...listMembers(groupsBelow(folder).map((name) => join(folder, name)))];
  });
  // A process of a namespace that we do not see is shown as 0, which is our own group to kill(2).
  return [...new Set(members)].filter((pid) => pid > 0);
}

/** removeCgroups removes groups that have no processes any more, and says whether all of them are gone. */
export function removeCgroups(folders: readonly string[]): boolean {
  return folders.map(removeGroup).every(Boolean);
}

/** A group is a folder that only `rmdir` removes, the groups below it first; its files go with it. */
function removeGroup(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const name of groupsBelow(folder)) removeGroup(join(folder, name));
    rmdirSync(folder);
    return true;
  } catch {
    // The kernel takes a moment to count the last processes out.
    return false;
  }
}
