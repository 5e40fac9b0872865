import { onAbort } from './abort.ts';

/** sleep ends after so many milliseconds, or when the signal fires; it never throws. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = setTimeout(wake, Math.max(0, ms));
    const release = onAbort(signal, wake);
  });
}
