import { standing } from '../../../../../src/tls/rotation/path-secrets.ts';
import { bundleOf, type TrustSettings, trustedBy } from '../../../../../src/tls/rotation/trust.ts';
import { Chance } from '../../../../fuzz/chance.ts';
import { VirtualTime } from '../../../../harness/virtual-time.ts';
import { type Flaws, ModelCluster, PLAIN } from './model-cluster.ts';
import { ModelReplica } from './model-replica.ts';

/** SimulationOptions are what a run varies: the seed, and what is wrong on purpose. */
export interface SimulationOptions {
  readonly seed: number;
  readonly flaws?: Flaws;
  readonly isHasty?: boolean;
  /** How far an API server may be behind, in milliseconds. */
  readonly lagMs?: number;
  /** Of so many requests one arrives late. */
  readonly lateOneIn?: number;
  /** Nothing goes wrong but what is wrong on purpose. */
  readonly isPeaceful?: boolean;
}

/** SimulationResult is what was seen. */
export interface SimulationResult {
  /** Sentences: at some moment somebody showed what somebody could not verify. */
  readonly violations: readonly string[];
  /** What is not as it shall be at the end, after a time without faults. */
  readonly unsettled: readonly string[];
  readonly authorities: number;
  /** Of the Secret, in the quiet time at the end. */
  readonly quietWrites: number;
}

const MINUTE = 60_000;
const SETTINGS: TrustSettings = { authorityMs: 60 * MINUTE, certificateMs: 15 * MINUTE, names: ['guard.svc'] };
/** Enough for three changes of the CA. */
const CHAOS_MS = 150 * MINUTE;
const QUIET_MS = 50 * MINUTE;
/** Within so many minutes of quiet there is one in which no step is under way: a certificate is renewed every ten. */
const CALM_MINUTES = 30;
/** From its being back, a replica has so long to catch up before what has expired is held against it. */
const RECOVERY_MS = 3 * MINUTE;
/** Clocks differ by so much, either way. */
const SKEW_MS = 45_000;
const LAG_MS = 45_000;

/** What somebody may make of a path. */
const MADE_UP = [undefined, PLAIN, `${PLAIN}/${'x'.repeat(32)}`];

