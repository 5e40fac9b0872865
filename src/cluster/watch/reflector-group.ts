import type { Reflector } from './reflector.ts';

/** CacheState is the state of one watched collection, for readiness and metrics. */
export interface CacheState {
  /** Such as `networkpolicies` or `pods kube-system`. */
  readonly name: string;
  readonly synced: boolean;
  readonly ageSeconds: number;
}

/**
 * ReflectorGroup runs the reflectors that are wanted at a time, by name: `want` starts the new ones and stops those
 * that are no longer wanted.
 */
export class ReflectorGroup {
  private readonly running = new Map<string, Reflector>();
  private readonly stopping = new Set<Promise<void>>();

  /** want sets which ones should run; those that already run continue. */
  want(wanted: ReadonlyMap<string, () => Reflector>): void {
    for (const [name, reflector] of this.running) {
      if (wanted.has(name)) continue;
      this.running.delete(name);
      const stopped = reflector.stop().finally(() => this.stopping.delete(stopped));
      this.stopping.add(stopped);
    }
    for (const [name, start] of wanted) if (!this.running.has(name)) this.running.set(name, start());
  }

  get(name: string): Reflector | undefined {
    return this.running.get(name);
  }

  /**
   * states tells of each one. A collection that netpol-guard may not read counts as synced, since waiting for it would
   * take forever; the log warns of what is missing.
   */
  states(): readonly CacheState[] {
    return [...this.running].map(([name, reflector]) => ({
      name,
      synced: reflector.hasSynced || reflector.isForbidden,
      ageSeconds: reflector.ageSeconds(),
    }));
  }

  /** settled ends once each one has tried to list. */
  async settled(): Promise<void> {
    await Promise.all([...this.running.values()].map((reflector) => reflector.settled));
  }

  async stop(): Promise<void> {
    this.want(new Map());
    await Promise.all(this.stopping);
  }
}
