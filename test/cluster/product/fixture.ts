import { afterAll, beforeAll } from 'vitest';
import { demandRights, readAuditLog } from '../../harness/audit-log.ts';
import { OURSELVES } from '../../harness/release.ts';
import { type Opened, openCluster } from '../cluster.ts';
import { installProduct, removeProduct } from './install.ts';

/** Fixture is what a test file works with: the cluster, with netpol-guard in it. */
export interface Fixture {
  readonly cluster: Opened;
  /** How long the installation took. */
  readonly installedIn: number;
}

/** useProduct gives a test file its fixture, and takes netpol-guard away after its tests, which had all rights that it needed. */
export function useProduct(): Fixture {
  let cluster: Opened | undefined;
  let installedIn = 0;
  beforeAll(async () => {
    cluster = await openCluster();
    const began = Date.now();
    await installProduct(cluster);
    installedIn = Date.now() - began;
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    await removeProduct(cluster);
    demandRights(readAuditLog(cluster.auditLog), OURSELVES);
    await cluster.close();
  });
  return {
    get cluster() {
      if (cluster === undefined) throw new Error('the cluster is there in tests and hooks alone');
      return cluster;
    },
    get installedIn() {
      return installedIn;
    },
  };
}
