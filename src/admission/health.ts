import fastify from 'fastify';

/** HealthOptions are what the second port tells of. */
export interface HealthOptions {
  /** missing names what keeps the process from being ready; empty once it is. */
  readonly missing: () => readonly string[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** createHealthServer makes the app for kubelet and Prometheus: plain HTTP, nothing in it is secret. */
export function createHealthServer({ missing, metrics }: HealthOptions) {
  const app = fastify({ logger: false, requestTimeout: 10_000, return503OnClosing: false });
  app.server.maxConnections = 200;

  // Of the process alone: a probe that looks further kills under load what is only busy.
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', (_request, reply) => {
    const names = missing();
    if (names.length === 0) return reply.type('text/plain').send('ok\n');
    return reply
      .code(503)
      .type('text/plain')
      .send(names.map((name) => `not ready: ${name}\n`).join(''));
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('no such path; there is /livez, /readyz, /metrics\n'),
  );
  return app;
}
