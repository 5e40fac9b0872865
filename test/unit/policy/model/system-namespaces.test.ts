import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../src/objects/glob.ts';
import { ADD_ON_NAMESPACES } from '../../../../src/policy/model/add-on-namespaces.ts';
import {
  PLATFORMS,
  SYSTEM_NAMESPACE_NAMES,
  SYSTEM_NAMESPACES,
} from '../../../../src/policy/model/system-namespaces.ts';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

describe('system namespaces', () => {
  it('are exact names, but for the prefix that OpenShift reserves', () => {
    expect(SYSTEM_NAMESPACES.filter((name) => !NAME.test(name))).toEqual(['openshift-*']);
    expect(SYSTEM_NAMESPACE_NAMES).toHaveLength(SYSTEM_NAMESPACES.length - 1);
  });

  it('are listed once, with where it is said that they are there', () => {
    expect(new Set(SYSTEM_NAMESPACES).size).toBe(SYSTEM_NAMESPACES.length);
    for (const { namespaces, sources } of PLATFORMS) {
      expect(namespaces.length).toBeGreaterThan(0);
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(URL.parse(source)?.protocol).toBe('https:');
    }
  });

  it.each([
    ['Rancher', 'cattle-fleet-system'],
    ['GKE', 'gke-managed-system'],
    ['AKS', 'aks-command'],
    ['VMware', 'vmware-system-csi'],
    ['IBM', 'ibm-system'],
  ])('of %s are among them, and a name like one is not', (_, name) => {
    const isSystem = (one: string) => SYSTEM_NAMESPACES.some((glob) => matchesGlob(glob, one));
    expect(isSystem(name)).toBe(true);
    for (const other of [`${name}-x`, `${name.split('-')[0]}-mine`, `x-${name}`]) expect(isSystem(other)).toBe(false);
  });
});

describe('namespaces of well-known add-ons', () => {
  it('are named once, and are no system namespaces, which never have a baseline', () => {
    expect(new Set(ADD_ON_NAMESPACES).size).toBe(ADD_ON_NAMESPACES.length);
    expect(ADD_ON_NAMESPACES.filter((name) => SYSTEM_NAMESPACES.includes(name))).toEqual([]);
  });

  it('have the prefixes that platforms use, and no other globs', () => {
    const globs = ADD_ON_NAMESPACES.filter((name) => !NAME.test(name));
    expect(globs).toEqual(['cattle-*', 'gke-managed-*', 'vmware-system-*']);
    for (const glob of globs) expect(SYSTEM_NAMESPACES.some((name) => matchesGlob(glob, name))).toBe(true);
  });
});
