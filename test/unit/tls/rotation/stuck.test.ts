import { describe, expect, it } from 'vitest';
import type { TrustSettings } from '../../../../src/tls/rotation/trust.ts';
import { Chance } from '../../../fuzz/chance.ts';
import { VirtualTime } from '../../../harness/virtual-time.ts';
import { ModelCluster, PLAIN } from './simulation/model-cluster.ts';
import { ModelReplica } from './simulation/model-replica.ts';

const MINUTE = 60_000;
const SETTINGS: TrustSettings = { authorityMs: 60 * MINUTE, certificateMs: 15 * MINUTE, names: ['guard.svc'] };

/** Two replicas that have been at rest for a while; their certificate is renewed after ten minutes. */
async function start() {
  const time = new VirtualTime();
  const cluster = new ModelCluster(['policies', 'gate'], () => time.now, {});
  const chance = new Chance(1);
  let serials = 0;
  const life = { time, cluster, chance, settings: SETTINGS, skewMs: 0, isHasty: false, lateOneIn: 1_000_000 };
  const replicas = [1, 2].map(() => new ModelReplica({ ...life, serial: () => (serials += 1) }));
  const run = (minutes: number) => time.advance(minutes * MINUTE);
  const pathOf = (name: string) => cluster.published(name)?.paths[0]?.path;
  /** Helm, or somebody else, takes the path of the gate away. */
  const losePath = async (path?: string) => {
    cluster.setPath('gate', path);
    for (const replica of replicas) replica.nudge();
    await run(2);
  };
  await run(8);
  return { cluster, replicas, run, pathOf, losePath };
}

describe('a webhook that has lost its path gets it back', () => {
  it('while a certificate is due and the Secret takes no write', async () => {
    const { cluster, replicas, run, pathOf, losePath } = await start();
    const before = pathOf('gate');
    cluster.isImmutable = true;
    await run(4);
    const failures = replicas.map((one) => one.failures);
    expect(Math.min(...failures)).toBeGreaterThan(0);

    await losePath();
    expect(pathOf('gate')).toBe(before);
    expect(pathOf('policies')).toBe(before);
    for (const replica of replicas) expect(replica.answers(before)).toBe(true);
  });

  it('while the CA cannot be written into another configuration', async () => {
    const { cluster, pathOf, losePath } = await start();
    const before = pathOf('gate');
    cluster.unwritable = 'policies';
    cluster.tamper('policies', '');

    await losePath('/elsewhere');
    expect(pathOf('gate')).toBe(before);
  });

  it('and nobody takes a path without a secret away that cannot be kept in mind', async () => {
    const { cluster, run, pathOf, losePath } = await start();
    cluster.isImmutable = true;
    await losePath(PLAIN);
    await run(20);
    expect(pathOf('gate')).toBe(PLAIN);
  });
});
