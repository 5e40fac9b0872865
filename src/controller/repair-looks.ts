import type { Cluster } from '../cluster/cluster.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../policy/model/snapshot.ts';
import { lookForRepairs, type RepairLook } from '../policy/repairs/repairs.ts';
import type { DesiredPolicy } from '../policy/templates/desired.ts';
import { REPAIR_PREFIX } from '../policy/templates/repair-name.ts';
import type { Clock } from '../runtime/clock.ts';
import type { WorkOutcome } from '../runtime/work-queue.ts';
import type { ThreadShare } from './thread-share.ts';

/** RepairsOptions are the inputs of the search for repairs. */
export interface RepairsOptions {
  readonly cluster: Pick<Cluster, 'snapshot'>;
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly share: ThreadShare;
  /** Told where a namespace needs other policies than were known. */
  readonly onFound: (namespace: string) => void;
  /** Told of policies that were too complicated to be judged, once for the same ones. */
  readonly onUndecided: (namespace: NamespaceFacts, policies: readonly string[]) => void;
}

/**
 * How long one namespace is checked before another one's turn: someone may create thousands of policies that take long.
 */
const SLICE_MS = 100;
const DONE: WorkOutcome = { kind: 'done' };
const NEXT_TURN: WorkOutcome = { kind: 'routine' };

/** Progress is a running search. */
interface Progress {
  readonly looks: Iterator<RepairLook, undefined>;
  readonly repairs: Map<string, DesiredPolicy>;
  readonly undecided: string[];
  /** Whether the namespace has changed since it began. */
  isStale: boolean;
}

/** Found is the result of the last finished search. */
interface Found {
  /** Sorted by name. */
  readonly repairs: readonly DesiredPolicy[];
  /** Equal where the same is found. */
  readonly key: string;
  readonly undecided: string;
}

/**
 * Repairs knows which policies give the pods of each namespace their DNS back. It checks one policy after the other, so
 * that no tenant can block the thread or delay the baseline of any namespace.
 */
export class Repairs {
  private readonly options: RepairsOptions;
  private readonly underWay = new Map<string, Progress>();
  private readonly found = new Map<string, Found>();
  private asked: { readonly of: Settings; readonly made: Settings } | undefined;

  constructor(options: RepairsOptions) {
    this.options = options;
  }

  /** of returns the policies that a namespace needs, sorted by name; undefined while that is not known. */
  of(namespace: string): readonly DesiredPolicy[] | undefined {
    return this.found.get(namespace)?.repairs;
  }

  /** changed makes another search follow a running one. */
  changed(namespace: string): void {
    const progress = this.underWay.get(namespace);
    if (progress !== undefined) progress.isStale = true;
  }

  /** look finds what the namespace needs; a large namespace takes several turns. */
  async look(name: string, signal: AbortSignal): Promise<WorkOutcome> {
    const snapshot = this.options.cluster.snapshot();
    const namespace = snapshot.namespace(name);
    const settings = this.options.settings();
    const isDue = asksForRepairs(settings.dnsBlocked) || hasRepairs(name, snapshot);
    if (namespace === undefined || namespace.terminating || !isDue) {
      this.underWay.delete(name);
      this.found.delete(name);
      return DONE;
    }
    const progress = this.underWay.get(name) ?? this.begin(name, snapshot, this.asking(settings));
    this.underWay.set(name, progress);
    const isThrough = await this.lookOn(progress, signal);
    if (signal.aborted) return DONE;
    if (!isThrough) return NEXT_TURN;
    this.underWay.delete(name);
    this.keep(namespace, progress);
    return progress.isStale ? NEXT_TURN : DONE;
  }

  /**
   * Existing repairs stay as long as they are needed, even if the configuration no longer asks for new ones. The same
   * settings give the same object, since what is compiled belongs to it.
   */
  private asking(settings: Settings): Settings {
    if (asksForRepairs(settings.dnsBlocked)) return settings;
    if (this.asked?.of !== settings) {
      this.asked = { of: settings, made: { ...settings, dnsBlocked: { ...settings.dnsBlocked, onWrite: 'repair' } } };
    }
    return this.asked.made;
  }

  private begin(namespace: string, snapshot: ClusterSnapshot, settings: Settings): Progress {
    const looks = lookForRepairs(namespace, snapshot, settings, this.options.clock.now());
    return { looks, repairs: new Map(), undecided: [], isStale: false };
  }

  /** False if the slice or the term ended before all were checked. */
  private async lookOn({ looks, repairs, undecided }: Progress, signal: AbortSignal): Promise<boolean> {
    const { clock, share } = this.options;
    const end = clock.elapsed() + SLICE_MS;
    for (;;) {
      const { value: look } = share.work(() => looks.next());
      if (look === undefined) return true;
      if (look.repair === 'undecided') undecided.push(look.policy);
      else if (look.repair !== undefined) repairs.set(look.repair.name, look.repair);
      await share.rest(signal);
      if (signal.aborted || clock.elapsed() >= end) return false;
    }
  }

  private keep(namespace: NamespaceFacts, progress: Progress): void {
    const repairs = [...progress.repairs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const key = JSON.stringify(repairs.map(({ name, text }) => [name, text]));
    const undecided = progress.undecided.sort();
    const before = this.found.get(namespace.name);
    this.found.set(namespace.name, { repairs, key, undecided: undecided.join() });
    if (before?.key !== key) this.options.onFound(namespace.name);
    if (undecided.length > 0 && before?.undecided !== undecided.join()) this.options.onUndecided(namespace, undecided);
  }
}

function asksForRepairs({ onWrite, onDelete }: Settings['dnsBlocked']): boolean {
  return onWrite === 'repair' || onDelete === 'repair';
}

function hasRepairs(namespace: string, snapshot: ClusterSnapshot): boolean {
  return [...snapshot.policies(namespace).all()].some(({ ref }) => ref.name?.startsWith(REPAIR_PREFIX));
}
