/** WINDOW_MS is how long a heal is remembered. */
const WINDOW_MS = 5 * 60_000;
/** Up to this many heals in that time are mistakes; more are a conflict. */
const MISTAKES = 5;
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 30_000;
/** Times that are kept of one namespace: as many as there can be while the pauses are kept. */
const MOST_KEPT = 32;

/**
 * Conflicts notices when someone repeatedly undoes what netpol-guard heals. The more heals of a namespace in the last
 * five minutes, the longer the pause before its next one, up to 30 s; when it has been quiet there is none. Pure: times
 * are milliseconds since any moment, never set back.
 */
export class Conflicts {
  private readonly heals = new Map<string, Heals>();

  /** pauseMs returns how long to wait from `now` until the next heal. */
  pauseMs(namespace: string, now: number): number {
    const { times } = this.recent(namespace, now);
    const last = times.at(-1);
    if (last === undefined || times.length < MISTAKES) return 0;
    const pause = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times.length - MISTAKES));
    return Math.max(0, last + pause - now);
  }

  /** healed records a heal; it returns true if a conflict begins with this one. */
  healed(namespace: string, now: number): boolean {
    const { times, isConflict } = this.recent(namespace, now);
    const all = [...times, now].slice(-MOST_KEPT);
    const becomesConflict = !isConflict && all.length >= MISTAKES;
    this.heals.set(namespace, { times: all, isConflict: isConflict || becomesConflict });
    return becomesConflict;
  }

  forget(namespace: string): void {
    this.heals.delete(namespace);
  }

  /** A conflict is over once it has been quiet for the whole window. */
  private recent(namespace: string, now: number): Heals {
    const known = this.heals.get(namespace) ?? QUIET;
    const times = known.times.filter((time) => now - time < WINDOW_MS);
    if (times.length > 0) return { ...known, times };
    this.heals.delete(namespace);
    return QUIET;
  }
}

interface Heals {
  /** Oldest first. */
  readonly times: readonly number[];
  readonly isConflict: boolean;
}

const QUIET: Heals = { times: [], isConflict: false };
