import { onAbort, signalAfter } from '../../runtime/abort.ts';
import { sleep } from '../../runtime/sleep.ts';
import type { AdmissionServer } from './server.ts';

/** DrainOptions say how long leaving takes, in milliseconds. */
export interface DrainOptions {
  /** For how long requests still come after readiness has failed: the endpoint must be known everywhere to be gone. */
  readonly delayMs: number;
  /** How long nothing may have come before connections are closed. */
  readonly quietMs: number;
  /** When to close in any case, counted from the start. */
  readonly limitMs: number;
}

/** How often connections are closed that are left while nothing is in hand. */
const SWEEP_MS = 250;

/**
 * drain takes the server out of service without failing a request: it goes on answering, each answer the last of its
 * connection, until no client has come for a while, and closes then. The API server never repeats a call that was cut off.
 * Once `hurry` fires all that is cut short, connections and requests in hand too.
 */
export async function drain(
  server: AdmissionServer,
  { delayMs, quietMs, limitMs }: DrainOptions,
  hurry: AbortSignal,
): Promise<void> {
  server.announceClosing();
  await sleep(delayMs, hurry);
  const end = AbortSignal.any([hurry, signalAfter(limitMs - delayMs)]);
  for (let quiet = server.quietFor(); quiet < quietMs && !end.aborted; quiet = server.quietFor()) {
    await sleep(Math.min(Math.max(quietMs - quiet, 10), 250), hurry);
  }
  const closed = server.app.close();
  const cutOff = () => server.app.server.closeAllConnections();
  const release = onAbort(hurry, cutOff);
  // Node closes none on which nothing was ever asked, and would wait for it.
  const sweeping = setInterval(() => server.quietFor() > 0 && cutOff(), SWEEP_MS);
  await closed;
  clearInterval(sweeping);
  release();
}
