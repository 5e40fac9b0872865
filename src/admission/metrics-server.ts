import { createPlainServer, type PlainLimits } from './plain-server.ts';

/** MetricsOptions are what the port of metrics shows. */
export interface MetricsOptions {
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly limits?: Partial<PlainLimits>;
}

/** createMetricsServer makes the app for Prometheus. */
export function createMetricsServer({ metrics, limits }: MetricsOptions) {
  const app = createPlainServer(limits);

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('no such path; there is /metrics\n'),
  );
  return app;
}
