import { signalAfter } from '../../runtime/abort.ts';
import { type Bounds, Shares } from '../../runtime/shares.ts';
import type { OnGone } from '../review/handler.ts';
import type { GateOutcome } from '../review/observer.ts';

/** NamespaceNews tells when to look at a namespace again. */
export interface NamespaceNews {
  /** onNamespaceChanged ends when the cached Namespace or a cached policy in it changes next, or the signal fires. */
  onNamespaceChanged(namespace: string, signal: AbortSignal): Promise<void>;
}

/** Wait is one review that waits for something in a namespace. */
export interface Wait {
  readonly namespace: string;
  readonly onGone: OnGone | undefined;
  /** How long it waits at most. */
  readonly milliseconds: number;
  /** Whether what it waits for has arrived. Checked at once, and after every change in the namespace. */
  readonly isOver: (signal: AbortSignal) => boolean | Promise<boolean>;
}

/** Why a wait may end early: another one took its place, or the client disconnected. */
const DISPLACED = Symbol('displaced');
const GONE = Symbol('gone');

/**
 * WaitingRoom holds reviews back until a namespace has the state that they need. Its places are bounded: if too many
 * wait, the one that has waited longest in the namespace with most of them loses its place, so that no namespace delays
 * another.
 */
export class WaitingRoom {
  private readonly news: NamespaceNews;
  private readonly places: Shares<AbortController>;

  constructor(news: NamespaceNews, bounds: Bounds) {
    this.news = news;
    this.places = new Shares(bounds);
  }

  /** hold ends with 'ready' once the wait is over, or with the reason why it ended before that. */
  async hold({ namespace, onGone, milliseconds, isOver }: Wait): Promise<GateOutcome> {
    const end = new AbortController();
    for (const displaced of this.places.take(end, namespace, 1)) displaced.abort(DISPLACED);
    onGone?.(() => end.abort(GONE));
    const signal = AbortSignal.any([end.signal, signalAfter(milliseconds)]);
    try {
      while (!signal.aborted) {
        // Listening begins before the look, so that nothing slips between the two.
        const changed = this.news.onNamespaceChanged(namespace, signal);
        if (await isOver(signal)) return 'ready';
        await changed;
      }
      return outcomeOf(signal.reason);
    } finally {
      this.places.drop(end);
      end.abort();
    }
  }
}

function outcomeOf(reason: unknown): GateOutcome {
  if (reason === GONE) return 'client_gone';
  return reason === DISPLACED ? 'queue_full' : 'timeout';
}
