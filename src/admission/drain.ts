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

/**
 * drain takes the server out of service without failing a request: it goes on answering, each answer the last of its
 * connection, until nobody has come for a while, and closes then. The API server never repeats a call that was cut off.
 */
export async function drain(server: AdmissionServer, { delayMs, quietMs, limitMs }: DrainOptions): Promise<void> {
  server.announceClosing();
  await sleep(delayMs);
  const end = AbortSignal.timeout(Math.max(0, limitMs - delayMs));
  for (let quiet = server.quietFor(); quiet < quietMs && !end.aborted; quiet = server.quietFor()) {
    await sleep(Math.min(Math.max(quietMs - quiet, 10), 250));
  }
  await server.app.close();
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
