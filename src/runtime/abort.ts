/**
 * onAbort calls a listener once the signal fires, or at once if it has fired, and returns a function that removes the
 * listener.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** aborted ends when the signal fires, or at once if it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, resolve);
  });
}

/**
 * unlessAborted ends as the work does, and throws the signal's reason as soon as that fires; a reason that is no Error
 * is the cause of one. This does not end the work: pass the signal to it too if possible.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(reasonOf(signal)));
    work.finally(release).then(resolve, reject);
  });
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('given up', { cause: reason });
}

/**
 * signalAfter returns a signal that fires after so many milliseconds, or at once if none are left. It keeps no process
 * alive.
 */
export function signalAfter(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.max(0, Math.floor(ms)));
}
