import { standing } from '../../../../../src/tls/rotation/path-secrets.ts';
import type { TrustSettings } from '../../../../../src/tls/rotation/trust.ts';
import { Chance } from '../../../../fuzz/chance.ts';
import { VirtualTime } from '../../../../harness/virtual-time.ts';
import { type Flaws, ModelCluster, PLAIN } from './model-cluster.ts';
import { ModelReplica } from './model-replica.ts';

/** UpgradesOptions are what a run varies: the seed, and what is wrong on purpose. */
export interface UpgradesOptions {
  readonly seed: number;
  readonly flaws?: Flaws;
  readonly forgetsPlain?: boolean;
}

/** UpgradesResult is what was seen. */
export interface UpgradesResult {
  /** Sentences: at some moment somebody did not answer where somebody called. */
  readonly violations: readonly string[];
  /** Whether a path with a secret was ever published. */
  readonly hasHidden: boolean;
}

const MINUTE = 60_000;
const SECOND = 1000;
const SETTINGS: TrustSettings = { authorityMs: 60 * MINUTE, certificateMs: 15 * MINUTE, names: ['guard.svc'] };
const REPLICAS = 3;
/** By so much an API server is behind. An older replica is called so long after it is ready, a newer one at once. */
const LAG_MS = 45 * SECOND;
const SKEW_MS = 45 * SECOND;
const END_MS = 240 * MINUTE;

/**
 * simulateUpgrades takes a release through upgrades from a version that knows no secrets of paths, and back, with rollouts
 * that get stuck, restarts, and replicas that are cut off. Helm writes what its charts say: the older one paths without a
 * secret, the newer one none.
 */
export async function simulateUpgrades({ seed, flaws = {}, forgetsPlain = false }: UpgradesOptions) {
  const chance = new Chance(seed);
  const time = new VirtualTime();
  let serials = 0;
  const serial = () => (serials += 1);
  const cluster = new ModelCluster(['policies', 'gate'], () => time.now, flaws);
  for (const name of cluster.names()) cluster.setPath(name, PLAIN);
  let replicas: ModelReplica[] = [];
  const violations = new Set<string>();
  let hasHidden = false;
  let isNew = false;

  const start = (isOld: boolean): ModelReplica => {
    const skewMs = chance.below(2 * SKEW_MS) - SKEW_MS;
    const life = { time, cluster, chance, settings: SETTINGS, skewMs, lateOneIn: 40, serial };
    const replica = new ModelReplica({ ...life, isHasty: false, isOld, forgetsPlain });
    replicas.push(replica);
    return replica;
  };
  const stop = (victim: ModelReplica | undefined) => {
    victim?.kill();
    replicas = replicas.filter((one) => one !== victim);
  };

  for (let i = 0; i < REPLICAS; i += 1) start(true);
  time.at(5 * MINUTE, release);
  for (let at = 6 * MINUTE; at < END_MS; at += chance.below(6 * MINUTE)) time.at(at, trouble);
  time.observe = check;
  await time.advance(END_MS);
  for (const replica of replicas) replica.kill();
  return { violations: [...violations], hasHidden } satisfies UpgradesResult;

  /** The other version; Helm changes the Deployment before it comes to the configurations. */
  function release(): void {
    isNew = !isNew;
    cluster.isRolledOut = false;
    const isImageAlone = isNew && chance.below(2) === 0;
    for (const [index, name] of cluster.names().entries()) {
      time.after(SECOND + index * 200, () => {
        if (!isImageAlone) cluster.setPath(name, isNew ? undefined : PLAIN);
        for (const replica of replicas) replica.nudge();
      });
    }
    time.after(SECOND, replaceOne);
  }

  function replaceOne(): void {
    const old = replicas.find(({ isOld }) => isOld === isNew);
    if (old === undefined) {
      cluster.isRolledOut = true;
      time.after(chance.below(40 * MINUTE), release);
      return;
    }
    const next = start(!isNew);
    const isStuck = chance.below(8) === 0;
    waitForReady(next, () => {
      time.after(LAG_MS, () => {
        stop(old);
        time.after(chance.below(isStuck ? 15 * MINUTE : 30 * SECOND), replaceOne);
      });
    });
  }

  function waitForReady(replica: ModelReplica, then: () => void): void {
    time.after(SECOND, () => {
      if (replica.keeper.notReady().length === 0 || !replicas.includes(replica)) then();
      else waitForReady(replica, then);
    });
  }

  function trouble(): void {
    const victim = chance.pick(replicas);
    switch (chance.below(3)) {
      case 0:
        victim.isCutOff = !victim.isCutOff;
        return;
      case 1:
        victim.frozenUntil = time.now + chance.below(5 * MINUTE);
        return;
      default:
        stop(victim);
        start(victim.isOld);
    }
  }

  function check(): void {
    for (const name of cluster.names()) {
      hasHidden ||= cluster.calledPaths(name, 0).some((path) => path !== undefined && path.length > PLAIN.length);
    }
    for (const replica of replicas) {
      if (replica.keeper.notReady().length > 0) replica.readySince = undefined;
      else replica.readySince ??= time.now;
      const { readySince = Number.POSITIVE_INFINITY } = replica;
      if (replica.isFrozen || time.now - readySince < (replica.isOld ? LAG_MS : 0)) continue;
      for (const name of cluster.names()) checkPaths(replica, name);
    }
  }

  function checkPaths(replica: ModelReplica, name: string): void {
    for (const path of cluster.calledPaths(name, LAG_MS)) {
      const isBroken = standing({ plain: PLAIN, path }).kind === 'broken';
      if (isBroken || replica.answers(path)) continue;
      const version = replica.isOld ? 'an older' : 'a newer';
      const minute = Math.round(time.now / MINUTE);
      violations.add(`minute ${minute}: ${name} is called at ${path}, which ${version} replica does not answer`);
    }
  }
}
