import { Backoff } from '../../runtime/backoff.ts';
import { groupResource } from '../api/resource.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { Reflector } from '../watch/reflector.ts';
import { type CacheState, ReflectorGroup } from '../watch/reflector-group.ts';
import type { ReflectorSetting } from './discovery.ts';
import { readServedKinds, type ServedKind, type Wanted } from './served-kinds.ts';

/** WantedKind is a kind whose objects are followed wherever the API server serves it. */
export interface WantedKind<F extends Followed = Followed> extends Wanted {
  /** follow creates the handler of the objects; called again whenever the kind appears. */
  readonly follow: (resource: ServedKind) => F;
}

/** Followed is the state of a kind that is served. */
export interface Followed {
  readonly handler: ObjectHandler;
  /** Set if only the names of its objects are needed. */
  readonly metadataOnly?: boolean | undefined;
  /** reaches holds if an object that is not judged can allow or forbid something in the namespace. */
  reaches(namespace: string): boolean;
  /** end is called once the kind is no longer served. */
  end?(): void;
}

interface Watched<F> {
  readonly kind: ServedKind;
  readonly followed: F;
}

/**
 * A new CRD is noticed within this time: nothing that netpol-guard may watch announces it. Before a denial, discovery
 * runs again anyway.
 */
const POLL_MS = 60_000;

/**
 * KindWatch follows the objects of kinds that a cluster may or may not serve, and repeatedly asks which are served. A
 * served kind that cannot be listed, for lack of rights or because its API server is down, may exist anywhere and
 * counts as reaching every namespace: one warning too many is better than a wrong refusal. A kind that is not served
 * does not exist.
 */
export class KindWatch<F extends Followed> {
  private readonly setting: ReflectorSetting;
  private readonly wanted: readonly WantedKind<F>[];
  private readonly group = new ReflectorGroup();
  private readonly kinds = new Map<string, Watched<F>>();
  private readonly abort = new AbortController();
  private readonly backoff: Backoff;
  private readonly polling: Promise<void>;
  private askedAt: number | undefined;

  /** Starts at once. */
  constructor(setting: ReflectorSetting, wanted: readonly WantedKind<F>[]) {
    this.setting = setting;
    this.wanted = wanted;
    this.backoff = new Backoff(() => setting.clock.random());
    this.polling = this.poll();
  }

  /** reaching names the kinds of which an object can reach the namespace, such as `ciliumnetworkpolicies.cilium.io`. */
  reaching(namespace: string): readonly string[] {
    const found: string[] = [];
    for (const [key, { kind, followed }] of this.kinds) {
      const mayExist = this.group.get(key)?.hasSynced !== true;
      if (mayExist || followed.reaches(namespace)) found.push(groupResource(kind));
    }
    return found;
  }

  /** all returns the state of each kind that is served, with what its watch has shown. */
  *all(): Generator<{ readonly followed: F; readonly reflector: Reflector }> {
    for (const [key, { followed }] of this.kinds) {
      const reflector = this.group.get(key);
      if (reflector !== undefined) yield { followed, reflector };
    }
  }

  /** states tells of all as synced once each has been tried: what is hidden then is accounted for. */
  states(): readonly CacheState[] {
    const { clock } = this.setting;
    const ageSeconds = this.askedAt === undefined ? 0 : (clock.elapsed() - this.askedAt) / 1000;
    const synced = this.askedAt !== undefined;
    return [{ name: 'apis', synced, ageSeconds }, ...this.group.states().map((state) => ({ ...state, synced }))];
  }

  /** refresh asks again which kinds are served, and ends once the objects of each have been asked for. */
  async refresh(signal: AbortSignal): Promise<void> {
    const served = await readServedKinds(this.setting.client, this.wanted, signal);
    const keys = new Set(served.map(({ kind }) => keyOf(kind)));
    const gone = [...this.kinds].filter(([key]) => !keys.has(key));
    for (const [key] of gone) this.kinds.delete(key);
    for (const { kind, wanted } of served) {
      if (!this.kinds.has(keyOf(kind))) this.kinds.set(keyOf(kind), { kind, followed: wanted.follow(kind) });
    }
    this.group.want(new Map([...this.kinds].map(([key, watched]) => [key, () => this.reflect(watched)])));
    for (const [, { followed }] of gone) followed.end?.();
    await this.group.settled();
    this.askedAt = this.setting.clock.elapsed();
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    await Promise.all([this.polling, this.group.stop()]);
  }

  private async poll(): Promise<void> {
    const { signal } = this.abort;
    const { clock, logger } = this.setting;
    while (!signal.aborted) {
      let pause = POLL_MS;
      try {
        await this.refresh(signal);
        this.backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        pause = Math.min(POLL_MS, this.backoff.next());
        logger.warn({ err: error }, 'cannot discover which policy APIs are served, retrying');
      }
      await clock.sleep(pause, signal);
    }
  }

  private reflect({ kind, followed }: Watched<F>): Reflector {
    const { group, version, plural } = kind;
    const { handler, metadataOnly = false } = followed;
    return new Reflector({ ...this.setting, resource: { group, version, plural }, handler, metadataOnly });
  }
}

function keyOf(kind: ServedKind): string {
  return `${groupResource(kind)} ${kind.version}`;
}