/** simulate runs a few replicas through some hours of virtual time, with everything going wrong that may. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, flaws = {}, isHasty = false, lagMs = LAG_MS, isPeaceful = false, lateOneIn = 40 } = options;
  const chance = new Chance(seed);
  const time = new VirtualTime();
  let serials = 0;
  const serial = () => {
    serials += 1;
    return serials;
  };
  const cluster = new ModelCluster(['policies', 'mutating', 'gate'], () => time.now, flaws);
  const replicas: ModelReplica[] = [];
  const violations = new Set<string>();
  let lastTrouble = 0;
  const remember = (until: number) => {
    lastTrouble = Math.max(lastTrouble, until);
  };
  const start = () => {
    const skewMs = chance.below(2 * SKEW_MS) - SKEW_MS;
    replicas.push(
      new ModelReplica({
        time,
        cluster,
        chance,
        settings: SETTINGS,
        skewMs,
        isHasty,
        lateOneIn,
        serial,
      }),
    );
  };

  for (let i = 0; i < 3; i += 1) start();
  if (!isPeaceful) for (let at = 10_000; at < CHAOS_MS; at += chance.below(4 * MINUTE)) time.at(at, trouble);
  time.observe = check;
  await time.advance(CHAOS_MS);
  mend();
  const writesBefore = cluster.secretWrites;
  await time.advance(QUIET_MS);
  const quietWrites = cluster.secretWrites - writesBefore;
  // A step may just have been under way, and takes long where many requests are late.
  for (let i = 1; unsettled().length > 0 && i <= CALM_MINUTES; i += 1) await time.advance(MINUTE);
  const result = {
    violations: [...violations],
    unsettled: unsettled(),
    authorities: cluster.authorities.size,
    quietWrites,
  };
  for (const replica of replicas) replica.kill();
  return result;

  function trouble(): void {
    const victim = chance.pick(replicas);
    switch (chance.below(9)) {
      case 0:
        victim.isCutOff = !victim.isCutOff;
        remember(time.now);
        return;
      case 1:
        victim.frozenUntil = time.now + chance.below(8 * MINUTE);
        remember(victim.frozenUntil);
        return;
      case 2:
        replicas.splice(replicas.indexOf(victim), 1);
        victim.kill();
        start();
        return;
      case 3:
      case 4:
        return spoilSecret();
      default:
        return spoilConfiguration();
    }
  }

  /** The Secret and every configuration are never lost together: then nobody could know what others show. */
  function spoilSecret(): void {
    if (!cluster.names().some((name) => cluster.isHonest(name))) return;
    const kind = chance.below(4);
    const backup = kind === 0 ? cluster.backups().at(-1 - chance.below(6)) : undefined;
    if (backup !== undefined) cluster.spoil({ kind: 'trust', trust: backup });
    else if (kind === 1) {
      cluster.spoil({ kind: 'missing' });
      time.after(chance.below(4 * MINUTE), () => {
        if (cluster.secret().stored.kind === 'missing') cluster.spoil({ kind: 'unusable', problem: 'empty' });
        for (const replica of replicas) replica.nudge();
      });
    } else cluster.spoil({ kind: 'unusable', problem: 'the private key is not that of the certificate' });
    remember(time.now + (kind === 1 ? 4 * MINUTE : 0));
    for (const replica of replicas) replica.nudge();
  }

  function spoilConfiguration(): void {
    const name = chance.pick(cluster.names());
    const others = cluster.names().filter((other) => other !== name);
    if (!others.some((other) => cluster.isHonest(other))) return;
    const kind = chance.below(6);
    if (kind === 0) cluster.remove(name);
    else if (kind > 2) cluster.setPath(name, MADE_UP[kind - 3], true);
    else cluster.tamper(name, kind === 1 ? '' : '<somebody else>');
    for (const replica of replicas) replica.nudge();
  }

  function mend(): void {
    for (const replica of replicas) {
      replica.isCutOff = false;
      replica.nudge();
    }
    remember(time.now);
  }

  function check(): void {
    for (const replica of replicas) {
      const { shown } = replica;
      noteReadiness(replica);
      if (replica.isFrozen || shown === undefined || !isCalled(replica)) continue;
      for (const name of cluster.names()) {
        checkPaths(replica, name);
        checkTrust(shown.issuer, name);
      }
      const isSteady = time.now - lastTrouble > RECOVERY_MS && !replica.isCutOff;
      if (isSteady && shown.expires + SKEW_MS <= time.now) violate('expired');
    }
  }

  function noteReadiness(replica: ModelReplica): void {
    const isReady = replica.keeper.notReady().length === 0;
    if (!isReady || replica.hasBegunAnew()) replica.readySince = undefined;
    if (isReady) replica.readySince ??= time.now;
  }

  /** Probes, endpoints and kube-proxy take as long as an API server may be behind. */
  function isCalled({ readySince }: ModelReplica): boolean {
    return readySince !== undefined && time.now - readySince >= lagMs;
  }

  function checkPaths(replica: ModelReplica, name: string): void {
    for (const path of cluster.calledPaths(name, lagMs)) {
      const isBroken = standing({ plain: PLAIN, path }).kind === 'broken';
      if (!isBroken && !replica.answers(path)) violate(`${name} is called at ${path}`);
    }
  }

  function checkTrust(issuer: string, name: string): void {
    for (const trusted of cluster.views(name, lagMs)) {
      if (!trusted.has(issuer)) violate(`${issuer} signed what is shown, ${name} trusts ${[...trusted].join(' ')}`);
    }
  }

  function violate(what: string): void {
    violations.add(`minute ${Math.round(time.now / MINUTE)}: ${what}`);
  }

  function unsettled(): readonly string[] {
    const { stored } = cluster.secret();
    if (stored.kind !== 'trust') return ['the Secret is of no use'];
    const bundle = bundleOf(trustedBy(stored.trust));
    const secrets = stored.trust.paths?.secrets ?? [];
    const wanted = secrets.map((secret) => `${PLAIN}/${secret}`);
    const paths = cluster.allPublished().flatMap((one) => one.paths.map(({ path }) => path));
    return [
      ...paths.flatMap((path) => (path !== undefined && wanted.includes(path) ? [] : [`is called at ${path}`])),
      ...(secrets.length > 2 ? [`keeps ${secrets.length} secrets`] : []),
      ...replicas.flatMap(({ keeper }) => keeper.notReady()),
      ...replicas.flatMap(({ shown }) => (shown?.cert === stored.trust.pair.cert ? [] : [`shows ${shown?.cert}`])),
      ...cluster
        .names()
        .flatMap((name) => (cluster.published(name)?.bundles ?? []).map(({ text }) => ({ name, text })))
        .flatMap(({ name, text }) => (text === bundle ? [] : [`${name} holds ${text}`])),
    ];
  }
}
