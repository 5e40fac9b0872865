import type { Clock } from './clock.ts';

/**
 * every repeats a task, so many milliseconds after its last run, until the function that it returns is called. The task
 * must not throw.
 */
export function every(ms: number, task: () => unknown, clock: Pick<Clock, 'sleep'>): () => void {
  const stopping = new AbortController();
  void repeat(ms, task, clock, stopping.signal);
  return () => stopping.abort();
}

async function repeat(ms: number, task: () => unknown, clock: Pick<Clock, 'sleep'>, signal: AbortSignal) {
  for (;;) {
    await clock.sleep(ms, signal);
    if (signal.aborted) return;
    await task();
  }
}
