import { createPlainServer, type PlainLimits } from './plain-server.ts';

/** HealthOptions are what the port of probes tells of. */
export interface HealthOptions {
  /** notReady names what keeps the process from being ready; empty once it is. */
  readonly notReady: () => readonly string[];
  readonly limits?: Partial<PlainLimits> | undefined;
}

/** createHealthServer makes the app for the kubelet's probes; nothing else is on its port, so no other client has a reason to come. */
export function createHealthServer({ notReady, limits }: HealthOptions) {
  const app = createPlainServer(limits);

  // Of the process alone: a probe that looks further kills under load what is only busy.
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', (_request, reply) => {
    const names = notReady();
    if (names.length === 0) return reply.type('text/plain').send('ok\n');
    return reply
      .code(503)
      .type('text/plain')
      .send(names.map((name) => `not ready: ${name}\n`).join(''));
  });

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('no such path; the paths are /livez and /readyz\n'),
  );
  return app;
}
