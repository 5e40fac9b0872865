import { onAbort, signalAfter } from '../../runtime/abort.ts';
import { sleep } from '../../runtime/sleep.ts';
import type { AdmissionServer } from './server.ts';

/** DrainOptions are the times of a shutdown, in milliseconds. */
export interface DrainOptions {
  /**
   * How long requests still arrive after readiness has failed, until the removal of the endpoint is known everywhere.
   */
  readonly delayMs: number;
  /** How long it must be quiet before connections are closed. */
  readonly quietMs: number;
  /** When to close in any case, counted from the start. */
  readonly limitMs: number;
}

/** How often remaining connections are closed while no request is in progress. */
const SWEEP_MS = 250;

/**
 * drain takes the server out of service without failing a request: it keeps answering, each answer the last of its
 * connection, until no request has come for a while, and then closes. The API server never repeats a call that was cut
 * off. Once `hurry` fires, everything is cut short, including connections and requests in progress.
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
  // Node does not close a connection without any request, and would wait for it.
  const sweeping = setInterval(() => server.quietFor() > 0 && cutOff(), SWEEP_MS);
  await closed;
  clearInterval(sweeping);
  release();
}
