import { Backoff } from '../../runtime/backoff.ts';
import { groupResource } from '../api/resource.ts';
import type { ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { Reflector } from '../watch/reflector.ts';
import { type CacheState, ReflectorGroup } from '../watch/reflector-group.ts';
import type { ReflectorSetting } from './discovery.ts';
import { readServedKinds, type ServedKind } from './served-kinds.ts';

/**
 * A CRD that appears is noticed so late at most: nothing announces it that we have the right to watch. Before a denial
 * the question is asked anew anyhow.
 */
const POLL_MS = 60_000;

/**
 * OtherPolicies knows where objects of other policy APIs can reach. It asks which of their kinds are served, and keeps
 * the names of their objects, from metadata alone. A kind that is served, but that we may not list, or cannot since
 * its API server is away, may exist anywhere and counts as reaching every namespace: better a warning too many than a
 * wrong refusal. A kind that is not served does not exist.
 */
export class OtherPolicies {
  private readonly setting: ReflectorSetting;
  private readonly group = new ReflectorGroup();
  private readonly kinds = new Map<string, { readonly kind: ServedKind; readonly names: Names }>();
  private readonly abort = new AbortController();
  private readonly backoff: Backoff;
  private readonly polling: Promise<void>;
  private askedAt: number | undefined;

  constructor(setting: ReflectorSetting) {
    this.setting = setting;
    this.backoff = new Backoff(() => setting.clock.random());
    this.polling = this.poll();
  }

  /** reaching names the kinds of which an object can reach the namespace, such as `ciliumnetworkpolicies.cilium.io`. */
  reaching(namespace: string): readonly string[] {
    const found: string[] = [];
    for (const [key, { kind, names }] of this.kinds) {
      const mayExist = this.group.get(key)?.hasSynced !== true;
      if (mayExist || names.has(kind.clusterScoped ? '' : namespace)) found.push(groupResource(kind));
    }
    return found;
  }

  /** states tells of all as synced once each has been tried: what is hidden then is accounted for. */
  states(): readonly CacheState[] {
    const { clock } = this.setting;
    const ageSeconds = this.askedAt === undefined ? 0 : (clock.elapsed() - this.askedAt) / 1000;
    const synced = this.askedAt !== undefined;
    return [{ name: 'apis', synced, ageSeconds }, ...this.group.states().map((state) => ({ ...state, synced }))];
  }

  /** refresh asks anew which kinds are served, and ends once the objects of each have been asked for. */
  async refresh(signal: AbortSignal): Promise<void> {
    const served = new Map((await readServedKinds(this.setting.client, signal)).map((kind) => [keyOf(kind), kind]));
    for (const key of this.kinds.keys()) if (!served.has(key)) this.kinds.delete(key);
    for (const [key, kind] of served) if (!this.kinds.has(key)) this.kinds.set(key, { kind, names: new Names() });
    this.group.want(new Map([...this.kinds].map(([key, { kind, names }]) => [key, () => this.reflect(kind, names)])));
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
        logger.warn({ err: error }, 'cannot ask which policy APIs are served, trying again');
      }
      await clock.sleep(pause, signal);
    }
  }

  private reflect(kind: ServedKind, names: Names): Reflector {
    const { group, version, plural } = kind;
    return new Reflector({ ...this.setting, resource: { group, version, plural }, handler: names, metadataOnly: true });
  }
}

/**
 * Names counts the objects of one kind by namespace, leaving out those that stand for others. The names themselves it does
 * not keep: whoever hands them over knows them (see Replica), and a tenant may make a hundred thousand.
 */
class Names implements ObjectHandler {
  private readonly byNamespace = new Map<string, number>();

  has(namespace: string): boolean {
    return this.byNamespace.has(namespace);
  }

  onAdd(key: ObjectKey): void {
    this.count(key, 1);
  }

  onUpdate(): void {}

  onDelete(key: ObjectKey): void {
    this.count(key, -1);
  }

  private count({ namespace, name }: ObjectKey, more: number): void {
    if (isMirror(name)) return;
    const count = (this.byNamespace.get(namespace) ?? 0) + more;
    if (count > 0) this.byNamespace.set(namespace, count);
    else this.byNamespace.delete(namespace);
  }
}

function keyOf(kind: ServedKind): string {
  return `${groupResource(kind)} ${kind.version}`;
}

/**
 * An object may be another's shadow: Calico's API server lists the cluster's own NetworkPolicies and
 * admin policies among its own kinds, under names that begin so (libcalico-go, conversion/constants.go).
 */
function isMirror(name: string): boolean {
  return ['knp.default.', 'kanp.', 'kbanp.', 'kcnp.'].some((prefix) => name.startsWith(prefix));
}
