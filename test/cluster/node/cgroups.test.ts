import { describe, expect, it } from 'vitest';
import { planCgroups } from './cgroups.ts';

const HYBRID = `cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,xattr,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;

describe('the groups of a cluster', () => {
  it('lie below our own in each hierarchy of cgroup v1', () => {
    const memberships = '4:memory:/tenant/a\n3:cpu,cpuacct:/\n2:name=systemd:/\n0::/\n';
    expect(planCgroups('ours', memberships, HYBRID)).toEqual([
      { options: 'memory', mountPoint: '/sys/fs/cgroup/memory', folder: '/sys/fs/cgroup/memory/tenant/a/ours' },
      { options: 'cpu,cpuacct', mountPoint: '/sys/fs/cgroup/cpu,cpuacct', folder: '/sys/fs/cgroup/cpu,cpuacct/ours' },
      { options: 'none,name=systemd', mountPoint: '/sys/fs/cgroup/systemd', folder: '/sys/fs/cgroup/systemd/ours' },
      { mountPoint: '/sys/fs/cgroup/unified', folder: '/sys/fs/cgroup/unified/ours' },
    ]);
  });

  it('lies below the root of cgroup v2, since our own group has processes', () => {
    const mounts = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n';
    expect(planCgroups('ours', '0::/user.slice/session-1.scope\n', mounts)).toEqual([
      { mountPoint: '/sys/fs/cgroup', folder: '/sys/fs/cgroup/ours' },
    ]);
  });

  it('leave out a hierarchy that is not mounted', () => {
    expect(planCgroups('ours', '5:hugetlb:/\n0::/\n', HYBRID)).toEqual([
      { mountPoint: '/sys/fs/cgroup/unified', folder: '/sys/fs/cgroup/unified/ours' },
    ]);
  });
});
