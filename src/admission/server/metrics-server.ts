import type { Time } from '../../runtime/clock.ts';
import { Allowances } from './allowances.ts';
import { createPlainServer, type PlainLimits } from './plain-server.ts';

/** Rendering all metrics takes some milliseconds of the one thread that judges reviews. */
const RENDERINGS = { most: 20, perSecond: 4 };

/** MetricsOptions are the inputs of the metrics port. */
export interface MetricsOptions {
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly clock: Time;
  readonly limits?: Partial<PlainLimits> | undefined;
}

/** createMetricsServer makes the app for Prometheus. Frequent requests get the most recent output. */
export function createMetricsServer({ metrics, clock, limits }: MetricsOptions) {
  const app = createPlainServer(limits);
  const renderings = new Allowances(RENDERINGS, clock);
  let last: ReturnType<typeof metrics> | undefined;

  app.get('/metrics', async (_request, reply) => {
    if (renderings.spend('all') || last === undefined) last = metrics();
    const { contentType, text } = await last;
    return reply.header('content-type', contentType).send(text);
  });

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('no such path; the path is /metrics\n'),
  );
  return app;
}
