import { LinkedAbort } from './linked-abort.ts';

/**
 * allOf does pieces of work at once, under one signal. If one fails, the others are aborted. It ends once all have
 * ended, so that nothing still runs afterwards.
 */
export async function allOf<T extends readonly unknown[] | []>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const abort = new LinkedAbort(signal);
  const work = begin(abort.signal);
  try {
    return await Promise.all(work);
  } catch (error) {
    abort.abort(error);
    await Promise.allSettled(work);
    throw error;
  } finally {
    abort.release();
  }
}
